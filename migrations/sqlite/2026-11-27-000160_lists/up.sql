-- What a list asks for beside its order stands in its index too: whole issues are read for the page alone.
DROP INDEX issues_impact;
DROP INDEX issues_last_seen;
DROP INDEX issues_occurrences;
DROP INDEX issues_problem;
CREATE INDEX issues_impact ON issues (project_id, status, impact_log2, id, last_seen_at, problem, needs_answer, assignee_id, snoozed_until);
CREATE INDEX issues_last_seen ON issues (project_id, status, last_seen_at, id, problem, needs_answer, assignee_id, snoozed_until);
CREATE INDEX issues_occurrences ON issues (project_id, status, occurrences, id, last_seen_at, problem, needs_answer, assignee_id, snoozed_until);

-- What is rare among interactions has an index of its own, which costs the others nothing.
CREATE INDEX interactions_reviewed ON interactions (project_id, occurred_at, id) WHERE reviewed IS NOT NULL;
CREATE INDEX interactions_problem ON interactions (project_id, problem, occurred_at, id) WHERE problem IS NOT NULL;
CREATE INDEX interactions_served ON interactions (project_id, serve, occurred_at, id) WHERE serve <> 'response';
CREATE INDEX interactions_steps ON interactions (project_id, occurred_at, id) WHERE kind = 'step';
CREATE INDEX interactions_tools ON interactions (project_id, occurred_at, id) WHERE tool_calls IS NOT NULL;
CREATE INDEX interactions_blocked ON interactions (project_id, occurred_at, id) WHERE blocked;
CREATE INDEX interactions_escalated ON interactions (project_id, occurred_at, id) WHERE escalated;
