-- Tenants, people, sign-in, API clients, signing keys, and the audit trail.

-- The tenant of the transaction. Unset or empty is an error, not a view of everything.
CREATE FUNCTION casemate_tenant() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT current_setting('casemate.tenant')::uuid $$;

-- The person or the client whose own row may be seen before the tenant is known; NULL when there is none.
CREATE FUNCTION casemate_user() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('casemate.user', true), '')::uuid $$;
CREATE FUNCTION casemate_client() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('casemate.client', true), '')::uuid $$;

CREATE TABLE tenants (
  id         uuid        NOT NULL PRIMARY KEY,
  name       text        NOT NULL UNIQUE,
  four_eyes  boolean     NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE users (
  id         uuid        NOT NULL PRIMARY KEY,
  email      text        NOT NULL UNIQUE,
  name       text        NOT NULL,
  created_at timestamptz NOT NULL
);

-- One password each: an Argon2id hash, made with the pepper of this id.
CREATE TABLE credentials (
  user_id    uuid        NOT NULL PRIMARY KEY REFERENCES users (id),
  phc        text        NOT NULL,
  pepper_id  text        NOT NULL,
  changed_at timestamptz NOT NULL
);

-- A former member keeps their row: their name stands in the history.
CREATE TABLE memberships (
  tenant_id  uuid        NOT NULL REFERENCES tenants (id),
  user_id    uuid        NOT NULL REFERENCES users (id),
  role       text        NOT NULL CHECK (role IN ('viewer', 'editor', 'reviewer', 'senior_reviewer', 'admin')),
  joined_at  timestamptz NOT NULL,
  removed_at timestamptz,
  PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

-- Found by the hash of the browser's secret, before the tenant is known.
CREATE TABLE sessions (
  id               uuid        NOT NULL PRIMARY KEY,
  token_hash       bytea       NOT NULL UNIQUE,
  user_id          uuid        NOT NULL,
  tenant_id        uuid        NOT NULL,
  authenticated_at timestamptz NOT NULL,
  created_at       timestamptz NOT NULL,
  seen_at          timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL,
  agent            text        NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id)
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_membership ON sessions (tenant_id, user_id);

-- One-time links: first set-up, invitations, password resets. A used one is gone.
CREATE TABLE links (
  id         uuid        NOT NULL PRIMARY KEY,
  kind       text        NOT NULL CHECK (kind IN ('setup', 'invitation', 'reset')),
  token_hash bytea       NOT NULL UNIQUE,
  tenant_id  uuid        REFERENCES tenants (id),
  user_id    uuid        REFERENCES users (id),
  email      text,
  role       text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE clients (
  tenant_id    uuid        NOT NULL REFERENCES tenants (id),
  id           uuid        NOT NULL,
  name         text        NOT NULL,
  secret_hash  bytea       NOT NULL,
  scopes       text        NOT NULL,
  created_at   timestamptz NOT NULL,
  revoked_at   timestamptz,
  last_used_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX clients_by_id ON clients (id);

-- Keys that sign access tokens. The private half is sealed by a key that is not in this database.
CREATE TABLE signing_keys (
  kid            text        NOT NULL PRIMARY KEY,
  public_key     bytea       NOT NULL,
  sealed_key     bytea       NOT NULL,
  created_at     timestamptz NOT NULL,
  verifies_until timestamptz
);

-- Failures to sign in, by a hash of account and network.
CREATE TABLE failures (
  key           bytea       NOT NULL PRIMARY KEY,
  failures      bigint      NOT NULL,
  last_at       timestamptz NOT NULL,
  blocked_until timestamptz NOT NULL
);

-- The audit trail: one chain for each tenant; the instance's own under the nil id.
CREATE TABLE audit_events (
  tenant_id  uuid        NOT NULL,
  seq        bigint      NOT NULL,
  at         timestamptz NOT NULL,
  actor      text        NOT NULL,
  action     text        NOT NULL,
  object     text        NOT NULL,
  outcome    text        NOT NULL,
  details    text        NOT NULL,
  request_id text        NOT NULL,
  prev       bytea       NOT NULL,
  hash       bytea       NOT NULL,
  PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX audit_events_by_object ON audit_events (tenant_id, object, seq);

CREATE TABLE audit_heads (
  tenant_id uuid   NOT NULL PRIMARY KEY,
  seq       bigint NOT NULL,
  hash      bytea  NOT NULL
);

-- What happened is not changed and not taken back.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'audit events are not changed and not deleted'; END $$;
CREATE TRIGGER audit_events_are_not_changed BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_events_are_not_emptied BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The walls between tenants. FORCE: they hold for the owner of the tables too.
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON memberships USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
CREATE POLICY own ON memberships FOR SELECT USING (user_id = casemate_user());

ALTER TABLE clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE clients FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON clients USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
CREATE POLICY own ON clients FOR SELECT USING (id = casemate_client());

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON audit_events USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());

ALTER TABLE audit_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_heads FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON audit_heads USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());

-- What the server needs when another role owns the tables: rows, not tables, and no past to change.

CREATE FUNCTION casemate_grant(server text) RETURNS void LANGUAGE plpgsql
AS $$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), server);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', current_schema(), server);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations FROM %I', server);
  EXECUTE format('REVOKE UPDATE, DELETE ON audit_events FROM %I', server);
END $$;
REVOKE EXECUTE ON FUNCTION casemate_grant(text) FROM PUBLIC;
