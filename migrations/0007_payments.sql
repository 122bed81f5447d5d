-- Money: what is owed, what was tried, what came in. Ledger and receipts are append-only.
-- +goose Up
CREATE TABLE orders (
    id            uuid PRIMARY KEY,
    subject       text NOT NULL,              -- dossier:<uuid>
    code          text NOT NULL DEFAULT '',   -- the dossier's printed code
    payer         text NOT NULL,              -- pg.Sealed
    payer_number  text NOT NULL DEFAULT '',   -- pg.Sealed: ID number or tax code, for the receipt
    payer_address text NOT NULL DEFAULT '',   -- pg.Sealed
    payee         bigint NOT NULL,            -- agency
    lines         jsonb NOT NULL,             -- []payments.Line
    total         bigint NOT NULL CONSTRAINT orders_total CHECK (total >= 0),
    paid          bigint NOT NULL DEFAULT 0 CONSTRAINT orders_paid CHECK (paid >= 0), -- all that came in, too much included
    state         text NOT NULL CONSTRAINT orders_state CHECK (state IN ('due', 'paid', 'waived', 'void')),
    made_at       timestamptz NOT NULL,
    paid_at       timestamptz,
    CONSTRAINT orders_paid_set CHECK ((state = 'paid') = (paid_at IS NOT NULL)),
    CONSTRAINT orders_paid_covers CHECK (state <> 'paid' OR paid >= total),
    CONSTRAINT orders_due_open CHECK (state <> 'due' OR paid < total),
    CONSTRAINT orders_waived_nothing CHECK (state <> 'waived' OR total = 0)
);
CREATE UNIQUE INDEX orders_subject_key ON orders (subject) WHERE state <> 'void';
CREATE INDEX orders_subject_idx ON orders (subject, made_at);
-- what must be given back
CREATE INDEX orders_overpaid_idx ON orders (made_at) WHERE paid > total OR (state = 'void' AND paid > 0);
GRANT SELECT, INSERT, UPDATE ON orders TO motcua_app;

CREATE TABLE attempts (
    id           uuid PRIMARY KEY,
    order_id     uuid NOT NULL REFERENCES orders,
    provider     text NOT NULL,
    txn_ref      text NOT NULL CONSTRAINT attempts_ref CHECK (txn_ref ~ '^[A-Z0-9]{8,40}$'),
    amount       bigint NOT NULL CONSTRAINT attempts_amount CHECK (amount > 0),
    state        text NOT NULL CONSTRAINT attempts_state CHECK (state IN
                 ('created', 'pending', 'succeeded', 'succeeded_late', 'failed', 'cancelled', 'expired', 'review')),
    redirect     text NOT NULL,          -- where the payer's browser goes
    provider_no  text,                   -- the provider's own number, once money moved
    bank_code    text NOT NULL DEFAULT '',
    answer       text NOT NULL DEFAULT '', -- the provider's codes, as "response/status"
    made_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    settled_at   timestamptz,            -- the provider's last word; without it we go on asking
    asked_at     timestamptz,            -- last query
    ask_at       timestamptz NOT NULL,   -- next query
    note         text NOT NULL DEFAULT '', -- why a person decided a review as they did
    CONSTRAINT attempts_ref_key UNIQUE (txn_ref),
    CONSTRAINT attempts_provider_no_key UNIQUE (provider, provider_no),
    CONSTRAINT attempts_succeeded_set CHECK (state NOT IN ('succeeded', 'succeeded_late') OR (provider_no IS NOT NULL AND settled_at IS NOT NULL))
);
CREATE INDEX attempts_order_idx ON attempts (order_id, made_at);
CREATE UNIQUE INDEX attempts_open_key ON attempts (order_id, provider) WHERE state IN ('created', 'pending');
CREATE INDEX attempts_ask_idx ON attempts (ask_at) WHERE settled_at IS NULL;
CREATE INDEX attempts_review_idx ON attempts (made_at) WHERE state = 'review';
GRANT SELECT, INSERT, UPDATE ON attempts TO motcua_app;

CREATE TABLE ledger (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL,
    order_id    uuid NOT NULL REFERENCES orders,
    attempt_id  uuid REFERENCES attempts,
    entry       uuid NOT NULL,           -- the lines of one entry sum to zero
    account     text NOT NULL,           -- gateway:<provider>, phi:<rule>, le_phi:<rule>, held, overpaid
    amount      bigint NOT NULL CONSTRAINT ledger_amount CHECK (amount <> 0), -- đồng; debit > 0, credit < 0
    provider    text,
    provider_no text
);
-- money of one provider transaction comes in once
CREATE UNIQUE INDEX ledger_provider_key ON ledger (provider, provider_no) WHERE amount > 0;
CREATE INDEX ledger_order_idx ON ledger (order_id);
CREATE INDEX ledger_entry_idx ON ledger (entry);
GRANT SELECT, INSERT ON ledger TO motcua_app;

-- +goose StatementBegin
CREATE FUNCTION ledger_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(amount) FROM public.ledger WHERE entry = NEW.entry) <> 0 THEN
        RAISE EXCEPTION 'ledger entry % does not sum to zero', NEW.entry
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_balanced';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER ledger_balanced AFTER INSERT ON ledger
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_balanced();

-- What came from outside, truly signed, and fits nothing of ours: for reconciliation.
CREATE TABLE orphans (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider text NOT NULL,
    txn_ref  text NOT NULL,
    reason   text NOT NULL,
    body     text NOT NULL,
    sha256   bytea NOT NULL,             -- of reason and body: the same word is kept once
    at       timestamptz NOT NULL,
    CONSTRAINT orphans_word_key UNIQUE (provider, sha256)
);
CREATE INDEX orphans_at_idx ON orphans (at);
GRANT SELECT, INSERT ON orphans TO motcua_app;

CREATE TABLE receipt_counters (
    payee    bigint NOT NULL,
    template text NOT NULL,
    series   text NOT NULL,
    last     int NOT NULL,
    PRIMARY KEY (payee, template, series)
);
GRANT SELECT, INSERT, UPDATE ON receipt_counters TO motcua_app;

CREATE TABLE receipts (
    id       uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders,
    payee    bigint NOT NULL,
    template text NOT NULL CONSTRAINT receipts_template CHECK (template ~ '^(01|02)BLP[0-9]-[0-9]{3}$'),
    series   text NOT NULL CONSTRAINT receipts_series CHECK (series ~ '^(\d{2})?[ABCDEGHKLMNPQRSTUVXY]{2}-\d{2}[EPT]$'),
    number   int NOT NULL CONSTRAINT receipts_number CHECK (number BETWEEN 1 AND 9999999), -- printed with 7 digits
    data     jsonb NOT NULL,             -- payments.ReceiptData: everything the paper says
    lookup   text NOT NULL,
    at       timestamptz NOT NULL,
    CONSTRAINT receipts_order_key UNIQUE (order_id),
    CONSTRAINT receipts_number_key UNIQUE (payee, template, series, number),
    CONSTRAINT receipts_lookup_key UNIQUE (lookup)
);
GRANT SELECT, INSERT ON receipts TO motcua_app;

-- The bytes of a receipt, once a worker has drawn them: beside the row, which never changes.
CREATE TABLE receipt_files (
    receipt_id uuid PRIMARY KEY REFERENCES receipts,
    blob       text NOT NULL,
    size       bigint NOT NULL,
    sha256     bytea NOT NULL
);
GRANT SELECT, INSERT ON receipt_files TO motcua_app;
