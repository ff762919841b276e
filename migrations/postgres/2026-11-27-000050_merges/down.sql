UPDATE occurrences SET grouped_by = 'question' WHERE grouped_by = 'not_recorded';
DROP INDEX phrasings_issue;
ALTER TABLE issue_centroids DROP COLUMN home_issue_id;
ALTER TABLE occurrences DROP COLUMN home_issue_id;
DROP INDEX issue_redirects_into;
ALTER TABLE issue_redirects DROP COLUMN version;
ALTER TABLE issue_redirects DROP COLUMN merged_into;
