-- When retention took an interaction's texts. Of one that is an occurrence the narrow row stays: it holds the occurrence's place.
ALTER TABLE interactions ADD COLUMN removed_at timestamptz;

-- What remediations did with interactions that retention removed, with their matches.
CREATE TABLE removed_effects (
  remediation_id uuid NOT NULL PRIMARY KEY,
  project_id     uuid NOT NULL REFERENCES projects (id),
  acted          bigint NOT NULL,
  suggested      bigint NOT NULL,
  shadow         bigint NOT NULL,
  thumbs_up      bigint NOT NULL,
  thumbs_down    bigint NOT NULL,
  last_acted_at  timestamptz
);

-- Who refers to an interaction, asked of the interaction.
CREATE INDEX phrasings_interaction ON phrasings (interaction_id) WHERE interaction_id IS NOT NULL;
CREATE INDEX guidance_phrasings_interaction ON guidance_phrasings (interaction_id) WHERE interaction_id IS NOT NULL;
CREATE INDEX review_exceptions_interaction ON review_exceptions (interaction_id);
