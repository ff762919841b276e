-- Why an occurrence is in its issue: how it came first, and what moved it last.
ALTER TABLE occurrences ADD COLUMN origin TEXT NOT NULL DEFAULT 'joined';
ALTER TABLE occurrences ADD COLUMN width REAL;
ALTER TABLE occurrences ADD COLUMN grouped_by TEXT NOT NULL DEFAULT 'question';
ALTER TABLE occurrences ADD COLUMN moved TEXT;
ALTER TABLE occurrences ADD COLUMN moved_from BLOB CHECK (length(moved_from) = 16);
ALTER TABLE occurrences ADD COLUMN moved_by TEXT;
ALTER TABLE occurrences ADD COLUMN moved_at INTEGER;
UPDATE occurrences SET origin = CASE
  WHEN centroid_id IS NULL THEN 'caught'
  WHEN similarity IS NULL THEN 'opened'
  ELSE 'joined' END;

CREATE INDEX issue_redirects_issue ON issue_redirects (issue_id);
CREATE INDEX issues_apart_project ON issues_apart (project_id);
