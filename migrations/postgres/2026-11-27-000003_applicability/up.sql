-- To whom an answer or a review applies. JSON: what metadata must hold; none: anything. A primary language tag; none: any.
ALTER TABLE answers ADD COLUMN applies_when text;
ALTER TABLE answers ADD COLUMN language text;
ALTER TABLE reviews ADD COLUMN applies_when text;
ALTER TABLE reviews ADD COLUMN language text;
ALTER TABLE review_versions ADD COLUMN applies_when text;
ALTER TABLE review_versions ADD COLUMN language text;
