package registry

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

func key() once.Key { return once.Key{Person: "3", Key: uuid.NewString(), Route: "POST /"} }

var admin = Declarer{Officer: 3, AgencyID: 1}

// TestDeclaredOutage: nobody asks a register that is said to be out, and all the others as
// ever; until it ends by hand or by itself.
func TestDeclaredOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	until, first := w.Now().Add(2*time.Hour), key()
	for range 2 { // the same press again
		if err := w.DeclareOutage(t.Context(), admin, Population, until, "Bảo trì", first); err != nil {
			t.Fatal(err)
		}
	}
	if a := w.Self(t.Context(), an(), object); a.Outcome != Outage || len(a.Facts) > 0 {
		t.Errorf("%+v", a)
	}
	if a := w.Acting(t.Context(), an(), rice, object); a.Outcome != Found {
		t.Errorf("the other register: %s", a.Outcome)
	}
	if n := len(w.population.Entries()); n != 0 {
		t.Errorf("asked %d times all the same", n)
	}
	if err := w.DeclareOutage(t.Context(), admin, PopulationSelf, until.Add(time.Hour), "Bảo trì lâu hơn", key()); err != nil {
		t.Fatal(err)
	}
	all, err := w.Outages(t.Context())
	if err != nil || len(all) != 1 || all[0].Reason != "Bảo trì lâu hơn" || !all[0].Until.Equal(until.Add(time.Hour)) {
		t.Errorf("%+v (%v)", all, err)
	}
	end := key()
	for range 2 {
		if err := w.EndOutage(t.Context(), admin, Population, end); err != nil {
			t.Fatal(err)
		}
	}
	if a := w.Self(t.Context(), an(), object); a.Outcome != Found {
		t.Errorf("after its end: %s", a.Outcome)
	}
	if err := w.EndOutage(t.Context(), admin, Population, key()); !problem.Is(err, problem.Conflict) {
		t.Errorf("ended twice: %v", err)
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE actor = 'officer:3' AND deed LIKE 'registry.outage%' AND object = 'register:population'`); n != 3 {
		t.Errorf("%d deeds on record", n)
	}
}

func TestOutageEndsByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 { // a second one, after the first has run out
		if err := w.DeclareOutage(t.Context(), admin, Population, w.Now().Add(time.Hour), "Bảo trì", key()); err != nil {
			t.Fatal(err)
		}
		if a := w.Self(t.Context(), an(), object); a.Outcome != Outage {
			t.Errorf("%s", a.Outcome)
		}
		w.clock.pass(time.Hour)
		if a := w.Self(t.Context(), an(), object); a.Outcome != Found {
			t.Errorf("when it has run out: %s", a.Outcome)
		}
		if err := w.EndOutage(t.Context(), admin, Population, key()); !problem.Is(err, problem.Conflict) {
			t.Errorf("ended after it ran out: %v", err)
		}
	}
}

// TestOutageHistory: what is in force comes first, then the newest, each with how it ended.
func TestOutageHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	declare := func(register string, length time.Duration) {
		t.Helper()
		if err := w.DeclareOutage(t.Context(), admin, register, w.Now().Add(length), "Bảo trì", key()); err != nil {
			t.Fatal(err)
		}
	}
	declare(Population, 9*time.Hour)
	declare(Business, time.Hour)
	ran := w.Now().Add(time.Hour)
	declare(Land, 2*time.Hour)
	if err := w.EndOutage(t.Context(), admin, Land, key()); err != nil {
		t.Fatal(err)
	}
	ended := w.Now()
	w.clock.pass(3 * time.Hour)
	all, err := w.History(t.Context())
	if err != nil || len(all) != 3 {
		t.Fatalf("%+v (%v)", all, err)
	}
	if o := all[0]; o.Register != Population || o.Ended != nil {
		t.Errorf("in force: %+v", o)
	}
	if o := all[1]; o.Register != Land || o.Ended == nil || !o.Ended.Equal(ended) {
		t.Errorf("ended by hand: %+v", o)
	}
	if o := all[2]; o.Register != Business || o.Ended == nil || !o.Ended.Equal(ran) || o.EndedBy != "" {
		t.Errorf("ran out: %+v", o)
	}
}

func TestWhatIsNoOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tt := range []struct {
		register, reason string
		length           time.Duration
		key              string
	}{
		{"weather", "Bảo trì", time.Hour, "registry.no_such_register"}, {"", "Bảo trì", time.Hour, "registry.no_such_register"},
		{Population, "Bảo trì", 0, "registry.outage_until"}, {Population, "Bảo trì", 32 * 24 * time.Hour, "registry.outage_until"},
		{Population, "", time.Hour, "registry.outage_reason"}, {Population, strings.Repeat("x", 501), time.Hour, "registry.outage_reason"},
	} {
		err := w.DeclareOutage(t.Context(), admin, tt.register, w.Now().Add(tt.length), tt.reason, key())
		var p *problem.Error
		if !errors.As(err, &p) || p.Message.Key != tt.key || !locales.Has(tt.key) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM outages`); n != 0 {
		t.Errorf("%d declared", n)
	}
}

func TestLateFailureDeclaresNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := pgtest.Owner(t, w.DB).Exec(`REVOKE INSERT ON audit FROM motcua_app`); err != nil {
		t.Fatal(err)
	}
	if err := w.DeclareOutage(t.Context(), admin, Population, w.Now().Add(time.Hour), "Bảo trì", key()); err == nil {
		t.Fatal("it was not broken")
	}
	if n := w.count(t, `SELECT (SELECT count(*) FROM outages) + (SELECT count(*) FROM deeds)`); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
}
