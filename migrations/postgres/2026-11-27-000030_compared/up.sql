-- Whether an occurrence was placed by what its text means, or word for word.
ALTER TABLE occurrences ADD COLUMN compared text NOT NULL DEFAULT 'meaning';
