-- Several dossiers of a business from one spreadsheet: the file as it was read, a draft for
-- each line, and what became of it.
-- +goose Up
ALTER TABLE drafts ADD COLUMN batch_id uuid; -- a line's draft, or the one whose facts the lines share; not in the person's list
CREATE INDEX drafts_batch_idx ON drafts (batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE batches (
    id             uuid PRIMARY KEY,
    person_id      bigint NOT NULL REFERENCES persons,
    tax_code       text NOT NULL,
    procedure_code text NOT NULL,
    revision_id    bigint NOT NULL REFERENCES revisions,
    pattern_id     uuid,                        -- the draft with what the registers said
    name           text NOT NULL,               -- of the file
    columns        jsonb NOT NULL,              -- [code], as the file had them
    state          text NOT NULL CONSTRAINT batches_state CHECK (state IN ('checking', 'checked', 'filing', 'done', 'cancelled')),
    stopped        jsonb,                       -- why filing ended before its end: locales.Message
    version        int NOT NULL DEFAULT 1,      -- of what the person has seen
    lang           text NOT NULL DEFAULT 'vi',
    made_at        timestamptz NOT NULL,
    checked_at     timestamptz,
    confirmed_at   timestamptz,
    ended_at       timestamptz,
    lapses_at      timestamptz NOT NULL
);
CREATE INDEX batches_firm_idx ON batches (tax_code, made_at DESC);
CREATE INDEX batches_lapses_idx ON batches (lapses_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON batches TO motcua_app;

CREATE TABLE batch_rows (
    batch_id   uuid NOT NULL REFERENCES batches ON DELETE CASCADE,
    line       int NOT NULL,                    -- as the person numbers them
    position   int NOT NULL,                    -- in the file
    cells      text NOT NULL,                   -- pg.Sealed: what stands in each cell, and where
    faults     text NOT NULL DEFAULT '',        -- pg.Sealed: [bulk.Fault]
    wrong      int NOT NULL DEFAULT 0,          -- how many of them stop it
    state      text NOT NULL CONSTRAINT batch_rows_state CHECK (state IN ('new', 'checked', 'queued', 'filing', 'filed', 'failed', 'cancelled')),
    draft_id   uuid,
    dossier_id uuid,
    code       text NOT NULL DEFAULT '',
    why        jsonb,                           -- why it was not filed: locales.Message
    PRIMARY KEY (batch_id, line),
    CONSTRAINT batch_rows_filed CHECK (state <> 'filed' OR dossier_id IS NOT NULL AND code <> ''),
    CONSTRAINT batch_rows_dossier_key UNIQUE (dossier_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON batch_rows TO motcua_app;
