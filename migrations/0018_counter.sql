-- Accounts of the identity provider lead to people by their number, and a sign-in may ask
-- for a level of identity.
-- +goose Up

-- One person may come with several accounts: a new phone, a new account, an organisation's.
-- Who it is says the number that the provider vouches for, never the account. That a number
-- has one person is held by a lock at sign-in and not by a constraint: yesterday's program
-- still writes one row an account.
CREATE TABLE accounts (
    issuer    text NOT NULL,
    sub       text NOT NULL,
    person_id bigint NOT NULL REFERENCES persons,
    since     timestamptz NOT NULL,      -- when it began to say this person's number
    seen_at   timestamptz NOT NULL,
    PRIMARY KEY (issuer, sub)
);
CREATE INDEX accounts_person_idx ON accounts (person_id);
GRANT SELECT, INSERT, UPDATE ON accounts TO motcua_app;

-- Rows of one number are one person: the oldest. What the others had comes to it, so that
-- nobody misses a dossier; their rows stay, for what names them in the records.
CREATE TEMPORARY TABLE same_person ON COMMIT DROP AS
    SELECT id, min(id) OVER (PARTITION BY id_hash) AS first FROM persons;
INSERT INTO accounts (issuer, sub, person_id, since, seen_at)
    SELECT p.issuer, p.sub, s.first, p.seen_at, p.seen_at FROM persons p JOIN same_person s ON s.id = p.id;
DELETE FROM same_person WHERE id = first;
UPDATE drafts   t SET person_id = s.first FROM same_person s WHERE s.id = t.person_id;
UPDATE dossiers t SET person_id = s.first FROM same_person s WHERE s.id = t.person_id;
UPDATE notices  t SET person_id = s.first FROM same_person s WHERE s.id = t.person_id;
UPDATE letters  t SET person_id = s.first FROM same_person s WHERE s.id = t.person_id;
DELETE FROM sessions t USING same_person s WHERE s.id = t.person_id; -- they sign in again and find it all

ALTER TABLE signins ADD COLUMN level int NOT NULL DEFAULT 1; -- that was asked for

-- Short messages to phones. The id is the RequestId of every try, which the operator takes
-- once. What it says goes when it is sent or too late.
CREATE TABLE sms (
    id        uuid PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES persons,
    object    text NOT NULL,             -- what it is about: draft:<uuid>
    phone     text NOT NULL,             -- pg.Sealed, 84…
    body      text NOT NULL,             -- pg.Sealed
    segments  int NOT NULL,              -- that the operator counts
    made_at   timestamptz NOT NULL,
    until     timestamptz NOT NULL,      -- worth nothing afterwards
    sent_at   timestamptz,
    state     text NOT NULL DEFAULT 'waiting' CONSTRAINT sms_state CHECK (state IN ('waiting', 'sent', 'refused')),
    answer    text NOT NULL DEFAULT ''   -- the operator's code and number of the message
);
CREATE INDEX sms_object_idx ON sms (object, made_at DESC);
CREATE INDEX sms_person_idx ON sms (person_id, made_at DESC);
GRANT SELECT, INSERT, UPDATE ON sms TO motcua_app;
