-- Projects, cases with their notes and transitions, findings and the scans they come from.

-- Two functions that SQLite has built in, so that one SQL text takes in many rows at once on both engines.
CREATE FUNCTION json_each(list text) RETURNS TABLE (key bigint, value jsonb) LANGUAGE sql IMMUTABLE
AS $$ SELECT n - 1, item FROM jsonb_array_elements(CAST(list AS jsonb)) WITH ORDINALITY AS one (item, n) $$;
CREATE FUNCTION unhex(id text) RETURNS uuid LANGUAGE sql IMMUTABLE
AS $$ SELECT CAST(id AS uuid) $$;

CREATE TABLE projects (
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  id         uuid NOT NULL,
  name       text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
);

-- The last number given to a case and to a finding. Taking the next one locks the row until the transaction ends.
CREATE TABLE numbers (
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  kind      text NOT NULL CHECK (kind IN ('case', 'finding')),
  last      bigint NOT NULL CHECK (last >= 0),
  PRIMARY KEY (tenant_id, kind)
);

CREATE TABLE cases (
  tenant_id                uuid NOT NULL REFERENCES tenants (id),
  id                       uuid NOT NULL,
  number                   bigint NOT NULL CHECK (number >= 1),
  project_id               uuid,
  title                    text NOT NULL,
  description              text,
  status                   text NOT NULL CHECK (status IN ('open', 'in_review', 'evidence_requested', 'escalated',
                             'approved_for_closure', 'closed', 'reopened')),
  severity                 text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low', 'info')),
  tags                     text NOT NULL,
  due_on                   date,
  resolution               text CHECK (resolution IN ('fixed', 'false_positive', 'accepted_risk', 'duplicate',
                             'not_applicable')),
  accepted_until           timestamptz,
  duplicate_of             bigint,
  opened_by                text NOT NULL,
  assignee                 uuid,
  approved_by              uuid,
  closed_without_four_eyes boolean NOT NULL,
  restricted               boolean NOT NULL,
  version                  bigint NOT NULL CHECK (version >= 1),
  -- Reference, title and description in lower case, made where all of Unicode has a lower case.
  search                   text NOT NULL,
  created_at               timestamptz NOT NULL,
  updated_at               timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id),
  FOREIGN KEY (tenant_id, duplicate_of) REFERENCES cases (tenant_id, number),
  CHECK (status <> 'closed' OR resolution IS NOT NULL),
  CHECK ((accepted_until IS NOT NULL) = (resolution IS NOT NULL AND resolution = 'accepted_risk')),
  CHECK ((duplicate_of IS NOT NULL) = (resolution IS NOT NULL AND resolution = 'duplicate')),
  CHECK (duplicate_of IS NULL OR duplicate_of <> number),
  CHECK (approved_by IS NULL OR status IN ('approved_for_closure', 'closed'))
);
CREATE INDEX cases_by_status ON cases (tenant_id, status, number);
CREATE INDEX cases_by_assignee ON cases (tenant_id, assignee, number);
CREATE INDEX cases_by_project ON cases (tenant_id, project_id, number);
CREATE INDEX cases_by_duplicate ON cases (tenant_id, duplicate_of);

-- Who may read a restricted case.
CREATE TABLE case_readers (
  tenant_id uuid NOT NULL,
  case_id   uuid NOT NULL,
  user_id   uuid NOT NULL,
  PRIMARY KEY (tenant_id, case_id, user_id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);

CREATE TABLE notes (
  tenant_id  uuid NOT NULL,
  id         uuid NOT NULL,
  case_id    uuid NOT NULL,
  author     text NOT NULL,
  text       text NOT NULL,
  written_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);
CREATE INDEX notes_by_case ON notes (tenant_id, case_id, id);

CREATE TABLE transitions (
  tenant_id   uuid NOT NULL,
  id          uuid NOT NULL,
  case_id     uuid NOT NULL,
  action      text NOT NULL CHECK (action IN ('start_review', 'request_evidence', 'provide_evidence', 'escalate',
                'approve_closure', 'reject_closure', 'close', 'reopen', 'close_gone', 'void_approval')),
  from_status text NOT NULL CHECK (from_status IN ('open', 'in_review', 'evidence_requested', 'escalated',
                'approved_for_closure', 'closed', 'reopened')),
  to_status   text NOT NULL CHECK (to_status IN ('open', 'in_review', 'evidence_requested', 'escalated',
                'approved_for_closure', 'closed', 'reopened')),
  reason      text NOT NULL,
  actor       text NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);
CREATE INDEX transitions_by_case ON transitions (tenant_id, case_id, id);

CREATE TABLE scans (
  tenant_id    uuid NOT NULL,
  id           uuid NOT NULL,
  project_id   uuid NOT NULL,
  tool         text NOT NULL,
  category     text NOT NULL,
  target       text NOT NULL,
  branch       text NOT NULL,
  tool_version text NOT NULL,
  commit_id    text NOT NULL,
  sha256       text NOT NULL,
  complete     boolean NOT NULL,
  counts       text NOT NULL,
  submitted_by text NOT NULL,
  submitted_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
);
CREATE INDEX scans_by_scope ON scans (tenant_id, project_id, tool, category, target, branch, id);

CREATE TABLE findings (
  tenant_id       uuid NOT NULL,
  id              uuid NOT NULL,
  serial          bigint NOT NULL,
  project_id      uuid NOT NULL,
  tool            text NOT NULL,
  category        text NOT NULL,
  target          text NOT NULL,
  branch          text NOT NULL,
  rule            text NOT NULL,
  rule_name       text NOT NULL,
  message         text NOT NULL,
  remedy          text NOT NULL,
  severity        text NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low', 'info')),
  state           text NOT NULL CHECK (state IN ('open', 'gone')),
  decision        text CHECK (decision IN ('confirmed', 'false_positive', 'accepted_risk')),
  decision_reason text,
  decided_by      text,
  decided_at      timestamptz,
  occurrence      text NOT NULL,
  case_id         uuid NOT NULL,
  first_scan      uuid NOT NULL,
  last_scan       uuid NOT NULL,
  first_seen_at   timestamptz NOT NULL,
  last_seen_at    timestamptz NOT NULL,
  version         bigint NOT NULL CHECK (version >= 1),
  -- Message, file and rule in lower case.
  search          text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, serial),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id),
  FOREIGN KEY (tenant_id, first_scan) REFERENCES scans (tenant_id, id),
  FOREIGN KEY (tenant_id, last_scan) REFERENCES scans (tenant_id, id),
  CHECK ((decision IS NULL) = (decision_reason IS NULL)),
  CHECK ((decision IS NULL) = (decided_by IS NULL)),
  CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE INDEX findings_by_scope ON findings (tenant_id, project_id, tool, category, target, branch, serial);
CREATE INDEX findings_by_case ON findings (tenant_id, case_id, serial);
CREATE INDEX findings_by_rule ON findings (tenant_id, rule);

-- By what a finding is recognised in the next report: digests, never line numbers.
CREATE TABLE finding_signs (
  tenant_id  uuid NOT NULL,
  finding_id uuid NOT NULL,
  sign       text NOT NULL CHECK (sign IN ('own', 'code', 'file', 'moved_folder', 'moved_file')),
  digest     text NOT NULL,
  PRIMARY KEY (tenant_id, finding_id, sign),
  FOREIGN KEY (tenant_id, finding_id) REFERENCES findings (tenant_id, id)
);

-- What was said and done on a case is not rewritten.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'notes and transitions are not changed and not deleted'; END $$;
CREATE TRIGGER notes_are_not_changed BEFORE UPDATE OR DELETE ON notes
  FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER notes_are_not_emptied BEFORE TRUNCATE ON notes
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER transitions_are_not_changed BEFORE UPDATE OR DELETE ON transitions
  FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER transitions_are_not_emptied BEFORE TRUNCATE ON transitions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- The walls between tenants. FORCE: they hold for the owner of the tables too.
ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE projects FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON projects USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
ALTER TABLE numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON numbers USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
ALTER TABLE cases ENABLE ROW LEVEL SECURITY;
ALTER TABLE cases FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON cases USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
ALTER TABLE case_readers ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_readers FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON case_readers USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON notes USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
ALTER TABLE transitions ENABLE ROW LEVEL SECURITY;
ALTER TABLE transitions FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON transitions USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
ALTER TABLE scans ENABLE ROW LEVEL SECURITY;
ALTER TABLE scans FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON scans USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
ALTER TABLE findings ENABLE ROW LEVEL SECURITY;
ALTER TABLE findings FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON findings USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());
ALTER TABLE finding_signs ENABLE ROW LEVEL SECURITY;
ALTER TABLE finding_signs FORCE ROW LEVEL SECURITY;
CREATE POLICY walls ON finding_signs USING (tenant_id = casemate_tenant()) WITH CHECK (tenant_id = casemate_tenant());

-- What the server needs when another role owns the tables: rows, not tables, and no past to change.
CREATE OR REPLACE FUNCTION casemate_grant(server text) RETURNS void LANGUAGE plpgsql
AS $$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), server);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I', current_schema(), server);
  EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations FROM %I', server);
  EXECUTE format('REVOKE UPDATE, DELETE ON audit_events, notes, transitions FROM %I', server);
  EXECUTE format('REVOKE DELETE ON projects, numbers, cases, scans, findings FROM %I', server);
END $$;
