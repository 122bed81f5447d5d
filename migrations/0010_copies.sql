-- Working copies of photographed papers, files that come in pieces, and a paper's page on
-- another phone.
-- +goose Up
ALTER TABLE draft_files ADD COLUMN turn int NOT NULL DEFAULT 0
    CONSTRAINT draft_files_turn CHECK (turn IN (0, 90, 180, 270)); -- clockwise, by the person

-- What a worker made of a picture: upright, of a size, without what the camera wrote.
CREATE TABLE file_copies (
    file_id      uuid PRIMARY KEY REFERENCES draft_files,
    turn         int NOT NULL,             -- the turn it was made with
    fault        text NOT NULL DEFAULT '', -- why there is none: broken, too_much
    hints        text NOT NULL DEFAULT '', -- what may be hard to read: dark, blurred, small
    width        int NOT NULL DEFAULT 0,
    height       int NOT NULL DEFAULT 0,
    size         bigint NOT NULL DEFAULT 0,
    sha256       bytea,
    blob         text NOT NULL DEFAULT '',
    small_width  int NOT NULL DEFAULT 0,
    small_height int NOT NULL DEFAULT 0,
    small_size   bigint NOT NULL DEFAULT 0,
    small_sha256 bytea,
    small_blob   text NOT NULL DEFAULT '',
    at           timestamptz NOT NULL,
    CONSTRAINT file_copies_whole CHECK (fault <> '' OR (blob <> '' AND sha256 IS NOT NULL AND small_blob <> '' AND small_sha256 IS NOT NULL))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON file_copies TO motcua_app;

-- The pictures of one paper joined to one PDF: what officers see.
CREATE TABLE working_copies (
    draft_id  uuid NOT NULL REFERENCES drafts,
    round     int NOT NULL,
    component text NOT NULL,
    sources   jsonb NOT NULL,              -- [{file, sha256, turn}] of the originals, in order
    made_of   text NOT NULL,               -- which pictures there were then, and how they lay
    pages     int NOT NULL,
    size      bigint NOT NULL,
    sha256    bytea NOT NULL,
    blob      text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (draft_id, round, component)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON working_copies TO motcua_app;

-- A file on its way in pieces (tus 1.0.0).
CREATE TABLE uploads (
    id        uuid PRIMARY KEY,
    draft_id  uuid NOT NULL REFERENCES drafts,
    person_id bigint NOT NULL REFERENCES persons,
    component text NOT NULL,
    name      text NOT NULL,
    replaces  text NOT NULL DEFAULT '',    -- id of the file it takes the place of, or none
    length    bigint NOT NULL,
    got       bigint NOT NULL DEFAULT 0,   -- bytes that are on disk
    file_id   uuid,                        -- the attachment it has become
    made_at   timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    CONSTRAINT uploads_got CHECK (length > 0 AND got BETWEEN 0 AND length)
);
CREATE INDEX uploads_draft_idx ON uploads (draft_id, made_at);
CREATE INDEX uploads_ends_idx ON uploads (ends_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON uploads TO motcua_app;

CREATE TABLE upload_parts (
    upload_id uuid NOT NULL REFERENCES uploads ON DELETE CASCADE,
    start     bigint NOT NULL,
    size      bigint NOT NULL CONSTRAINT upload_parts_size CHECK (size > 0),
    sha256    bytea NOT NULL,
    blob      text NOT NULL,
    PRIMARY KEY (upload_id, start)
);
GRANT SELECT, INSERT, DELETE ON upload_parts TO motcua_app;

-- The page of one paper on another phone: a link that opens once, then a stay that can do
-- nothing else.
CREATE TABLE phones (
    link_hash bytea PRIMARY KEY,
    stay_hash bytea CONSTRAINT phones_stay_key UNIQUE, -- once it was opened
    draft_id  uuid NOT NULL REFERENCES drafts,
    person_id bigint NOT NULL REFERENCES persons,
    component text NOT NULL,
    made_at   timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL         -- of the link; once opened, of the stay
);
CREATE INDEX phones_ends_idx ON phones (ends_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON phones TO motcua_app;

-- pictures that are there already
INSERT INTO jobs (kind, subject, due)
    SELECT DISTINCT 'draft.copies', draft_id || '/' || round || '/' || component, now()
    FROM draft_files WHERE media LIKE 'image/%' AND removed_at IS NULL;
