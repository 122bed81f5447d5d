package appointment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// remindKind is the queue's kind of "remind of this appointment"; its subject is
// appointment:<id>:<sequence>, so that one that was moved is reminded of at its own time.
const remindKind = "appointment.remind"

// Handlers are what the queue's worker calls here.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{remindKind: s.remind}
}

// remind tells a person in their inbox and by letter, and a phone by a message where there
// is an operator. One that was moved, cancelled or is over is not reminded of.
func (s *Service) remind(ctx context.Context, j queue.Job) error {
	id, sequence, _ := strings.Cut(strings.TrimPrefix(j.Subject, "appointment:"), ":")
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		a, err := s.one(ctx, tx, `WHERE a.id = $1 FOR UPDATE OF a`, id)
		if problem.Is(err, problem.NotFound) {
			return nil
		}
		if err != nil || !a.Open(s.Now()) || strconv.Itoa(a.Sequence) != sequence {
			return err
		}
		if a.person != 0 {
			return s.tell(ctx, tx, a, "visit_soon")
		}
		return s.text(ctx, tx, a, "soon", locales.M("appointment.sms", locales.S("at", locales.FormatTime(a.Starts)), locales.T("agency", a.Agency.Name),
			locales.N("number", int64(a.Number)), locales.S("code", a.Code)))
	})
}

// text sends a short message about an appointment whose owner is known by a phone only. The
// same is sent once, however often the job is done.
func (s *Service) text(ctx context.Context, tx *sqlx.Tx, a Appointment, what string, m locales.Message) error {
	if s.Notices.SMS == nil || a.Phone == "" || !s.Now().Before(a.Starts) {
		return nil
	}
	object := fmt.Sprintf("appointment:%s:%d:%s", a.ID, a.Sequence, what)
	var sent bool
	if err := tx.GetContext(ctx, &sent, `SELECT EXISTS (SELECT FROM sms WHERE object = $1)`, object); err != nil || sent {
		return err
	}
	words, _ := locales.Say(a.Lang, m)
	_, err := s.Notices.Text(ctx, tx, notification.SMS{Object: object, Phone: a.Phone, Body: words, Until: a.Starts})
	return err
}

// keepFor is how long an appointment that is over stays: its names and phones are needed by
// nobody then.
const keepFor = 90 * 24 * time.Hour

// Sweep deletes what is long over.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM appointments WHERE ends_at < $1`, now.Add(-keepFor)); err != nil {
		return fmt.Errorf("sweep appointments: %w", err)
	}
	return nil
}

// Waiting is how long people with an appointment waited at an agency.
type Waiting struct {
	Minutes int `db:"minutes"` // half of them no longer
	Of      int `db:"of"`      // how many that is known of
}

// The time over which waiting is counted, and how many make it known.
const (
	waitingOver = 30 * 24 * time.Hour
	fewest      = 10
)

// Known says whether enough people came to say it.
func (w Waiting) Known() bool { return w.Of >= fewest }

// Waiting is how long people waited in the last thirty days, from their time or from when
// they came, to when they were called.
func (s *Service) Waiting(ctx context.Context, agencyID int64) (Waiting, error) {
	var w Waiting
	err := s.DB.GetContext(ctx, &w, `
		SELECT count(*) AS of, coalesce(ceil(percentile_cont(0.5) WITHIN GROUP
			(ORDER BY greatest(extract(epoch FROM called_at - greatest(came_at, starts_at)), 0)) / 60), 0)::int AS minutes
		FROM appointments WHERE agency_id = $1 AND day >= $2::date AND came_at IS NOT NULL AND called_at IS NOT NULL`,
		agencyID, s.Now().Add(-waitingOver).In(locales.ICT).Format(time.DateOnly))
	if err != nil {
		return w, fmt.Errorf("waiting time: %w", err)
	}
	return w, nil
}
