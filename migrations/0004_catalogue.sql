-- The catalogue: procedures and their immutable revisions.
-- +goose Up
CREATE TABLE fields (
    code   text PRIMARY KEY,
    name   jsonb NOT NULL,               -- locales.Text
    agency text NOT NULL DEFAULT '',     -- code of the agency that answers for it
    at     timestamptz NOT NULL DEFAULT clock_timestamp() -- last changed: readers notice by it
);
GRANT SELECT, INSERT, UPDATE ON fields TO motcua_app;

-- What people say for what the sheets say; without a meaning, a word that says nothing.
CREATE TABLE synonyms (
    say   text PRIMARY KEY,
    means jsonb NOT NULL DEFAULT '[]',
    at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON synonyms TO motcua_app;

CREATE TABLE procedures (
    code text PRIMARY KEY CONSTRAINT procedures_code CHECK (code ~ '^\d\.\d{6}$')
);
GRANT SELECT, INSERT ON procedures TO motcua_app;

CREATE TABLE revisions (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    procedure_code text NOT NULL REFERENCES procedures,
    no             int NOT NULL,
    doc            jsonb NOT NULL,       -- sheet, form, fees, workflow, papers, notices
    sha256         bytea NOT NULL,       -- of the canonical document
    in_force_from  timestamptz NOT NULL,
    made_at        timestamptz NOT NULL DEFAULT now(),
    -- in force is the highest number among those whose time has come
    CONSTRAINT revisions_no_key UNIQUE (procedure_code, no)
);
GRANT SELECT, INSERT ON revisions TO motcua_app;
