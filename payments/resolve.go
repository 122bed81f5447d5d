package payments

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Decision is what a person found out about an attempt in review, from the provider's
// statement or its desk.
type Decision struct {
	Attempt string
	Actor   string // officer:<id>
	Taken   bool   // the money has reached us
	Amount  int64  // how much has
	No      string // the provider's number of the transaction, when it has
	Why     string
}

// Resolve ends a review by a person's decision, kept in the audit log. Money that reached
// us is booked like any other, whatever its amount.
func (s *Service) Resolve(ctx context.Context, d Decision) error {
	d.No, d.Why = strings.TrimSpace(d.No), strings.TrimSpace(d.Why)
	if d.Why == "" || d.Taken && (d.No == "" || d.Amount <= 0) {
		return problem.New(problem.Invalid, "payments.resolve_incomplete")
	}
	a, err := attemptBy(ctx, s.DB, `id = $1`, d.Attempt)
	if err != nil {
		return err
	}
	now := s.Now()
	n := Notice{Provider: a.Provider, Ref: a.Ref, Amount: d.Amount, Says: SaysFailed, No: d.No, Bank: a.Bank, Answer: a.Answer, PaidAt: now, Raw: d.Why}
	if d.Taken {
		n.Says = SaysPaid
	}
	by, err := s.issuerFor(ctx, n, now)
	if err != nil {
		return fmt.Errorf("resolve %s: %w", a.Ref, err)
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if err := resolve(ctx, tx, a, n, by, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE attempts SET note = $2 WHERE id = $1`, a.ID, d.Why); err != nil {
			return fmt.Errorf("resolve %s: %w", a.Ref, err)
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: d.Actor, Deed: "payments.resolve", Object: "order:" + a.OrderID,
			Args: map[string]any{"attempt": a.ID, "taken": d.Taken, "amount": d.Amount, "no": d.No}})
	})
}

func resolve(ctx context.Context, tx *sqlx.Tx, a Attempt, n Notice, by Issuer, now time.Time) error {
	o, err := lock(ctx, tx, a.OrderID)
	if err != nil {
		return err
	}
	if a, err = attemptBy(ctx, tx, `id = $1`, a.ID); err != nil {
		return err
	}
	if a.State != Review {
		return problem.New(problem.Conflict, "payments.not_in_review")
	}
	if n.Says != SaysPaid {
		_, err := settleUnpaid(ctx, tx, o, a, n, now)
		return err
	}
	out, err := settlePaid(ctx, tx, o, a, n, by, now)
	if err == nil && out == Reused {
		return problem.New(problem.Conflict, "payments.number_used")
	}
	return err
}

// Task is an order that waits for a person: money in review, or to be given back.
type Task struct {
	OrderID string `db:"order_id"`
	Subject string
	Code    string
	Payee   int64
	Attempt string    // of a review
	Amount  int64     // in review, or to be given back
	Answer  string    // the provider's codes
	Since   time.Time `db:"since"`
}

// Reviews are the attempts that a person must decide, oldest first.
func (s *Service) Reviews(ctx context.Context, payees []int64) ([]Task, error) {
	return s.tasks(ctx, payees, `SELECT a.order_id, o.subject, o.code, o.payee, a.id AS attempt, a.amount, a.answer, a.made_at AS since
		FROM attempts a JOIN orders o ON o.id = a.order_id WHERE a.state = 'review' AND o.payee = ANY($1) ORDER BY a.made_at LIMIT 200`)
}

// Refunds are the orders with money that must be given back, oldest first: paid twice, or
// paid after the order was void.
func (s *Service) Refunds(ctx context.Context, payees []int64) ([]Task, error) {
	return s.tasks(ctx, payees, `SELECT o.id AS order_id, o.subject, o.code, o.payee, '' AS attempt,
		CASE WHEN o.state = 'void' THEN o.paid ELSE o.paid - o.total END AS amount, '' AS answer, o.made_at AS since
		FROM orders o WHERE (o.paid > o.total OR (o.state = 'void' AND o.paid > 0)) AND o.payee = ANY($1) ORDER BY o.made_at LIMIT 200`)
}

func (s *Service) tasks(ctx context.Context, payees []int64, query string) ([]Task, error) {
	list := []Task{}
	if err := sqlx.SelectContext(ctx, s.DB, &list, query, pq.Array(payees)); err != nil {
		return nil, fmt.Errorf("tasks of money: %w", err)
	}
	return list, nil
}
