-- Only SQLite stored the rows otherwise.
SELECT 1;
