package dossier

import (
	"encoding/json"
	"net/url"
	"slices"
	"testing"
	"time"

	"motcua/portal/pg/pgtest"
	"motcua/portal/queue"
	"motcua/portal/registry"
)

// typed is what a person types where the population database does not answer.
func typed(name string) url.Values {
	return url.Values{"requester_name": {name}, "requester_birth_date.day": {"12"}, "requester_birth_date.month": {"3"}, "requester_birth_date.year": {"1994"},
		"requester_id": {"089194000101"}, "requester_residence.province": {"91"}, "requester_residence.commune": {"30307"},
		"requester_residence.detail": {"số 12, đường Trần Hưng Đạo"}}
}

// unverified files a dossier while the population database is dead; heal brings it back.
func (w *world) unverified(t *testing.T, name string) (d Dossier, heal func()) {
	t.Helper()
	w.Drafts.Registry.Rest = time.Nanosecond // of real time
	people := w.Drafts.Registry.Population.(*registry.PopulationClient)
	alive := people.URL
	people.URL = "http://127.0.0.1:1/"
	v := w.answers(extract)
	for field, value := range typed(name) {
		v[field] = value
	}
	d = w.file(t, w.mai, w.draft(t, w.mai, extract, "", v))
	if d.Verified {
		t.Fatal("verified by a dead register")
	}
	return d, func() { people.URL = alive }
}

// TestFilledInLater: filed by hand while the register was dead, compared when it lives, and
// verified when all agrees; capitals and commas are no difference.
func TestFilledInLater(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d, heal := w.unverified(t, "NGUYỄN THỊ HỒNG MAI")
	for range 3 { // in vain
		w.clock.Pass(5 * time.Hour)
		w.drain(t)
	}
	if n := w.count(t, `SELECT count(*) FROM jobs WHERE kind = $1 AND subject = $2 AND due > $3 AND stuck_at IS NULL`, FillKind, d.ID, w.Now()); n != 1 {
		t.Fatalf("%d jobs wait", n)
	}
	heal()
	w.clock.Pass(13 * time.Hour)
	w.drain(t)
	checks, err := w.FactChecks(t.Context(), d.ID)
	if err != nil || len(checks) != 1 || checks[0].Outcome != registry.Found || len(checks[0].Differences) != 0 || checks[0].By != "system" || len(checks[0].Facts) == 0 {
		t.Fatalf("%+v (%v)", checks, err)
	}
	if got := w.see(t, d.ID); !got.Verified || got.Version != d.Version {
		t.Errorf("verified %v, version %d", got.Verified, got.Version)
	}
	asked := w.count(t, `SELECT count(*) FROM lookups`)
	if err := w.Handlers()[FillKind](t.Context(), job(FillKind, d.ID, filling{})); err != nil { // once more
		t.Error(err)
	}
	if n := w.count(t, `SELECT count(*) FROM lookups`) - asked; n != 0 {
		t.Errorf("asked %d times about what is verified", n)
	}
	if n := w.count(t, `SELECT count(*) FROM jobs WHERE kind LIKE 'registry.%'`); n != 0 {
		t.Errorf("%d jobs stay", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit WHERE deed = 'dossier.compare' AND object = $1 AND actor = 'system' AND args ? 'verified'`, "dossier:"+d.ID); n != 1 {
		t.Errorf("%d records of it", n)
	}
}

func TestDifferencesStay(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d, heal := w.unverified(t, "Nguyễn Thị Hồng Mơ")
	heal()
	w.clock.Pass(time.Hour)
	w.drain(t)
	checks, err := w.FactChecks(t.Context(), d.ID)
	if err != nil || len(checks) != 1 || !slices.Equal(checks[0].Differences, []Differing{{"requester_name", "population.self.full_name", "differs"}}) {
		t.Fatalf("%+v (%v)", checks, err)
	}
	if w.see(t, d.ID).Verified {
		t.Error("verified all the same")
	}
	first := w.count(t, `SELECT count(*) FROM filings WHERE dossier_id = $1`, d.ID)
	if first != 1 || w.count(t, `SELECT count(*) FROM jobs WHERE kind = $1`, FillKind) != 0 {
		t.Error("what was filed has changed, or it is asked again")
	}
}

func TestAskedInVainForAWeek(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d, heal := w.unverified(t, "Nguyễn Thị Hồng Mai")
	for range 20 {
		w.clock.Pass(19 * time.Hour)
		w.drain(t)
	}
	if n := w.count(t, `SELECT count(*) FROM jobs WHERE kind = $1 AND subject = $2 AND stuck_at IS NOT NULL`, UnverifiedKind, d.ID); n != 1 {
		t.Fatalf("%d tasks", n)
	}
	if n := w.count(t, `SELECT count(*) FROM jobs WHERE kind = $1`, FillKind); n != 0 {
		t.Errorf("%d jobs go on", n)
	}
	heal()
	for range 2 { // somebody sees to it
		if err := w.Handlers()[UnverifiedKind](t.Context(), job(UnverifiedKind, d.ID, nil)); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.Pass(time.Hour)
	w.drain(t)
	if !w.see(t, d.ID).Verified {
		t.Error("not verified when it was asked anew")
	}
}

func TestLateFailureOfACheckLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newService(t)
	d, heal := w.unverified(t, "Nguyễn Thị Hồng Mai")
	heal()
	if _, err := pgtest.Owner(t, w.DB).Exec(`ALTER TABLE audit ADD CONSTRAINT broken CHECK (deed <> 'dossier.compare')`); err != nil {
		t.Fatal(err)
	}
	if err := w.Handlers()[FillKind](t.Context(), job(FillKind, d.ID, filling{Since: w.Now()})); err == nil {
		t.Fatal("it was not broken")
	}
	if n := w.count(t, `SELECT count(*) FROM fact_checks`); n != 0 || w.see(t, d.ID).Verified {
		t.Errorf("%d checks stayed, verified %v", n, w.see(t, d.ID).Verified)
	}
}

// TestNoJobWithoutItsDossier: the filing that fails asks nothing later.
func TestNoJobWithoutItsDossier(t *testing.T) {
	t.Parallel()
	w := newService(t)
	people := w.Drafts.Registry.Population.(*registry.PopulationClient)
	people.URL = "http://127.0.0.1:1/"
	v := w.answers(extract)
	for field, value := range typed("Nguyễn Thị Hồng Mai") {
		v[field] = value
	}
	id := w.draft(t, w.mai, extract, "", v)
	w.breaks(t, "INSERT", "orders")
	if _, err := w.File(t.Context(), w.mai, id, true, newKey(w.mai)); err == nil {
		t.Fatal("it was not broken")
	}
	if n := w.count(t, `SELECT count(*) FROM jobs WHERE kind = $1`, FillKind); n != 0 {
		t.Errorf("%d jobs", n)
	}
}

func job(kind, subject string, body any) queue.Job {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err) // a test's own
	}
	return queue.Job{Kind: kind, Subject: subject, Body: b}
}
