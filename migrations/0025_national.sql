-- Files of other systems with procedures in the names of the national record, as they were
-- read; the last whole one that an editor kept is the national list. Nothing of them is in
-- the catalogue before it was taken over into edits, reviewed and published.
-- +goose Up
CREATE TABLE national_uploads (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,                     -- of the file
    sha256     bytea NOT NULL,                    -- of its bytes: the same file again is the same upload
    size       int NOT NULL,
    about      jsonb NOT NULL DEFAULT '{}',       -- how it was read: format, encoding, columns
    state      text NOT NULL DEFAULT 'reading'
        CONSTRAINT national_uploads_state CHECK (state IN ('reading', 'read', 'failed', 'kept', 'replaced')),
    whole      boolean NOT NULL DEFAULT true,     -- all procedures of the country or province; else some of them
    why        jsonb,                             -- locales.Text: why it could not be read
    records    int NOT NULL DEFAULT 0,
    wrong      int NOT NULL DEFAULT 0,            -- records that cannot be taken
    done       int NOT NULL DEFAULT 0,            -- records that are stored
    officer_id bigint REFERENCES officers,        -- none: an operator at the machine
    at         timestamptz NOT NULL,
    read_at    timestamptz,
    kept_by    bigint REFERENCES officers,
    kept_at    timestamptz,
    CONSTRAINT national_uploads_kept CHECK ((state IN ('kept', 'replaced')) = (kept_at IS NOT NULL))
);
-- one is the list
CREATE UNIQUE INDEX national_uploads_kept_key ON national_uploads ((true)) WHERE state = 'kept' AND whole;
CREATE UNIQUE INDEX national_uploads_sha256_key ON national_uploads (sha256) WHERE state IN ('reading', 'read', 'kept');
CREATE INDEX national_uploads_at_idx ON national_uploads (at DESC);
GRANT SELECT, INSERT, UPDATE, DELETE ON national_uploads TO motcua_app;

-- The bytes of a file until a worker has read them.
CREATE TABLE national_bytes (
    upload_id uuid NOT NULL REFERENCES national_uploads ON DELETE CASCADE,
    no        int NOT NULL,
    bytes     bytea NOT NULL,                     -- a piece of the file, packed (gzip)
    PRIMARY KEY (upload_id, no)
);
GRANT SELECT, INSERT, DELETE ON national_bytes TO motcua_app;

CREATE TABLE national_rows (
    upload_id uuid NOT NULL REFERENCES national_uploads ON DELETE CASCADE,
    no        int NOT NULL,
    line      int NOT NULL,                       -- of the file
    code      text NOT NULL,                      -- '' where it cannot be read
    name      text NOT NULL,
    said      jsonb NOT NULL,                     -- what the file says, in the JSON of the sheet
    faults    jsonb NOT NULL DEFAULT '[]',
    faulty    boolean NOT NULL DEFAULT false,     -- it has faults or notes
    wrong     boolean NOT NULL DEFAULT false,     -- it cannot be taken
    base_id   bigint,                             -- revision it was compared with, 0 for none; NULL: not yet compared
    state     text NOT NULL DEFAULT ''
        CONSTRAINT national_rows_state CHECK (state IN ('', 'missing', 'outdated', 'differs', 'same')),
    fields    text[] NOT NULL DEFAULT '{}',       -- of the record, that differ
    PRIMARY KEY (upload_id, no)
);
CREATE UNIQUE INDEX national_rows_code_key ON national_rows (upload_id, code) WHERE NOT wrong;
CREATE INDEX national_rows_state_idx ON national_rows (upload_id, state, code);
CREATE INDEX national_rows_faulty_idx ON national_rows (upload_id, no) WHERE faulty;
GRANT SELECT, INSERT, UPDATE, DELETE ON national_rows TO motcua_app;
