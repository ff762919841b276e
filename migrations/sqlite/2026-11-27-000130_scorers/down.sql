ALTER TABLE evaluations DROP COLUMN scorer;
