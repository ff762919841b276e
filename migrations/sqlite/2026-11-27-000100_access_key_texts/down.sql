ALTER TABLE access_keys DROP COLUMN updated_at;
ALTER TABLE access_keys DROP COLUMN description;
