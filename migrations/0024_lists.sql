-- Shared lists with their source and validity: bodies and what became of them, fields, days.
-- What an editor changed is told from what a file brought: a file that says nothing new
-- takes nothing back.
-- +goose Up
ALTER TABLE agencies
    ADD COLUMN old_codes jsonb NOT NULL DEFAULT '[]', -- identifiers of before, 000.00.15.H01 (QCVN 102:2016/BTTTT)
    ADD COLUMN source    text NOT NULL DEFAULT '',    -- the decision that made it
    ADD COLUMN imported  jsonb;                       -- as a file brought it last

-- What a body that ended became, or what passed to another on a day: of one field, or of
-- everything that no other row of that day says.
CREATE TABLE agency_heirs (
    old_code text NOT NULL,
    field    text NOT NULL DEFAULT '',
    new_code text NOT NULL,
    day      date NOT NULL,              -- the first day with the new one
    ground   text NOT NULL,
    PRIMARY KEY (old_code, day, field, new_code)
);
CREATE INDEX agency_heirs_new ON agency_heirs (new_code, day);
GRANT SELECT, INSERT, UPDATE ON agency_heirs TO motcua_app;

-- A merge or a split that is being prepared, waits for its day, or is done.
CREATE TABLE agency_changes (
    id        uuid PRIMARY KEY,
    day       date NOT NULL,
    ground    text NOT NULL,
    doc       jsonb NOT NULL,            -- ends, begins, moves
    version   int NOT NULL DEFAULT 1,
    state     text NOT NULL DEFAULT 'open' CONSTRAINT agency_changes_state CHECK (state IN ('open', 'set', 'done', 'dropped')),
    opened_by bigint NOT NULL REFERENCES officers,
    opened_at timestamptz NOT NULL,
    set_by    bigint REFERENCES officers, -- who set it for its day, after another had approved it
    set_at    timestamptz,
    done_at   timestamptz,
    authors   bigint[] NOT NULL DEFAULT '{}', -- all who changed it: none of them approves it
    did       jsonb NOT NULL DEFAULT '{}', -- how much of what was moved
    CONSTRAINT agency_changes_set CHECK (state NOT IN ('set', 'done') OR set_at IS NOT NULL),
    CONSTRAINT agency_changes_done CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX agency_changes_day ON agency_changes (day DESC, id);
GRANT SELECT, INSERT, UPDATE ON agency_changes TO motcua_app;

ALTER TABLE fields
    ADD COLUMN source     text NOT NULL DEFAULT '',
    ADD COLUMN valid_from date,
    ADD COLUMN valid_to   date,          -- last day; nothing new is put under it afterwards
    ADD COLUMN imported   jsonb;

ALTER TABLE calendar_days
    ADD COLUMN imported  jsonb,
    ADD COLUMN withdrawn boolean NOT NULL DEFAULT false; -- as its weekday again
