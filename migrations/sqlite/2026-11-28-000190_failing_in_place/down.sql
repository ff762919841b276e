DROP INDEX interactions_failing;
CREATE INDEX interactions_failing ON interactions (project_id, occurred_at, failing) WHERE failing IS NOT NULL;
