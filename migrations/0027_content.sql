-- What the portal says besides the procedures: announcements, guides, questions and answers, life events, and the
-- words of the search. Immutable revisions, as of procedures.
-- +goose Up
CREATE TABLE contents (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CONSTRAINT contents_kind CHECK (kind IN ('event', 'guide', 'question', 'news', 'words')),
    slug text NOT NULL CONSTRAINT contents_slug CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'), -- the last word of its address
    CONSTRAINT contents_slug_key UNIQUE (kind, slug)
);
GRANT SELECT, INSERT ON contents TO motcua_app;

-- Texts that are being written. Nothing of them is seen before it is a revision.
CREATE TABLE content_edits (
    id         uuid PRIMARY KEY,
    content_id bigint NOT NULL REFERENCES contents,
    base_no    int NOT NULL,                             -- the revision it began from, 0 for none
    version    int NOT NULL DEFAULT 1,                   -- the row of content_versions that stands
    opened_by  bigint NOT NULL REFERENCES officers,
    opened_at  timestamptz NOT NULL,
    closed_by  bigint REFERENCES officers,
    closed_at  timestamptz,
    published  int,                                      -- number of the revision it became; none: it was given up
    CONSTRAINT content_edits_closed CHECK (closed_at IS NOT NULL OR closed_by IS NULL AND published IS NULL)
);
-- editors of one text work on one
CREATE UNIQUE INDEX content_edits_open_key ON content_edits (content_id) WHERE closed_at IS NULL;
CREATE INDEX content_edits_content_idx ON content_edits (content_id, opened_at DESC);
GRANT SELECT, INSERT, UPDATE ON content_edits TO motcua_app;

-- Every saved state of an edit, so that each step can be taken back.
CREATE TABLE content_versions (
    edit_id    uuid NOT NULL REFERENCES content_edits,
    no         int NOT NULL,
    back       int NOT NULL,            -- the version that taking this one back leads to, 0 for none
    doc        jsonb NOT NULL,
    deed       text NOT NULL,           -- start, save, undo, restore
    officer_id bigint NOT NULL REFERENCES officers,
    at         timestamptz NOT NULL,
    PRIMARY KEY (edit_id, no)
);
GRANT SELECT, INSERT ON content_versions TO motcua_app;

CREATE TABLE content_revisions (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    content_id    bigint NOT NULL REFERENCES contents,
    no            int NOT NULL,
    doc           jsonb NOT NULL,
    sha256        bytea NOT NULL,        -- of the document as the program writes it
    in_force_from timestamptz NOT NULL,
    edit_id       uuid REFERENCES content_edits, -- none: an operator imported it
    note          text NOT NULL DEFAULT '',
    published_by  bigint REFERENCES officers,
    approved_by   bigint REFERENCES officers,
    made_at       timestamptz NOT NULL,
    -- shown is the highest number among those whose time has come
    CONSTRAINT content_revisions_no_key UNIQUE (content_id, no),
    CONSTRAINT content_revisions_two CHECK ((edit_id IS NULL) = (published_by IS NULL) AND (edit_id IS NULL) = (approved_by IS NULL))
);
CREATE INDEX content_revisions_waiting_idx ON content_revisions (in_force_from);
GRANT SELECT, INSERT ON content_revisions TO motcua_app;

-- One that waited never comes; one that was shown takes its text off the portal.
CREATE TABLE content_withdrawals (
    revision_id bigint PRIMARY KEY REFERENCES content_revisions,
    officer_id  bigint NOT NULL REFERENCES officers,
    at          timestamptz NOT NULL,
    why         text NOT NULL
);
GRANT SELECT, INSERT ON content_withdrawals TO motcua_app;

-- "Trang này có hữu ích không?": counts by day, of nobody in particular.
CREATE TABLE content_votes (
    content_id bigint NOT NULL REFERENCES contents,
    day        date NOT NULL,
    helpful    boolean NOT NULL,
    count      int NOT NULL,
    PRIMARY KEY (content_id, day, helpful)
);
GRANT SELECT, INSERT, UPDATE ON content_votes TO motcua_app;

-- What editors said of a word of the search stays when a folder is imported again.
ALTER TABLE synonyms
    ADD COLUMN edited boolean NOT NULL DEFAULT false,
    ADD COLUMN gone boolean NOT NULL DEFAULT false; -- taken out by an editor
