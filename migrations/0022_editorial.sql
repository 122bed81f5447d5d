-- Sheets that are being edited, alone or many at once, and how they became revisions. Nothing
-- of them is in force, or seen by anybody but editors, before it is a revision.
-- +goose Up

-- Many sheets changed by one deed (a legal text in all that rest on it, a list taken over):
-- reviewed and published as one.
CREATE TABLE edit_batches (
    id        uuid PRIMARY KEY,
    kind      text NOT NULL CONSTRAINT edit_batches_kind CHECK (kind IN ('bulk', 'import')),
    title     text NOT NULL,
    version   int NOT NULL DEFAULT 1,      -- counts up with every change of any of its edits
    opened_by bigint NOT NULL REFERENCES officers,
    opened_at timestamptz NOT NULL,
    closed_by bigint REFERENCES officers,
    closed_at timestamptz,
    note      text NOT NULL DEFAULT '',
    CONSTRAINT edit_batches_closed CHECK (closed_at IS NOT NULL OR closed_by IS NULL)
);
CREATE INDEX edit_batches_open_idx ON edit_batches (opened_at DESC) WHERE closed_at IS NULL;
CREATE INDEX edit_batches_opened_idx ON edit_batches (opened_at DESC);
GRANT SELECT, INSERT, UPDATE ON edit_batches TO motcua_app;

CREATE TABLE sheet_edits (
    id             uuid PRIMARY KEY,
    procedure_code text NOT NULL CONSTRAINT sheet_edits_code CHECK (procedure_code ~ '^\d\.\d{6}$'), -- of a new one there is no row yet
    base_id        bigint REFERENCES revisions,  -- what the edit began from; none: a new procedure
    version        int NOT NULL DEFAULT 1,       -- the row of sheet_versions that stands
    batch_id       uuid REFERENCES edit_batches,
    ends           boolean NOT NULL DEFAULT false, -- publishing it ends the procedure
    replaced_by    text NOT NULL DEFAULT '',     -- code of the procedure that then takes its place
    opened_by      bigint NOT NULL REFERENCES officers,
    opened_at      timestamptz NOT NULL,
    closed_by      bigint REFERENCES officers,
    closed_at      timestamptz,
    revision_id    bigint REFERENCES revisions,  -- what it became; none: it was given up, or ended the procedure
    note           text NOT NULL DEFAULT '',
    CONSTRAINT sheet_edits_closed CHECK (closed_at IS NOT NULL OR closed_by IS NULL AND revision_id IS NULL),
    CONSTRAINT sheet_edits_replaced CHECK (ends OR replaced_by = '')
);
-- editors of one procedure work on one text
CREATE UNIQUE INDEX sheet_edits_open_key ON sheet_edits (procedure_code) WHERE closed_at IS NULL;
CREATE INDEX sheet_edits_code_idx ON sheet_edits (procedure_code, opened_at DESC);
CREATE INDEX sheet_edits_batch_idx ON sheet_edits (batch_id, procedure_code) WHERE batch_id IS NOT NULL;
CREATE INDEX sheet_edits_revision_idx ON sheet_edits (revision_id) WHERE revision_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON sheet_edits TO motcua_app;

-- Every saved state of an edit, so that each step can be taken back.
CREATE TABLE sheet_versions (
    edit_id    uuid NOT NULL REFERENCES sheet_edits,
    no         int NOT NULL,
    back       int NOT NULL,               -- the version that taking this one back leads to, 0 for none
    parts      jsonb NOT NULL,             -- what the edit says itself, by part; the others are as in the revision
    deed       text NOT NULL,              -- what was done: start, set, add, move …
    place      text NOT NULL DEFAULT '',   -- the section
    officer_id bigint NOT NULL REFERENCES officers,
    at         timestamptz NOT NULL,
    PRIMARY KEY (edit_id, no)
);
GRANT SELECT, INSERT, DELETE ON sheet_versions TO motcua_app;

-- By which decision a revision was published; those an operator imported have no row.
CREATE TABLE publications (
    revision_id  bigint PRIMARY KEY REFERENCES revisions,
    edit_id      uuid REFERENCES sheet_edits,
    form_edit_id uuid REFERENCES form_edits,
    batch_id     uuid REFERENCES edit_batches,
    note         text NOT NULL,
    published_by bigint NOT NULL REFERENCES officers,
    approved_by  bigint NOT NULL REFERENCES officers,
    at           timestamptz NOT NULL
);
CREATE INDEX publications_batch_idx ON publications (batch_id) WHERE batch_id IS NOT NULL;
GRANT SELECT, INSERT ON publications TO motcua_app;

-- Revisions that were published for later and taken back before their time.
CREATE TABLE withdrawals (
    revision_id bigint PRIMARY KEY REFERENCES revisions,
    officer_id  bigint NOT NULL REFERENCES officers,
    at          timestamptz NOT NULL,
    why         text NOT NULL
);
GRANT SELECT, INSERT ON withdrawals TO motcua_app;

-- Procedures that end, or ended: nothing is filed under them from then on.
CREATE TABLE procedure_ends (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    procedure_code text NOT NULL REFERENCES procedures,
    ends_at        timestamptz NOT NULL,
    replaced_by    text NOT NULL DEFAULT '',
    note           text NOT NULL,
    published_by   bigint NOT NULL REFERENCES officers,
    approved_by    bigint NOT NULL REFERENCES officers,
    at             timestamptz NOT NULL,
    revoked_at     timestamptz
);
CREATE UNIQUE INDEX procedure_ends_code_key ON procedure_ends (procedure_code) WHERE revoked_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON procedure_ends TO motcua_app;
