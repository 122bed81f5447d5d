package payments

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/queue"
)

// Verdict is what a provider says of an attempt, in our words.
type Verdict string

// The verdicts. SaysDoubtful is money that may have left the payer without reaching us.
const (
	SaysPaid      Verdict = "paid"
	SaysFailed    Verdict = "failed"
	SaysCancelled Verdict = "cancelled"
	SaysPending   Verdict = "pending"
	SaysDoubtful  Verdict = "doubtful"
)

// Notice is a provider's word whose signature has been verified: one it sent, or its
// answer to a query.
type Notice struct {
	Provider string
	Ref      string
	Amount   int64 // đồng
	Says     Verdict
	No       string // the provider's own number of the transaction
	Bank     string
	Answer   string    // its codes, as "response/status"
	PaidAt   time.Time // zero where it does not say
	Raw      string    // kept when it fits nothing of ours
}

// Outcome is what a notice came to.
type Outcome string

// The outcomes.
const (
	Recorded    Outcome = "recorded"     // taken in, whatever it says
	Repeated    Outcome = "repeated"     // nothing new about an attempt that is final
	UnknownRef  Outcome = "unknown_ref"  // not an attempt of ours
	WrongAmount Outcome = "wrong_amount" // not the amount we asked for
	Reused      Outcome = "reused"       // its transaction has already paid another attempt
)

// PaidKind is the kind of the one queue row that tells the subject's owner that the money
// of its order stands differently: paid, overpaid, held for review.
const PaidKind = "dossier.paid"

// Take takes in a provider's word in a transaction of its own.
func (s *Service) Take(ctx context.Context, n Notice) (Outcome, error) {
	now := s.Now()
	by, err := s.issuerFor(ctx, n, now)
	if err != nil {
		return "", fmt.Errorf("settle %s: %w", n.Ref, err)
	}
	var out Outcome
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		var err error
		out, err = Settle(ctx, tx, n, by, now)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("settle %s: %w", n.Ref, err)
	}
	if s.Log != nil && out != Recorded && out != Repeated {
		s.Log.Warn("payment notice does not fit", "provider", n.Provider, "ref", n.Ref, "outcome", out, "answer", n.Answer)
	}
	return out, nil
}

// issuerFor asks who makes out the receipt, outside any transaction.
func (s *Service) issuerFor(ctx context.Context, n Notice, now time.Time) (Issuer, error) {
	if n.Says != SaysPaid {
		return Issuer{}, nil
	}
	var payee int64
	err := sqlx.GetContext(ctx, s.DB, &payee, `SELECT o.payee FROM attempts a JOIN orders o ON o.id = a.order_id
		WHERE a.provider = $1 AND a.txn_ref = $2`, n.Provider, n.Ref)
	if errors.Is(err, sql.ErrNoRows) {
		return Issuer{}, nil // not ours: Settle says so
	}
	if err != nil {
		return Issuer{}, err
	}
	return s.Issuer(ctx, payee, now)
}

// Settle is what a provider's word does: to the attempt, the ledger, the order and the
// receipt, and one queue row; nothing else. Said any number of times, in any order and at
// once, it does so once.
func Settle(ctx context.Context, tx *sqlx.Tx, n Notice, by Issuer, now time.Time) (Outcome, error) {
	var orderID string
	err := sqlx.GetContext(ctx, tx, &orderID, `SELECT order_id FROM attempts WHERE provider = $1 AND txn_ref = $2`, n.Provider, n.Ref)
	if errors.Is(err, sql.ErrNoRows) {
		return UnknownRef, keep(ctx, tx, n, "unknown_ref", now)
	}
	if err != nil {
		return "", err
	}
	o, err := lock(ctx, tx, orderID)
	if err != nil {
		return "", err
	}
	a, err := attemptBy(ctx, tx, `txn_ref = $1`, n.Ref)
	if err != nil {
		return "", err
	}
	if n.Amount != a.Amount {
		return WrongAmount, doubt(ctx, tx, o, a, n, "wrong_amount", now)
	}
	if n.Says == SaysPaid {
		return settlePaid(ctx, tx, o, a, n, by, now)
	}
	return settleUnpaid(ctx, tx, o, a, n, now)
}

func settlePaid(ctx context.Context, tx *sqlx.Tx, o Order, a Attempt, n Notice, by Issuer, now time.Time) (Outcome, error) {
	if a.succeeded() {
		if *a.ProviderNo == n.No {
			return Repeated, nil
		}
		return Repeated, keep(ctx, tx, n, "second_transaction", now)
	}
	var taken bool
	err := sqlx.GetContext(ctx, tx, &taken, `SELECT EXISTS (SELECT FROM attempts WHERE provider = $1 AND provider_no = $2 AND id <> $3)`,
		n.Provider, n.No, a.ID)
	if err != nil {
		return "", err
	}
	if taken {
		return Reused, doubt(ctx, tx, o, a, n, "reused", now)
	}
	return Recorded, credit(ctx, tx, o, a, n, by, now)
}

// credit books money. The receipt comes last: its number locks the counter of the agency's
// series until the commit.
func credit(ctx context.Context, tx *sqlx.Tx, o Order, a Attempt, n Notice, by Issuer, now time.Time) error {
	a.State, a.SettledAt = a.paidState(n), &now
	a.ProviderNo, a.Bank, a.Answer = &n.No, n.Bank, n.Answer
	if err := store(ctx, tx, a); err != nil {
		return err
	}
	if err := post(ctx, tx, o.ID, &a.ID, allocate(o, n), now); err != nil {
		return err
	}
	o.Paid += n.Amount
	covered := o.State == OrderDue && o.Paid >= o.Total
	if covered {
		o.State, o.PaidAt = OrderPaid, &now
	}
	_, err := tx.ExecContext(ctx, `UPDATE orders SET paid = $2, state = $3, paid_at = $4 WHERE id = $1`, o.ID, o.Paid, o.State, o.PaidAt)
	if err != nil {
		return fmt.Errorf("order %s: %w", o.ID, err)
	}
	if err := tell(ctx, tx, o, now); err != nil || !covered {
		return err
	}
	return issue(ctx, tx, o, a, n, by, now)
}

// paidState tells money in time from money that we no longer counted on.
func (a Attempt) paidState(n Notice) AttemptState {
	switch a.State {
	case Failed, Cancelled, Expired:
		return SucceededLate
	}
	if n.PaidAt.After(a.ExpiresAt) {
		return SucceededLate
	}
	return Succeeded
}

func settleUnpaid(ctx context.Context, tx *sqlx.Tx, o Order, a Attempt, n Notice, now time.Time) (Outcome, error) {
	if a.succeeded() { // success stays (a reversal is a refund, which is its own object)
		return Repeated, keep(ctx, tx, n, string(n.Says)+"_after_paid", now)
	}
	closed := a.State == Failed || a.State == Cancelled || a.State == Expired
	was := a.State
	switch n.Says {
	case SaysDoubtful:
		a.State, a.SettledAt = Review, nil // asked on, until a word or a person settles it
	case SaysPending:
		if a.State == Created {
			a.State = Pending
		}
	default:
		if closed && a.SettledAt != nil {
			return Repeated, nil
		}
		if a.SettledAt = &now; !closed {
			a.State = AttemptState(n.Says) // failed and cancelled are called alike
		}
	}
	if closed && n.Says == SaysPending {
		return Recorded, nil
	}
	a.Bank, a.Answer = n.Bank, n.Answer
	if err := store(ctx, tx, a); err != nil {
		return "", err
	}
	if (a.State == Review) == (was == Review) {
		return Recorded, nil
	}
	return Recorded, tell(ctx, tx, o, now)
}

// doubt keeps a word that contradicts us. Where money may be behind it, the attempt waits
// for a person; an attempt that has succeeded stays as it is.
func doubt(ctx context.Context, tx *sqlx.Tx, o Order, a Attempt, n Notice, reason string, now time.Time) error {
	if err := keep(ctx, tx, n, reason, now); err != nil {
		return err
	}
	if a.succeeded() || a.State == Review || n.Says != SaysPaid && n.Says != SaysDoubtful {
		return nil
	}
	a.State, a.SettledAt, a.Answer = Review, nil, n.Answer
	if err := store(ctx, tx, a); err != nil {
		return err
	}
	return tell(ctx, tx, o, now)
}

func store(ctx context.Context, tx *sqlx.Tx, a Attempt) error {
	_, err := tx.ExecContext(ctx, `UPDATE attempts SET state = $2, provider_no = $3, bank_code = $4, answer = $5, settled_at = $6 WHERE id = $1`,
		a.ID, a.State, a.ProviderNo, a.Bank, a.Answer, a.SettledAt)
	if err != nil {
		return fmt.Errorf("attempt %s: %w", a.ID, err)
	}
	return nil
}

func tell(ctx context.Context, tx *sqlx.Tx, o Order, now time.Time) error {
	return queue.Put(ctx, tx, PaidKind, o.Subject, now, map[string]string{"order": o.ID})
}

// keep puts a word that fits nothing of ours aside for reconciliation, once however often
// it is said.
func keep(ctx context.Context, tx sqlx.ExtContext, n Notice, reason string, now time.Time) error {
	sum := sha256.Sum256([]byte(reason + "\n" + n.Raw))
	_, err := tx.ExecContext(ctx, `INSERT INTO orphans (provider, txn_ref, reason, body, sha256, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT ON CONSTRAINT orphans_word_key DO NOTHING`, n.Provider, n.Ref, reason, n.Raw, sum[:], now)
	if err != nil {
		return fmt.Errorf("keep a notice that does not fit: %w", err)
	}
	return nil
}
