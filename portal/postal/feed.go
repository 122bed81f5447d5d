package postal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/queue"
)

// maxPages bounds one look at the feed; the rest comes with the next.
const maxPages = 20

// feed reads the carrier's feed on to its end.
func (s *Service) feed(ctx context.Context, _ queue.Job) error {
	for range maxPages {
		last, err := s.cursor(ctx)
		if err != nil {
			return err
		}
		p, err := s.Carrier.tracking(ctx, last)
		if err != nil {
			return err
		}
		if p.Odd > 0 {
			s.Log.Warn("documents in the carrier's feed that are no events", "carrier", s.Carrier.Name(), "count", p.Odd)
		}
		if err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error { return s.take(ctx, tx, last, p) }); err != nil {
			return err
		}
		if !p.More {
			return nil
		}
	}
	return nil
}

func (s *Service) cursor(ctx context.Context) (string, error) {
	var last string
	err := s.DB.GetContext(ctx, &last, `SELECT last FROM feeds WHERE name = $1`, s.Carrier.Name())
	if errors.Is(err, sql.ErrNoRows) {
		return feedStart, nil
	}
	return last, wrap(err, "feed")
}

// take keeps a page of events, moves their parcels and the cursor: all or nothing.
func (s *Service) take(ctx context.Context, tx *sqlx.Tx, last string, p page) error {
	items := map[string]string{}
	for _, h := range p.Events {
		fresh, err := s.keep(ctx, tx, h)
		if err != nil {
			return err
		}
		if fresh {
			items[h.Number] = max(items[h.Number], h.Item)
		}
	}
	// one order of locking for all workers
	for _, number := range slices.Sorted(maps.Keys(items)) {
		if err := s.move(ctx, tx, number, items[number]); err != nil {
			return err
		}
	}
	if p.Last == last {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO feeds (name, last, at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET last = greatest(feeds.last, excluded.last)`, s.Carrier.Name(), p.Last, s.Now())
	return wrap(err, "feed")
}

// keep stores an event and says whether it is news: neither its id nor its content is there.
func (s *Service) keep(ctx context.Context, tx *sqlx.Tx, h heard) (bool, error) {
	r, err := tx.ExecContext(ctx, `INSERT INTO postal_events (carrier, event_id, number, code, message, office, notes, at, got_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
		s.Carrier.Name(), h.ID, h.Number, h.Code, h.Message, h.Office, h.Notes, h.At, s.Now())
	if err != nil {
		return false, fmt.Errorf("event %s: %w", h.ID, err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}

// move brings a parcel to the state that all its events give it. An event of a number that
// is not ours is kept and moves nothing.
func (s *Service) move(ctx context.Context, tx *sqlx.Tx, number, item string) error {
	var r row
	err := tx.GetContext(ctx, &r, `SELECT `+columns+` FROM postal_orders WHERE carrier = $1 AND number = $2 FOR UPDATE`, s.Carrier.Name(), number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return wrap(err, "parcel "+number)
	}
	words, err := s.words(ctx, tx, number)
	if err != nil {
		return err
	}
	state := follow(r.State, words)
	if item == "" {
		item = r.ItemCode
	}
	if state == r.State && item == r.ItemCode {
		return nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE postal_orders SET state = $2, item_code = $3, ordered_at = coalesce(ordered_at, $4),
		delivered_at = coalesce(delivered_at, $5) WHERE id = $1`, r.ID, state, item, s.Now(), deliveredAt(state, words))
	if err != nil {
		return wrap(err, "parcel "+number)
	}
	if state == r.State {
		return nil
	}
	return wrap(s.tellDossier(ctx, tx, r.DossierID, r.ID), "parcel "+number)
}

func (s *Service) words(ctx context.Context, tx *sqlx.Tx, number string) ([]word, error) {
	var events []struct {
		ID   string    `db:"event_id"`
		Code string    `db:"code"`
		At   time.Time `db:"at"`
	}
	err := tx.SelectContext(ctx, &events, `SELECT event_id, code, at FROM postal_events WHERE carrier = $1 AND number = $2`, s.Carrier.Name(), number)
	if err != nil {
		return nil, wrap(err, "events of "+number)
	}
	words := make([]word, len(events))
	for i, e := range events {
		state, known := codes()[e.Code]
		if !known {
			s.Log.Warn("carrier's status code unknown", "carrier", s.Carrier.Name(), "number", number, "code", e.Code)
		}
		words[i] = word{state: state, at: e.At, id: e.ID}
	}
	return words, nil
}

// deliveredAt is when a delivered parcel was handed over, by the carrier's clock.
func deliveredAt(state State, words []word) *time.Time {
	if state != Delivered {
		return nil
	}
	for _, w := range words {
		if w.state == Delivered {
			return &w.at
		}
	}
	return nil
}
