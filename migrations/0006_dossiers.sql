-- What has been filed, and everything that happens to it.
-- +goose Up
CREATE TABLE dossiers (
    id             uuid PRIMARY KEY,
    code           text NOT NULL,
    agency_id      bigint NOT NULL REFERENCES agencies,
    procedure_code text NOT NULL,
    revision_id    bigint NOT NULL REFERENCES revisions,
    person_id      bigint NOT NULL REFERENCES persons, -- the applicant
    tax_code       text NOT NULL DEFAULT '',           -- the business that owns it, or none
    owner_name     text NOT NULL,                      -- pg.Sealed
    owner_number   text NOT NULL,                      -- pg.Sealed: ID number or tax code
    owner_hash     bytea NOT NULL,
    email          text NOT NULL DEFAULT '',
    phone          text NOT NULL DEFAULT '',
    lang           text NOT NULL DEFAULT 'vi',
    state          text NOT NULL CONSTRAINT dossiers_state CHECK (state IN
                   ('filed', 'supplement', 'received', 'processing', 'decided', 'returned', 'refused', 'withdrawn')),
    step           text NOT NULL,                      -- of the revision's workflow
    money          text NOT NULL DEFAULT 'none' CONSTRAINT dossiers_money CHECK (money IN ('none', 'due', 'paid', 'review')),
    handover       text NOT NULL DEFAULT 'none' CONSTRAINT dossiers_handover CHECK (handover IN
                   ('none', 'ready', 'ordered', 'accepted', 'in_transit', 'delivered', 'collected', 'failed')),
    sync           text NOT NULL DEFAULT 'none',
    channel        text NOT NULL DEFAULT 'online' CONSTRAINT dossiers_channel CHECK (channel IN ('online', 'direct', 'post')),
    return_by      text NOT NULL CONSTRAINT dossiers_return_by CHECK (return_by IN ('online', 'counter', 'post')),
    return_to      jsonb NOT NULL DEFAULT '{}',        -- name, phone, province, commune, address
    verified       boolean NOT NULL,                   -- false: a registry did not answer, the officer compares
    supplements    int NOT NULL DEFAULT 0,
    outcome        text NOT NULL DEFAULT '' CONSTRAINT dossiers_outcome CHECK (outcome IN ('', 'granted', 'denied')),
    filed_at       timestamptz NOT NULL,
    answer_by      timestamptz NOT NULL,               -- intake must answer by then (8 working hours)
    received_at    timestamptz,
    due_at         timestamptz,
    decided_at     timestamptz,
    returned_at    timestamptz,
    closed_at      timestamptz,
    officer_id     bigint REFERENCES officers,         -- who has it in hand
    version        int NOT NULL DEFAULT 1,
    CONSTRAINT dossiers_code_key UNIQUE (code),
    CONSTRAINT dossiers_received_set CHECK (state NOT IN ('received', 'processing', 'decided', 'returned') OR (received_at IS NOT NULL AND due_at IS NOT NULL)),
    CONSTRAINT dossiers_decided_set CHECK (state NOT IN ('decided', 'returned') OR (decided_at IS NOT NULL AND outcome <> '')),
    CONSTRAINT dossiers_returned_set CHECK (state <> 'returned' OR returned_at IS NOT NULL)
);
CREATE INDEX dossiers_person_idx ON dossiers (person_id, filed_at DESC);
CREATE INDEX dossiers_inbox_idx ON dossiers (agency_id, (coalesce(due_at, answer_by)), id) WHERE closed_at IS NULL;
CREATE INDEX dossiers_closed_idx ON dossiers (agency_id, closed_at DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX dossiers_owner_idx ON dossiers (owner_hash);
GRANT SELECT, INSERT, UPDATE ON dossiers TO motcua_app;

CREATE TABLE code_counters (
    agency_id bigint NOT NULL REFERENCES agencies,
    day       date NOT NULL,
    last      int NOT NULL,
    PRIMARY KEY (agency_id, day)
);
GRANT SELECT, INSERT, UPDATE ON code_counters TO motcua_app;

CREATE TABLE filings (
    dossier_id  uuid NOT NULL REFERENCES dossiers DEFERRABLE INITIALLY DEFERRED, -- the dossier's row comes last, with its code
    no          int NOT NULL,            -- 1 = first, 2… = supplements
    answers     jsonb NOT NULL,          -- what could be seen when it was filed
    facts       text NOT NULL DEFAULT '[]',  -- as in drafts
    sources     jsonb NOT NULL DEFAULT '{}',
    sha256      bytea NOT NULL,          -- of the canonical answers
    revision_id bigint NOT NULL REFERENCES revisions,
    at          timestamptz NOT NULL,
    PRIMARY KEY (dossier_id, no)
);
GRANT SELECT, INSERT ON filings TO motcua_app;

CREATE TABLE attachments (
    id         uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES dossiers DEFERRABLE INITIALLY DEFERRED,
    filing     int NOT NULL,
    component  text NOT NULL,
    position   int NOT NULL,
    name       text NOT NULL,
    media      text NOT NULL,
    size       bigint NOT NULL,
    pages      int NOT NULL,
    sha256     bytea NOT NULL,
    blob       text NOT NULL,
    at         timestamptz NOT NULL,
    FOREIGN KEY (dossier_id, filing) REFERENCES filings (dossier_id, no)
);
CREATE INDEX attachments_dossier_idx ON attachments (dossier_id, filing, component, position);
CREATE INDEX attachments_blob_idx ON attachments (blob);
GRANT SELECT, INSERT ON attachments TO motcua_app;

-- What is being put together to answer a supplement request, until it is sent.
CREATE TABLE supplements (
    dossier_id uuid NOT NULL REFERENCES dossiers,
    no         int NOT NULL,             -- the round
    items      jsonb NOT NULL,           -- [{component or question, what, how}]
    answers    jsonb NOT NULL DEFAULT '{}', -- by item: note or "cannot"
    asked_at   timestamptz NOT NULL,
    until      date NOT NULL,
    sent_at    timestamptz,
    PRIMARY KEY (dossier_id, no)
);
GRANT SELECT, INSERT, UPDATE ON supplements TO motcua_app;

CREATE TABLE events (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL,
    dossier_id uuid NOT NULL,
    kind       text NOT NULL,            -- the deed: filed, paid, received …
    from_state text NOT NULL DEFAULT '',
    to_state   text NOT NULL DEFAULT '',
    actor      text NOT NULL,            -- person:<id>, officer:<id>, system
    agency_id  bigint,
    args       jsonb NOT NULL DEFAULT '{}', -- code and arguments, never rendered text
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX events_dossier_idx ON events (dossier_id, at, id);
SELECT monthly('events', now()::date, 3);
CREATE TABLE events_rest PARTITION OF events DEFAULT;
GRANT SELECT, INSERT ON events TO motcua_app;

-- Papers: the data they were drawn from, and the bytes once a worker has drawn them.
CREATE TABLE papers (
    id         uuid PRIMARY KEY,
    dossier_id uuid NOT NULL REFERENCES dossiers,
    kind       text NOT NULL,            -- acknowledgement (Mẫu 01), supplement (02), refusal (03), result
    no         int NOT NULL DEFAULT 1,
    number     text NOT NULL DEFAULT '', -- số, of a result
    data       jsonb NOT NULL,
    lookup     text NOT NULL,            -- the code that /xac-thuc asks for
    at         timestamptz NOT NULL,
    blob       text NOT NULL DEFAULT '',
    size       bigint NOT NULL DEFAULT 0,
    sha256     bytea,
    CONSTRAINT papers_kind_key UNIQUE (dossier_id, kind, no),
    CONSTRAINT papers_lookup_key UNIQUE (lookup)
);
GRANT SELECT, INSERT, UPDATE ON papers TO motcua_app;

CREATE TABLE paper_counters (
    agency_id bigint NOT NULL REFERENCES agencies,
    kind      text NOT NULL,
    year      int NOT NULL,
    last      int NOT NULL,
    PRIMARY KEY (agency_id, kind, year)
);
GRANT SELECT, INSERT, UPDATE ON paper_counters TO motcua_app;

CREATE TABLE ratings (
    dossier_id uuid PRIMARY KEY REFERENCES dossiers,
    score      int NOT NULL CHECK (score BETWEEN 1 AND 5),
    note       text NOT NULL DEFAULT '',
    at         timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON ratings TO motcua_app;
