ALTER TABLE review_versions DROP COLUMN language;
ALTER TABLE review_versions DROP COLUMN applies_when;
ALTER TABLE reviews DROP COLUMN language;
ALTER TABLE reviews DROP COLUMN applies_when;
ALTER TABLE answers DROP COLUMN language;
ALTER TABLE answers DROP COLUMN applies_when;
