-- JSON: the names of the tools that a response calls; null: it calls none.
ALTER TABLE interactions ADD COLUMN tool_calls TEXT;
UPDATE interactions SET tool_calls = (
  SELECT json_group_array(DISTINCT COALESCE(
           json_extract(c.value, '$.function.name'), json_extract(c.value, '$.custom.name'), json_extract(c.value, '$.name')))
    FROM interaction_texts t, json_each(t.response_object, '$.choices[0].message.tool_calls') c
   WHERE t.interaction_id = interactions.id)
 WHERE id IN (
  SELECT interaction_id FROM interaction_texts
   WHERE json_array_length(response_object, '$.choices[0].message.tool_calls') > 0);
