-- People, sessions, agencies, officers, what people may act for.
-- +goose Up
CREATE TABLE persons (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    issuer      text NOT NULL,
    sub         text NOT NULL,
    id_number   text NOT NULL,           -- pg.Sealed
    id_hash     bytea NOT NULL,          -- keyed hash, for look-up
    name        text NOT NULL,
    phone       text NOT NULL DEFAULT '',
    email       text NOT NULL DEFAULT '',
    level       int NOT NULL DEFAULT 1,  -- loAs: 1 or 2
    lang        text NOT NULL DEFAULT 'vi',
    seen_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT persons_issuer_sub_key UNIQUE (issuer, sub)
);
CREATE INDEX persons_id_hash_idx ON persons (id_hash);
GRANT SELECT, INSERT, UPDATE ON persons TO motcua_app;

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,        -- SHA-256 of the cookie's value
    person_id  bigint NOT NULL REFERENCES persons,
    level      int NOT NULL,
    staff      boolean NOT NULL DEFAULT false,
    id_token   text NOT NULL DEFAULT '',
    made_at    timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,     -- idle 30 minutes
    ends_at    timestamptz NOT NULL      -- 12 hours, staff 8
);
CREATE INDEX sessions_person_idx ON sessions (person_id);
CREATE INDEX sessions_ends_idx ON sessions (ends_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO motcua_app;

-- A sign-in that is under way: what the return must match.
CREATE TABLE signins (
    state_hash bytea PRIMARY KEY,
    nonce      text NOT NULL,
    verifier   text NOT NULL,
    next       text NOT NULL,
    browser    bytea NOT NULL,           -- hash of the cookie of the browser that began
    at         timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON signins TO motcua_app;

CREATE TABLE agencies (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code       text NOT NULL,            -- mã định danh điện tử, H01.15
    name       jsonb NOT NULL,           -- locales.Text
    level      text NOT NULL,            -- province, department, commune
    parent     text NOT NULL DEFAULT '', -- code
    unit       text NOT NULL DEFAULT '', -- administrative unit (commune code)
    address    text NOT NULL DEFAULT '',
    phone      text NOT NULL DEFAULT '',
    email      text NOT NULL DEFAULT '',
    tax_code   text NOT NULL DEFAULT '',
    postal     text NOT NULL DEFAULT '', -- postal province code, for the carrier
    valid_from date NOT NULL,
    valid_to   date,                     -- last day, null = still there
    CONSTRAINT agencies_code_key UNIQUE (code, valid_from),
    CONSTRAINT agencies_dates CHECK (valid_to >= valid_from)
);
GRANT SELECT, INSERT, UPDATE ON agencies TO motcua_app;

CREATE TABLE units (
    code       text NOT NULL,
    parent     text NOT NULL DEFAULT '',
    name       text NOT NULL,
    valid_from date NOT NULL,
    valid_to   date,
    PRIMARY KEY (code, valid_from),
    CONSTRAINT units_dates CHECK (valid_to >= valid_from)
);
GRANT SELECT, INSERT, UPDATE ON units TO motcua_app;

-- Days that are not as their weekday: holidays off, make-up days on.
CREATE TABLE calendar_days (
    day     date PRIMARY KEY,
    working boolean NOT NULL,
    name    text NOT NULL,
    ground  text NOT NULL DEFAULT ''
);
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_days TO motcua_app;

-- The installation: one row, the province pack.
CREATE TABLE province (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    pack jsonb NOT NULL,
    at   timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON province TO motcua_app;

CREATE TABLE officers (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id_hash bytea NOT NULL,              -- joins persons.id_hash at sign-in
    name    text NOT NULL,
    title   text NOT NULL DEFAULT '',
    CONSTRAINT officers_id_hash_key UNIQUE (id_hash)
);
GRANT SELECT, INSERT, UPDATE ON officers TO motcua_app;

CREATE TABLE officer_roles (
    officer_id bigint NOT NULL REFERENCES officers,
    agency_id  bigint NOT NULL REFERENCES agencies,
    role       text NOT NULL CONSTRAINT officer_roles_role CHECK (role IN ('intake', 'processor', 'leader', 'clerk', 'editor', 'admin')),
    valid_from date NOT NULL,
    valid_to   date,
    PRIMARY KEY (officer_id, agency_id, role, valid_from),
    CONSTRAINT officer_roles_dates CHECK (valid_to >= valid_from)
);
GRANT SELECT, INSERT, UPDATE ON officer_roles TO motcua_app;

-- Whom a person may act for: as the provider said at the last sign-in, confirmed by the
-- business register before anything is filed.
CREATE TABLE representations (
    person_id bigint NOT NULL REFERENCES persons,
    tax_code  text NOT NULL,
    name      text NOT NULL,
    role      text NOT NULL DEFAULT 'legal',
    seen_at   timestamptz NOT NULL,
    ended_at  timestamptz,
    PRIMARY KEY (person_id, tax_code)
);
GRANT SELECT, INSERT, UPDATE ON representations TO motcua_app;

-- Every look-up in a base registry: who asked, for whom, why, what came of it.
CREATE TABLE lookups (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    source     text NOT NULL,            -- population, business
    service    text NOT NULL,            -- 037, chiTietDoanhNghiep
    request_id text NOT NULL,
    person_id  bigint,
    subject    bytea NOT NULL,           -- keyed hash of the number asked for
    object     text NOT NULL,            -- draft:<uuid>
    outcome    text NOT NULL,            -- found, not_found, refused, unavailable
    took_ms    int NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX lookups_subject_idx ON lookups (subject, at);
SELECT monthly('lookups', now()::date, 3);
CREATE TABLE lookups_rest PARTITION OF lookups DEFAULT;
GRANT SELECT, INSERT ON lookups TO motcua_app;
