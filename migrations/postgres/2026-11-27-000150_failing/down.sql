DROP INDEX interactions_failing;
ALTER TABLE interactions DROP COLUMN failing;
