-- Guidance: an expert's explanation as advice to the AI. The advice is in its versions.
CREATE TABLE guidance (
  id               BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id       BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  explanation      TEXT NOT NULL,
  status           TEXT NOT NULL,
  wording        TEXT NOT NULL,
  wording_reason TEXT,
  review_id        BLOB CHECK (length(review_id) = 16),
  live_version_id  BLOB CHECK (length(live_version_id) = 16),
  draft_version_id BLOB CHECK (length(draft_version_id) = 16),
  applies_when     TEXT,
  language         TEXT,
  deleted_at       INTEGER,
  created_by       TEXT NOT NULL,
  version          INTEGER NOT NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guidance_project ON guidance (project_id, id);
CREATE INDEX guidance_review ON guidance (review_id) WHERE review_id IS NOT NULL;
-- What a model still has to rewrite, also after a restart.
CREATE INDEX guidance_pending ON guidance (id) WHERE wording = 'pending';

CREATE TABLE guidance_versions (
  id          BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  guidance_id BLOB NOT NULL REFERENCES guidance (id) CHECK (length(guidance_id) = 16),
  project_id  BLOB NOT NULL CHECK (length(project_id) = 16),
  number      INTEGER NOT NULL,
  text        TEXT NOT NULL,
  written_by  TEXT NOT NULL,
  created_by  TEXT NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX guidance_versions_number ON guidance_versions (guidance_id, number);

-- The questions it is for: queries are compared with them.
CREATE TABLE guidance_phrasings (
  id             BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id     BLOB NOT NULL CHECK (length(project_id) = 16),
  guidance_id    BLOB NOT NULL REFERENCES guidance (id) CHECK (length(guidance_id) = 16),
  text           TEXT NOT NULL,
  text_digest    BLOB NOT NULL,
  interaction_id BLOB CHECK (length(interaction_id) = 16),
  created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX guidance_phrasings_text ON guidance_phrasings (guidance_id, text_digest);
CREATE INDEX guidance_phrasings_project ON guidance_phrasings (project_id, guidance_id);

-- The interactions it was made from.
CREATE TABLE guidance_interactions (
  guidance_id    BLOB NOT NULL REFERENCES guidance (id) CHECK (length(guidance_id) = 16),
  interaction_id BLOB NOT NULL REFERENCES interactions (id) CHECK (length(interaction_id) = 16),
  project_id     BLOB NOT NULL CHECK (length(project_id) = 16),
  PRIMARY KEY (guidance_id, interaction_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX guidance_interactions_interaction ON guidance_interactions (interaction_id);
