// Package appointment lets people book a time at an agency's counter: the counters, their
// free times, what was booked, and how long people wait.
package appointment

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// State is what has become of an appointment.
type State string

// The states.
const (
	Booked    State = "booked"
	Came      State = "came"   // the person is there and waits
	Called    State = "called" // is served, or was
	Missed    State = "missed"
	Cancelled State = "cancelled"
)

// Service keeps counters and appointments.
type Service struct {
	DB      *sqlx.DB
	Key     pg.LookupKey
	Agency  *agency.Service
	Notices *notification.Service
	Now     func() time.Time
	Log     *slog.Logger
}

// Who asks: a signed-in person, or else a browser by its mark.
type Who struct {
	Person  signin.Person // ID 0: nobody has signed in
	Browser []byte
}

// Appointment is a time at a counter that somebody has booked.
type Appointment struct {
	ID        string
	Counter   locales.Text
	Agency    agency.Agency
	Starts    time.Time
	Ends      time.Time
	Number    int
	Field     string // code
	Procedure string // code, "" for none
	Name      string
	Phone     string // 84…, "" for none
	Code      string // by which it is found without sign-in; "" where it is a signed-in person's
	Lang      locales.Lang
	Sequence  int
	State     State
	BookedAt  time.Time
	ChangedAt time.Time
	CameAt    *time.Time
	CalledAt  *time.Time
	Why       string

	counter int64
	person  int64
	email   string
	owner   []byte
}

// Open says whether it can still be changed or cancelled.
func (a Appointment) Open(now time.Time) bool { return a.State == Booked && now.Before(a.Starts) }

// Wait is how long the person waited after the time they had, or after they came.
func (a Appointment) Wait() time.Duration {
	if a.CameAt == nil || a.CalledAt == nil {
		return 0
	}
	from := *a.CameAt
	if from.Before(a.Starts) {
		from = a.Starts
	}
	return max(0, a.CalledAt.Sub(from))
}

// row is a row of the table, with what it is shown with.
type row struct {
	ID        string                  `db:"id"`
	CounterID int64                   `db:"counter_id"`
	Counter   pg.JSONOf[locales.Text] `db:"counter"`
	AgencyID  int64                   `db:"agency_id"`
	Starts    time.Time               `db:"starts_at"`
	Ends      time.Time               `db:"ends_at"`
	Number    int                     `db:"number"`
	Field     string                  `db:"field"`
	Procedure string                  `db:"procedure_code"`
	PersonID  sql.NullInt64           `db:"person_id"`
	Owner     []byte                  `db:"owner_hash"`
	Name      pg.Sealed               `db:"owner_name"`
	Phone     pg.Sealed               `db:"owner_phone"`
	Lang      string                  `db:"lang"`
	Sequence  int                     `db:"sequence"`
	State     State                   `db:"state"`
	BookedAt  time.Time               `db:"booked_at"`
	ChangedAt time.Time               `db:"changed_at"`
	CameAt    *time.Time              `db:"came_at"`
	CalledAt  *time.Time              `db:"called_at"`
	Why       string                  `db:"why"`
	Email     string                  `db:"email"`
}

const selectRows = `
	SELECT a.id, a.counter_id, c.name AS counter, a.agency_id, a.starts_at, a.ends_at, a.number, a.field, a.procedure_code, a.person_id, a.owner_hash,
		a.owner_name, a.owner_phone, a.lang, a.sequence, a.state, a.booked_at, a.changed_at, a.came_at, a.called_at, a.why, coalesce(p.email, '') AS email
	FROM appointments a JOIN counters c ON c.id = a.counter_id LEFT JOIN persons p ON p.id = a.person_id `

// rows are the appointments that a query's end asks for.
func (s *Service) rows(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) ([]Appointment, error) {
	var found []row
	if err := sqlx.SelectContext(ctx, q, &found, selectRows+where, args...); err != nil {
		return nil, fmt.Errorf("appointments: %w", err)
	}
	all := make([]Appointment, len(found))
	for i, r := range found {
		at, err := s.Agency.ByID(ctx, r.AgencyID)
		if err != nil {
			return nil, err
		}
		lang, _ := locales.ParseLang(r.Lang)
		all[i] = Appointment{ID: r.ID, Counter: r.Counter.V, Agency: at, Starts: r.Starts, Ends: r.Ends, Number: r.Number, Field: r.Field, Procedure: r.Procedure,
			Name: string(r.Name), Phone: string(r.Phone), Lang: lang, Sequence: r.Sequence, State: r.State, BookedAt: r.BookedAt, ChangedAt: r.ChangedAt,
			CameAt: r.CameAt, CalledAt: r.CalledAt, Why: r.Why, counter: r.CounterID, person: r.PersonID.Int64, email: r.Email, owner: r.Owner}
		if !r.PersonID.Valid {
			all[i].Code = s.code(r.ID)
		}
	}
	return all, nil
}

func notFound() error { return problem.New(problem.NotFound, "appointment.not_found") }

// one is the appointment that a query's end asks for.
func (s *Service) one(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) (Appointment, error) {
	all, err := s.rows(ctx, q, where, args...)
	if err != nil || len(all) == 0 {
		return Appointment{}, errors.Join(err, notFound())
	}
	return all[0], nil
}

// theirs is the end of a query for one that belongs to who asks; its arguments are id,
// person and browser.
const theirs = `WHERE a.id = $1 AND CASE WHEN a.person_id IS NULL THEN a.browser = $3 ELSE a.person_id = $2 END `

// Mine is one's own appointment. Another's looks like one that is not there.
func (s *Service) Mine(ctx context.Context, who Who, id string) (Appointment, error) {
	return s.mine(ctx, s.DB, who, id, "")
}

func (s *Service) mine(ctx context.Context, q sqlx.QueryerContext, who Who, id, lock string) (Appointment, error) {
	if !pg.UUID(id) {
		return Appointment{}, notFound()
	}
	return s.one(ctx, q, theirs+lock, id, who.Person.ID, who.Browser)
}

// Ahead are a person's appointments that are still to come, the next first.
func (s *Service) Ahead(ctx context.Context, person int64) ([]Appointment, error) {
	return s.rows(ctx, s.DB, `WHERE a.person_id = $1 AND a.state IN ('booked', 'came') AND a.ends_at > $2 ORDER BY a.starts_at LIMIT 20`, person, s.Now())
}
