-- gave_way: an own question that a better one replaced. It does not serve, and yet nobody said that the answer does not
-- respond to it.
ALTER TABLE phrasings ADD COLUMN gave_way boolean NOT NULL DEFAULT false;
UPDATE phrasings SET gave_way = true
 WHERE source = 'question' AND rejected_at IS NOT NULL AND before_match IS NULL
   AND lower(text) <> (SELECT lower(a.query) FROM answers a WHERE a.id = phrasings.answer_id);
UPDATE phrasings SET before_match = (before_match::jsonb || '{"gave_way": true}')::text
 WHERE source = 'question' AND before_match::jsonb ->> 'rejected_at' IS NOT NULL
   AND lower(text) <> (SELECT lower(a.query) FROM answers a WHERE a.id = phrasings.answer_id);

-- text_digest: of what was asked, as exact matching reads it. scored_by: what made the score. None: not known.
ALTER TABLE matches ADD COLUMN text_digest bytea;
ALTER TABLE matches ADD COLUMN scored_by text;
UPDATE matches SET text_digest =
    (SELECT p.text_digest FROM phrasings p WHERE p.id = coalesce(matches.decided_phrasing_id, matches.phrasing_id))
 WHERE decided_phrasing_id IS NOT NULL
    OR (remediation_kind = 'answer' AND (explanation::json ->> 'exact')::boolean);
CREATE INDEX matches_text ON matches (remediation_id, text_digest);

-- What was decided on a phrasing itself after a match had decided it stands: the match decides it no more.
UPDATE matches SET decided_phrasing_id = NULL
 WHERE EXISTS (SELECT 1 FROM phrasings p WHERE p.id = matches.decided_phrasing_id
    AND (p.before_match IS NULL OR matches.decided_at < coalesce(p.before_match::json ->> 'confirmed_at',
      p.before_match::json ->> 'rejected_at')::timestamptz));

-- What acted against an objection, and what the user's thumb went down on, comes first.
UPDATE matches SET risk = risk + 1
 WHERE remediation_kind = 'answer' AND state IN ('acted', 'shadow')
   AND json_array_length(explanation::json -> 'vetoes') > 0;
UPDATE matches SET risk = risk + 2
 WHERE state = 'acted'
   AND (SELECT i.thumbs FROM interactions i WHERE i.id = matches.interaction_id) = 'down';
