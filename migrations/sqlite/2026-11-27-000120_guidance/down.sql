DROP TABLE guidance_interactions;
DROP TABLE guidance_phrasings;
DROP TABLE guidance_versions;
DROP TABLE guidance;
