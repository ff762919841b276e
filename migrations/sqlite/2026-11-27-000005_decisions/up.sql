-- gave_way: an own question that a better one replaced. It does not serve, and yet nobody said that the answer does not
-- respond to it.
ALTER TABLE phrasings ADD COLUMN gave_way INTEGER NOT NULL DEFAULT 0 CHECK (gave_way IN (0, 1));
UPDATE phrasings SET gave_way = 1
 WHERE source = 'question' AND rejected_at IS NOT NULL AND before_match IS NULL
   AND lower(text) <> (SELECT lower(a.query) FROM answers a WHERE a.id = phrasings.answer_id);
UPDATE phrasings SET before_match = json_set(before_match, '$.gave_way', json('true'))
 WHERE source = 'question' AND json_extract(before_match, '$.rejected_at') IS NOT NULL
   AND lower(text) <> (SELECT lower(a.query) FROM answers a WHERE a.id = phrasings.answer_id);

-- text_digest: of what was asked, as exact matching reads it. scored_by: what made the score. None: not known.
ALTER TABLE matches ADD COLUMN text_digest BLOB;
ALTER TABLE matches ADD COLUMN scored_by TEXT;
UPDATE matches SET text_digest =
    (SELECT p.text_digest FROM phrasings p WHERE p.id = coalesce(matches.decided_phrasing_id, matches.phrasing_id))
 WHERE decided_phrasing_id IS NOT NULL
    OR (remediation_kind = 'answer' AND json_extract(explanation, '$.exact'));
CREATE INDEX matches_text ON matches (remediation_id, text_digest);

-- What was decided on a phrasing itself after a match had decided it stands: the match decides it no more.
UPDATE matches SET decided_phrasing_id = NULL
 WHERE EXISTS (SELECT 1 FROM phrasings p WHERE p.id = matches.decided_phrasing_id
    AND (p.before_match IS NULL OR matches.decided_at / 1000000 < CAST(strftime('%s',
      coalesce(json_extract(p.before_match, '$.confirmed_at'), json_extract(p.before_match, '$.rejected_at'))) AS INTEGER)));

-- What acted against an objection, and what the user's thumb went down on, comes first.
UPDATE matches SET risk = risk + 1
 WHERE remediation_kind = 'answer' AND state IN ('acted', 'shadow') AND json_array_length(explanation, '$.vetoes') > 0;
UPDATE matches SET risk = risk + 2
 WHERE state = 'acted'
   AND (SELECT i.thumbs FROM interactions i WHERE i.id = matches.interaction_id) = 'down';
