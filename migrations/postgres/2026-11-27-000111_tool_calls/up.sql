-- JSON: the names of the tools that a response calls; null: it calls none.
ALTER TABLE interactions ADD COLUMN tool_calls text;
UPDATE interactions SET tool_calls = called.names FROM (
  SELECT t.interaction_id,
         jsonb_agg(DISTINCT COALESCE(c.call -> 'function' ->> 'name', c.call -> 'custom' ->> 'name', c.call ->> 'name'))::text AS names
    FROM (SELECT interaction_id, response_object::jsonb #> '{choices,0,message,tool_calls}' AS calls
            FROM interaction_texts WHERE response_object IS NOT NULL) t,
         jsonb_array_elements(CASE jsonb_typeof(t.calls) WHEN 'array' THEN t.calls ELSE '[]' END) c (call)
   GROUP BY t.interaction_id) called
 WHERE called.interaction_id = interactions.id;
