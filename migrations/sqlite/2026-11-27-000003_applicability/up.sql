-- To whom an answer or a review applies. JSON: what metadata must hold; none: anything. A primary language tag; none: any.
ALTER TABLE answers ADD COLUMN applies_when TEXT;
ALTER TABLE answers ADD COLUMN language TEXT;
ALTER TABLE reviews ADD COLUMN applies_when TEXT;
ALTER TABLE reviews ADD COLUMN language TEXT;
ALTER TABLE review_versions ADD COLUMN applies_when TEXT;
ALTER TABLE review_versions ADD COLUMN language TEXT;
