ALTER TABLE answers DROP COLUMN updated_by;
