package payments

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// started is what a one-time key remembers.
type started struct {
	Attempt  string `json:"attempt"`
	Redirect string `json:"redirect"`
}

// Start sends a payer to a provider and returns the address for the browser. The same key
// gives the same attempt and address; so does a second press while an attempt is open. A
// key that was used for another order, provider or total is a Conflict.
func (s *Service) Start(ctx context.Context, orderID, provider string, key once.Key, ip string, lang locales.Lang) (string, Attempt, error) {
	p, err := s.provider(provider)
	if err != nil {
		return "", Attempt{}, err
	}
	before, err := oneOrder(ctx, s.DB, `id = $1`, orderID)
	if err != nil {
		return "", Attempt{}, err
	}
	// What was agreed to is part of what the key stands for, whatever the form held.
	key.Body = sha256.Sum256(fmt.Appendf(key.Body[:], "|%s|%s|%d", orderID, provider, before.Total))
	var a Attempt
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now := s.Now().Truncate(time.Second) // providers know seconds
		answer, done, err := once.Begin(ctx, tx, key, now)
		if err != nil {
			return err
		}
		if done {
			a, err = repeated(ctx, tx, answer)
			return err
		}
		if a, err = s.begin(ctx, tx, p, orderID, provider, ip, lang, now); err != nil {
			return err
		}
		b, err := json.Marshal(started{a.ID, a.Redirect})
		if err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, string(b))
	})
	if err != nil {
		return "", Attempt{}, err
	}
	return a.Redirect, a, nil
}

func repeated(ctx context.Context, tx *sqlx.Tx, answer string) (Attempt, error) {
	var was started
	if err := json.Unmarshal([]byte(answer), &was); err != nil {
		return Attempt{}, fmt.Errorf("answer of a one-time key: %w", err)
	}
	return attemptBy(ctx, tx, `id = $1`, was.Attempt)
}

// begin returns the open attempt of the order, or makes one.
func (s *Service) begin(ctx context.Context, tx *sqlx.Tx, p Provider, orderID, provider, ip string, lang locales.Lang, now time.Time) (Attempt, error) {
	o, err := lock(ctx, tx, orderID)
	if err != nil {
		return Attempt{}, err
	}
	if err := payable(o); err != nil {
		return Attempt{}, err
	}
	earlier, err := attemptsOf(ctx, tx, o.ID)
	if err != nil {
		return Attempt{}, err
	}
	for _, a := range earlier {
		switch {
		case a.State == Review: // the money may have left the payer: not a second time
			return Attempt{}, problem.New(problem.Conflict, "payments.in_review")
		case a.Provider != provider || a.State != Created && a.State != Pending:
		case a.Open(now):
			return a, nil
		default:
			// Ours only: without settled_at the sweep still asks what became of it.
			if _, err := tx.ExecContext(ctx, `UPDATE attempts SET state = 'expired' WHERE id = $1`, a.ID); err != nil {
				return Attempt{}, fmt.Errorf("expire attempt %s: %w", a.ID, err)
			}
		}
	}
	a := Attempt{ID: uuid.NewString(), OrderID: o.ID, Provider: provider, Ref: newRef(now), Amount: o.Owed(), State: Created,
		MadeAt: now, ExpiresAt: now.Add(s.window())}
	if a.Redirect, err = p.Begin(o, a, ip, lang); err != nil {
		return Attempt{}, fmt.Errorf("begin at %s: %w", provider, err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO attempts (id, order_id, provider, txn_ref, amount, state, redirect, made_at, expires_at, ask_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		a.ID, a.OrderID, a.Provider, a.Ref, a.Amount, a.State, a.Redirect, a.MadeAt, a.ExpiresAt, a.nextAsk(now))
	if err != nil {
		return Attempt{}, fmt.Errorf("begin at %s: %w", provider, err)
	}
	return a, nil
}

func payable(o Order) error {
	switch o.State {
	case OrderPaid:
		return problem.New(problem.Conflict, "payments.already_paid")
	case OrderVoid:
		return problem.New(problem.Conflict, "payments.void")
	case OrderWaived:
		return problem.New(problem.Conflict, "payments.nothing_owed")
	}
	return nil
}

func (s *Service) window() time.Duration {
	if s.Window > 0 {
		return s.Window
	}
	return 15 * time.Minute
}
