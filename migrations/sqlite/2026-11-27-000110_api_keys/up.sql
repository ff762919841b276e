-- A person's own credentials, for programs. A revoked one stays as a row.
CREATE TABLE api_keys (
  id           BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  user_id      BLOB NOT NULL REFERENCES users (id) CHECK (length(user_id) = 16),
  name         TEXT NOT NULL,
  hint         TEXT NOT NULL,
  token_hash   BLOB NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER,
  created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX api_keys_hash ON api_keys (token_hash);
CREATE INDEX api_keys_user ON api_keys (user_id, created_at, id);
