package appointment

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/calendar"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Move takes another time for one's own appointment, at the same agency in the same matter.
func (s *Service) Move(ctx context.Context, who Who, id string, starts time.Time, key once.Key) error {
	cal, err := s.Agency.Calendar(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, who, id, key, "appointment.move", func(tx *sqlx.Tx, a Appointment) error {
		p, err := s.place(ctx, tx, a.Agency.ID, a.Field, starts, cal, id)
		if err != nil {
			return err
		}
		if p.counter == a.counter && calendar.DayOf(p.Starts) == calendar.DayOf(a.Starts) {
			p.number = a.Number
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE appointments SET counter_id = $2, starts_at = $3, ends_at = $4, day = $5::date, place = $6, number = $7, changed_at = $8,
				sequence = sequence + 1 WHERE id = $1`, id, p.counter, p.Starts, p.Ends, calendar.DayOf(p.Starts).String(), p.place, p.number, s.Now())
		if err != nil {
			return fmt.Errorf("move appointment %s: %w", id, err)
		}
		return nil
	})
}

// Cancel gives one's own appointment back, for others to take.
func (s *Service) Cancel(ctx context.Context, who Who, id string, key once.Key) error {
	return s.change(ctx, who, id, key, "appointment.cancel", func(tx *sqlx.Tx, a Appointment) error {
		return s.cancel(ctx, tx, a, "")
	})
}

func (s *Service) cancel(ctx context.Context, tx *sqlx.Tx, a Appointment, why string) error {
	_, err := tx.ExecContext(ctx, `UPDATE appointments SET state = 'cancelled', sequence = sequence + 1, changed_at = $2, why = $3 WHERE id = $1`, a.ID, s.Now(), why)
	if err != nil {
		return fmt.Errorf("cancel appointment %s: %w", a.ID, err)
	}
	return nil
}

// change is a deed of its owner on an appointment that is still open: once, in one
// transaction, told and on record.
func (s *Service) change(ctx context.Context, who Who, id string, key once.Key, deed string, part func(tx *sqlx.Tx, a Appointment) error) error {
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil || done {
			return err
		}
		a, err := s.mine(ctx, tx, who, id, `FOR UPDATE OF a`)
		if err != nil {
			return err
		}
		if !a.Open(s.Now()) {
			return problem.New(problem.Conflict, "appointment.over")
		}
		if err := part(tx, a); err != nil {
			return err
		}
		if a, err = s.one(ctx, tx, `WHERE a.id = $1`, id); err != nil {
			return err
		}
		kind := "visit_booked"
		if a.State == Cancelled {
			kind = "visit_over"
		}
		if err := s.told(ctx, tx, a, kind); err != nil {
			return err
		}
		if err := s.record(ctx, tx, a, actor(who), deed); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, id)
	})
	return seat(err)
}
