DROP INDEX interactions_escalated;
DROP INDEX interactions_blocked;
DROP INDEX interactions_tools;
DROP INDEX interactions_steps;
DROP INDEX interactions_served;
DROP INDEX interactions_problem;
DROP INDEX interactions_reviewed;

DROP INDEX issues_occurrences;
DROP INDEX issues_last_seen;
DROP INDEX issues_impact;
CREATE INDEX issues_impact ON issues (project_id, status, impact_log2, id);
CREATE INDEX issues_last_seen ON issues (project_id, status, last_seen_at, id);
CREATE INDEX issues_occurrences ON issues (project_id, status, occurrences, id);
CREATE INDEX issues_problem ON issues (project_id, problem, status, impact_log2, id);
