-- Papers that an agency has accepted or this portal has issued, to be used again: asked for once only.
-- +goose Up
CREATE TABLE paper_types (
    code text PRIMARY KEY,
    doc  jsonb NOT NULL,                 -- catalogue.PaperType: its name, who issues it, how long it holds
    at   timestamptz NOT NULL DEFAULT clock_timestamp() -- last changed: readers notice by it
);
GRANT SELECT, INSERT, UPDATE ON paper_types TO motcua_app;

CREATE TABLE vault_papers (
    id          uuid PRIMARY KEY,
    owner_hash  bytea NOT NULL,          -- keyed hash of an ID number or a tax code, as in dossiers
    tax_code    text NOT NULL DEFAULT '',-- the business that owns it, or none
    type        text NOT NULL DEFAULT '',-- of paper_types; none: kept, not offered again
    name        jsonb NOT NULL,          -- locales.Text: as the form asked for it, or as the result is called
    status      text NOT NULL CONSTRAINT vault_papers_status CHECK (status IN ('accepted', 'issued')),
    agency_id   bigint NOT NULL REFERENCES agencies, -- who accepted or issued it
    number      text NOT NULL DEFAULT '',-- số, of a result
    at          timestamptz NOT NULL,    -- when it was accepted or issued
    handed_in   timestamptz NOT NULL,    -- when its owner filed it; of a result, as at
    issued_on   date,                    -- where known
    valid_to    date,                    -- its last day, where known
    limited     boolean NOT NULL,        -- it ends some day: on valid_to, or on a day that only the paper tells
    pages       int NOT NULL,
    sha256      bytea NOT NULL,          -- of its one file; of several, of their hashes in order
    dossier_id  uuid NOT NULL REFERENCES dossiers, -- where it came from
    filing      int NOT NULL,            -- of its attachments; 0 a result
    component   text NOT NULL,           -- of its attachments; of a result, the id in papers
    replaced_by uuid REFERENCES vault_papers,
    hidden_at   timestamptz,             -- its owner does not want to see it
    reminded    int NOT NULL DEFAULT 0,  -- 1: of the last 30 days, 2: of the last 7
    CONSTRAINT vault_papers_source_key UNIQUE (dossier_id, filing, component)
);
CREATE INDEX vault_papers_owner_idx ON vault_papers (owner_hash, at DESC);
CREATE INDEX vault_papers_replaced_idx ON vault_papers (replaced_by) WHERE replaced_by IS NOT NULL;
CREATE INDEX vault_papers_ends_idx ON vault_papers (valid_to) WHERE valid_to IS NOT NULL AND replaced_by IS NULL AND reminded < 2;
GRANT SELECT, INSERT, UPDATE ON vault_papers TO motcua_app;

-- Its files: the same bytes as the attachments or the result it came from.
CREATE TABLE vault_files (
    paper_id   uuid NOT NULL REFERENCES vault_papers,
    position   int NOT NULL,
    file_id    uuid NOT NULL,            -- the attachment, or the paper of the dossier
    name       text NOT NULL,
    media      text NOT NULL,
    size       bigint NOT NULL,
    pages      int NOT NULL,
    sha256     bytea NOT NULL,
    blob       text NOT NULL,
    PRIMARY KEY (paper_id, position)
);
CREATE INDEX vault_files_blob_idx ON vault_files (blob);
GRANT SELECT, INSERT ON vault_files TO motcua_app;

-- What an officer read off a paper when they received it.
CREATE TABLE vault_dates (
    dossier_id uuid NOT NULL REFERENCES dossiers,
    component  text NOT NULL,
    issued_on  date,
    valid_to   date,
    officer_id bigint NOT NULL REFERENCES officers,
    at         timestamptz NOT NULL,
    PRIMARY KEY (dossier_id, component)
);
GRANT SELECT, INSERT, UPDATE ON vault_dates TO motcua_app;

-- Each time an earlier paper took the place of an upload.
CREATE TABLE vault_uses (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    paper_id  uuid NOT NULL REFERENCES vault_papers,
    draft_id  uuid NOT NULL REFERENCES drafts,
    round     int NOT NULL,
    component text NOT NULL,
    person_id bigint NOT NULL REFERENCES persons,
    at        timestamptz NOT NULL,
    undone_at timestamptz
);
CREATE INDEX vault_uses_paper_idx ON vault_uses (paper_id, at);
CREATE INDEX vault_uses_draft_idx ON vault_uses (draft_id);
GRANT SELECT, INSERT, UPDATE ON vault_uses TO motcua_app;

ALTER TABLE draft_files ADD COLUMN vault_id uuid REFERENCES vault_papers; -- the earlier paper that it is
ALTER TABLE attachments ADD COLUMN vault_id uuid REFERENCES vault_papers;
CREATE INDEX attachments_at_idx ON attachments USING brin (at);
CREATE INDEX attachments_vault_idx ON attachments (vault_id) WHERE vault_id IS NOT NULL;

-- A paper shown to others for a time, to whom has the code.
CREATE TABLE vault_shares (
    id         uuid PRIMARY KEY,
    paper_id   uuid NOT NULL REFERENCES vault_papers,
    person_id  bigint NOT NULL REFERENCES persons, -- who shared it
    code_hash  bytea NOT NULL,           -- keyed: nobody reads a code here
    made_at    timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT vault_shares_code_key UNIQUE (code_hash)
);
CREATE INDEX vault_shares_paper_idx ON vault_shares (paper_id, made_at);
GRANT SELECT, INSERT, UPDATE ON vault_shares TO motcua_app;

CREATE TABLE vault_views (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    share_id uuid NOT NULL REFERENCES vault_shares,
    position int NOT NULL DEFAULT 0,     -- the file that was opened; 0 the page
    at       timestamptz NOT NULL
);
CREATE INDEX vault_views_share_idx ON vault_views (share_id, at);
GRANT SELECT, INSERT ON vault_views TO motcua_app;

-- what agencies have received and decided so far
INSERT INTO jobs (kind, subject, due)
    SELECT 'vault.keep', id::text, now() FROM dossiers WHERE received_at IS NOT NULL;
