-- Lists that sheets draw from, each entry with where it comes from and how long it holds:
-- legal texts, types of components, types of results. An entry ends, it is never taken away:
-- revisions of before name it.
-- +goose Up
CREATE TABLE list_entries (
    list       text NOT NULL CONSTRAINT list_entries_list CHECK (list IN ('legal', 'component', 'result')),
    code       text NOT NULL,            -- of a legal text its number
    doc        jsonb NOT NULL,           -- name, issuer, date, source, valid_from, valid_to, replaced_by
    version    int NOT NULL DEFAULT 1,
    imported   jsonb,                    -- as a folder brought it last: one that says nothing new takes nothing back
    changed_by bigint REFERENCES officers,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (list, code)
);
GRANT SELECT, INSERT, UPDATE ON list_entries TO motcua_app;

-- Addresses that sheets lead to, with what came of opening them. They are opened by a worker,
-- never while somebody waits.
CREATE TABLE links (
    url        text PRIMARY KEY,
    seen_at    timestamptz NOT NULL,     -- when a sheet named it last
    next_at    timestamptz NOT NULL,     -- when it is opened next
    checked_at timestamptz,
    status     int NOT NULL DEFAULT 0,   -- of HTTP, 0 for no answer
    fault      text NOT NULL DEFAULT '', -- why not: closed, private, address
    failures   int NOT NULL DEFAULT 0    -- in a row
);
CREATE INDEX links_next_idx ON links (next_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON links TO motcua_app;
