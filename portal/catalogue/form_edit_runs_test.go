package catalogue

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/once"
	"motcua/portal/problem"
)

// newEditor is an officer who makes forms, and their next deed each time.
func newEditor(t *testing.T, s *Service) func() Editing {
	t.Helper()
	o := agency.Officer{Name: "Biên tập", Roles: []agency.Role{{Role: agency.Editor}}}
	if err := s.DB.Get(&o.ID, `INSERT INTO officers (id_hash, name) VALUES ('x', 'Biên tập') RETURNING id`); err != nil {
		t.Fatal(err)
	}
	return func() Editing {
		return Editing{Officer: o, Key: once.Key{Person: "person:1", Key: uuid.NewString(), Route: "POST /x"}}
	}
}

// editing is an edit of a shipped form with three runs, one a case.
func editing(t *testing.T) (s *Service, by func() Editing, id string) {
	t.Helper()
	s, _ = newService(t)
	imported(t, s, fullFolder(t))
	by = newEditor(t, s)
	id, err := s.StartEdit(t.Context(), by(), "2.000635")
	if err != nil {
		t.Fatal(err)
	}
	return s, by, id
}

// rewritten saves the edit's form with one text in the place of another.
func rewritten(t *testing.T, s *Service, by Editing, id, from, to string) {
	t.Helper()
	e, err := s.FormEdit(t.Context(), by.Officer, id)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(e.Definition, from) != 1 {
		t.Fatalf("%q is there %d times", from, strings.Count(e.Definition, from))
	}
	c := Change{Definition: []byte(strings.Replace(e.Definition, from, to, 1)), Deed: "set"}
	if _, err := s.SaveEdit(t.Context(), by, id, e.Version, c); err != nil {
		t.Fatal(err)
	}
}

func runsOf(t *testing.T, s *Service, by Editing, id string) (names string, differing int, tests int) {
	t.Helper()
	all, c, err := s.FormRuns(t.Context(), by.Officer, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		names += r.Name + " "
		differing += min(len(r.Differences), 1)
	}
	for _, r := range c.Refusals {
		if r.Part == "tests" {
			tests++
		}
	}
	return strings.TrimSpace(names), differing, tests
}

// A changed form does not pass its runs, so it is not published; the outcome accepted, it
// is, and the runs are part of the revision.
func TestRunsKeepAFormFromBeingPublished(t *testing.T) {
	t.Parallel()
	s, by, id := editing(t)
	if names, differing, tests := runsOf(t, s, by(), id); names != "authorised relative relative-spouse self" || differing+tests != 0 {
		t.Fatalf("%s: %d differ, %d refuse", names, differing, tests)
	}
	rewritten(t, s, by(), id, "Số bản sao\"", "Số bản sao cần cấp\"")
	if _, differing, tests := runsOf(t, s, by(), id); differing != 4 || tests < 4 {
		t.Errorf("%d differ, %d refuse", differing, tests)
	}
	e, err := s.FormEdit(t.Context(), by().Officer, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PublishEdit(t.Context(), by(), id, Publishing{Version: e.Version, Note: "x"}); !problem.Is(err, problem.Invalid) {
		t.Errorf("published against its runs: %v", err)
	}
	if err := s.RenewRun(t.Context(), by(), id, "self"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"authorised", "relative", "relative-spouse"} {
		if err := s.DropRun(t.Context(), by(), id, name); err != nil {
			t.Fatal(err)
		}
	}
	if names, differing, tests := runsOf(t, s, by(), id); names != "self" || differing+tests != 0 {
		t.Errorf("%s: %d differ, %d refuse", names, differing, tests)
	}
	approve(t, s, id, e.Version)
	if _, err := s.PublishEdit(t.Context(), by(), id, Publishing{Version: e.Version, Note: "x"}); err != nil {
		t.Fatal(err)
	}
	rev, err := s.InForce(t.Context(), "2.000635")
	if err != nil || rev.No != 2 || len(rev.Recordings) != 1 {
		t.Fatalf("%d recordings, %v", len(rev.Recordings), err)
	}
	if got := strings.Join(rev.Recordings["self"].Expect.Summary, "\n"); !strings.Contains(got, "Số bản sao cần cấp: 3") {
		t.Errorf("%s", got)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.DropRun(t.Context(), by(), id, "self"); !problem.Is(err, problem.Conflict) {
		t.Errorf("an edit that is over lost a run: %v", err)
	}
}

// A run is kept under the name of its case, the same press twice keeps one, and a run with a
// fault is refused.
func TestARunIsKept(t *testing.T) {
	t.Parallel()
	s, by, id := editing(t)
	rev, err := s.InForce(t.Context(), "2.000635")
	if err != nil {
		t.Fatal(err)
	}
	rec := rev.Recordings["self"]
	rec.Name, rec.Expect = locales.V("Lại một lần nữa"), eforms.Expect{}
	press := by()
	for range 2 {
		if name, err := s.KeepRun(t.Context(), press, id, rec); err != nil || name != "self-2" {
			t.Fatalf("%s, %v", name, err)
		}
	}
	if names, differing, _ := runsOf(t, s, by(), id); names != "authorised relative relative-spouse self self-2" || differing != 0 {
		t.Errorf("%s, %d differ", names, differing)
	}
	rec.Answers = eforms.Answers{"for_whom": "self"}
	if _, err := s.KeepRun(t.Context(), by(), id, rec); !problem.Is(err, problem.Invalid) {
		t.Errorf("a run with faults: %v", err)
	}
	rec.Today = "one day"
	if _, err := s.KeepRun(t.Context(), by(), id, rec); !problem.Is(err, problem.Invalid) {
		t.Errorf("a run without a day: %v", err)
	}
	if err := s.RenewRun(t.Context(), by(), id, "what"); !problem.Is(err, problem.NotFound) {
		t.Errorf("a run that there is not: %v", err)
	}
	stranger := by()
	stranger.Officer.Roles = []agency.Role{{Role: agency.Processor}}
	if err := s.DropRun(t.Context(), stranger, id, "self"); !problem.Is(err, problem.NotFound) {
		t.Errorf("a processor: %v", err)
	}
}

// What fails late leaves no run behind, and no key that would swallow the next try.
func TestARunThatFailsLate(t *testing.T) {
	t.Parallel()
	s, by, id := editing(t)
	rev, err := s.InForce(t.Context(), "2.000635")
	if err != nil {
		t.Fatal(err)
	}
	press := by()
	press.IP = "\xff" // the audit log refuses it, after the run was written
	if _, err := s.KeepRun(t.Context(), press, id, rev.Recordings["self"]); err == nil {
		t.Fatal("it did not fail")
	}
	if names, _, _ := runsOf(t, s, by(), id); names != "authorised relative relative-spouse self" {
		t.Errorf("left behind: %s", names)
	}
	press.IP = ""
	if name, err := s.KeepRun(t.Context(), press, id, rev.Recordings["self"]); err != nil || name != "self-2" {
		t.Errorf("%s, %v", name, err)
	}
}

// While the form cannot be loaded nothing is run, and nothing is lost.
func TestRunsOfAFormThatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	s, by, id := editing(t)
	rewritten(t, s, by(), id, `"id": "copies"`, `"id": "event_kind"`)
	if names, _, _ := runsOf(t, s, by(), id); names != "" {
		t.Errorf("%s", names)
	}
	var rec eforms.Recording
	if err := json.Unmarshal([]byte(`{"today": "2026-11-23", "answers": {}}`), &rec); err != nil {
		t.Fatal(err)
	}
	if _, err := s.KeepRun(t.Context(), by(), id, rec); !problem.Is(err, problem.Conflict) {
		t.Errorf("kept: %v", err)
	}
}

func TestSamplePeople(t *testing.T) {
	t.Parallel()
	lists := map[string][]eforms.Option{eforms.Communes: {{Value: "00001", Parent: "01"}}}
	for i, p := range SamplePeople() {
		if p.ID == "" || p.Name.VI == "" || p.Name.EN == "" {
			t.Errorf("person %d: %+v", i, p)
		}
		places := 0
		for _, f := range p.Facts(lists, morning) {
			if f.Source.VI == "" {
				t.Errorf("%s has no source", f.Name)
			}
			if strings.HasSuffix(f.Name, ".commune") {
				places++
			}
		}
		if places != min(len(p.Known), 1) {
			t.Errorf("%s lives in %d places", p.ID, places)
		}
	}
}
