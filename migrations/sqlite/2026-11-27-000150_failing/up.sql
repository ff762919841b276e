-- JSON: the keys of the evaluations that an interaction fails; null: it fails none. What fails is counted along the index, without the
-- verdicts.
ALTER TABLE interactions ADD COLUMN failing TEXT;
UPDATE interactions SET failing = failed.keys FROM (
  SELECT t.interaction_id, json_group_array(e.key) AS keys
    FROM interaction_texts t, json_each(t.verdict, '$.evaluations') e
   WHERE json_extract(e.value, '$.failed')
   GROUP BY t.interaction_id) failed
 WHERE failed.interaction_id = interactions.id;
CREATE INDEX interactions_failing ON interactions (project_id, occurred_at, failing) WHERE failing IS NOT NULL;
