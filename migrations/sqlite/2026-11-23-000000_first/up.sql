CREATE TABLE organizations (
  id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  name       TEXT NOT NULL,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  id            BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  email         TEXT NOT NULL,
  name          TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled_at   INTEGER,
  version       INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE organization_members (
  organization_id BLOB NOT NULL REFERENCES organizations (id) CHECK (length(organization_id) = 16),
  user_id         BLOB NOT NULL REFERENCES users (id) CHECK (length(user_id) = 16),
  role            TEXT NOT NULL,
  created_at      INTEGER NOT NULL,
  PRIMARY KEY (organization_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX organization_members_user ON organization_members (user_id);

-- A family is one login; a rotated token points nowhere, reuse revokes the family.
CREATE TABLE refresh_tokens (
  id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  user_id    BLOB NOT NULL REFERENCES users (id) CHECK (length(user_id) = 16),
  family_id  BLOB NOT NULL CHECK (length(family_id) = 16),
  token_hash BLOB NOT NULL,
  issued_at  INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER,
  revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX refresh_tokens_hash ON refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);

-- Private keys are sealed with EW_SECRET_KEY.
CREATE TABLE signing_keys (
  kid                TEXT NOT NULL PRIMARY KEY,
  public_key         BLOB NOT NULL,
  sealed_private_key BLOB NOT NULL,
  created_at         INTEGER NOT NULL,
  retired_at         INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE projects (
  id              BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  organization_id BLOB NOT NULL REFERENCES organizations (id) CHECK (length(organization_id) = 16),
  name            TEXT NOT NULL,
  description     TEXT NOT NULL,
  settings        TEXT NOT NULL,
  version         INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  deleted_at      INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX projects_name ON projects (organization_id, name) WHERE deleted_at IS NULL;

CREATE TABLE project_members (
  project_id BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  user_id    BLOB NOT NULL REFERENCES users (id) CHECK (length(user_id) = 16),
  role       TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (project_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX project_members_user ON project_members (user_id);

CREATE TABLE access_keys (
  id           BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id   BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  name         TEXT NOT NULL,
  hint         TEXT NOT NULL,
  token_hash   BLOB NOT NULL,
  scopes       TEXT NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER,
  created_by   TEXT NOT NULL,
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX access_keys_hash ON access_keys (token_hash);
CREATE INDEX access_keys_project ON access_keys (project_id, created_at, id);

CREATE TABLE evaluations (
  id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  key        TEXT NOT NULL,
  name       TEXT NOT NULL,
  criteria   TEXT,
  threshold  REAL NOT NULL,
  direction  TEXT NOT NULL,
  priority   INTEGER NOT NULL,
  guardrail  INTEGER NOT NULL CHECK (guardrail IN (0, 1)),
  escalate   INTEGER NOT NULL CHECK (escalate IN (0, 1)),
  enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  fallback   TEXT,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX evaluations_key ON evaluations (project_id, key);

CREATE TABLE guardrails (
  id             BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id     BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  name           TEXT NOT NULL,
  description    TEXT,
  patterns       TEXT NOT NULL,
  focus          TEXT NOT NULL,
  case_sensitive INTEGER NOT NULL CHECK (case_sensitive IN (0, 1)),
  priority       INTEGER NOT NULL,
  fallback       TEXT,
  overridable    INTEGER NOT NULL CHECK (overridable IN (0, 1)),
  enabled        INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  version        INTEGER NOT NULL,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX guardrails_name ON guardrails (project_id, name);

-- The narrow half of an interaction: what lists filter and sort by. Texts live in interaction_texts.
CREATE TABLE interactions (
  id          BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id  BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  external_id TEXT,
  body_digest BLOB,
  kind        TEXT NOT NULL,
  session_id  TEXT,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  historical  INTEGER NOT NULL CHECK (historical IN (0, 1)),
  blocked     INTEGER NOT NULL CHECK (blocked IN (0, 1)),
  escalated   INTEGER NOT NULL CHECK (escalated IN (0, 1)),
  serve       TEXT NOT NULL,
  problem     TEXT,
  answer_id   BLOB CHECK (length(answer_id) = 16),
  review_id   BLOB CHECK (length(review_id) = 16),
  reviewed    TEXT,
  thumbs      TEXT,
  flagged_at  INTEGER,
  version     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX interactions_external_id ON interactions (project_id, external_id);
CREATE INDEX interactions_occurred ON interactions (project_id, occurred_at, id);
CREATE INDEX interactions_session ON interactions (project_id, session_id, occurred_at, id);

CREATE TABLE interaction_texts (
  interaction_id  BLOB NOT NULL PRIMARY KEY REFERENCES interactions (id) CHECK (length(interaction_id) = 16),
  query           TEXT NOT NULL,
  rewritten_query TEXT,
  response        TEXT NOT NULL,
  response_object TEXT,
  context         TEXT,
  messages        TEXT,
  tools           TEXT,
  metadata        TEXT,
  scores          TEXT,
  verdict         TEXT NOT NULL
) STRICT;

CREATE TABLE issues (
  id                    BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id            BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  interaction_id        BLOB NOT NULL CHECK (length(interaction_id) = 16),
  query                 TEXT NOT NULL,
  response_excerpt      TEXT NOT NULL,
  problem               TEXT NOT NULL,
  status                TEXT NOT NULL,
  occurrences           INTEGER NOT NULL,
  open_occurrences      INTEGER NOT NULL,
  protected_occurrences INTEGER NOT NULL,
  blocked_occurrences   INTEGER NOT NULL,
  uncaught              INTEGER NOT NULL,
  impact_log2           REAL NOT NULL,
  needs_answer          INTEGER NOT NULL CHECK (needs_answer IN (0, 1)),
  touched               INTEGER NOT NULL CHECK (touched IN (0, 1)),
  first_seen_at         INTEGER NOT NULL,
  last_seen_at          INTEGER NOT NULL,
  addressed_at          INTEGER,
  addressed_by          TEXT,
  regressed_at          INTEGER,
  dismissed_at          INTEGER,
  snoozed_until         INTEGER,
  assignee_id           BLOB CHECK (length(assignee_id) = 16),
  claimed_until         INTEGER,
  version               INTEGER NOT NULL,
  created_at            INTEGER NOT NULL,
  updated_at            INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX issues_impact ON issues (project_id, status, impact_log2, id);
CREATE INDEX issues_last_seen ON issues (project_id, status, last_seen_at, id);
CREATE INDEX issues_occurrences ON issues (project_id, status, occurrences, id);
CREATE INDEX issues_problem ON issues (project_id, problem, status, impact_log2, id);

-- An interaction's place in an issue.
CREATE TABLE occurrences (
  interaction_id  BLOB NOT NULL PRIMARY KEY REFERENCES interactions (id) CHECK (length(interaction_id) = 16),
  project_id      BLOB NOT NULL CHECK (length(project_id) = 16),
  issue_id        BLOB NOT NULL REFERENCES issues (id) CHECK (length(issue_id) = 16),
  state           TEXT NOT NULL,
  caught_by_kind  TEXT,
  caught_by_id    BLOB CHECK (length(caught_by_id) = 16),
  settled_by_kind TEXT,
  settled_by_id   BLOB CHECK (length(settled_by_id) = 16),
  blocked         INTEGER NOT NULL CHECK (blocked IN (0, 1)),
  problem         TEXT NOT NULL,
  severity_milli  INTEGER NOT NULL,
  occurred_at     INTEGER NOT NULL,
  hour            INTEGER NOT NULL,
  question_digest BLOB NOT NULL,
  response_digest BLOB NOT NULL,
  centroid_id     BLOB CHECK (length(centroid_id) = 16),
  similarity      REAL,
  joined_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX occurrences_issue ON occurrences (issue_id, occurred_at, interaction_id);
CREATE INDEX occurrences_settled_by ON occurrences (settled_by_id);

-- The truth behind impact: what happened to an issue in each hour since the Unix epoch.
CREATE TABLE issue_hours (
  issue_id            BLOB NOT NULL REFERENCES issues (id) CHECK (length(issue_id) = 16),
  hour                INTEGER NOT NULL,
  project_id          BLOB NOT NULL CHECK (length(project_id) = 16),
  open_count          INTEGER NOT NULL,
  open_severity_milli INTEGER NOT NULL,
  protected_count     INTEGER NOT NULL,
  PRIMARY KEY (issue_id, hour)
) STRICT, WITHOUT ROWID;

-- vector: the sum of the members' unit vectors, f32 little endian; its direction is the centroid.
CREATE TABLE issue_centroids (
  id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id BLOB NOT NULL CHECK (length(project_id) = 16),
  issue_id   BLOB NOT NULL REFERENCES issues (id) CHECK (length(issue_id) = 16),
  model      TEXT NOT NULL,
  dimension  INTEGER NOT NULL,
  scale      REAL NOT NULL,
  members    INTEGER NOT NULL,
  vector     BLOB NOT NULL,
  revision   INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_centroids_project ON issue_centroids (project_id, updated_at);
CREATE INDEX issue_centroids_issue ON issue_centroids (issue_id);

CREATE TABLE issue_redirects (
  old_issue_id BLOB NOT NULL PRIMARY KEY CHECK (length(old_issue_id) = 16),
  project_id   BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  issue_id     BLOB NOT NULL REFERENCES issues (id) CHECK (length(issue_id) = 16),
  created_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Pairs an expert split: never merged again. The smaller id stands first.
CREATE TABLE issues_apart (
  issue_id       BLOB NOT NULL CHECK (length(issue_id) = 16),
  other_issue_id BLOB NOT NULL CHECK (length(other_issue_id) = 16),
  project_id     BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  created_by     TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  PRIMARY KEY (issue_id, other_issue_id)
) STRICT, WITHOUT ROWID;

-- vector: int8 components; multiplied by scale they are the unit vector of the owner's text.
CREATE TABLE vectors (
  owner_kind TEXT NOT NULL,
  owner_id   BLOB NOT NULL CHECK (length(owner_id) = 16),
  model      TEXT NOT NULL,
  project_id BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  dimension  INTEGER NOT NULL,
  scale      REAL NOT NULL,
  vector     BLOB NOT NULL,
  PRIMARY KEY (owner_kind, owner_id, model)
) STRICT, WITHOUT ROWID;
CREATE INDEX vectors_project ON vectors (project_id, owner_kind, model);

CREATE TABLE answers (
  id               BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id       BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  query            TEXT NOT NULL,
  status           TEXT NOT NULL,
  serve_answers    TEXT,
  live_version_id  BLOB CHECK (length(live_version_id) = 16),
  draft_version_id BLOB CHECK (length(draft_version_id) = 16),
  acted            INTEGER NOT NULL,
  last_acted_at    INTEGER,
  deleted_at       INTEGER,
  created_by       TEXT NOT NULL,
  version          INTEGER NOT NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_project ON answers (project_id, id);

CREATE TABLE answer_versions (
  id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  answer_id  BLOB NOT NULL REFERENCES answers (id) CHECK (length(answer_id) = 16),
  project_id BLOB NOT NULL CHECK (length(project_id) = 16),
  number     INTEGER NOT NULL,
  answer     TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX answer_versions_number ON answer_versions (answer_id, number);

CREATE TABLE phrasings (
  id             BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id     BLOB NOT NULL CHECK (length(project_id) = 16),
  answer_id      BLOB NOT NULL REFERENCES answers (id) CHECK (length(answer_id) = 16),
  text           TEXT NOT NULL,
  text_digest    BLOB NOT NULL,
  source         TEXT NOT NULL,
  issue_id       BLOB CHECK (length(issue_id) = 16),
  interaction_id BLOB CHECK (length(interaction_id) = 16),
  confirmed_at   INTEGER,
  confirmed_by   TEXT,
  rejected_at    INTEGER,
  rejected_by    TEXT,
  created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX phrasings_text ON phrasings (answer_id, text_digest);
CREATE INDEX phrasings_project ON phrasings (project_id, answer_id);

CREATE TABLE reviews (
  id               BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id       BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  verdict          TEXT NOT NULL,
  explanation      TEXT NOT NULL,
  live_version_id  BLOB CHECK (length(live_version_id) = 16),
  draft_version_id BLOB CHECK (length(draft_version_id) = 16),
  paused_at        INTEGER,
  deleted_at       INTEGER,
  acted            INTEGER NOT NULL,
  last_acted_at    INTEGER,
  created_by       TEXT NOT NULL,
  version          INTEGER NOT NULL,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reviews_project ON reviews (project_id, id);

CREATE TABLE review_versions (
  id          BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  review_id   BLOB NOT NULL REFERENCES reviews (id) CHECK (length(review_id) = 16),
  project_id  BLOB NOT NULL CHECK (length(project_id) = 16),
  number      INTEGER NOT NULL,
  verdict     TEXT NOT NULL,
  explanation TEXT NOT NULL,
  created_by  TEXT NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX review_versions_number ON review_versions (review_id, number);

CREATE TABLE review_interactions (
  review_id      BLOB NOT NULL REFERENCES reviews (id) CHECK (length(review_id) = 16),
  interaction_id BLOB NOT NULL REFERENCES interactions (id) CHECK (length(interaction_id) = 16),
  project_id     BLOB NOT NULL CHECK (length(project_id) = 16),
  PRIMARY KEY (review_id, interaction_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX review_interactions_interaction ON review_interactions (interaction_id);

CREATE TABLE remediation_issues (
  remediation_kind TEXT NOT NULL,
  remediation_id   BLOB NOT NULL CHECK (length(remediation_id) = 16),
  issue_id         BLOB NOT NULL REFERENCES issues (id) CHECK (length(issue_id) = 16),
  project_id       BLOB NOT NULL CHECK (length(project_id) = 16),
  created_at       INTEGER NOT NULL,
  PRIMARY KEY (remediation_kind, remediation_id, issue_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX remediation_issues_issue ON remediation_issues (issue_id);

CREATE TABLE matches (
  id               BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id       BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  remediation_kind TEXT NOT NULL,
  remediation_id   BLOB NOT NULL CHECK (length(remediation_id) = 16),
  interaction_id   BLOB NOT NULL CHECK (length(interaction_id) = 16),
  phrasing_id      BLOB CHECK (length(phrasing_id) = 16),
  state            TEXT NOT NULL,
  confirmation     TEXT,
  similarity       REAL NOT NULL,
  explanation      TEXT NOT NULL,
  occurred_at      INTEGER NOT NULL,
  decided_at       INTEGER,
  decided_by       TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX matches_remediation ON matches (remediation_id, occurred_at, id);
CREATE INDEX matches_state ON matches (project_id, state, occurred_at, id);
CREATE INDEX matches_interaction ON matches (interaction_id);

CREATE TABLE feedback (
  id             BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  project_id     BLOB NOT NULL CHECK (length(project_id) = 16),
  interaction_id BLOB NOT NULL REFERENCES interactions (id) CHECK (length(interaction_id) = 16),
  kind           TEXT NOT NULL,
  comment        TEXT,
  given_by       TEXT NOT NULL,
  created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX feedback_interaction ON feedback (interaction_id, created_at, id);

-- One row a project: who emits an event or opens an issue locks it first, so seq is gapless and in commit order.
CREATE TABLE project_heads (
  project_id BLOB NOT NULL PRIMARY KEY REFERENCES projects (id) CHECK (length(project_id) = 16),
  event_seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  project_id   BLOB NOT NULL REFERENCES projects (id) CHECK (length(project_id) = 16),
  seq          INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  actor        TEXT NOT NULL,
  kind         TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id   BLOB NOT NULL CHECK (length(subject_id) = 16),
  changes      TEXT NOT NULL,
  PRIMARY KEY (project_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_subject ON events (project_id, subject_id, seq);
