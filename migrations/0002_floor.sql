-- The floor: work for later, one-time keys, who did and saw what, sessions, limits.
-- +goose Up
CREATE TABLE jobs (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    subject    text NOT NULL,
    body       jsonb NOT NULL DEFAULT '{}',
    due        timestamptz NOT NULL,
    leased_to  timestamptz,          -- a worker has it in hand until then
    again      timestamptz,          -- put anew while in hand: due once more after this run
    tries      int NOT NULL DEFAULT 0,
    last_error text NOT NULL DEFAULT '',
    stuck_at   timestamptz, -- after the last try: an officer's task, never silence
    made_at    timestamptz NOT NULL DEFAULT now()
);
-- one row per kind and subject where order matters: the kind says so with a subject of its own
CREATE UNIQUE INDEX jobs_kind_subject_key ON jobs (kind, subject);
CREATE INDEX jobs_due_idx ON jobs (due, id) WHERE stuck_at IS NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO motcua_app;

CREATE TABLE deeds (
    person      text NOT NULL, -- who pressed: the person's id, or "outside:<system>"
    key         uuid NOT NULL,
    route       text NOT NULL,
    body_sha256 bytea NOT NULL,
    answer      text,
    at          timestamptz NOT NULL DEFAULT now(), -- kept 30 days
    CONSTRAINT deeds_person_key PRIMARY KEY (person, key)
);
CREATE INDEX deeds_at_idx ON deeds (at);
GRANT SELECT, INSERT, UPDATE, DELETE ON deeds TO motcua_app;

CREATE TABLE audit (
    id        bigint GENERATED ALWAYS AS IDENTITY,
    at        timestamptz NOT NULL DEFAULT now(),
    actor     text NOT NULL,            -- person:<id>, officer:<id>, system
    deed      text NOT NULL,            -- what was done or seen, by its name in the code
    object    text NOT NULL,            -- dossier:<uuid>, draft:<uuid>, order:<uuid> …
    subject   bytea,                    -- keyed hash of the number of the person whose data it is
    agency_id bigint,
    args      jsonb NOT NULL DEFAULT '{}', -- never names, numbers or answers
    ip        text NOT NULL DEFAULT '',
    request   text NOT NULL DEFAULT '',
    xid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_xid_idx ON audit (xid);
CREATE INDEX audit_object_idx ON audit (object, at);
CREATE INDEX audit_subject_idx ON audit (subject, at) WHERE subject IS NOT NULL;
SELECT monthly('audit', now()::date, 3);
CREATE TABLE audit_rest PARTITION OF audit DEFAULT;
GRANT SELECT, INSERT ON audit TO motcua_app;

-- A seal is a hash over the rows of a stretch and the seal before it. Stretches are cut by
-- transaction, not by row number: below the oldest running transaction nothing can come
-- any more, while a smaller row number may still be on its way.
CREATE TABLE audit_seals (
    no       bigint CONSTRAINT audit_seals_pkey PRIMARY KEY,
    after_id bigint NOT NULL,    -- only rows after this one: a restored cluster counts transactions anew
    from_xid xid8 NOT NULL,      -- first transaction of the stretch
    to_xid   xid8 NOT NULL,      -- first transaction after it
    last_id  bigint NOT NULL,    -- greatest row number up to here
    rows     bigint NOT NULL,
    digests  bytea NOT NULL,     -- id and SHA-256 of each row, in order, to name a wrong one
    sha256   bytea NOT NULL,     -- over the seal before and the digests
    at       timestamptz NOT NULL
);
GRANT SELECT, INSERT ON audit_seals TO motcua_app;

CREATE TABLE limits (
    name   text NOT NULL,
    key    text NOT NULL,
    start  timestamptz NOT NULL,
    count  int NOT NULL,
    PRIMARY KEY (name, key)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON limits TO motcua_app;
