-- What is told to people, and what goes by post.
-- +goose Up
CREATE TABLE notices (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL DEFAULT now(),
    person_id  bigint NOT NULL,
    dossier_id uuid,
    kind       text NOT NULL,            -- filed, paid, received …: the list is portal/notification
    event_key  text NOT NULL,            -- same event, same notice: told once
    lang       text NOT NULL,
    subject    text NOT NULL,            -- as rendered, with its language
    body       text NOT NULL,
    link       text NOT NULL DEFAULT '',
    letter_id  uuid,                     -- the e-mail that went with it, if one did
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX notices_person_idx ON notices (person_id, at DESC);
SELECT monthly('notices', now()::date, 3);
CREATE TABLE notices_rest PARTITION OF notices DEFAULT;
GRANT SELECT, INSERT ON notices TO motcua_app;

-- One row an event: keeps a repeated job from telling twice.
CREATE TABLE notice_keys (
    event_key text PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, DELETE ON notice_keys TO motcua_app;

CREATE TABLE letters (
    id         uuid PRIMARY KEY,         -- the Message-ID of every try
    person_id  bigint NOT NULL,
    dossier_id uuid,
    address    text NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    lang       text NOT NULL,
    made_at    timestamptz NOT NULL,
    sent_at    timestamptz,
    state      text NOT NULL DEFAULT 'waiting' CONSTRAINT letters_state CHECK (state IN ('waiting', 'sent', 'refused')),
    unsure     int NOT NULL DEFAULT 0,   -- how often it was handed over without hearing the end of it
    answer     text NOT NULL DEFAULT ''  -- what the mail server said last
);
CREATE INDEX letters_person_idx ON letters (person_id, made_at DESC);
GRANT SELECT, INSERT, UPDATE ON letters TO motcua_app;

CREATE TABLE seen_notices (
    person_id bigint PRIMARY KEY,
    until     timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON seen_notices TO motcua_app;

CREATE TABLE postal_orders (
    id          uuid PRIMARY KEY,
    dossier_id  uuid NOT NULL,
    direction   text NOT NULL CONSTRAINT postal_orders_direction CHECK (direction IN ('result', 'papers')),
    number      text NOT NULL,           -- our order number at the carrier, made of the dossier code
    carrier     text NOT NULL,
    state       text NOT NULL CONSTRAINT postal_orders_state CHECK (state IN
                ('waiting', 'ordered', 'accepted', 'in_transit', 'at_office', 'out', 'attempt_failed', 'delivered', 'returning', 'returned', 'cancelled', 'exception', 'refused')),
    sender      jsonb NOT NULL,
    receiver    jsonb NOT NULL,
    description text NOT NULL DEFAULT '', -- what lies in it, as the carrier prints it
    item_code   text NOT NULL DEFAULT '',
    answer      text NOT NULL DEFAULT '',
    made_at     timestamptz NOT NULL,
    ordered_at  timestamptz,
    delivered_at timestamptz,
    CONSTRAINT postal_orders_number_key UNIQUE (carrier, number)
);
CREATE INDEX postal_orders_dossier_idx ON postal_orders (dossier_id);
GRANT SELECT, INSERT, UPDATE ON postal_orders TO motcua_app;

CREATE TABLE postal_events (
    carrier    text NOT NULL,
    event_id   text NOT NULL,            -- the carrier's own id
    number     text NOT NULL,
    code       text NOT NULL,
    message    text NOT NULL,
    office     text NOT NULL DEFAULT '',
    notes      text NOT NULL DEFAULT '',
    at         timestamptz NOT NULL,
    got_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (carrier, event_id),
    -- the same event sent again under another id
    CONSTRAINT postal_events_same_key UNIQUE (carrier, number, code, at, office)
);
GRANT SELECT, INSERT ON postal_events TO motcua_app;

-- How far the carrier's feed has been read.
CREATE TABLE feeds (
    name text PRIMARY KEY,
    last text NOT NULL,
    at   timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON feeds TO motcua_app;
