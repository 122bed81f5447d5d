-- Forms that are being edited. Nothing of them is in force before it is a revision.
-- +goose Up
CREATE TABLE form_edits (
    id             uuid PRIMARY KEY,
    procedure_code text NOT NULL REFERENCES procedures,
    base_id        bigint NOT NULL REFERENCES revisions, -- what the edit began from
    version        int NOT NULL DEFAULT 1,               -- the row of form_versions that stands
    opened_by      bigint NOT NULL REFERENCES officers,
    opened_at      timestamptz NOT NULL,
    closed_by      bigint REFERENCES officers,
    closed_at      timestamptz,
    revision_id    bigint REFERENCES revisions,          -- what it became; none: it was given up
    note           text NOT NULL DEFAULT '',
    CONSTRAINT form_edits_closed CHECK (closed_at IS NOT NULL OR closed_by IS NULL AND revision_id IS NULL)
);
-- editors of one form work on one text
CREATE UNIQUE INDEX form_edits_open_key ON form_edits (procedure_code) WHERE closed_at IS NULL;
CREATE INDEX form_edits_code_idx ON form_edits (procedure_code, opened_at DESC);
GRANT SELECT, INSERT, UPDATE ON form_edits TO motcua_app;

-- Every saved state of an edit, so that each step can be taken back.
CREATE TABLE form_versions (
    edit_id    uuid NOT NULL REFERENCES form_edits,
    no         int NOT NULL,
    back       int NOT NULL,          -- the version that taking this one back leads to, 0 for none
    definition text NOT NULL,         -- as it was written: need not be a form that can be published
    deed       text NOT NULL,         -- what was done: start, set, add, move …
    place      text NOT NULL DEFAULT '', -- where, as a JSON pointer
    officer_id bigint NOT NULL REFERENCES officers,
    at         timestamptz NOT NULL,
    PRIMARY KEY (edit_id, no)
);
GRANT SELECT, INSERT, DELETE ON form_versions TO motcua_app;
