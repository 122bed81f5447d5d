package catalogue

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/once"
	"motcua/portal/problem"
)

func TestFieldsAreAddedAndEnded(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	officer := agency.Officer{ID: 1, Roles: []agency.Role{{Role: agency.Editor}}}
	by := func() Editing {
		return Editing{Officer: officer, Key: once.Key{Person: "person:1", Key: uuid.NewString(), Route: "POST /"}}
	}
	answers := func(code string) bool { return code == "X01.02" }
	f := Field{Code: "linh-vuc-moi", Name: locales.Text{VI: "Lĩnh vực mới", EN: "A new field"}, Agency: "X01.02", Source: "QĐ 1"}
	press := by()
	for range 2 {
		if err := s.PutField(t.Context(), press, f, true, answers); err != nil {
			t.Fatal(err)
		}
	}
	if w, taken := errors.AsType[agency.Wrong](s.PutField(t.Context(), by(), f, true, answers)); !taken || w["ma"].Key != "list.code_taken" {
		t.Errorf("the code again: %v", w)
	}
	f.To, f.Name.VI = "2026-12-31", "Lĩnh vực đã xong"
	if err := s.PutField(t.Context(), by(), f, false, answers); err != nil {
		t.Fatal(err)
	}
	list, err := s.FieldList(t.Context())
	found := Field{}
	for _, l := range list {
		if l.Code == f.Code {
			found = l.Field
		}
	}
	if err != nil || found != f {
		t.Errorf("%+v, %v, want %+v", found, err, f)
	}
	f.Agency, f.From, f.Source = "X01.99", "2027-01-01", ""
	if w, wrong := errors.AsType[agency.Wrong](s.PutField(t.Context(), by(), f, false, answers)); !wrong || len(w) != 3 {
		t.Errorf("faults %v", w)
	}
	leader := Editing{Officer: agency.Officer{ID: 1, Roles: []agency.Role{{Role: agency.Leader}}}, Key: once.Key{Person: "person:1", Key: uuid.NewString(), Route: "POST /"}}
	if err := s.PutField(t.Context(), leader, f, false, answers); !problem.Is(err, problem.NotFound) {
		t.Errorf("a leader changes fields: %v", err)
	}
}
