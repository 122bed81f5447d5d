package agency

import (
	"slices"
	"testing"
	"time"

	"motcua/locales"
)

// parted is a pack in which a department ended: one field went to one body, the rest to
// another, which itself was merged later.
func parted() Pack {
	p := sample()
	body := func(code, name, from, to string) Agency {
		return Agency{Code: code, Name: locales.V(name), Level: Department, From: from, To: to}
	}
	p.Agencies = append(p.Agencies, body("X01.61", "Sở Cả Hai", "2020-01-01", "2025-06-30"), body("X01.62", "Sở Một", "2025-07-01", "2026-01-31"),
		body("X01.63", "Sở Hai", "2025-07-01", ""), body("X01.64", "Sở Sau", "2026-02-01", ""))
	p.Agencies[len(p.Agencies)-1].Before = []string{"000.00.64.X01"}
	p.Heirs = []Heir{
		{Old: "X01.61", New: "X01.62", Day: "2025-07-01", Ground: "QĐ 1"},
		{Old: "X01.61", Field: "dat-dai", New: "X01.63", Day: "2025-07-01", Ground: "QĐ 1"},
		{Old: "X01.62", New: "X01.64", Day: "2026-02-01", Ground: "QĐ 2"},
	}
	return p
}

func TestWhoHasTheWorkToday(t *testing.T) {
	t.Parallel()
	p := parted()
	s := newService(t)
	if faults := p.Check(); !slices.ContainsFunc(faults, func(f Fault) bool { return f.Message.Key == "agency.import.no_heir" }) {
		t.Errorf("an agency that ended without an heir is taken: %v", faults)
	}
	if _, err := s.Import(t.Context(), clean(p)); err != nil {
		t.Fatal(err)
	}
	old, err := s.Last(t.Context(), "X01.61")
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string][]string{"": {"X01.63", "X01.64"}, "dat-dai": {"X01.63"}, "ho-tich": {"X01.64"}} {
		got, err := s.Today(t.Context(), old, field)
		var codes []string
		for _, a := range got {
			codes = append(codes, a.Code)
		}
		if err != nil || !slices.Equal(codes, want) {
			t.Errorf("%q is with %v, %v", field, codes, err)
		}
	}
	if a, err := s.Last(t.Context(), "000.00.64.X01"); err != nil || a.Code != "X01.64" {
		t.Errorf("by its old code %+v, %v", a, err)
	}
	formers, err := s.Formers(t.Context())
	if err != nil || len(formers) != 2 || len(formers[0].Heirs) != 2 {
		t.Errorf("formers %+v, %v", formers, err)
	}
}

func mustImport(t *testing.T, s *Service, p Pack) {
	t.Helper()
	if _, err := s.Import(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}

// clean is the pack without what ended before and leads nowhere.
func clean(p Pack) Pack {
	p.Agencies = slices.DeleteFunc(slices.Clone(p.Agencies), func(a Agency) bool {
		return a.To != "" && !slices.ContainsFunc(p.Heirs, func(h Heir) bool { return h.Old == a.Code })
	})
	return p
}

// TestImportTakesNothingBack shows that the same pack again leaves what was changed since,
// and that one which says something new is heard.
func TestImportTakesNothingBack(t *testing.T) {
	t.Parallel()
	p := sample()
	s := newService(t)
	mustImport(t, s, p)
	last := p.Agencies[len(p.Agencies)-1]
	if _, err := s.DB.Exec(`UPDATE agencies SET phone = '0999', valid_to = '2030-01-01' WHERE code = $1 AND valid_from = $2::date`, last.Code, last.From); err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 5, 5, 0, 0, 0, 0, locales.ICT)
	if _, err := s.DB.Exec(`INSERT INTO calendar_days (day, working, name, ground) VALUES ($1::date, false, 'Ngày của tỉnh', 'QĐ')`, day); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Exec(`UPDATE calendar_days SET withdrawn = true WHERE imported IS NOT NULL`); err != nil {
		t.Fatal(err)
	}
	mustImport(t, s, p)
	if count(t, s.DB, `agencies WHERE phone = '0999'`) != 1 || count(t, s.DB, `calendar_days WHERE withdrawn`) != len(p.Days) ||
		count(t, s.DB, `calendar_days WHERE NOT withdrawn`) != 1 {
		t.Error("the same pack took something back")
	}
	p.Agencies[len(p.Agencies)-1].Phone = "0111"
	mustImport(t, s, p)
	if count(t, s.DB, `agencies WHERE phone = '0111' AND valid_to = '2030-01-01'`) != 1 {
		t.Error("what the pack says anew was not heard, or an end was taken back")
	}
}
