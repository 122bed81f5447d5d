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

-- Filing with help: an officer, or a community helper, fills for a person who is present.
ALTER TABLE officer_roles DROP CONSTRAINT officer_roles_role;
ALTER TABLE officer_roles ADD CONSTRAINT officer_roles_role CHECK (role IN ('intake', 'processor', 'leader', 'clerk', 'editor', 'admin', 'helper'));
ALTER TABLE drafts ADD COLUMN assistant_id bigint REFERENCES persons; -- who fills it for its person

-- What goes on beside such a draft. The helper's right over it is this row, while it lasts
-- and while the role lasts.
CREATE TABLE assists (
    draft_id   uuid PRIMARY KEY REFERENCES drafts,
    helper_id  bigint NOT NULL REFERENCES persons,
    officer_id bigint NOT NULL REFERENCES officers,
    agency_id  bigint NOT NULL REFERENCES agencies,
    identity   text NOT NULL,            -- how the officer saw who it is: card, vneid, known
    phone      text NOT NULL DEFAULT '', -- pg.Sealed: where codes go
    at         timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    ended_at   timestamptz,
    code_hash  bytea,                    -- keyed hash of the code that is waited for
    code_for   int NOT NULL DEFAULT 0,   -- the version of the draft that it confirms
    code_until timestamptz,
    codes      int NOT NULL DEFAULT 0,   -- that were sent
    tries      int NOT NULL DEFAULT 0,   -- wrong ones
    printed_at timestamptz,              -- the form to be signed
    printed    bytea,                    -- SHA-256 of the answers on it
    confirmed  int NOT NULL DEFAULT 0,   -- the version of the draft that the person has confirmed
    by         text NOT NULL DEFAULT '' CONSTRAINT assists_by CHECK (by IN ('', 'code', 'paper'))
);
CREATE INDEX assists_helper_idx ON assists (helper_id, at DESC);
GRANT SELECT, INSERT, UPDATE ON assists TO motcua_app;

-- assisting says whether a person ($2) may work on a draft ($1) for its person at an
-- instant: they began it, it is not over, and the role by which they did is in force.
CREATE FUNCTION assisting(draft uuid, helper bigint, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS
$$
    SELECT EXISTS (SELECT FROM assists a JOIN persons p ON p.id = a.helper_id
        JOIN officers o ON o.id = a.officer_id AND o.id_hash = p.id_hash
        JOIN officer_roles r ON r.officer_id = o.id AND r.agency_id = a.agency_id AND r.role IN ('intake', 'helper')
            AND r.valid_from <= legal_day($3) AND coalesce(r.valid_to, 'infinity') >= legal_day($3)
        WHERE a.draft_id = $1 AND a.helper_id = $2 AND a.ended_at IS NULL AND a.until > $3)
$$;

ALTER TABLE dossiers
    ADD COLUMN assisted_by bigint REFERENCES officers,
    ADD COLUMN assisted    jsonb NOT NULL DEFAULT '{}'; -- {officer, agency, by}: as they were called that day
