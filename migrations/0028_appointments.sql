-- Counters of agencies, when they are open and for what, and the appointments at them.
-- +goose Up
CREATE TABLE counters (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agency_id  bigint NOT NULL REFERENCES agencies,
    code       text NOT NULL,                    -- of the province pack, or given here
    name       jsonb NOT NULL,                   -- locales.Text
    fields     text[] NOT NULL DEFAULT '{}',     -- codes of fields; none: all that the agency takes
    week       jsonb NOT NULL DEFAULT '{}',      -- weekday → opening hours; empty: the province's
    minutes    int NOT NULL,                     -- that an appointment lasts
    places     int NOT NULL,                     -- people who are served at a time
    ahead      int NOT NULL,                     -- days for which one can book
    valid_from date NOT NULL,
    valid_to   date,                             -- last day
    version    int NOT NULL DEFAULT 1,
    changed_by bigint REFERENCES officers,       -- none: the pack
    changed_at timestamptz NOT NULL,
    CONSTRAINT counters_code_key UNIQUE (code),
    CONSTRAINT counters_bounds CHECK (minutes BETWEEN 5 AND 240 AND places BETWEEN 1 AND 50 AND ahead BETWEEN 1 AND 90),
    CONSTRAINT counters_dates CHECK (valid_to >= valid_from)
);
CREATE INDEX counters_agency_idx ON counters (agency_id);
GRANT SELECT, INSERT, UPDATE ON counters TO motcua_app;

CREATE TABLE appointments (
    id             uuid PRIMARY KEY,
    counter_id     bigint NOT NULL REFERENCES counters,
    agency_id      bigint NOT NULL REFERENCES agencies,
    starts_at      timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    day            date NOT NULL,                -- of starts_at, in Viet Nam
    place          int NOT NULL,
    number         int NOT NULL,                 -- that is called at the counter
    field          text NOT NULL DEFAULT '',
    procedure_code text NOT NULL DEFAULT '',
    person_id      bigint REFERENCES persons,    -- who was signed in; none: known by phone and code
    owner_hash     bytea NOT NULL,               -- keyed hash of the ID number, or of the phone
    owner_name     text NOT NULL,                -- pg.Sealed
    owner_phone    text NOT NULL,                -- pg.Sealed, 84…
    code_hash      bytea NOT NULL,               -- of the code by which it is found without sign-in
    browser        bytea,                        -- mark of the browser that made it or gave the code
    lang           text NOT NULL,
    sequence       int NOT NULL DEFAULT 0,       -- of the calendar file: one more each change
    state          text NOT NULL DEFAULT 'booked',
    booked_at      timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL,
    came_at        timestamptz,
    called_at      timestamptz,
    why            text NOT NULL DEFAULT '',     -- said by the agency that cancelled it
    CONSTRAINT appointments_state CHECK (state IN ('booked', 'came', 'called', 'missed', 'cancelled')),
    CONSTRAINT appointments_time CHECK (ends_at > starts_at),
    -- nobody sits where somebody else does, also when the counter's times have changed since
    CONSTRAINT appointments_place EXCLUDE USING gist (
        int8range(counter_id, counter_id, '[]') WITH &&, int4range(place, place, '[]') WITH &&,
        tstzrange(starts_at, ends_at) WITH &&) WHERE (state <> 'cancelled')
);
CREATE UNIQUE INDEX appointments_owner ON appointments (owner_hash, starts_at) WHERE state <> 'cancelled';
CREATE UNIQUE INDEX appointments_number ON appointments (counter_id, day, number) WHERE state <> 'cancelled';
CREATE UNIQUE INDEX appointments_code ON appointments (code_hash);
CREATE INDEX appointments_day ON appointments (agency_id, day, starts_at);
CREATE INDEX appointments_person ON appointments (person_id, starts_at DESC) WHERE person_id IS NOT NULL;
CREATE INDEX appointments_over ON appointments (ends_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON appointments TO motcua_app; -- what is long over is deleted

ALTER TABLE sms ALTER COLUMN person_id DROP NOT NULL; -- a reminder to who never signed in
