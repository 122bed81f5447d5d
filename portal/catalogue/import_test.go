package catalogue

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

func TestImportShippedTwice(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	first := imported(t, s, assets.Catalogue())
	if first.New < 323 || first.Changed+first.Same != 0 || len(first.Faults) != 0 || first.Fields < 100 || first.Synonyms < 50 {
		t.Errorf("first: %+v", first)
	}
	second := imported(t, s, assets.Catalogue())
	if second.New+second.Changed+second.Fields+second.Synonyms != 0 || second.Same != first.New {
		t.Errorf("second: %+v", second)
	}
	if n := revisions(t, s); n != first.New {
		t.Errorf("%d revisions", n)
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	rev, err := s.InForce(t.Context(), "2.000635")
	if err != nil {
		t.Fatal(err)
	}
	if rev.No != 1 || len(rev.SHA256) != 32 || rev.Field.Name.VI != "Hộ tịch" || len(rev.Fees) != 1 || rev.Workflow == nil || rev.Form == nil {
		t.Errorf("%+v", rev)
	}
}

func TestAChangeIsTheNextRevision(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	f := small()
	imported(t, s, f)
	before, err := s.InForce(t.Context(), "9.000003")
	if err != nil {
		t.Fatal(err)
	}
	c.add(time.Hour)
	replace(t, f, informationFile, "10.000 đồng", "20.000 đồng")
	if r := imported(t, s, f); r.Changed != 1 || r.Same != 2 || r.New != 0 {
		t.Errorf("%+v", r)
	}
	after, err := s.InForce(t.Context(), "9.000003")
	if err != nil || after.No != 2 || after.ID == before.ID || after.Sheet.Channels[0].Fees[0].Note.VI != "20.000 đồng/lần" || !after.InForceFrom.Equal(c.now()) {
		t.Fatalf("%+v, %v", after, err)
	}
	pinned, err := s.ByID(t.Context(), before.ID)
	if err != nil || pinned.Sheet.Channels[0].Fees[0].Note.VI != "10.000 đồng/lần" {
		t.Errorf("a dossier lost its revision: %+v, %v", pinned, err)
	}
	if again, _ := s.ByID(t.Context(), before.ID); again != pinned {
		t.Error("the pinned revision was read twice")
	}
	if _, err := s.ByID(t.Context(), 999999); !problem.Is(err, problem.NotFound) {
		t.Errorf("no such id: %v", err)
	}
	// what was there before is published again as a new one, not taken for known
	replace(t, f, informationFile, "20.000 đồng", "10.000 đồng")
	imported(t, s, f) // in the same instant as the last
	back, err := s.InForce(t.Context(), "9.000003")
	if err != nil || back.No != 3 || string(back.SHA256) != string(before.SHA256) {
		t.Errorf("%+v, %v", back, err)
	}
}

func TestARevisionWaitsForItsDay(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	other := &Service{DB: s.DB, Now: c.now} // another instance
	f := fullFolder(t)
	imported(t, s, f)
	name := func(s *Service) string {
		t.Helper()
		rev, err := s.InForce(t.Context(), "2.000635")
		if err != nil {
			t.Fatal(err)
		}
		return rev.Sheet.Name.VI
	}
	old := name(other)
	replace(t, f, "procedures/2.000635/sheet.json", old, "Cấp bản sao mới")
	replace(t, f, "procedures/2.000635/sheet.json", `"in_force_from": "2025-07-01"`, `"in_force_from": "2026-11-21"`)
	if r := imported(t, s, f); r.Changed != 1 {
		t.Fatalf("%+v", r)
	}
	c.add(15*time.Hour - time.Nanosecond) // the last of 20 November
	for who, s := range map[string]*Service{"the importer": s, "another instance": other} {
		if got := name(s); got != old {
			t.Errorf("%s has %q before its day", who, got)
		}
		if r, _ := s.Search(t.Context(), Query{Text: "bản sao mới"}); slices.ContainsFunc(r.Hits, func(h *Revision) bool { return h.Sheet.Name.VI == "Cấp bản sao mới" }) {
			t.Errorf("%s finds it before its day", who)
		}
	}
	c.add(time.Nanosecond)
	for who, s := range map[string]*Service{"the importer": s, "another instance": other} {
		if got := name(s); got != "Cấp bản sao mới" {
			t.Errorf("%s has %q on its day", who, got)
		}
	}
}

func TestAnotherInstanceSeesAnImportWithinASecond(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	other := &Service{DB: s.DB, Now: c.now}
	f := small()
	imported(t, s, f)
	edition, err := other.Edition(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	replace(t, f, informationFile, "Cấp phép mẫu", "Cấp phép khác")
	imported(t, s, f)
	c.add(askEach)
	rev, err := other.InForce(t.Context(), "9.000003")
	if err != nil || rev.Sheet.Name.VI != "Cấp phép khác" {
		t.Errorf("%+v, %v", rev, err)
	}
	if now, _ := other.Edition(t.Context()); now == edition {
		t.Error("the edition has the same name")
	}
	// a field's new name is no new revision, but is seen as well
	n := revisions(t, s)
	replace(t, f, fieldsFile, "Hộ tịch", "Hộ tịch và quốc tịch")
	if r := imported(t, s, f); r.Fields != 1 || r.Same != 3 || revisions(t, s) != n {
		t.Errorf("%+v", r)
	}
	c.add(askEach)
	if rev, _ := other.InForce(t.Context(), "9.000003"); rev.Field.Name.VI != "Hộ tịch và quốc tịch" {
		t.Errorf("field %q", rev.Field.Name)
	}
}

func TestAFaultyProcedureIsLeftOutWhole(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	f := fullFolder(t)
	replace(t, f, "procedures/2.000635/fees.json", `"unit": 8000`, `"unit": -1`)
	delete(f, "procedures/2.000033/workflow.json")
	replace(t, f, "procedures/1.001193/sheet.json", `"steps": [`, `"stepps": [`)
	r := imported(t, s, f)
	if n := revisions(t, s); n != 0 || r.New != 0 {
		t.Errorf("%d revisions of three faulty procedures", n)
	}
	for _, want := range []struct{ file, place, key string }{
		{"procedures/2.000635", "fees.json [0]", "catalogue.import.unreadable"},
		{"procedures/2.000033", "workflow.json", "catalogue.import.empty"},
		{"procedures/1.001193", "sheet.json:", "catalogue.import.unreadable"},
	} {
		if !slices.ContainsFunc(r.Faults, func(f Fault) bool {
			return f.File == want.file && strings.HasPrefix(f.Place, want.place) && f.Message.Key == want.key
		}) {
			t.Errorf("no fault %v in %v", want, r.Faults)
		}
	}
	for _, f := range r.Faults {
		if !locales.Has(f.Message.Key) {
			t.Errorf("%s has no words", f.Message.Key)
		}
	}
	// one that is right comes in, also beside faulty ones
	g := fullFolder(t)
	f["procedures/2.000635/fees.json"] = g["procedures/2.000635/fees.json"]
	if r := imported(t, s, f); r.New != 1 || revisions(t, s) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestImportLeavesNothingWhenTheLastRowFails(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	if _, err := pgtest.Owner(t, s.DB).Exec(`ALTER TABLE revisions ADD CONSTRAINT last_row CHECK (procedure_code <> '9.000003')`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Import(t.Context(), small()); err == nil {
		t.Fatal("imported")
	}
	for _, table := range []string{"revisions", "procedures", "fields", "synonyms"} {
		var n int
		if err := s.DB.Get(&n, `SELECT count(*) FROM `+table); err != nil || n != 0 {
			t.Errorf("%d rows stayed in %s, %v", n, table, err)
		}
	}
}

func TestImportsAtOnceMakeNoDoubles(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	var wg sync.WaitGroup
	news := make([]int, 4)
	for i := range news {
		wg.Go(func() {
			r, err := (&Service{DB: s.DB, Now: c.now}).Import(t.Context(), small())
			if err != nil {
				t.Error(err)
			}
			news[i] = r.New
		})
	}
	wg.Wait()
	slices.Sort(news)
	if n := revisions(t, s); n != 3 || !slices.Equal(news, []int{0, 0, 0, 3}) {
		t.Errorf("%d revisions, new: %v", n, news)
	}
}

func TestVerifyNamesAnAlteredRevision(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	imported(t, s, small())
	if _, err := pgtest.Owner(t, s.DB).Exec(`UPDATE revisions SET doc = jsonb_set(doc, '{sheet,level}', '1') WHERE procedure_code = '9.000002'`); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), "9.000002") {
		t.Errorf("%v", err)
	}
	if _, err := s.DB.Exec(`UPDATE revisions SET no = 9`); err == nil {
		t.Error("the portal's own role may change a revision")
	}
}

// TestWhatIsHeldServesAlone closes the database: what was read goes on, and what was
// published for later comes into force in its second all the same.
func TestWhatIsHeldServesAlone(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	f := fullFolder(t)
	imported(t, s, f)
	replace(t, f, "procedures/2.000635/sheet.json", `"in_force_from": "2025-07-01"`, `"in_force_from": "2026-11-21"`)
	imported(t, s, f)
	edition, err := s.Edition(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DB.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		later time.Duration
		no    int
	}{{15*time.Hour - time.Nanosecond, 1}, {time.Nanosecond, 2}, {time.Hour, 2}} {
		c.add(want.later)
		if rev, err := s.InForce(t.Context(), "2.000635"); err != nil || rev.No != want.no {
			t.Errorf("at %v: %+v, %v; want number %d", c.now(), rev, err, want.no)
		}
	}
	if now, _ := s.Edition(t.Context()); now == edition {
		t.Error("the edition has the same name")
	}
}

// TestNobodyWaitsForTheOneWhoAsks stands for a pool whose connections are all taken by
// transactions that ask the catalogue.
func TestNobodyWaitsForTheOneWhoAsks(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	imported(t, s, small())
	s.asking.Lock() // somebody asks, and gets no connection
	defer s.asking.Unlock()
	c.add(time.Minute)
	if _, err := s.InForce(t.Context(), "9.000001"); err != nil {
		t.Error(err)
	}
}

// TestStoredDocumentIsWhatWasPublished compares the column with the files.
func TestStoredDocumentIsWhatWasPublished(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	f := fullFolder(t)
	imported(t, s, f)
	var stored string
	if err := s.DB.Get(&stored, `SELECT doc->>'sheet' FROM revisions WHERE procedure_code = '2.000635'`); err != nil {
		t.Fatal(err)
	}
	want, _, err := sum(json.RawMessage(f["procedures/2.000635/sheet.json"].Data))
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := sum(json.RawMessage(stored)); err != nil || string(got) != string(want) {
		t.Errorf("%s\n%s\n%v", got, want, err)
	}
}
