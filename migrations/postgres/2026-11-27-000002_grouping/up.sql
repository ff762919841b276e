-- Why an occurrence is in its issue: how it came first, and what moved it last.
ALTER TABLE occurrences ADD COLUMN origin text NOT NULL DEFAULT 'joined';
ALTER TABLE occurrences ADD COLUMN width double precision;
ALTER TABLE occurrences ADD COLUMN grouped_by text NOT NULL DEFAULT 'question';
ALTER TABLE occurrences ADD COLUMN moved text;
ALTER TABLE occurrences ADD COLUMN moved_from uuid;
ALTER TABLE occurrences ADD COLUMN moved_by text;
ALTER TABLE occurrences ADD COLUMN moved_at timestamptz;
UPDATE occurrences SET origin = CASE
  WHEN centroid_id IS NULL THEN 'caught'
  WHEN similarity IS NULL THEN 'opened'
  ELSE 'joined' END;

CREATE INDEX issue_redirects_issue ON issue_redirects (issue_id);
CREATE INDEX issues_apart_project ON issues_apart (project_id);
