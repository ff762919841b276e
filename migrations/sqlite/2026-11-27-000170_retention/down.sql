DROP INDEX review_exceptions_interaction;
DROP INDEX guidance_phrasings_interaction;
DROP INDEX phrasings_interaction;
DROP TABLE removed_effects;
ALTER TABLE interactions DROP COLUMN removed_at;
