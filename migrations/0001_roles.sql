-- Two roles. motcua_owner owns the schema and migrates; motcua_app runs the portal and
-- may neither change the schema nor touch what is append-only. Whoever sets up the
-- cluster makes both roles and a database owned by motcua_owner (README, "Production");
-- the demo and the tests do it themselves.
-- +goose Up
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
GRANT USAGE ON SCHEMA public TO motcua_app;
-- serve looks whether the schema is new enough
GRANT SELECT ON goose_db_version TO motcua_app;

-- monthly makes the partitions of a table from a month on. The app may call it (a worker
-- does, ahead of time) without holding the right to change the schema.
-- +goose StatementBegin
CREATE FUNCTION monthly(parent regclass, first date, months int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    m date := date_trunc('month', first);
    part text;
BEGIN
    IF parent::text NOT IN ('events', 'audit', 'notices', 'lookups') OR months > 60 THEN
        RAISE EXCEPTION 'monthly: % is not kept by month', parent;
    END IF;
    FOR i IN 1..months LOOP
        part := format('%s_%s', parent, to_char(m, 'YYYYMM'));
        IF to_regclass(part) IS NULL THEN
            BEGIN
                -- months are Vietnam's
                EXECUTE format('CREATE TABLE %I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)', part, parent,
                    m::text || ' 00:00:00+07', (m + interval '1 month')::date::text || ' 00:00:00+07');
            EXCEPTION WHEN check_violation THEN
                NULL; -- rows came before their month was made: they lie in the rest, and stay there
            END;
        END IF;
        m := m + interval '1 month';
    END LOOP;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION monthly(regclass, date, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION monthly(regclass, date, int) TO motcua_app;

-- vn folds a text for finding: composed, without marks, lower case.
CREATE FUNCTION vn(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
    'SELECT lower(public.unaccent(''public.unaccent''::regdictionary, normalize($1, NFC)))';
