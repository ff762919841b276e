ALTER TABLE answers ADD COLUMN acted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE answers ADD COLUMN last_acted_at INTEGER;
ALTER TABLE reviews ADD COLUMN acted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN last_acted_at INTEGER;
UPDATE answers SET acted = e.acted, last_acted_at = e.last_acted_at
  FROM remediation_effects e WHERE e.remediation_id = answers.id;
UPDATE reviews SET acted = e.acted, last_acted_at = e.last_acted_at
  FROM remediation_effects e WHERE e.remediation_id = reviews.id;
DROP TABLE remediation_effects;
DROP TABLE review_exceptions;
ALTER TABLE phrasings DROP COLUMN before_match;
DROP INDEX matches_phrasing;
DROP INDEX matches_decided;
DROP INDEX matches_undecided;
ALTER TABLE matches DROP COLUMN own_issue_id;
ALTER TABLE matches DROP COLUMN settled;
ALTER TABLE matches DROP COLUMN decided_phrasing_id;
ALTER TABLE matches DROP COLUMN answer_version_id;
ALTER TABLE matches DROP COLUMN risk;
ALTER TABLE matches DROP COLUMN score;
