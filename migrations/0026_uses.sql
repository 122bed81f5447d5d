-- How often each procedure was begun and filed lately, for the order of search results.
-- Counts only: whose they were is not kept here.
-- +goose Up
CREATE TABLE procedure_uses (
    procedure_code text PRIMARY KEY REFERENCES procedures,
    n              int NOT NULL CONSTRAINT procedure_uses_n CHECK (n > 0),
    at             timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON procedure_uses TO motcua_app;
