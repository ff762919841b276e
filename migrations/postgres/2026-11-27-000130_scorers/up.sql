-- Who scores an evaluation where the caller does not. Rules score what rules can judge, the LLM the rest of what every project has;
-- a project's own evaluations wait for somebody to choose.
ALTER TABLE evaluations ADD COLUMN scorer text NOT NULL DEFAULT 'none';
UPDATE evaluations SET scorer = 'local' WHERE key IN ('response_helpfulness', 'context_sufficiency', 'response_groundedness');
UPDATE evaluations SET scorer = 'llm' WHERE key IN ('trustworthiness', 'query_ease');
