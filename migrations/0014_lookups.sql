-- Look-ups say for which procedure and by which officer; outages that are declared by hand;
-- what registers said later of dossiers that were filed without them.
-- +goose Up
ALTER TABLE lookups ADD COLUMN officer_id bigint;
ALTER TABLE lookups ADD COLUMN agency_id bigint;
ALTER TABLE lookups ADD COLUMN procedure_code text NOT NULL DEFAULT '';
ALTER TABLE lookups ADD COLUMN purpose text NOT NULL DEFAULT 'fill'; -- fill, check, wards
CREATE INDEX lookups_at_idx ON lookups (at);

CREATE TABLE outages (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    register    text NOT NULL,           -- population, business, civil, land, licence
    from_at     timestamptz NOT NULL,
    until_at    timestamptz NOT NULL,
    reason      text NOT NULL,
    declared_by bigint NOT NULL,         -- officer
    ended_at    timestamptz,
    ended_by    bigint,
    CONSTRAINT outages_dates CHECK (until_at > from_at)
);
-- one register has one outage at a time
CREATE UNIQUE INDEX outages_register_key ON outages (register) WHERE ended_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON outages TO motcua_app;

-- Each time a register is asked about a dossier that was filed without its answer.
CREATE TABLE fact_checks (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dossier_id  uuid NOT NULL,
    filing      int NOT NULL,            -- the filing that was compared
    source      text NOT NULL,           -- population.self …
    outcome     text NOT NULL,
    differences jsonb NOT NULL DEFAULT '[]', -- [{question, fact, code}]
    facts       text NOT NULL DEFAULT '',    -- sealed
    by_whom     text NOT NULL,           -- system, officer:<id>
    at          timestamptz NOT NULL
);
CREATE INDEX fact_checks_dossier_idx ON fact_checks (dossier_id, id);
GRANT SELECT, INSERT ON fact_checks TO motcua_app;
