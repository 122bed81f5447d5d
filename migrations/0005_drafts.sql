-- What people are still filling.
-- +goose Up
CREATE TABLE drafts (
    id             uuid PRIMARY KEY,     -- the dossier that comes of it has the same
    person_id      bigint NOT NULL REFERENCES persons,
    tax_code       text NOT NULL DEFAULT '', -- the business it is for, or none
    procedure_code text NOT NULL,
    revision_id    bigint NOT NULL REFERENCES revisions,
    answers        jsonb NOT NULL DEFAULT '{}',
    facts          text NOT NULL DEFAULT '[]', -- []eforms.Fact as JSON, through pg.Sealed
    sources        jsonb NOT NULL DEFAULT '{}', -- what became of each look-up, by source
    page           text NOT NULL DEFAULT '',    -- where the person was
    version        int NOT NULL DEFAULT 1,
    made_at        timestamptz NOT NULL,
    saved_at       timestamptz NOT NULL,
    lapses_at      timestamptz NOT NULL,
    deleted_at     timestamptz,
    filed_at       timestamptz,          -- a filed draft is read only and becomes the dossier
    open_round     int DEFAULT 0         -- the filing that files can be put to: 0 the first, n the answer to supplement request n
);
CREATE INDEX drafts_person_idx ON drafts (person_id, saved_at DESC) WHERE filed_at IS NULL AND deleted_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON drafts TO motcua_app;

CREATE TABLE draft_files (
    id         uuid PRIMARY KEY,
    draft_id   uuid NOT NULL REFERENCES drafts,
    round      int NOT NULL DEFAULT 0,   -- 0 = the first filing, n = answer to the n-th supplement request
    component  text NOT NULL,
    position   int NOT NULL,
    name       text NOT NULL,            -- as the person called it
    media      text NOT NULL CONSTRAINT draft_files_media CHECK (media IN ('application/pdf', 'image/jpeg', 'image/png')),
    size       bigint NOT NULL,
    pages      int NOT NULL DEFAULT 1,
    sha256     bytea NOT NULL,
    blob       text NOT NULL,
    at         timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE INDEX draft_files_draft_idx ON draft_files (draft_id, round, component, position) WHERE removed_at IS NULL;
CREATE INDEX draft_files_blob_idx ON draft_files (blob);
GRANT SELECT, INSERT, UPDATE ON draft_files TO motcua_app;
