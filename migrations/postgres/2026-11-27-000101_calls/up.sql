-- A call without an id of its caller's, that is made again because its reply was lost, is found by its digest.
CREATE INDEX interactions_call ON interactions (project_id, body_digest, recorded_at)
  WHERE external_id IS NULL AND body_digest IS NOT NULL;
