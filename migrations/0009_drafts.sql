-- Drafts that are never lost: two tabs on one draft, a session that is over, a newer
-- revision, days that run out, and a supplement's own copy of the answers.
-- +goose Up
ALTER TABLE drafts
    ADD COLUMN stamps    jsonb NOT NULL DEFAULT '{}',  -- by field: when it was saved last, and from which browser
    ADD COLUMN overtaken jsonb NOT NULL DEFAULT '[]',  -- texts that came after another page had changed their field, to choose from
    ADD COLUMN unseen_id bigint REFERENCES revisions,  -- the revision whose successor's changes the person has not seen yet
    ADD COLUMN reminded  int NOT NULL DEFAULT 0;       -- the least number of days left that was told; 0 none
CREATE INDEX drafts_lapse_idx ON drafts (lapses_at) WHERE filed_at IS NULL AND deleted_at IS NULL;

-- What was sent after the session was over, until the same person is back.
CREATE TABLE held_pages (
    browser bytea NOT NULL,              -- keyed hash of the browser's cookie
    path    text NOT NULL,
    draft_id uuid NOT NULL REFERENCES drafts,
    key     uuid NOT NULL,               -- the form's one-time key
    body    text NOT NULL,               -- pg.Sealed
    at      timestamptz NOT NULL,
    PRIMARY KEY (browser, path)
);
CREATE INDEX held_pages_at_idx ON held_pages (at);
GRANT SELECT, INSERT, UPDATE, DELETE ON held_pages TO motcua_app;

-- The answers as a supplement will have them: the filed ones stay as they are.
ALTER TABLE supplements
    ADD COLUMN copy   jsonb,             -- null until an answer is changed
    ADD COLUMN stamps jsonb NOT NULL DEFAULT '{}';
