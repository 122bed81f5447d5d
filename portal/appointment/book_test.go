package appointment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/calendar"
	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

// said is the key of a fault.
func said(err error) string {
	var p *problem.Error
	if errors.As(err, &p) {
		return p.Message.Key
	}
	return fmt.Sprint(err)
}

// Opening hours, days off, make-up days and counters of their own hours make the times.
func TestFreeTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		agency int64
		field  string
		want   []string
	}{
		{w.ward, "", []string{"2026-11-23: 08:00 08:15", "2026-11-24: 07:30 07:45 08:00 08:15", "2026-11-26: 07:30 07:45 08:00 08:15",
			"2026-11-27: 07:30 07:45 08:00 08:15", "2026-11-28: 07:30 07:45 08:00 08:15", "2026-11-30: 07:30 07:45 08:00 08:15"}},
		{w.port, "thuy", []string{"2026-11-23: 08:00 08:30", "2026-11-28: 08:00", "2026-11-30: 08:00 08:30"}},
		{w.port, "ho-tich", nil},
	} {
		days, err := w.Free(t.Context(), c.agency, c.field)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range days {
			line := d.Day.String() + ":"
			for _, s := range d.Slots {
				line += " " + calendar.ClockOf(s.Starts).String()
			}
			got = append(got, line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d %s:\n%q, want\n%q", c.agency, c.field, got, c.want)
		}
	}
}

// Many want the last place at once: one has it, the others are told that it is taken.
func TestOnePlaceForMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const people = 12
	var wg sync.WaitGroup
	errs := make([]error, people)
	for i := range people {
		wg.Go(func() {
			a := w.by(w.phone, at(8, 15))
			a.Phone, a.IP = fmt.Sprintf("09123456%02d", i), fmt.Sprint(i)
			_, errs[i] = w.Book(context.WithoutCancel(t.Context()), a, key())
		})
	}
	wg.Wait()
	got := 0
	for _, err := range errs {
		if err == nil {
			got++
		} else if said(err) != "appointment.taken" || !problem.Is(err, problem.Conflict) {
			t.Error(err)
		}
	}
	if n := w.count(`SELECT count(*) FROM appointments`); got != 1 || n != 1 {
		t.Errorf("%d have it, %d rows", got, n)
	}
}

// The database itself refuses a place that is held, also at times that only overlap.
func TestConstraintHoldsPlaces(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.book(w.by(w.mai, at(8, 0)))
	twice := func(from, to string) error {
		_, err := w.DB.Exec(`INSERT INTO appointments (id, counter_id, agency_id, starts_at, ends_at, day, place, number, owner_hash, owner_name, owner_phone, code_hash, lang, booked_at, changed_at)
			SELECT gen_random_uuid(), counter_id, agency_id, starts_at + $2::interval, starts_at + $3::interval, day, place, 99, 'other', '', '', decode(md5($2::text), 'hex'), 'vi', now(), now()
			FROM appointments WHERE id = $1`, id, from, to)
		return err
	}
	for _, span := range [][2]string{{"0 min", "15 min"}, {"-10 min", "5 min"}, {"14 min", "29 min"}} {
		if err := twice(span[0], span[1]); !pg.Violates(err, "appointments_place") {
			t.Errorf("%v: %v", span, err)
		}
	}
	if err := twice("15 min", "30 min"); err != nil {
		t.Errorf("the next time: %v", err)
	}
}

func TestBookedTwiceByOneKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := key()
	first, err := w.Book(t.Context(), w.by(w.mai, at(8, 0)), k)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Book(t.Context(), w.by(w.mai, at(8, 0)), k)
	if err != nil || again != first {
		t.Errorf("%s, %v", again, err)
	}
	if n := w.count(`SELECT count(*) FROM appointments`); n != 1 {
		t.Errorf("%d rows", n)
	}
	if n := w.count(`SELECT count(*) FROM notices WHERE kind = 'visit_booked'`); n != 1 {
		t.Errorf("told %d times", n)
	}
	a, err := w.Mine(t.Context(), w.mai, first)
	if err != nil || a.Number != 1 || a.Code != "" || !a.Starts.Equal(at(8, 0)) {
		t.Errorf("%+v, %v", a, err)
	}
	for name, who := range map[string]Who{"nobody": {}, "a browser": w.phone, "another": {Person: w.mai.Person}} {
		if name == "another" {
			who.Person.ID = 999
		}
		if _, err := w.Mine(t.Context(), who, first); !problem.Is(err, problem.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What cannot be is refused with its reason, and leaves nothing.
func TestRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for want, change := range map[string]func(*Asked){
		"appointment.time_wanted":  func(a *Asked) { a.Starts = at(8, 5) },
		"appointment.name_wanted":  func(a *Asked) { a.Name = " " },
		"appointment.phone_wanted": func(a *Asked) { a.Phone = "02963123456" },
	} {
		a := w.by(w.phone, at(8, 0))
		change(&a)
		if _, err := w.Book(t.Context(), a, key()); said(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	for name, starts := range map[string]time.Time{"too soon": at(7, 45), "a day off": at(8, 0).AddDate(0, 0, 2), "too far": at(8, 0).AddDate(0, 0, 8), "past": at(8, 0).AddDate(0, 0, -3)} {
		if _, err := w.Book(t.Context(), w.by(w.phone, starts), key()); said(err) != "appointment.time_wanted" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := w.count(`SELECT (SELECT count(*) FROM appointments) + (SELECT count(*) FROM deeds) + (SELECT count(*) FROM jobs)`); n != 0 {
		t.Errorf("%d rows left", n)
	}
	next := at(7, 30).AddDate(0, 0, 1)
	for i := range mostOpen {
		w.book(w.by(w.mai, next.Add(time.Duration(i)*15*time.Minute)))
	}
	if _, err := w.Book(t.Context(), w.by(w.mai, next.AddDate(0, 0, 2)), key()); said(err) != "appointment.too_many" {
		t.Errorf("one more: %v", err)
	}
}

// One person is at one counter at a time.
func TestSameTimeElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.book(w.by(w.mai, at(8, 0)))
	a := w.by(w.mai, at(8, 0))
	a.AgencyID, a.Field = w.port, "thuy"
	if _, err := w.Book(t.Context(), a, key()); said(err) != "appointment.same_time" {
		t.Error(err)
	}
}

// A deed whose last statement fails leaves nothing of it.
func TestLateFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.book(w.by(w.mai, at(8, 0)))
	k := key()
	pgtest.Owner(t, w.DB).MustExec(`ALTER TABLE audit ADD CONSTRAINT late CHECK (deed NOT LIKE 'appointment.%') NOT VALID`)
	for name, deed := range map[string]func() error{
		"book":   func() error { _, err := w.Book(t.Context(), w.by(w.phone, at(8, 15)), k); return err },
		"move":   func() error { return w.Move(t.Context(), w.mai, id, at(8, 15), k) },
		"cancel": func() error { return w.Cancel(t.Context(), w.mai, id, k) },
		"note":   func() error { return w.Note(t.Context(), w.clerk, id, MarkCame, "", k) },
	} {
		before := w.trace()
		if err := deed(); !pg.Violates(err, "late") {
			t.Errorf("%s: %v", name, err)
		}
		if after := w.trace(); after != before {
			t.Errorf("%s left %s, before %s", name, after, before)
		}
	}
}

// trace is all that a deed could have left.
func (w *world) trace() (s string) {
	w.t.Helper()
	err := sqlx.Get(w.DB, &s, `SELECT concat_ws(' ', (SELECT string_agg(a::text, '|') FROM appointments a), (SELECT count(*) FROM jobs), (SELECT count(*) FROM deeds), (SELECT count(*) FROM notices), (SELECT count(*) FROM audit))`)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}
