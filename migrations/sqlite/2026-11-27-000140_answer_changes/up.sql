-- Who last changed an answer: every change is an event of that moment.
ALTER TABLE answers ADD COLUMN updated_by TEXT NOT NULL DEFAULT '{"type":"system"}';
UPDATE answers SET updated_by = COALESCE((
  SELECT e.actor FROM events e
   WHERE e.project_id = answers.project_id AND e.subject_id = answers.id AND e.at = answers.updated_at
   ORDER BY e.seq DESC LIMIT 1), created_by);
