DROP INDEX issues_apart_project;
DROP INDEX issue_redirects_issue;
ALTER TABLE occurrences DROP COLUMN moved_at;
ALTER TABLE occurrences DROP COLUMN moved_by;
ALTER TABLE occurrences DROP COLUMN moved_from;
ALTER TABLE occurrences DROP COLUMN moved;
ALTER TABLE occurrences DROP COLUMN grouped_by;
ALTER TABLE occurrences DROP COLUMN width;
ALTER TABLE occurrences DROP COLUMN origin;
