-- The width is a similarity on another scale now: everybody begins with its default.
UPDATE projects SET settings = json_remove(settings, '$.grouping_width') WHERE json_valid(settings);
CREATE INDEX occurrences_project ON occurrences (project_id, occurred_at, interaction_id);
