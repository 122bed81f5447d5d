-- Who files for whom: powers that a business gives, authorisations between people, wards,
-- and as whom each draft and dossier was made.
-- +goose Up

-- A power that a legal representative gives a member of a business. It is never changed but
-- for what became of it: another extent is another row, so that a dossier can say by which
-- power it was filed.
CREATE TABLE powers (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tax_code       text NOT NULL,
    business       text NOT NULL,                 -- its name on that day
    giver_id       bigint NOT NULL REFERENCES persons, -- the power ends when they no longer represent it
    member_hash    bytea NOT NULL,                -- keyed hash of the invited person's ID number
    member_number  text NOT NULL,                 -- pg.Sealed
    member_name    text NOT NULL,                 -- as the giver wrote it
    member_id      bigint REFERENCES persons,     -- who accepted
    procedure_code text NOT NULL DEFAULT '',      -- '' is every procedure
    may_see        boolean NOT NULL DEFAULT true,
    may_file       boolean NOT NULL DEFAULT false,
    may_sign       boolean NOT NULL DEFAULT false,
    may_pay        boolean NOT NULL DEFAULT false,
    valid_from     date NOT NULL,
    valid_to       date,                          -- last day, whole; null = until revoked
    replaces       bigint REFERENCES powers,      -- ends when this one is accepted
    invited_at     timestamptz NOT NULL,
    accepted_at    timestamptz,
    declined_at    timestamptz,
    revoked_at     timestamptz,
    left_at        timestamptz,
    CONSTRAINT powers_see CHECK (may_see),        -- whoever may do anything may see it
    CONSTRAINT powers_dates CHECK (valid_to >= valid_from),
    CONSTRAINT powers_member CHECK ((member_id IS NULL) = (accepted_at IS NULL)),
    CONSTRAINT powers_declined CHECK (declined_at IS NULL OR accepted_at IS NULL)
);
CREATE INDEX powers_business_idx ON powers (tax_code, invited_at DESC);
CREATE INDEX powers_member_idx ON powers (member_id) WHERE accepted_at IS NOT NULL;
CREATE INDEX powers_invited_idx ON powers (member_hash, invited_at DESC);
GRANT SELECT, INSERT, UPDATE ON powers TO motcua_app;

-- An authorisation of one person by another. It is in force when the giver has given it in
-- their own account and the taker has accepted it in theirs; who asks for one has accepted.
CREATE TABLE authorisations (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    giver_hash     bytea NOT NULL,
    giver_number   text NOT NULL,                 -- pg.Sealed
    giver_name     text NOT NULL,                 -- as the taker wrote it, their own once given
    giver_id       bigint REFERENCES persons,     -- who gave
    taker_hash     bytea NOT NULL,
    taker_number   text NOT NULL,                 -- pg.Sealed
    taker_name     text NOT NULL,
    taker_id       bigint REFERENCES persons,     -- who accepted
    procedure_code text NOT NULL DEFAULT '',
    valid_from     date NOT NULL,
    valid_to       date,
    asked          boolean NOT NULL,              -- the taker began; false: the giver offered
    made_at        timestamptz NOT NULL,
    given_at       timestamptz,
    accepted_at    timestamptz,
    declined_at    timestamptz,
    revoked_at     timestamptz,
    left_at        timestamptz,
    CONSTRAINT authorisations_two CHECK (giver_hash <> taker_hash),
    CONSTRAINT authorisations_dates CHECK (valid_to >= valid_from),
    CONSTRAINT authorisations_given CHECK ((giver_id IS NULL) = (given_at IS NULL)),
    CONSTRAINT authorisations_accepted CHECK ((taker_id IS NULL) = (accepted_at IS NULL))
);
CREATE INDEX authorisations_giver_idx ON authorisations (giver_hash, made_at DESC);
CREATE INDEX authorisations_taker_idx ON authorisations (taker_hash, made_at DESC);
CREATE INDEX authorisations_given_idx ON authorisations (giver_id) WHERE given_at IS NOT NULL;
CREATE INDEX authorisations_taken_idx ON authorisations (taker_id) WHERE accepted_at IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON authorisations TO motcua_app;

-- What happened to powers and authorisations and what was done by them, for both sides.
CREATE TABLE standing_events (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at               timestamptz NOT NULL,
    kind             text NOT NULL, -- invited, asked, offered, accepted, given, declined, changed, revoked, left, filed, paid …
    power_id         bigint REFERENCES powers,
    authorisation_id bigint REFERENCES authorisations,
    actor_id         bigint NOT NULL REFERENCES persons,
    dossier_id       uuid,          -- of what was done by it
    CONSTRAINT standing_events_of CHECK (num_nonnulls(power_id, authorisation_id) = 1)
);
CREATE INDEX standing_events_power_idx ON standing_events (power_id, at DESC) WHERE power_id IS NOT NULL;
CREATE INDEX standing_events_authorisation_idx ON standing_events (authorisation_id, at DESC) WHERE authorisation_id IS NOT NULL;
CREATE INDEX standing_events_dossier_idx ON standing_events (dossier_id) WHERE dossier_id IS NOT NULL;
GRANT SELECT, INSERT ON standing_events TO motcua_app;

-- Children and wards whom a register named for a person.
CREATE TABLE wards (
    id        uuid PRIMARY KEY,     -- stands for the number in pages
    person_id bigint NOT NULL REFERENCES persons,
    number    text NOT NULL,        -- pg.Sealed
    hash      bytea NOT NULL,
    name      text NOT NULL,        -- pg.Sealed
    born      text NOT NULL DEFAULT '', -- yyyy-mm-dd
    relation  text NOT NULL CONSTRAINT wards_relation CHECK (relation IN ('child', 'ward')),
    seen_at   timestamptz NOT NULL,
    ended_at  timestamptz,          -- the register named them no more
    CONSTRAINT wards_person_key UNIQUE (person_id, hash)
);
GRANT SELECT, INSERT, UPDATE ON wards TO motcua_app;

-- The day of the legal clock, whole days in Viet Nam's time.
CREATE FUNCTION legal_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT (at AT TIME ZONE INTERVAL '7 hours')::date $$;

-- For whom each person stands at an instant, by their own right (power_id 0) or by a power
-- that they accepted. Written as one query, so that PostgreSQL takes it into the query that
-- asks and uses the indexes.
CREATE FUNCTION standings(at timestamptz) RETURNS TABLE (person_id bigint, tax_code text, business text, power_id bigint, procedure_code text,
    may_see boolean, may_file boolean, may_sign boolean, may_pay boolean, legal_id bigint) LANGUAGE sql STABLE AS
$$
    SELECT r.person_id, r.tax_code, r.name, 0::bigint, ''::text, true, true, true, true, r.person_id
    FROM representations r WHERE r.ended_at IS NULL
    UNION ALL
    SELECT p.member_id, p.tax_code, r.name, p.id, p.procedure_code, p.may_see, p.may_file, p.may_sign, p.may_pay, p.giver_id
    FROM powers p JOIN representations r ON r.person_id = p.giver_id AND r.tax_code = p.tax_code AND r.ended_at IS NULL
    WHERE p.accepted_at IS NOT NULL AND p.revoked_at IS NULL AND p.left_at IS NULL
        AND p.valid_from <= legal_day(at) AND coalesce(p.valid_to, 'infinity') >= legal_day(at)
$$;

-- Authorisations in force at an instant.
CREATE FUNCTION authorised(at timestamptz) RETURNS TABLE (id bigint, giver_id bigint, taker_id bigint, procedure_code text) LANGUAGE sql STABLE AS
$$
    SELECT a.id, a.giver_id, a.taker_id, a.procedure_code FROM authorisations a
    WHERE a.given_at IS NOT NULL AND a.accepted_at IS NOT NULL AND a.revoked_at IS NULL AND a.left_at IS NULL
        AND a.valid_from <= legal_day(at) AND coalesce(a.valid_to, 'infinity') >= legal_day(at)
$$;

ALTER TABLE drafts
    ADD COLUMN capacity         text NOT NULL DEFAULT '' CONSTRAINT drafts_capacity CHECK (capacity IN ('', 'ward', 'authorised')), -- '' is self or, with tax_code, a business
    ADD COLUMN grant_id         bigint NOT NULL DEFAULT 0,    -- the power or authorisation it began with, 0 by own right
    ADD COLUMN subject          text NOT NULL DEFAULT '',     -- pg.Sealed: {name, number, relation, legal}
    ADD COLUMN subject_hash     bytea,
    ADD COLUMN subject_verified boolean NOT NULL DEFAULT true;
CREATE INDEX drafts_business_idx ON drafts (tax_code, saved_at DESC) WHERE tax_code <> '' AND filed_at IS NULL;

ALTER TABLE dossiers
    ADD COLUMN capacity         text NOT NULL DEFAULT '' CONSTRAINT dossiers_capacity CHECK (capacity IN ('', 'ward', 'authorised')),
    ADD COLUMN grant_id         bigint NOT NULL DEFAULT 0,    -- the power or authorisation it was filed by
    ADD COLUMN relation         text NOT NULL DEFAULT '',     -- of a ward: child, ward
    ADD COLUMN subject_verified boolean NOT NULL DEFAULT true;
CREATE INDEX dossiers_business_idx ON dossiers (tax_code, filed_at DESC) WHERE tax_code <> '';
CREATE INDEX dossiers_grant_idx ON dossiers (grant_id, filed_at DESC) WHERE grant_id > 0;

ALTER TABLE sessions ADD COLUMN acting text NOT NULL DEFAULT ''; -- tax code of the business for which the person acts now

-- Where a person wants to be reached, over what the identity provider says.
ALTER TABLE persons
    ADD COLUMN own_phone text NOT NULL DEFAULT '',
    ADD COLUMN own_email text NOT NULL DEFAULT '';
