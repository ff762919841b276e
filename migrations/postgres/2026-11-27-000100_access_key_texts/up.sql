-- What an access key is for, and when what people edit of it last changed; null: never since it was made.
ALTER TABLE access_keys ADD COLUMN description text;
ALTER TABLE access_keys ADD COLUMN updated_at timestamptz;
