-- Whether an occurrence was placed by what its text means, or word for word.
ALTER TABLE occurrences ADD COLUMN compared TEXT NOT NULL DEFAULT 'meaning';
