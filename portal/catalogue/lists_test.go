package catalogue

import (
	"crypto/sha256"
	"errors"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/once"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

const someTexts = `{"entries": [
	{"code": "1/2024/QH15", "name": {"vi": "Luật cũ"}, "source": "Công báo", "valid_from": "2024-01-01", "valid_to": "2025-06-30", "replaced_by": "2/2025/QH15"},
	{"code": "2/2025/QH15", "name": {"vi": "Luật mới"}, "source": "Công báo", "valid_from": "2025-07-01"}]}`

func editingLists(t *testing.T) (*Service, func() Editing) {
	t.Helper()
	s, _ := newService(t)
	imported(t, s, fstest.MapFS{"legal.json": {Data: []byte(someTexts)}})
	s.DB.MustExec(`INSERT INTO officers (id_hash, name) VALUES ('an', 'An')`)
	o := agency.Officer{Name: "An", Roles: []agency.Role{{Role: agency.Editor}}}
	if err := s.DB.Get(&o.ID, `SELECT id FROM officers`); err != nil {
		t.Fatal(err)
	}
	return s, func() Editing {
		return Editing{Officer: o, Key: once.Key{Person: "an", Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256(nil)}}
	}
}

func TestListsAreKeptByEditors(t *testing.T) {
	t.Parallel()
	s, by := editingLists(t)
	third := Entry{Code: "3/2026/NĐ-CP", Name: locales.V("Nghị định"), Source: "Công báo", From: "2026-12-01"}
	first := by()
	for range 2 { // the second time is the same deed
		if err := s.PutEntry(t.Context(), first, LegalTexts, third, 0); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Entries(t.Context(), LegalTexts)
	if err != nil || len(all) != 3 || all[2].ChangedBy != "An" || all[2].Version != 1 {
		t.Fatal(all, err)
	}
	if all[0].On("2025-07-01") || !all[0].Over("2025-07-01") || !all[0].On("2025-06-30") || all[2].On("2026-11-30") {
		t.Error("days of validity")
	}
	third.To, third.ReplacedBy = "2027-01-01", "2/2025/QH15"
	if err := s.PutEntry(t.Context(), by(), LegalTexts, third, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.PutEntry(t.Context(), by(), LegalTexts, third, 1); !problem.Is(err, problem.Conflict) {
		t.Errorf("a late change: %v", err)
	}
	for field, e := range map[string]Entry{
		"code":        {Code: "Luật", Name: locales.V("x"), Source: "x"},
		"name":        {Code: "4/2026/QH15", Source: "x"},
		"source":      {Code: "4/2026/QH15", Name: locales.V("x")},
		"valid_to":    {Code: "4/2026/QH15", Name: locales.V("x"), Source: "x", From: "2026-02-01", To: "2026-01-01"},
		"replaced_by": {Code: "4/2026/QH15", Name: locales.V("x"), Source: "x", To: "2026-02-01", ReplacedBy: "5/2026/QH15"},
		"date":        {Code: "4/2026/QH15", Name: locales.V("x"), Source: "x", Date: "1.2.2026"},
	} {
		err := s.PutEntry(t.Context(), by(), LegalTexts, e, 0)
		if faults, ok := errors.AsType[EntryFaults](err); !ok || len(faults) != 1 || faults[0].Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	again := third
	again.Code = "1/2024/QH15"
	again.ReplacedBy = ""
	if faults, ok := errors.AsType[EntryFaults](s.PutEntry(t.Context(), by(), LegalTexts, again, 0)); !ok || faults[0].Message.Key != "catalogue.list.taken" {
		t.Error("a number twice")
	}
	stranger := by()
	stranger.Officer.Roles = []agency.Role{{Role: agency.Leader}}
	if err := s.PutEntry(t.Context(), stranger, LegalTexts, third, 2); !problem.Is(err, problem.NotFound) {
		t.Errorf("somebody else: %v", err)
	}
}

// A folder that says nothing new takes nothing back; one that does is heard.
func TestAFolderBringsLists(t *testing.T) {
	t.Parallel()
	s, by := editingLists(t)
	mine := Entry{Code: "2/2025/QH15", Name: locales.V("Luật mới, sửa tay"), Source: "Công báo", From: "2025-07-02"}
	if err := s.PutEntry(t.Context(), by(), LegalTexts, mine, 1); err != nil {
		t.Fatal(err)
	}
	imported(t, s, fstest.MapFS{"legal.json": {Data: []byte(someTexts)}})
	if e, err := s.Entry(t.Context(), LegalTexts, mine.Code); err != nil || e.Name.VI != mine.Name.VI {
		t.Errorf("%+v, %v", e, err)
	}
	newer := fstest.MapFS{"legal.json": {Data: []byte(`{"entries": [{"code": "2/2025/QH15", "name": {"vi": "Luật mới nhất"}, "source": "Công báo"}]}`)}}
	imported(t, s, newer)
	if e, err := s.Entry(t.Context(), LegalTexts, mine.Code); err != nil || e.Name.VI != "Luật mới nhất" || e.ChangedBy != "" || e.Version != 3 {
		t.Errorf("%+v, %v", e, err)
	}
	bad := fstest.MapFS{"legal.json": {Data: []byte(`{"entries": [{"code": "x", "name": {"vi": ""}, "source": ""}]}`)}}
	if r, err := s.Import(t.Context(), bad); err != nil || len(r.Faults) != 3 {
		t.Errorf("%v, %v", r.Faults, err)
	}
}

func TestALateFailureLeavesTheListAsItWas(t *testing.T) {
	t.Parallel()
	s, by := editingLists(t)
	owner := pgtest.Owner(t, s.DB)
	deed, e := by(), Entry{Code: "7/2026/QH15", Name: locales.V("Luật"), Source: "Công báo"}
	// the answer to the one-time key is the last that a deed writes
	owner.MustExec(`ALTER TABLE deeds ADD CONSTRAINT broken CHECK (answer IS NULL) NOT VALID`)
	if err := s.PutEntry(t.Context(), deed, LegalTexts, e, 0); err == nil {
		t.Fatal("no failure")
	}
	var left int
	if err := owner.Get(&left, `SELECT (SELECT count(*) FROM list_entries WHERE code = $1) + (SELECT count(*) FROM deeds) + (SELECT count(*) FROM audit)`, e.Code); err != nil || left != 0 {
		t.Errorf("%d rows stayed, %v", left, err)
	}
	owner.MustExec(`ALTER TABLE deeds DROP CONSTRAINT broken`)
	if err := s.PutEntry(t.Context(), deed, LegalTexts, e, 0); err != nil {
		t.Errorf("the same press again: %v", err)
	}
}
