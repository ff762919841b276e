DROP INDEX interactions_call;
