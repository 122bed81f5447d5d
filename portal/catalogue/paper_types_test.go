package catalogue

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/pg/pgtest"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.ParseInLocation(time.DateOnly, s, locales.ICT)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The term of a paper is that of the rule in force when it was issued; where nobody has read
// the day, nothing is made up.
func TestPaperEnds(t *testing.T) {
	health := PaperType{Validity: []Validity{{From: "2025-01-01", Amount: 12, Unit: "month"}, {From: "2015-10-10", Amount: 6, Unit: "month"}}}
	for _, c := range []struct {
		name             string
		of               PaperType
		issued, handedIn string
		want             string
		limited          bool
	}{
		{"the old rule", health, "2024-12-31", "2025-02-01", "2025-06-30", true},
		{"the new rule", health, "2025-01-01", "2025-02-01", "2026-01-01", true},
		{"before any rule", health, "2014-01-01", "2025-02-01", "", false},
		{"the month is shorter", PaperType{Validity: []Validity{{From: "2000-01-01", Amount: 6, Unit: "month"}}}, "2025-08-31", "2025-09-01", "2026-02-28", true},
		{"years", PaperType{Validity: []Validity{{From: "2000-01-01", Amount: 5, Unit: "year"}}}, "2024-02-29", "2024-03-01", "2029-02-28", true},
		{"days", PaperType{Validity: []Validity{{From: "2000-01-01", Amount: 30, Unit: "day"}}}, "2025-01-31", "2025-02-01", "2025-03-02", true},
		{"nobody read the day", health, "", "2025-02-01", "", true},
		{"the paper tells", PaperType{Validity: []Validity{{From: "2000-01-01", Until: "stated"}}}, "2025-01-01", "2025-02-01", "", true},
		{"as handed in", PaperType{Validity: []Validity{{From: "2000-01-01", Amount: 6, Unit: "month", Since: "handed_in"}}}, "", "2025-02-01", "2025-08-01", true},
		{"without end", PaperType{}, "2025-01-01", "2025-02-01", "", false},
	} {
		var issued time.Time
		if c.issued != "" {
			issued = day(t, c.issued)
		}
		got := ""
		if ends, known := c.of.Ends(issued, day(t, c.handedIn)); known {
			got = ends.Format(time.DateOnly)
		}
		from := issued
		if from.IsZero() {
			from = day(t, c.handedIn)
		}
		if got != c.want || c.of.Limited(from) != c.limited {
			t.Errorf("%s: ends %q, limited %v; want %q, %v", c.name, got, c.of.Limited(from), c.want, c.limited)
		}
	}
}

// The shipped types come into the database, can be asked for, and are as they were after a
// second import.
func TestPaperTypes(t *testing.T) {
	t.Parallel()
	s := &Service{DB: pgtest.Open(t), Now: time.Now}
	for range 2 {
		if r, err := s.Import(t.Context(), assets.CatalogueOf()); err != nil || len(r.Faults) > 0 {
			t.Fatal(err, r.Faults)
		}
	}
	types, err := s.PaperTypes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for code, one := range types {
		if one.Name.VI == "" || one.Name.EN == "" {
			t.Errorf("%s has no name in both languages", code)
		}
	}
	if got, ok := ResultType(types, "KQ.HT.TTHN"); !ok || got.Code != "giay_xac_nhan_hon_nhan" || !got.Dated(s.Now()) {
		t.Errorf("the result KQ.HT.TTHN is %+v, %v; want the certificate that holds so long from its day", got, ok)
	}
	if _, ok := ResultType(types, "KQ.NONE"); ok {
		t.Error("an unknown result is a known type")
	}
	var changed int
	if err := s.DB.Get(&changed, `SELECT count(DISTINCT at) FROM paper_types`); err != nil || changed != len(types) {
		t.Errorf("%d of %d types keep their own time: %v", changed, len(types), err)
	}
}

func TestPaperTypesFaults(t *testing.T) {
	doc := func(types string) fstest.MapFS {
		return fstest.MapFS{paperTypesFile: {Data: []byte(`{"note":"","types":[` + types + `]}`)}}
	}
	for _, c := range []struct{ types, want string }{
		{`{"code":"a","name":{"vi":"A"}},{"code":"a","name":{"vi":"A"}}`, "catalogue.import.twice"},
		{`{"code":"a","name":{"vi":"A"},"results":["K"]},{"code":"b","name":{"vi":"B"},"results":["K"]}`, "catalogue.import.twice"},
		{`{"code":"a","name":{"vi":""}}`, "catalogue.import.empty"},
		{`{"code":"a","name":{"vi":"A"},"validity":[{"from":"31/12/2020","amount":1,"unit":"month"}]}`, "catalogue.import.day"},
		{`{"code":"a","name":{"vi":"A"},"validity":[{"from":"2020-01-01"}]}`, "catalogue.import.time"},
		{`{"code":"a","name":{"vi":"A"},"validity":[{"from":"2020-01-01","amount":1,"unit":"week"}]}`, "catalogue.import.unknown"},
		{`{"code":"a","name":{"vi":"A"},"validity":[{"from":"2020-01-01","until":"later"}]}`, "catalogue.import.unknown"},
		{`{"code":"a","name":{"vi":"A"},"valid":1}`, "catalogue.import.unreadable"},
	} {
		f, err := read(doc(c.types))
		if err != nil {
			t.Fatal(err)
		}
		if len(f.faults) == 0 || f.faults[0].Message.Key != c.want {
			t.Errorf("%s: %v, want %s", c.types, f.faults, c.want)
		}
	}
}

// A form that names a type nobody knows is not taken in.
func TestUnknownPaperType(t *testing.T) {
	form := func(code string) *Revision {
		definition := strings.Replace(`{"format":1,"id":"x","title":"T","audience":"citizen","declaration":"D","pages":[{"id":"p","title":"P","questions":[
			{"id":"paper","kind":"attachment","label":"L","max_files":1,"paper":"CODE"}]}]}`, "CODE", code, 1)
		f, err := loadForm([]byte(definition))
		if err != nil {
			t.Fatal(err)
		}
		return &Revision{Form: f}
	}
	types := map[string]PaperType{"known": {Code: "known"}}
	for code, want := range map[string]int{"known": 0, "strange": 1} {
		var faults Faults
		check{"", &faults}.papers(form(code), types)
		if len(faults) != want {
			t.Errorf("%s: %v", code, faults)
		}
	}
}
