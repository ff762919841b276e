-- The width is a similarity on another scale now: everybody begins with its default.
UPDATE projects SET settings = (settings::jsonb - 'grouping_width')::text;
CREATE INDEX occurrences_project ON occurrences (project_id, occurred_at, interaction_id);
