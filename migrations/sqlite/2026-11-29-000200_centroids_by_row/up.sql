-- A table of rows: a tree by the key alone keeps whole rows in its inner nodes, and of rows of 1.7 KB these hold so few that it was
-- many pages deep.
CREATE TABLE issue_centroids_by_row (
  id            BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id    BLOB NOT NULL CHECK (length(project_id) = 16),
  issue_id      BLOB NOT NULL REFERENCES issues (id) CHECK (length(issue_id) = 16),
  model         TEXT NOT NULL,
  dimension     INTEGER NOT NULL,
  scale         REAL NOT NULL,
  members       INTEGER NOT NULL,
  vector        BLOB NOT NULL,
  revision      INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  home_issue_id BLOB CHECK (length(home_issue_id) = 16)
) STRICT;
INSERT INTO issue_centroids_by_row SELECT id, project_id, issue_id, model, dimension, scale, members, vector, revision, updated_at, home_issue_id
  FROM issue_centroids ORDER BY id;
DROP TABLE issue_centroids;
ALTER TABLE issue_centroids_by_row RENAME TO issue_centroids;
CREATE INDEX issue_centroids_project ON issue_centroids (project_id, updated_at);
CREATE INDEX issue_centroids_issue ON issue_centroids (issue_id);
