-- JSON: the keys of the evaluations that an interaction fails; null: it fails none. What fails is counted along the index, without the
-- verdicts.
ALTER TABLE interactions ADD COLUMN failing text;
UPDATE interactions SET failing = failed.keys FROM (
  SELECT t.interaction_id, jsonb_agg(e.key ORDER BY e.key COLLATE "C")::text AS keys
    FROM (SELECT interaction_id, verdict::jsonb -> 'evaluations' AS evaluations FROM interaction_texts) t,
         jsonb_each(CASE jsonb_typeof(t.evaluations) WHEN 'object' THEN t.evaluations ELSE '{}' END) e
   WHERE e.value ->> 'failed' = 'true'
   GROUP BY t.interaction_id) failed
 WHERE failed.interaction_id = interactions.id;
CREATE INDEX interactions_failing ON interactions (project_id, occurred_at, failing) WHERE failing IS NOT NULL;
