-- The row both comparisons read: what a case of the tracker holds.
CREATE TABLE cases (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    severity TEXT NOT NULL,
    assignee_id TEXT,
    opened_by TEXT NOT NULL,
    restricted INTEGER NOT NULL,
    version INTEGER NOT NULL,
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, number)
);

INSERT INTO cases VALUES (
    '0199d1f0-0000-7000-8000-000000000001',
    '0199d1f0-0000-7000-8000-000000000002',
    1,
    'SQL text built from user input',
    'The query of `login` is an f-string over `username`. Bind the value instead.',
    'open',
    'critical',
    '0199d1f0-0000-7000-8000-000000000003',
    '0199d1f0-0000-7000-8000-000000000004',
    0,
    1,
    '2026-11-01T09:00:00Z',
    '2026-11-01T09:00:00Z'
);
