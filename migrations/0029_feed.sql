-- The feed of changes reads the newest revisions first.
-- +goose Up
CREATE INDEX revisions_from_idx ON revisions (in_force_from DESC, id DESC);
