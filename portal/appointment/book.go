package appointment

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// Asked is an appointment as somebody wants it.
type Asked struct {
	AgencyID  int64
	Field     string // code, "" for any matter
	Procedure string
	Starts    time.Time
	Who       Who
	Name      string // typed, of who has not signed in
	Phone     string // typed
	Lang      locales.Lang
	IP        string
}

const (
	mostOpen  = 3  // appointments to come of one person or phone
	mostByIP  = 20 // bookings a day from one address without sign-in
	nameRunes = 80
)

// owner checks who it is for, and gives the hash by which one person's appointments are counted.
func (s *Service) owner(a *Asked) ([]byte, error) {
	if p := a.Who.Person; p.ID != 0 {
		a.Name = p.Name
		a.Phone, _ = notification.Mobile(p.Phone)
		return p.IDHash, nil
	}
	a.Name = strings.Join(strings.Fields(a.Name), " ")
	if n := len([]rune(a.Name)); n == 0 || n > nameRunes {
		return nil, problem.New(problem.Invalid, "appointment.name_wanted", locales.N("max", nameRunes))
	}
	phone, ok := notification.Mobile(a.Phone)
	if !ok {
		return nil, problem.New(problem.Invalid, "appointment.phone_wanted")
	}
	a.Phone = phone
	return s.Key.Hash("appointment of phone " + phone), nil
}

// Book takes a place at the time that is asked for and gives the appointment's id. Of two
// who want the last one, the second is told that it is taken.
func (s *Service) Book(ctx context.Context, a Asked, key once.Key) (id string, err error) {
	owner, err := s.owner(&a)
	if err != nil {
		return "", err
	}
	if a.Who.Person.ID == 0 {
		allowed, err := pg.Allow(ctx, s.DB, "appointment.book", a.IP, mostByIP, 24*time.Hour, s.Now())
		if err != nil {
			return "", err
		}
		if !allowed {
			return "", problem.New(problem.TooMany, "appointment.too_many_today")
		}
	}
	cal, err := s.Agency.Calendar(ctx)
	if err != nil {
		return "", err
	}
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		var done bool
		var err error
		if id, done, err = once.Begin(ctx, tx, key, s.Now()); err != nil || done {
			return err
		}
		if id, err = s.book(ctx, tx, a, owner, cal); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, id)
	})
	return id, seat(err)
}

// seat says in words what the constraints refuse.
func seat(err error) error {
	switch {
	case pg.Violates(err, "appointments_place"), pg.Violates(err, "appointments_number"):
		return problem.Because(err, problem.Conflict, "appointment.taken")
	case pg.Violates(err, "appointments_owner"):
		return problem.Because(err, problem.Invalid, "appointment.same_time")
	}
	return err
}

func (s *Service) book(ctx context.Context, tx *sqlx.Tx, a Asked, owner []byte, cal calendar.Calendar) (string, error) {
	if err := s.few(ctx, tx, owner); err != nil {
		return "", err
	}
	p, err := s.place(ctx, tx, a.AgencyID, a.Field, a.Starts, cal, "")
	if err != nil {
		return "", err
	}
	id, now := uuid.NewString(), s.Now()
	person := sql.NullInt64{Int64: a.Who.Person.ID, Valid: a.Who.Person.ID != 0}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO appointments (id, counter_id, agency_id, starts_at, ends_at, day, place, number, field, procedure_code, person_id, owner_hash,
			owner_name, owner_phone, code_hash, browser, lang, booked_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6::date, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)`,
		id, p.counter, a.AgencyID, p.Starts, p.Ends, calendar.DayOf(p.Starts).String(), p.place, p.number, a.Field, a.Procedure, person, owner,
		pg.Sealed(a.Name), pg.Sealed(a.Phone), s.codeHash(s.code(id)), a.Who.Browser, string(a.Lang), now)
	if err != nil {
		return "", fmt.Errorf("book: %w", err)
	}
	made, err := s.one(ctx, tx, `WHERE a.id = $1`, id)
	if err != nil {
		return "", err
	}
	if err := s.told(ctx, tx, made, "visit_booked"); err != nil {
		return "", err
	}
	return id, s.record(ctx, tx, made, actor(a.Who), "appointment.book")
}

// few holds a person to a handful of appointments. The lock keeps two at once from passing it.
func (s *Service) few(ctx context.Context, tx *sqlx.Tx, owner []byte) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 28))`, hex.EncodeToString(owner)); err != nil {
		return fmt.Errorf("appointments of one person: %w", err)
	}
	var open int
	err := tx.GetContext(ctx, &open, `SELECT count(*) FROM appointments WHERE owner_hash = $1 AND state = 'booked' AND starts_at > $2`, owner, s.Now())
	if err != nil {
		return fmt.Errorf("appointments of one person: %w", err)
	}
	if open >= mostOpen {
		return problem.New(problem.Invalid, "appointment.too_many", locales.N("max", mostOpen))
	}
	return nil
}

// taken is a place at a time, with the number that will be called.
type taken struct {
	Slot
	counter       int64
	place, number int
}

// place finds a free place under the locks of the counters, so that nobody else finds it.
// The exclusion constraint holds it besides.
func (s *Service) place(ctx context.Context, tx *sqlx.Tx, agencyID int64, field string, starts time.Time, cal calendar.Calendar, but string) (taken, error) {
	all, err := counters(ctx, tx, `WHERE c.agency_id = $1 ORDER BY c.id FOR NO KEY UPDATE OF c`, agencyID)
	if err != nil {
		return taken{}, err
	}
	held, err := heldPlaces(ctx, tx, all, starts, starts, but)
	if err != nil {
		return taken{}, err
	}
	known := false
	for _, c := range all {
		if !c.Serves(field) || !c.within(s.Now(), starts) {
			continue
		}
		for _, t := range c.times(cal, calendar.DayOf(starts)) {
			if !t.Starts.Equal(starts) {
				continue
			}
			known = true
			if free := c.free(t, held); len(free) > 0 {
				return s.numbered(ctx, tx, taken{Slot: t, counter: c.ID, place: free[0]})
			}
		}
	}
	if known {
		return taken{}, problem.New(problem.Conflict, "appointment.taken")
	}
	return taken{}, problem.New(problem.Invalid, "appointment.time_wanted")
}

// numbered gives the next number of the counter's day.
func (s *Service) numbered(ctx context.Context, tx *sqlx.Tx, t taken) (taken, error) {
	err := tx.GetContext(ctx, &t.number, `SELECT coalesce(max(number), 0) + 1 FROM appointments WHERE counter_id = $1 AND day = $2::date`,
		t.counter, calendar.DayOf(t.Starts).String())
	if err != nil {
		return t, fmt.Errorf("number of an appointment: %w", err)
	}
	return t, nil
}

func actor(w Who) string {
	if w.Person.ID != 0 {
		return fmt.Sprintf("person:%d", w.Person.ID)
	}
	return "visitor"
}

func (s *Service) record(ctx context.Context, tx *sqlx.Tx, a Appointment, by, deed string) error {
	return audit.Write(ctx, tx, audit.Entry{Actor: by, Deed: deed, Object: "appointment:" + a.ID, Subject: a.owner, AgencyID: a.Agency.ID,
		Args: map[string]any{"sequence": a.Sequence}})
}

// told writes to a signed-in person what their appointment is now, and asks for the reminder.
func (s *Service) told(ctx context.Context, tx *sqlx.Tx, a Appointment, kind string) error {
	if err := s.tell(ctx, tx, a, kind); err != nil || a.State != Booked {
		return err
	}
	due := a.Starts.Add(-24 * time.Hour)
	if due.Before(s.Now()) {
		if due = a.Starts.Add(-2 * time.Hour); due.Before(s.Now()) {
			return nil // they have just read it
		}
	}
	return queue.Put(ctx, tx, remindKind, fmt.Sprintf("appointment:%s:%d", a.ID, a.Sequence), due, nil)
}

func (s *Service) tell(ctx context.Context, tx *sqlx.Tx, a Appointment, kind string) error {
	if a.person == 0 {
		return nil
	}
	return s.Notices.Tell(ctx, tx, notification.Notice{Person: a.person, EventKey: fmt.Sprintf("appointment:%s:%d:%s", a.ID, a.Sequence, kind), Kind: kind,
		Args: []locales.Arg{locales.S("code", fmt.Sprint(a.Number)), locales.T("agency", a.Agency.Name), locales.S("at", locales.FormatTime(a.Starts))},
		Lang: a.Lang, Email: a.email, Link: "/lich-hen/" + a.ID})
}
