ALTER TABLE evaluations DROP COLUMN fallback_priority;
