-- Projects, cases with their notes and transitions, findings and the scans they come from.

CREATE TABLE projects (
  tenant_id  BLOB NOT NULL REFERENCES tenants (id),
  id         BLOB NOT NULL,
  name       TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
) STRICT;

-- The last number given to a case and to a finding. Taking the next one locks the row until the transaction ends.
CREATE TABLE numbers (
  tenant_id BLOB NOT NULL REFERENCES tenants (id),
  kind      TEXT NOT NULL CHECK (kind IN ('case', 'finding')),
  last      INTEGER NOT NULL CHECK (last >= 0),
  PRIMARY KEY (tenant_id, kind)
) STRICT;

CREATE TABLE cases (
  tenant_id                BLOB NOT NULL REFERENCES tenants (id),
  id                       BLOB NOT NULL,
  number                   INTEGER NOT NULL CHECK (number >= 1),
  project_id               BLOB,
  title                    TEXT NOT NULL,
  description              TEXT,
  status                   TEXT NOT NULL CHECK (status IN ('open', 'in_review', 'evidence_requested', 'escalated',
                             'approved_for_closure', 'closed', 'reopened')),
  severity                 TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low', 'info')),
  tags                     TEXT NOT NULL,
  due_on                   TEXT,
  resolution               TEXT CHECK (resolution IN ('fixed', 'false_positive', 'accepted_risk', 'duplicate',
                             'not_applicable')),
  accepted_until           TEXT,
  duplicate_of             INTEGER,
  opened_by                TEXT NOT NULL,
  assignee                 BLOB,
  approved_by              BLOB,
  closed_without_four_eyes INTEGER NOT NULL,
  restricted               INTEGER NOT NULL,
  version                  INTEGER NOT NULL CHECK (version >= 1),
  -- Reference, title and description in lower case, made where all of Unicode has a lower case.
  search                   TEXT NOT NULL,
  created_at               TEXT NOT NULL,
  updated_at               TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, number),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id),
  FOREIGN KEY (tenant_id, duplicate_of) REFERENCES cases (tenant_id, number),
  CHECK (status <> 'closed' OR resolution IS NOT NULL),
  CHECK ((accepted_until IS NOT NULL) = (resolution IS NOT NULL AND resolution = 'accepted_risk')),
  CHECK ((duplicate_of IS NOT NULL) = (resolution IS NOT NULL AND resolution = 'duplicate')),
  CHECK (duplicate_of IS NULL OR duplicate_of <> number),
  CHECK (approved_by IS NULL OR status IN ('approved_for_closure', 'closed'))
) STRICT;
CREATE INDEX cases_by_status ON cases (tenant_id, status, number);
CREATE INDEX cases_by_assignee ON cases (tenant_id, assignee, number);
CREATE INDEX cases_by_project ON cases (tenant_id, project_id, number);
CREATE INDEX cases_by_duplicate ON cases (tenant_id, duplicate_of);

-- Who may read a restricted case.
CREATE TABLE case_readers (
  tenant_id BLOB NOT NULL,
  case_id   BLOB NOT NULL,
  user_id   BLOB NOT NULL,
  PRIMARY KEY (tenant_id, case_id, user_id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
) STRICT;

CREATE TABLE notes (
  tenant_id  BLOB NOT NULL,
  id         BLOB NOT NULL,
  case_id    BLOB NOT NULL,
  author     TEXT NOT NULL,
  text       TEXT NOT NULL,
  written_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
) STRICT;
CREATE INDEX notes_by_case ON notes (tenant_id, case_id, id);

CREATE TABLE transitions (
  tenant_id   BLOB NOT NULL,
  id          BLOB NOT NULL,
  case_id     BLOB NOT NULL,
  action      TEXT NOT NULL CHECK (action IN ('start_review', 'request_evidence', 'provide_evidence', 'escalate',
                'approve_closure', 'reject_closure', 'close', 'reopen', 'close_gone', 'void_approval')),
  from_status TEXT NOT NULL CHECK (from_status IN ('open', 'in_review', 'evidence_requested', 'escalated',
                'approved_for_closure', 'closed', 'reopened')),
  to_status   TEXT NOT NULL CHECK (to_status IN ('open', 'in_review', 'evidence_requested', 'escalated',
                'approved_for_closure', 'closed', 'reopened')),
  reason      TEXT NOT NULL,
  actor       TEXT NOT NULL,
  at          TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
) STRICT;
CREATE INDEX transitions_by_case ON transitions (tenant_id, case_id, id);

CREATE TABLE scans (
  tenant_id    BLOB NOT NULL,
  id           BLOB NOT NULL,
  project_id   BLOB NOT NULL,
  tool         TEXT NOT NULL,
  category     TEXT NOT NULL,
  target       TEXT NOT NULL,
  branch       TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  commit_id    TEXT NOT NULL,
  sha256       TEXT NOT NULL,
  complete     INTEGER NOT NULL,
  counts       TEXT NOT NULL,
  submitted_by TEXT NOT NULL,
  submitted_at TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id)
) STRICT;
CREATE INDEX scans_by_scope ON scans (tenant_id, project_id, tool, category, target, branch, id);

CREATE TABLE findings (
  tenant_id       BLOB NOT NULL,
  id              BLOB NOT NULL,
  serial          INTEGER NOT NULL,
  project_id      BLOB NOT NULL,
  tool            TEXT NOT NULL,
  category        TEXT NOT NULL,
  target          TEXT NOT NULL,
  branch          TEXT NOT NULL,
  rule            TEXT NOT NULL,
  rule_name       TEXT NOT NULL,
  message         TEXT NOT NULL,
  remedy          TEXT NOT NULL,
  severity        TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'low', 'info')),
  state           TEXT NOT NULL CHECK (state IN ('open', 'gone')),
  decision        TEXT CHECK (decision IN ('confirmed', 'false_positive', 'accepted_risk')),
  decision_reason TEXT,
  decided_by      TEXT,
  decided_at      TEXT,
  occurrence      TEXT NOT NULL,
  case_id         BLOB NOT NULL,
  first_scan      BLOB NOT NULL,
  last_scan       BLOB NOT NULL,
  first_seen_at   TEXT NOT NULL,
  last_seen_at    TEXT NOT NULL,
  version         INTEGER NOT NULL CHECK (version >= 1),
  -- Message, file and rule in lower case.
  search          TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, serial),
  FOREIGN KEY (tenant_id, project_id) REFERENCES projects (tenant_id, id),
  FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id),
  FOREIGN KEY (tenant_id, first_scan) REFERENCES scans (tenant_id, id),
  FOREIGN KEY (tenant_id, last_scan) REFERENCES scans (tenant_id, id),
  CHECK ((decision IS NULL) = (decision_reason IS NULL)),
  CHECK ((decision IS NULL) = (decided_by IS NULL)),
  CHECK ((decision IS NULL) = (decided_at IS NULL))
) STRICT;
CREATE INDEX findings_by_scope ON findings (tenant_id, project_id, tool, category, target, branch, serial);
CREATE INDEX findings_by_case ON findings (tenant_id, case_id, serial);
CREATE INDEX findings_by_rule ON findings (tenant_id, rule);

-- By what a finding is recognised in the next report: digests, never line numbers.
CREATE TABLE finding_signs (
  tenant_id  BLOB NOT NULL,
  finding_id BLOB NOT NULL,
  sign       TEXT NOT NULL CHECK (sign IN ('own', 'code', 'file', 'moved_folder', 'moved_file')),
  digest     TEXT NOT NULL,
  PRIMARY KEY (tenant_id, finding_id, sign),
  FOREIGN KEY (tenant_id, finding_id) REFERENCES findings (tenant_id, id)
) STRICT;

-- What was said and done on a case is not rewritten.
CREATE TRIGGER notes_are_not_changed BEFORE UPDATE ON notes
BEGIN
  SELECT RAISE(ABORT, 'notes are not changed');
END;
CREATE TRIGGER notes_are_not_deleted BEFORE DELETE ON notes
BEGIN
  SELECT RAISE(ABORT, 'notes are not deleted');
END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER notes_are_not_replaced BEFORE INSERT ON notes
WHEN EXISTS (SELECT 1 FROM notes WHERE tenant_id = NEW.tenant_id AND id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'notes are not replaced');
END;
CREATE TRIGGER transitions_are_not_changed BEFORE UPDATE ON transitions
BEGIN
  SELECT RAISE(ABORT, 'transitions are not changed');
END;
CREATE TRIGGER transitions_are_not_deleted BEFORE DELETE ON transitions
BEGIN
  SELECT RAISE(ABORT, 'transitions are not deleted');
END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER transitions_are_not_replaced BEFORE INSERT ON transitions
WHEN EXISTS (SELECT 1 FROM transitions WHERE tenant_id = NEW.tenant_id AND id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'transitions are not replaced');
END;
