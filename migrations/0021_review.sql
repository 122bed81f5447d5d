-- What editors change waits for a second person. A review is of one version of its subject:
-- a later version has to be sent again.
-- +goose Up
CREATE TABLE reviews (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CONSTRAINT reviews_kind CHECK (kind IN ('sheet', 'form', 'batch', 'content', 'agency')),
    subject    uuid NOT NULL,               -- the edit; its own table says what became of it
    version    int NOT NULL,
    title      text NOT NULL,
    link       text NOT NULL,               -- where it is looked at
    authors    bigint[] NOT NULL,           -- officers who changed something, and who sent it
    note       text NOT NULL DEFAULT '',
    sent_by    bigint NOT NULL REFERENCES officers,
    sent_at    timestamptz NOT NULL,
    state      text NOT NULL DEFAULT 'sent'
        CONSTRAINT reviews_state CHECK (state IN ('sent', 'returned', 'approved', 'recalled', 'superseded')),
    decided_by bigint REFERENCES officers,  -- also who recalled it
    decided_at timestamptz,
    decision   text NOT NULL DEFAULT '',    -- why it went back, or what was said with the approval
    CONSTRAINT reviews_decided CHECK ((state = 'sent') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)),
    -- nobody approves their own
    CONSTRAINT reviews_own CHECK (state NOT IN ('approved', 'returned') OR NOT decided_by = ANY (authors))
);
-- a subject waits once
CREATE UNIQUE INDEX reviews_sent_key ON reviews (kind, subject) WHERE state = 'sent';
CREATE INDEX reviews_subject_idx ON reviews (subject, id DESC);
CREATE INDEX reviews_waiting_idx ON reviews (sent_at, id) WHERE state = 'sent';
GRANT SELECT, INSERT, UPDATE ON reviews TO motcua_app;

CREATE TABLE review_comments (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    subject     uuid NOT NULL,
    version     int NOT NULL,                -- the one that was commented on
    place       text NOT NULL DEFAULT '',    -- part and pointer in it: sheet/channels/0/fees/0
    text        text NOT NULL,
    officer_id  bigint NOT NULL REFERENCES officers,
    at          timestamptz NOT NULL,
    resolved_by bigint REFERENCES officers,
    resolved_at timestamptz,
    CONSTRAINT review_comments_resolved CHECK ((resolved_by IS NULL) = (resolved_at IS NULL))
);
CREATE INDEX review_comments_subject_idx ON review_comments (subject, id);
GRANT SELECT, INSERT, UPDATE ON review_comments TO motcua_app;
