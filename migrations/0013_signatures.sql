-- Digital signatures in PDFs that people send, as they were read when the file came. Files
-- from before were not looked at and count as unsigned.
-- +goose Up
ALTER TABLE draft_files ADD COLUMN signatures jsonb NOT NULL DEFAULT '[]'; -- [{signer, issuer, at, state, weak}]
ALTER TABLE attachments ADD COLUMN signatures jsonb NOT NULL DEFAULT '[]';
