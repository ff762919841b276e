-- When retention took an interaction's texts. Of one that is an occurrence the narrow row stays: it holds the occurrence's place.
ALTER TABLE interactions ADD COLUMN removed_at INTEGER;

-- What remediations did with interactions that retention removed, with their matches.
CREATE TABLE removed_effects (
  remediation_id BLOB NOT NULL PRIMARY KEY CHECK (length(remediation_id) = 16),
  project_id     BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  acted          INTEGER NOT NULL,
  suggested      INTEGER NOT NULL,
  shadow         INTEGER NOT NULL,
  thumbs_up      INTEGER NOT NULL,
  thumbs_down    INTEGER NOT NULL,
  last_acted_at  INTEGER
) STRICT, WITHOUT ROWID;

-- Who refers to an interaction, asked of the interaction.
CREATE INDEX phrasings_interaction ON phrasings (interaction_id) WHERE interaction_id IS NOT NULL;
CREATE INDEX guidance_phrasings_interaction ON guidance_phrasings (interaction_id) WHERE interaction_id IS NOT NULL;
CREATE INDEX review_exceptions_interaction ON review_exceptions (interaction_id);
