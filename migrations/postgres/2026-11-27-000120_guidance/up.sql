-- Guidance: an expert's explanation as advice to the AI. The advice is in its versions.
CREATE TABLE guidance (
  id               uuid NOT NULL PRIMARY KEY,
  project_id       uuid NOT NULL REFERENCES projects (id),
  explanation      text NOT NULL,
  status           text COLLATE "C" NOT NULL,
  wording        text NOT NULL,
  wording_reason text,
  review_id        uuid,
  live_version_id  uuid,
  draft_version_id uuid,
  applies_when     text,
  language         text,
  deleted_at       timestamptz,
  created_by       text NOT NULL,
  version          bigint NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL
);
CREATE INDEX guidance_project ON guidance (project_id, id);
CREATE INDEX guidance_review ON guidance (review_id) WHERE review_id IS NOT NULL;
-- What a model still has to rewrite, also after a restart.
CREATE INDEX guidance_pending ON guidance (id) WHERE wording = 'pending';

CREATE TABLE guidance_versions (
  id          uuid NOT NULL PRIMARY KEY,
  guidance_id uuid NOT NULL REFERENCES guidance (id),
  project_id  uuid NOT NULL,
  number      bigint NOT NULL,
  text        text NOT NULL,
  written_by  text NOT NULL,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX guidance_versions_number ON guidance_versions (guidance_id, number);

-- The questions it is for: queries are compared with them.
CREATE TABLE guidance_phrasings (
  id             uuid NOT NULL PRIMARY KEY,
  project_id     uuid NOT NULL,
  guidance_id    uuid NOT NULL REFERENCES guidance (id),
  text           text NOT NULL,
  text_digest    bytea NOT NULL,
  interaction_id uuid,
  created_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX guidance_phrasings_text ON guidance_phrasings (guidance_id, text_digest);
CREATE INDEX guidance_phrasings_project ON guidance_phrasings (project_id, guidance_id);

-- The interactions it was made from.
CREATE TABLE guidance_interactions (
  guidance_id    uuid NOT NULL REFERENCES guidance (id),
  interaction_id uuid NOT NULL REFERENCES interactions (id),
  project_id     uuid NOT NULL,
  PRIMARY KEY (guidance_id, interaction_id)
);
CREATE INDEX guidance_interactions_interaction ON guidance_interactions (interaction_id);
