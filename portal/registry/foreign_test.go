package registry

import (
	"fmt"
	"testing"
	"time"

	"motcua/portal/pg/pgtest"
)

// TestStrangersNumbers: the third number of a stranger locks the account's look-ups, tells
// once, and holds on every instance. None of them leaves the house.
func TestStrangersNumbers(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	second := &Service{DB: w.DB, Key: w.Key, Population: w.Population, Business: w.Business, Civil: w.Civil, Now: w.Now, Log: w.Log}
	ask := func(s *Service, q Question) Outcome {
		return s.Ask(t.Context(), Asking{Person: an(), Object: object, Procedure: "2.000635"}, []Question{q})[0].Outcome
	}
	strangers := []string{foreignOne, "001190000992", "001190000993", "001190000994"}
	for i, number := range []string{strangers[0], strangers[0], strangers[1], strangers[0]} { // the same one again is the same try
		if o := ask([]*Service{w.Service, second}[i%2], Ward(number)); o != Refused {
			t.Errorf("%s: %s", number, o)
		}
	}
	if o := ask(second, Self()); o != Found {
		t.Fatalf("after two strangers: %s", o)
	}
	for range 2 {
		ask(w.Service, Ward(strangers[2]))
	}
	left := w.upstream() + len(w.xroad.Entries())
	for _, q := range []Question{Self(), Ward(childNumber), Ward(strangers[3]), Acting(rice, anNumber)} {
		for _, s := range []*Service{w.Service, second} {
			if o := ask(s, q); o != Refused {
				t.Errorf("%s after three strangers: %s", q.Source(), o)
			}
		}
	}
	if n := w.upstream() + len(w.xroad.Entries()); n != left {
		t.Errorf("%d questions left the house while locked", n-left)
	}
	for _, number := range strangers {
		if n := w.about(number); n != 0 {
			t.Errorf("%d questions about %s", n, number)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'registry.alarm' AND actor = 'person:7' AND args->>'kind' = 'foreign'`); n != 1 {
		t.Errorf("%d alarms on record", n)
	}
	if n := w.count(t, `SELECT count(*) FROM jobs WHERE kind = 'registry.alarm' AND subject = 'foreign:person:7' AND stuck_at IS NOT NULL`); n != 1 {
		t.Errorf("%d tasks", n)
	}
	w.clock.pass(24*time.Hour + time.Second)
	if o := ask(w.Service, Self()); o != Found {
		t.Errorf("the next day: %s", o)
	}
}

// TestAlarmTellsOrNothing: a task and its record come together.
func TestAlarmTellsOrNothing(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	if _, err := pgtest.Owner(t, w.DB).Exec(`ALTER TABLE audit ADD CONSTRAINT broken CHECK (deed <> 'registry.alarm')`); err != nil {
		t.Fatal(err)
	}
	for i := range foreignTries {
		w.put(t, Ward(fmt.Sprintf("00119000099%d", i)))
	}
	if n := w.count(t, `SELECT count(*) FROM jobs`); n != 0 {
		t.Errorf("%d tasks without their record", n)
	}
	if locked, err := w.Locked(t.Context(), 7); err != nil || !locked {
		t.Errorf("locked %v (%v)", locked, err)
	}
}

// TestOtherPeople: five others a day, however often each.
func TestOtherPeople(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	for i := range othersDay + 2 {
		number := fmt.Sprintf("08917000030%d", i)
		if err := w.population.Edit(`{"id_number": "` + number + `", "full_name": "Lê Ủy Quyền", "birth_date": "1970-01-01"}`); err != nil {
			t.Fatal(err)
		}
		want := map[bool]Outcome{true: Found, false: Refused}[i < othersDay]
		for range 2 {
			a := w.put(t, Giver(number, "Lê Ủy Quyền"))
			if a.Outcome != want || a.Later != (want == Refused) {
				t.Errorf("other %d: %s", i+1, a.Outcome)
			}
		}
		if want == Refused && w.about(number) > 0 {
			t.Errorf("asked about other %d", i+1)
		}
	}
	if a := w.put(t, Self()); a.Outcome != Found {
		t.Errorf("themself: %s", a.Outcome)
	}
}

// TestOfficersLimit is the officer's own, not that of the person whose dossier it is.
func TestOfficersLimit(t *testing.T) {
	t.Parallel()
	w := newConnected(t)
	_, err := w.DB.Exec(`INSERT INTO limits (name, key, start, count) VALUES ('registry.officer', '3', $1, $2), ('registry.lock', '7', $1, 1)`, w.Now(), perOfficerDay-1)
	if err != nil {
		t.Fatal(err)
	}
	a := Asking{Person: an(), Officer: 3, AgencyID: 5, Object: "dossier:x", Purpose: Check}
	for i, want := range []Outcome{Found, Refused} {
		if got := w.Ask(t.Context(), a, []Question{Self()})[0]; got.Outcome != want {
			t.Errorf("look-up %d: %s", perOfficerDay+i, got.Outcome)
		} else if want == Found && got.Facts[0].By != "officer:3" {
			t.Errorf("by %s", got.Facts[0].By)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM lookups WHERE officer_id = 3 AND agency_id = 5 AND purpose = 'check'`); n != 2 {
		t.Errorf("%d look-ups on record", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE actor = 'officer:3' AND agency_id = 5`); n != 2 {
		t.Errorf("%d audit rows", n)
	}
}

// TestHarvestOfMany: over the hourly limit of everybody somebody is told, once.
func TestHarvestOfMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.DB.Exec(`INSERT INTO limits (name, key, start, count) VALUES ('registry.all', 'population', $1, $2)`, w.Now(), perHour)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if a := w.Self(t.Context(), an(), object); a.Outcome != Refused || !a.Later {
			t.Errorf("over the limit of all: %s", a.Outcome)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM jobs WHERE kind = 'registry.alarm' AND stuck_at IS NOT NULL`); n != 1 {
		t.Errorf("%d tasks", n)
	}
}
