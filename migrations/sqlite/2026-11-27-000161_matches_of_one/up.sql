-- The matches of one remediation, however many there are, in each order they are listed in.
DROP INDEX matches_remediation;
CREATE INDEX matches_remediation ON matches (remediation_id, state, occurred_at, id);
CREATE INDEX matches_remediation_undecided ON matches (remediation_id, state, risk, id) WHERE confirmation IS NULL;
