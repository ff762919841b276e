-- With the id a page ends with: what fails is listed along the index alone.
DROP INDEX interactions_failing;
CREATE INDEX interactions_failing ON interactions (project_id, occurred_at, id, failing) WHERE failing IS NOT NULL;
