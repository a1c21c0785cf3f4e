-- Tenants, people, sign-in, API clients, signing keys, and the audit trail. Times are RFC 3339 texts, ids 16 bytes.

CREATE TABLE tenants (
  id         BLOB    NOT NULL PRIMARY KEY,
  name       TEXT    NOT NULL UNIQUE,
  four_eyes  INTEGER NOT NULL,
  created_at TEXT    NOT NULL
) STRICT;

CREATE TABLE users (
  id         BLOB NOT NULL PRIMARY KEY,
  email      TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

-- One password each: an Argon2id hash, made with the pepper of this id.
CREATE TABLE credentials (
  user_id    BLOB NOT NULL PRIMARY KEY REFERENCES users (id),
  phc        TEXT NOT NULL,
  pepper_id  TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;

-- A former member keeps their row: their name stands in the history.
CREATE TABLE memberships (
  tenant_id  BLOB NOT NULL REFERENCES tenants (id),
  user_id    BLOB NOT NULL REFERENCES users (id),
  role       TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'reviewer', 'senior_reviewer', 'admin')),
  joined_at  TEXT NOT NULL,
  removed_at TEXT,
  PRIMARY KEY (tenant_id, user_id)
) STRICT;
CREATE INDEX memberships_by_user ON memberships (user_id);

-- Found by the hash of the browser's secret, before the tenant is known.
CREATE TABLE sessions (
  id               BLOB NOT NULL PRIMARY KEY,
  token_hash       BLOB NOT NULL UNIQUE,
  user_id          BLOB NOT NULL,
  tenant_id        BLOB NOT NULL,
  authenticated_at TEXT NOT NULL,
  created_at       TEXT NOT NULL,
  seen_at          TEXT NOT NULL,
  expires_at       TEXT NOT NULL,
  agent            TEXT NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id)
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_membership ON sessions (tenant_id, user_id);

-- One-time links: first set-up, invitations, password resets. A used one is gone.
CREATE TABLE links (
  id         BLOB NOT NULL PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('setup', 'invitation', 'reset')),
  token_hash BLOB NOT NULL UNIQUE,
  tenant_id  BLOB REFERENCES tenants (id),
  user_id    BLOB REFERENCES users (id),
  email      TEXT,
  role       TEXT,
  created_at TEXT NOT NULL,
  expires_at TEXT NOT NULL
) STRICT;

CREATE TABLE clients (
  tenant_id    BLOB NOT NULL REFERENCES tenants (id),
  id           BLOB NOT NULL,
  name         TEXT NOT NULL,
  secret_hash  BLOB NOT NULL,
  scopes       TEXT NOT NULL,
  created_at   TEXT NOT NULL,
  revoked_at   TEXT,
  last_used_at TEXT,
  PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX clients_by_id ON clients (id);

-- Keys that sign access tokens. The private half is sealed by a key that is not in this database.
CREATE TABLE signing_keys (
  kid            TEXT NOT NULL PRIMARY KEY,
  public_key     BLOB NOT NULL,
  sealed_key     BLOB NOT NULL,
  created_at     TEXT NOT NULL,
  verifies_until TEXT
) STRICT;

-- Failures to sign in, by a hash of account and network.
CREATE TABLE failures (
  key           BLOB    NOT NULL PRIMARY KEY,
  failures      INTEGER NOT NULL,
  last_at       TEXT    NOT NULL,
  blocked_until TEXT    NOT NULL
) STRICT;

-- The audit trail: one chain for each tenant; the instance's own under the nil id.
CREATE TABLE audit_events (
  tenant_id  BLOB    NOT NULL,
  seq        INTEGER NOT NULL,
  at         TEXT    NOT NULL,
  actor      TEXT    NOT NULL,
  action     TEXT    NOT NULL,
  object     TEXT    NOT NULL,
  outcome    TEXT    NOT NULL,
  details    TEXT    NOT NULL,
  request_id TEXT    NOT NULL,
  prev       BLOB    NOT NULL,
  hash       BLOB    NOT NULL,
  PRIMARY KEY (tenant_id, seq)
) STRICT;
CREATE INDEX audit_events_by_object ON audit_events (tenant_id, object, seq);

CREATE TABLE audit_heads (
  tenant_id BLOB    NOT NULL PRIMARY KEY,
  seq       INTEGER NOT NULL,
  hash      BLOB    NOT NULL
) STRICT;

-- What happened is not changed and not taken back.
CREATE TRIGGER audit_events_are_not_changed BEFORE UPDATE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit events are not changed');
END;
CREATE TRIGGER audit_events_are_not_deleted BEFORE DELETE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit events are not deleted');
END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_events_are_not_replaced BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'audit events are not replaced');
END;
