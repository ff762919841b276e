-- Merges are a tree: each of them can be undone. merged_into: the issue that took the old one over; issue_id: where that is
-- now. version: the old issue's, at least.
CREATE TABLE merges (
  old_issue_id BLOB NOT NULL PRIMARY KEY CHECK (length(old_issue_id) = 16),
  project_id   BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  issue_id     BLOB NOT NULL REFERENCES issues (id) CHECK (length(issue_id) = 16),
  merged_into  BLOB NOT NULL CHECK (length(merged_into) = 16),
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Which of several took it over was not kept. Every change of a version is an event.
INSERT INTO merges
SELECT r.old_issue_id, r.project_id, r.issue_id, r.issue_id,
  1 + (SELECT count(*) FROM events e WHERE e.project_id = r.project_id AND e.subject_id = r.old_issue_id), r.created_at
FROM issue_redirects r;
DROP TABLE issue_redirects;
ALTER TABLE merges RENAME TO issue_redirects;
CREATE INDEX issue_redirects_issue ON issue_redirects (issue_id);
CREATE INDEX issue_redirects_into ON issue_redirects (merged_into);

-- Whose it was before the merges that it went through: the id of an issue that was merged. None: its own issue's.
ALTER TABLE occurrences ADD COLUMN home_issue_id BLOB CHECK (length(home_issue_id) = 16);
ALTER TABLE issue_centroids ADD COLUMN home_issue_id BLOB CHECK (length(home_issue_id) = 16);
UPDATE occurrences SET home_issue_id = moved_from WHERE moved = 'merge';
-- A centroid came with a merge if something that came with it counts there, and nothing that was in the issue before.
UPDATE issue_centroids SET home_issue_id = (
  SELECT o.moved_from FROM occurrences o
   WHERE o.issue_id = issue_centroids.issue_id AND o.centroid_id = issue_centroids.id AND o.moved = 'merge'
     AND NOT EXISTS (
       SELECT 1 FROM occurrences own
        WHERE own.issue_id = issue_centroids.issue_id AND own.centroid_id = issue_centroids.id
          AND (own.moved IS NULL OR own.moved <> 'merge') AND own.joined_at < o.moved_at)
   ORDER BY o.moved_at, o.moved_from LIMIT 1);

CREATE INDEX phrasings_issue ON phrasings (issue_id) WHERE issue_id IS NOT NULL;

-- The first version did not say by which text it placed an occurrence, nor within which width. An issue of its own is opened
-- without a width by later ones too.
UPDATE occurrences SET grouped_by = 'not_recorded'
 WHERE grouped_by = 'question' AND width IS NULL AND origin <> 'caught' AND NOT EXISTS (
   SELECT 1 FROM matches m WHERE m.interaction_id = occurrences.interaction_id AND m.own_issue_id IS NOT NULL);
UPDATE occurrences SET grouped_by = 'not_recorded'
 WHERE grouped_by = 'question' AND origin = 'caught' AND EXISTS (
   SELECT 1 FROM (SELECT o.project_id, max(o.joined_at) AS last FROM occurrences o
                   WHERE o.grouped_by = 'not_recorded' GROUP BY o.project_id) old
    WHERE old.project_id = occurrences.project_id AND occurrences.joined_at <= old.last);
-- What no remediation caught was not caught, though it counts in no centroid.
UPDATE occurrences SET grouped_by = 'not_recorded', origin = CASE
  WHEN joined_at = (SELECT min(f.joined_at) FROM occurrences f WHERE f.issue_id = occurrences.issue_id) THEN 'opened'
  ELSE 'joined' END
 WHERE origin = 'caught' AND caught_by_kind IS NULL;
