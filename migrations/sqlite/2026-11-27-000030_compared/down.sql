ALTER TABLE occurrences DROP COLUMN compared;
