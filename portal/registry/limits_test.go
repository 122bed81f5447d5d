package registry

import (
	"testing"
	"time"

	"motcua/portal/pg/pgtest"
	"motcua/portal/standin"
)

// TestBreaker: a register that fails is let alone for a while, and tried again after it.
func TestBreaker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.population.Set(standin.Fault{Mode: "dead"})
	for range failuresOpen {
		w.Self(t.Context(), an(), object)
	}
	before := w.upstream()
	w.population.Set(standin.Fault{Mode: "ok"})
	for range 3 {
		if a := w.Self(t.Context(), an(), object); a.Outcome != Unavailable {
			t.Errorf("while it rests: %s", a.Outcome)
		}
	}
	if n := w.upstream(); n != before {
		t.Errorf("asked %d times while it rests", n-before)
	}
	if n := w.count(t, `SELECT count(*) FROM lookups`); n != failuresOpen+3 {
		t.Errorf("%d look-ups on record", n)
	}
	if a := w.Acting(t.Context(), an(), rice, object); a.Outcome != Found {
		t.Errorf("the other register: %s", a.Outcome)
	}
}

func TestBreakerCloses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Rest = time.Nanosecond
	w.population.Set(standin.Fault{Mode: "dead", Times: failuresOpen})
	for range failuresOpen {
		w.Self(t.Context(), an(), object)
	}
	if a := w.Self(t.Context(), an(), object); a.Outcome != Found {
		t.Errorf("after the rest: %s", a.Outcome)
	}
}

func TestPersonsLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.DB.Exec(`INSERT INTO limits (name, key, start, count) VALUES ('registry.person', '7', $1, $2)`, w.Now(), perPersonDay-1)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Outcome{Found, Refused, Refused} {
		if a := w.Self(t.Context(), an(), object); a.Outcome != want || (len(a.Facts) > 0) != (want == Found) {
			t.Errorf("try %d: %s, want %s", perPersonDay+i, a.Outcome, want)
		}
	}
	if a := w.Acting(t.Context(), an(), rice, object); a.Outcome != Refused {
		t.Errorf("the other register: %s", a.Outcome)
	}
	if n := w.upstream(); n != 1 {
		t.Errorf("%d questions left the house", n)
	}
	other := an()
	other.ID = 8
	if a := w.Self(t.Context(), other, object); a.Outcome != Found {
		t.Errorf("another person: %s", a.Outcome)
	}
	w.clock.pass(24*time.Hour + time.Second)
	if a := w.Self(t.Context(), an(), object); a.Outcome != Found {
		t.Errorf("the next day: %s", a.Outcome)
	}
}

// TestEverybodysLimit: many accounts together do not harvest either.
func TestEverybodysLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.DB.Exec(`INSERT INTO limits (name, key, start, count) VALUES ('registry.all', 'population', $1, $2)`, w.Now(), perHour)
	if err != nil {
		t.Fatal(err)
	}
	if a := w.Self(t.Context(), an(), object); a.Outcome != Refused {
		t.Errorf("over the limit of all: %s", a.Outcome)
	}
	if n := w.upstream(); n != 0 {
		t.Errorf("%d questions left the house", n)
	}
}

// TestOnRecordOrNotShown: without its two rows there are no facts, and never one row alone.
func TestOnRecordOrNotShown(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"lookups", "audit"} {
		w := newWorld(t)
		if _, err := pgtest.Owner(t, w.DB).Exec(`REVOKE INSERT ON ` + table + ` FROM motcua_app`); err != nil {
			t.Fatal(err)
		}
		if a := w.Self(t.Context(), an(), object); a.Outcome != Unavailable || a.Facts != nil {
			t.Errorf("without %s: %+v", table, a)
		}
		if n := w.count(t, `SELECT (SELECT count(*) FROM lookups) + (SELECT count(*) FROM audit)`); n != 0 {
			t.Errorf("without %s: %d rows stayed", table, n)
		}
	}
}
