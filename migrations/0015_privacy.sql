-- What people say about the data that registers have of them: agreed to or declined before
-- they are asked, reported as wrong, asked about.
-- +goose Up
CREATE TABLE consents (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id    bigint NOT NULL REFERENCES persons,
    draft_id     uuid NOT NULL,         -- what it was said for; a draft may be gone since
    source       text NOT NULL,         -- the register
    answer       text NOT NULL CHECK (answer IN ('told', 'agreed', 'declined')), -- told: asked by law, a notice was shown
    wording      text NOT NULL,         -- the words that were shown, by the beginning of their SHA-256
    at           timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT consents_withdrawn CHECK (withdrawn_at IS NULL OR answer = 'agreed')
);
CREATE INDEX consents_person_idx ON consents (person_id, at DESC);
CREATE INDEX consents_draft_idx ON consents (draft_id, source);
GRANT SELECT, INSERT, UPDATE ON consents TO motcua_app;

-- A report that a register is wrong, or a question who looked at one's data and why.
CREATE TABLE fact_reports (
    id          uuid PRIMARY KEY,
    code        text NOT NULL CONSTRAINT fact_reports_code_key UNIQUE, -- BS-yyMMdd-NNNN
    kind        text NOT NULL CHECK (kind IN ('wrong', 'question')),
    person_id   bigint NOT NULL REFERENCES persons,
    thing_id    uuid,                     -- the draft, which is the dossier's id too once it is filed
    agency_id   bigint REFERENCES agencies, -- who answers; none: the dossier's, or an administrator hands it on
    source      text NOT NULL DEFAULT '', -- the register
    shown       text NOT NULL DEFAULT '', -- pg.Sealed: what the register said, [{label, value, at}]
    says        text NOT NULL,            -- pg.Sealed: what the person says
    path        text NOT NULL DEFAULT '' CHECK (path IN ('', 'go_on', 'stop')), -- files all the same, or has it put right first
    about       jsonb,                    -- of a question: the look it is about {at, deed, object, agency_id}
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'passed', 'answered', 'closed')), -- passed: to whom keeps the register
    steps       jsonb NOT NULL DEFAULT '[]', -- [{at, deed, officer, agency, note}]
    file_name   text NOT NULL DEFAULT '',
    file_media  text NOT NULL DEFAULT '',
    file_pages  int NOT NULL DEFAULT 0,
    size        bigint NOT NULL DEFAULT 0, -- of the file, as are sha256 and blob
    sha256      bytea,
    blob        text NOT NULL DEFAULT '',
    made_at     timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    closed_at   timestamptz,
    version     int NOT NULL DEFAULT 1,
    CONSTRAINT fact_reports_closed CHECK ((closed_at IS NOT NULL) = (state IN ('answered', 'closed'))),
    CONSTRAINT fact_reports_file CHECK ((blob = '') = (sha256 IS NULL))
);
CREATE INDEX fact_reports_person_idx ON fact_reports (person_id, made_at DESC);
CREATE INDEX fact_reports_open_idx ON fact_reports (due_at) WHERE closed_at IS NULL;
CREATE INDEX fact_reports_closed_idx ON fact_reports (closed_at DESC) WHERE closed_at IS NOT NULL;
CREATE INDEX fact_reports_thing_idx ON fact_reports (thing_id);
GRANT SELECT, INSERT, UPDATE ON fact_reports TO motcua_app;

-- The last number of a day's reports.
CREATE TABLE report_counters (
    day  date PRIMARY KEY,
    last int NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON report_counters TO motcua_app;
