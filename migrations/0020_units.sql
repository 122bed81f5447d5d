-- Administrative units taken from a file of the whole country, and what became of those
-- that ended: the old names are found by people, the new codes are proposed to them.
-- +goose Up
CREATE TABLE unit_files (
    day    date NOT NULL,      -- since when what it lists is in force
    at     timestamptz NOT NULL,
    source text NOT NULL,      -- its first line
    sha256 text NOT NULL,
    PRIMARY KEY (day, sha256)
);
CREATE TABLE unit_changes (
    old_code   text NOT NULL,            -- empty where it is not known
    old_name   text NOT NULL,
    old_within text NOT NULL,            -- where it lay, in words: district, province; empty for a province
    day        date NOT NULL,            -- the first day of the new one
    new_code   text NOT NULL,
    ground     text NOT NULL,            -- the decision that did it
    PRIMARY KEY (old_code, old_name, old_within, day, new_code)
);
CREATE INDEX unit_changes_new ON unit_changes (new_code, day);
GRANT SELECT, INSERT, UPDATE ON unit_files, unit_changes TO motcua_app;
GRANT DELETE ON units TO motcua_app; -- one that a corrected file of the same day lists no more
