DROP INDEX matches_remediation_undecided;
DROP INDEX matches_remediation;
CREATE INDEX matches_remediation ON matches (remediation_id, occurred_at, id);
