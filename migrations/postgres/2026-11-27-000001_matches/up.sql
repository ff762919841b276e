-- score: calibrated, where the decision has one. risk: how much a match needs an expert's look, greatest first
-- (domain::remediation::risk). decided_phrasing_id: the phrasing that the decision confirmed or rejected. settled: the
-- confirmation settled the interaction's occurrence.
ALTER TABLE matches ADD COLUMN score double precision;
ALTER TABLE matches ADD COLUMN risk double precision NOT NULL DEFAULT 0;
ALTER TABLE matches ADD COLUMN answer_version_id uuid;
ALTER TABLE matches ADD COLUMN decided_phrasing_id uuid;
ALTER TABLE matches ADD COLUMN settled boolean NOT NULL DEFAULT false;
ALTER TABLE matches ADD COLUMN own_issue_id uuid;

-- Which version was live at the time was not kept: the one that is live now.
UPDATE matches SET answer_version_id = (SELECT a.live_version_id FROM answers a WHERE a.id = matches.remediation_id)
 WHERE remediation_kind = 'answer';
UPDATE matches SET risk = (explanation::json ->> 'threshold')::double precision - similarity
 WHERE remediation_kind = 'answer' AND state IN ('acted', 'shadow');
UPDATE matches SET risk = similarity - (explanation::json ->> 'threshold')::double precision
 WHERE remediation_kind = 'answer' AND state = 'suggested';
-- The least similarities of queries and responses, as they were in the program until now.
UPDATE matches SET risk = greatest(
    0.85 - (explanation::json ->> 'query_similarity')::double precision,
    CASE explanation::json ->> 'verdict' WHEN 'good' THEN 0.95 ELSE 0.80 END
      - (explanation::json ->> 'response_similarity')::double precision)
 WHERE remediation_kind = 'review';

CREATE INDEX matches_undecided ON matches (project_id, state, risk, id) WHERE confirmation IS NULL;
CREATE INDEX matches_decided ON matches (project_id, confirmation, occurred_at, id) WHERE confirmation IS NOT NULL;
CREATE INDEX matches_phrasing ON matches (decided_phrasing_id) WHERE decided_phrasing_id IS NOT NULL;

-- JSON: the decision on the phrasing before an expert decided on a match of the same question. None: no match decides it.
ALTER TABLE phrasings ADD COLUMN before_match text;

-- Pairs of query and response a review does not apply to, whatever is near.
CREATE TABLE review_exceptions (
  review_id      uuid NOT NULL REFERENCES reviews (id),
  interaction_id uuid NOT NULL REFERENCES interactions (id),
  project_id     uuid NOT NULL,
  created_by     text NOT NULL,
  created_at     timestamptz NOT NULL,
  PRIMARY KEY (review_id, interaction_id)
);

-- What each remediation did: counters apart from what people edit, written last in a transaction.
CREATE TABLE remediation_effects (
  remediation_id uuid NOT NULL PRIMARY KEY,
  project_id     uuid NOT NULL REFERENCES projects (id),
  acted          bigint NOT NULL,
  suggested      bigint NOT NULL,
  shadow         bigint NOT NULL,
  confirmed      bigint NOT NULL,
  rejected       bigint NOT NULL,
  thumbs_up      bigint NOT NULL,
  thumbs_down    bigint NOT NULL,
  missed         bigint NOT NULL,
  last_acted_at  timestamptz
);

INSERT INTO remediation_effects
SELECT r.id, r.project_id, r.acted,
  (SELECT count(*) FROM matches m WHERE m.remediation_id = r.id AND m.state = 'suggested'),
  (SELECT count(*) FROM matches m WHERE m.remediation_id = r.id AND m.state = 'shadow'),
  (SELECT count(*) FROM matches m WHERE m.remediation_id = r.id AND m.confirmation = 'confirmed'),
  (SELECT count(*) FROM matches m WHERE m.remediation_id = r.id AND m.confirmation = 'rejected'),
  (SELECT count(*) FROM matches m JOIN interactions i ON i.id = m.interaction_id
    WHERE m.remediation_id = r.id AND m.state = 'acted' AND i.thumbs = 'up'),
  (SELECT count(*) FROM matches m JOIN interactions i ON i.id = m.interaction_id
    WHERE m.remediation_id = r.id AND m.state = 'acted' AND i.thumbs = 'down'),
  (SELECT count(*) FROM remediation_issues l JOIN occurrences o ON o.issue_id = l.issue_id
    WHERE l.remediation_id = r.id AND o.caught_by_id IS NULL AND o.joined_at > l.created_at
      AND o.joined_at > (SELECT min(e.at) FROM events e
                          WHERE e.project_id = r.project_id AND e.subject_id = r.id
                            AND e.kind IN ('answer.published', 'review.created'))
      AND NOT EXISTS (SELECT 1 FROM matches m WHERE m.interaction_id = o.interaction_id
                         AND m.remediation_id = r.id AND m.state = 'acted')),
  r.last_acted_at
FROM (SELECT id, project_id, acted, last_acted_at FROM answers
      UNION ALL SELECT id, project_id, acted, last_acted_at FROM reviews) r;

ALTER TABLE answers DROP COLUMN acted;
ALTER TABLE answers DROP COLUMN last_acted_at;
ALTER TABLE reviews DROP COLUMN acted;
ALTER TABLE reviews DROP COLUMN last_acted_at;
