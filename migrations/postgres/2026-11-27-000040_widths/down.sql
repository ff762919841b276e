DROP INDEX occurrences_project;
