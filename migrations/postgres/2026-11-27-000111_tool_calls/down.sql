ALTER TABLE interactions DROP COLUMN tool_calls;
