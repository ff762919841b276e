CREATE TABLE organizations (
  id         uuid NOT NULL PRIMARY KEY,
  name       text NOT NULL,
  version    bigint NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE users (
  id            uuid NOT NULL PRIMARY KEY,
  email         text COLLATE "C" NOT NULL,
  name          text NOT NULL,
  password_hash text NOT NULL,
  disabled_at   timestamptz,
  version       bigint NOT NULL,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE organization_members (
  organization_id uuid NOT NULL REFERENCES organizations (id),
  user_id         uuid NOT NULL REFERENCES users (id),
  role            text NOT NULL,
  created_at      timestamptz NOT NULL,
  PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_members_user ON organization_members (user_id);

-- A family is one login; a rotated token points nowhere, reuse revokes the family.
CREATE TABLE refresh_tokens (
  id         uuid NOT NULL PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users (id),
  family_id  uuid NOT NULL,
  token_hash bytea NOT NULL,
  issued_at  timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  revoked_at timestamptz
);
CREATE UNIQUE INDEX refresh_tokens_hash ON refresh_tokens (token_hash);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);

-- Private keys are sealed with EW_SECRET_KEY.
CREATE TABLE signing_keys (
  kid                text COLLATE "C" NOT NULL PRIMARY KEY,
  public_key         bytea NOT NULL,
  sealed_private_key bytea NOT NULL,
  created_at         timestamptz NOT NULL,
  retired_at         timestamptz
);

CREATE TABLE projects (
  id              uuid NOT NULL PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organizations (id),
  name            text COLLATE "C" NOT NULL,
  description     text NOT NULL,
  settings        text NOT NULL,
  version         bigint NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  deleted_at      timestamptz
);
CREATE UNIQUE INDEX projects_name ON projects (organization_id, name) WHERE deleted_at IS NULL;

CREATE TABLE project_members (
  project_id uuid NOT NULL REFERENCES projects (id),
  user_id    uuid NOT NULL REFERENCES users (id),
  role       text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (project_id, user_id)
);
CREATE INDEX project_members_user ON project_members (user_id);

CREATE TABLE access_keys (
  id           uuid NOT NULL PRIMARY KEY,
  project_id   uuid NOT NULL REFERENCES projects (id),
  name         text NOT NULL,
  hint         text NOT NULL,
  token_hash   bytea NOT NULL,
  scopes       text NOT NULL,
  expires_at   timestamptz,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  created_by   text NOT NULL,
  version      bigint NOT NULL,
  created_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX access_keys_hash ON access_keys (token_hash);
CREATE INDEX access_keys_project ON access_keys (project_id, created_at, id);

CREATE TABLE evaluations (
  id         uuid NOT NULL PRIMARY KEY,
  project_id uuid NOT NULL REFERENCES projects (id),
  key        text COLLATE "C" NOT NULL,
  name       text NOT NULL,
  criteria   text,
  threshold  double precision NOT NULL,
  direction  text NOT NULL,
  priority   bigint NOT NULL,
  guardrail  boolean NOT NULL,
  escalate   boolean NOT NULL,
  enabled    boolean NOT NULL,
  fallback   text,
  version    bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX evaluations_key ON evaluations (project_id, key);

CREATE TABLE guardrails (
  id             uuid NOT NULL PRIMARY KEY,
  project_id     uuid NOT NULL REFERENCES projects (id),
  name           text COLLATE "C" NOT NULL,
  description    text,
  patterns       text NOT NULL,
  focus          text NOT NULL,
  case_sensitive boolean NOT NULL,
  priority       bigint NOT NULL,
  fallback       text,
  overridable    boolean NOT NULL,
  enabled        boolean NOT NULL,
  version        bigint NOT NULL,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX guardrails_name ON guardrails (project_id, name);

-- The narrow half of an interaction: what lists filter and sort by. Texts live in interaction_texts.
CREATE TABLE interactions (
  id          uuid NOT NULL PRIMARY KEY,
  project_id  uuid NOT NULL REFERENCES projects (id),
  external_id text COLLATE "C",
  body_digest bytea,
  kind        text NOT NULL,
  session_id  text COLLATE "C",
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  historical  boolean NOT NULL,
  blocked     boolean NOT NULL,
  escalated   boolean NOT NULL,
  serve       text NOT NULL,
  problem     text,
  answer_id   uuid,
  review_id   uuid,
  reviewed    text,
  thumbs      text,
  flagged_at  timestamptz,
  version     bigint NOT NULL
);
CREATE UNIQUE INDEX interactions_external_id ON interactions (project_id, external_id);
CREATE INDEX interactions_occurred ON interactions (project_id, occurred_at, id);
CREATE INDEX interactions_session ON interactions (project_id, session_id, occurred_at, id);

CREATE TABLE interaction_texts (
  interaction_id  uuid NOT NULL PRIMARY KEY REFERENCES interactions (id),
  query           text NOT NULL,
  rewritten_query text,
  response        text NOT NULL,
  response_object text,
  context         text,
  messages        text,
  tools           text,
  metadata        text,
  scores          text,
  verdict         text NOT NULL
);

CREATE TABLE issues (
  id                    uuid NOT NULL PRIMARY KEY,
  project_id            uuid NOT NULL REFERENCES projects (id),
  interaction_id        uuid NOT NULL,
  query                 text NOT NULL,
  response_excerpt      text NOT NULL,
  problem               text COLLATE "C" NOT NULL,
  status                text COLLATE "C" NOT NULL,
  occurrences           bigint NOT NULL,
  open_occurrences      bigint NOT NULL,
  protected_occurrences bigint NOT NULL,
  blocked_occurrences   bigint NOT NULL,
  uncaught              bigint NOT NULL,
  impact_log2           double precision NOT NULL,
  needs_answer          boolean NOT NULL,
  touched               boolean NOT NULL,
  first_seen_at         timestamptz NOT NULL,
  last_seen_at          timestamptz NOT NULL,
  addressed_at          timestamptz,
  addressed_by          text,
  regressed_at          timestamptz,
  dismissed_at          timestamptz,
  snoozed_until         timestamptz,
  assignee_id           uuid,
  claimed_until         timestamptz,
  version               bigint NOT NULL,
  created_at            timestamptz NOT NULL,
  updated_at            timestamptz NOT NULL
);
CREATE INDEX issues_impact ON issues (project_id, status, impact_log2, id);
CREATE INDEX issues_last_seen ON issues (project_id, status, last_seen_at, id);
CREATE INDEX issues_occurrences ON issues (project_id, status, occurrences, id);
CREATE INDEX issues_problem ON issues (project_id, problem, status, impact_log2, id);

-- An interaction's place in an issue.
CREATE TABLE occurrences (
  interaction_id  uuid NOT NULL PRIMARY KEY REFERENCES interactions (id),
  project_id      uuid NOT NULL,
  issue_id        uuid NOT NULL REFERENCES issues (id),
  state           text NOT NULL,
  caught_by_kind  text,
  caught_by_id    uuid,
  settled_by_kind text,
  settled_by_id   uuid,
  blocked         boolean NOT NULL,
  problem         text NOT NULL,
  severity_milli  bigint NOT NULL,
  occurred_at     timestamptz NOT NULL,
  hour            bigint NOT NULL,
  question_digest bytea NOT NULL,
  response_digest bytea NOT NULL,
  centroid_id     uuid,
  similarity      double precision,
  joined_at       timestamptz NOT NULL
);
CREATE INDEX occurrences_issue ON occurrences (issue_id, occurred_at, interaction_id);
CREATE INDEX occurrences_settled_by ON occurrences (settled_by_id);

-- The truth behind impact: what happened to an issue in each hour since the Unix epoch.
CREATE TABLE issue_hours (
  issue_id            uuid NOT NULL REFERENCES issues (id),
  hour                bigint NOT NULL,
  project_id          uuid NOT NULL,
  open_count          bigint NOT NULL,
  open_severity_milli bigint NOT NULL,
  protected_count     bigint NOT NULL,
  PRIMARY KEY (issue_id, hour)
);

-- vector: the sum of the members' unit vectors, f32 little endian; its direction is the centroid.
CREATE TABLE issue_centroids (
  id         uuid NOT NULL PRIMARY KEY,
  project_id uuid NOT NULL,
  issue_id   uuid NOT NULL REFERENCES issues (id),
  model      text COLLATE "C" NOT NULL,
  dimension  bigint NOT NULL,
  scale      double precision NOT NULL,
  members    bigint NOT NULL,
  vector     bytea NOT NULL,
  revision   bigint NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE INDEX issue_centroids_project ON issue_centroids (project_id, updated_at);
CREATE INDEX issue_centroids_issue ON issue_centroids (issue_id);

CREATE TABLE issue_redirects (
  old_issue_id uuid NOT NULL PRIMARY KEY,
  project_id   uuid NOT NULL REFERENCES projects (id),
  issue_id     uuid NOT NULL REFERENCES issues (id),
  created_at   timestamptz NOT NULL
);

-- Pairs an expert split: never merged again. The smaller id stands first.
CREATE TABLE issues_apart (
  issue_id       uuid NOT NULL,
  other_issue_id uuid NOT NULL,
  project_id     uuid NOT NULL REFERENCES projects (id),
  created_by     text NOT NULL,
  created_at     timestamptz NOT NULL,
  PRIMARY KEY (issue_id, other_issue_id)
);

-- vector: int8 components; multiplied by scale they are the unit vector of the owner's text.
CREATE TABLE vectors (
  owner_kind text COLLATE "C" NOT NULL,
  owner_id   uuid NOT NULL,
  model      text COLLATE "C" NOT NULL,
  project_id uuid NOT NULL REFERENCES projects (id),
  dimension  bigint NOT NULL,
  scale      double precision NOT NULL,
  vector     bytea NOT NULL,
  PRIMARY KEY (owner_kind, owner_id, model)
);
CREATE INDEX vectors_project ON vectors (project_id, owner_kind, model);

CREATE TABLE answers (
  id               uuid NOT NULL PRIMARY KEY,
  project_id       uuid NOT NULL REFERENCES projects (id),
  query            text NOT NULL,
  status           text COLLATE "C" NOT NULL,
  serve_answers    text,
  live_version_id  uuid,
  draft_version_id uuid,
  acted            bigint NOT NULL,
  last_acted_at    timestamptz,
  deleted_at       timestamptz,
  created_by       text NOT NULL,
  version          bigint NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL
);
CREATE INDEX answers_project ON answers (project_id, id);

CREATE TABLE answer_versions (
  id         uuid NOT NULL PRIMARY KEY,
  answer_id  uuid NOT NULL REFERENCES answers (id),
  project_id uuid NOT NULL,
  number     bigint NOT NULL,
  answer     text NOT NULL,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX answer_versions_number ON answer_versions (answer_id, number);

CREATE TABLE phrasings (
  id             uuid NOT NULL PRIMARY KEY,
  project_id     uuid NOT NULL,
  answer_id      uuid NOT NULL REFERENCES answers (id),
  text           text NOT NULL,
  text_digest    bytea NOT NULL,
  source         text NOT NULL,
  issue_id       uuid,
  interaction_id uuid,
  confirmed_at   timestamptz,
  confirmed_by   text,
  rejected_at    timestamptz,
  rejected_by    text,
  created_at     timestamptz NOT NULL
);
CREATE UNIQUE INDEX phrasings_text ON phrasings (answer_id, text_digest);
CREATE INDEX phrasings_project ON phrasings (project_id, answer_id);

CREATE TABLE reviews (
  id               uuid NOT NULL PRIMARY KEY,
  project_id       uuid NOT NULL REFERENCES projects (id),
  verdict          text NOT NULL,
  explanation      text NOT NULL,
  live_version_id  uuid,
  draft_version_id uuid,
  paused_at        timestamptz,
  deleted_at       timestamptz,
  acted            bigint NOT NULL,
  last_acted_at    timestamptz,
  created_by       text NOT NULL,
  version          bigint NOT NULL,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL
);
CREATE INDEX reviews_project ON reviews (project_id, id);

CREATE TABLE review_versions (
  id          uuid NOT NULL PRIMARY KEY,
  review_id   uuid NOT NULL REFERENCES reviews (id),
  project_id  uuid NOT NULL,
  number      bigint NOT NULL,
  verdict     text NOT NULL,
  explanation text NOT NULL,
  created_by  text NOT NULL,
  created_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX review_versions_number ON review_versions (review_id, number);

CREATE TABLE review_interactions (
  review_id      uuid NOT NULL REFERENCES reviews (id),
  interaction_id uuid NOT NULL REFERENCES interactions (id),
  project_id     uuid NOT NULL,
  PRIMARY KEY (review_id, interaction_id)
);
CREATE INDEX review_interactions_interaction ON review_interactions (interaction_id);

CREATE TABLE remediation_issues (
  remediation_kind text COLLATE "C" NOT NULL,
  remediation_id   uuid NOT NULL,
  issue_id         uuid NOT NULL REFERENCES issues (id),
  project_id       uuid NOT NULL,
  created_at       timestamptz NOT NULL,
  PRIMARY KEY (remediation_kind, remediation_id, issue_id)
);
CREATE INDEX remediation_issues_issue ON remediation_issues (issue_id);

CREATE TABLE matches (
  id               uuid NOT NULL PRIMARY KEY,
  project_id       uuid NOT NULL REFERENCES projects (id),
  remediation_kind text COLLATE "C" NOT NULL,
  remediation_id   uuid NOT NULL,
  interaction_id   uuid NOT NULL,
  phrasing_id      uuid,
  state            text COLLATE "C" NOT NULL,
  confirmation     text,
  similarity       double precision NOT NULL,
  explanation      text NOT NULL,
  occurred_at      timestamptz NOT NULL,
  decided_at       timestamptz,
  decided_by       text
);
CREATE INDEX matches_remediation ON matches (remediation_id, occurred_at, id);
CREATE INDEX matches_state ON matches (project_id, state, occurred_at, id);
CREATE INDEX matches_interaction ON matches (interaction_id);

CREATE TABLE feedback (
  id             uuid NOT NULL PRIMARY KEY,
  project_id     uuid NOT NULL,
  interaction_id uuid NOT NULL REFERENCES interactions (id),
  kind           text NOT NULL,
  comment        text,
  given_by       text NOT NULL,
  created_at     timestamptz NOT NULL
);
CREATE INDEX feedback_interaction ON feedback (interaction_id, created_at, id);

-- One row a project: who emits an event or opens an issue locks it first, so seq is gapless and in commit order.
CREATE TABLE project_heads (
  project_id uuid NOT NULL PRIMARY KEY REFERENCES projects (id),
  event_seq  bigint NOT NULL
);

CREATE TABLE events (
  project_id   uuid NOT NULL REFERENCES projects (id),
  seq          bigint NOT NULL,
  at           timestamptz NOT NULL,
  actor        text NOT NULL,
  kind         text COLLATE "C" NOT NULL,
  subject_kind text COLLATE "C" NOT NULL,
  subject_id   uuid NOT NULL,
  changes      text NOT NULL,
  PRIMARY KEY (project_id, seq)
);
CREATE INDEX events_subject ON events (project_id, subject_id, seq);
