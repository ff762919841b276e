-- A person's own credentials, for programs. A revoked one stays as a row.
CREATE TABLE api_keys (
  id           uuid NOT NULL PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES users (id),
  name         text NOT NULL,
  hint         text NOT NULL,
  token_hash   bytea NOT NULL,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  created_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (token_hash);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at, id);
