package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/queue"
)

// SweepKind is the kind of the repeating job that asks after attempts without a last word.
const SweepKind = "payments.sweep"

const (
	pause = 5 * time.Second // between two queries of one attempt, whoever presses what
	// grace is how long after its end an attempt may still come to money: a payer at the
	// bank's page in the last minute.
	grace = 15 * time.Minute
	batch = 50
)

// Check asks the providers about an order's attempts that have no last word, takes in what
// they say, and returns the order. It must not be called inside a transaction. A provider
// that does not answer is no fault: the order is returned as it is known.
func (s *Service) Check(ctx context.Context, orderID string) (Order, error) {
	o, err := s.ByID(ctx, orderID)
	if err != nil {
		return Order{}, err
	}
	asked := false
	for _, a := range o.Attempts {
		if a.SettledAt == nil {
			if err := s.ask(ctx, a); err != nil && !errors.Is(err, ErrNoAnswer) {
				return Order{}, err
			}
			asked = true
		}
	}
	if !asked {
		return o, nil
	}
	return s.ByID(ctx, orderID)
}

// ask queries the provider about one attempt, unless someone has just done so.
func (s *Service) ask(ctx context.Context, a Attempt) error {
	p, err := s.provider(a.Provider)
	if err != nil {
		return err
	}
	now := s.Now()
	res, err := s.DB.ExecContext(ctx, `UPDATE attempts SET asked_at = $2, ask_at = $3
		WHERE id = $1 AND settled_at IS NULL AND (asked_at IS NULL OR asked_at <= $4)`, a.ID, now, a.nextAsk(now), now.Add(-pause))
	if err != nil {
		return fmt.Errorf("ask after %s: %w", a.Ref, err)
	}
	if claimed, err := res.RowsAffected(); err != nil || claimed == 0 {
		return err
	}
	n, err := p.Query(ctx, a)
	switch {
	case errors.Is(err, ErrNotKnown):
		return s.expire(ctx, a)
	case err != nil:
		return fmt.Errorf("ask after %s: %w", a.Ref, err)
	}
	if _, err := s.Take(ctx, n); err != nil {
		return err
	}
	if n.Says == SaysPending {
		return s.expire(ctx, a)
	}
	return nil
}

// expire ends an attempt that can no longer come to money, on the provider's word that it
// has not: nobody pays after its time, and the grace is over.
func (s *Service) expire(ctx context.Context, a Attempt) error {
	now := s.Now()
	if now.Before(a.ExpiresAt.Add(grace)) {
		return nil
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, err := lock(ctx, tx, a.OrderID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE attempts SET settled_at = $2, state = CASE WHEN state IN ('created', 'pending') THEN 'expired' ELSE state END
			WHERE id = $1 AND settled_at IS NULL AND state <> 'review'`, a.ID, now)
		if err != nil {
			return fmt.Errorf("expire %s: %w", a.Ref, err)
		}
		return nil
	})
}

// Schedule puts the sweep into the queue; it goes on by itself. Called at each start.
func (s *Service) Schedule(ctx context.Context) error {
	return queue.Put(ctx, s.DB, SweepKind, "", s.Now(), struct{}{})
}

// Sweep asks after every attempt whose time to be asked has come, and puts itself into the
// queue again first: what goes wrong with one attempt or one provider never ends it. It is
// the handler of SweepKind.
func (s *Service) Sweep(ctx context.Context, _ queue.Job) error {
	now := s.Now()
	if err := queue.Put(ctx, s.DB, SweepKind, "", now.Add(s.every()), struct{}{}); err != nil {
		return err
	}
	var open []Attempt
	err := sqlx.SelectContext(ctx, s.DB, &open, `SELECT `+attemptColumns+` FROM attempts
		WHERE settled_at IS NULL AND ask_at <= $1 ORDER BY ask_at LIMIT $2`, now, batch)
	if err != nil {
		return fmt.Errorf("attempts to ask after: %w", err)
	}
	silent := map[string]int{}
	for _, a := range open {
		if silent[a.Provider] == 3 { // it is down: the rest keeps its turn
			continue
		}
		if err := s.ask(ctx, a); err != nil {
			if errors.Is(err, ErrNoAnswer) {
				silent[a.Provider]++
			}
			if s.Log != nil {
				s.Log.Warn("payment not settled", "ref", a.Ref, "err", err)
			}
		}
	}
	return nil
}

func (s *Service) every() time.Duration {
	if s.Every > 0 {
		return s.Every
	}
	return time.Minute
}
