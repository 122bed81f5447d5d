-- Runs of a form that editors recorded while it is being edited. They go into the revision.
-- +goose Up
CREATE TABLE form_runs (
    edit_id    uuid NOT NULL REFERENCES form_edits,
    name       text NOT NULL,
    recording  jsonb,                                -- none: the run of this name is no longer kept
    officer_id bigint NOT NULL REFERENCES officers,
    at         timestamptz NOT NULL,
    PRIMARY KEY (edit_id, name)
);
GRANT SELECT, INSERT, UPDATE ON form_runs TO motcua_app;
