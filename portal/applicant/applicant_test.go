package applicant

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/pg/pgtest"
	"motcua/portal/problem"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newPerson(t *testing.T, db *sqlx.DB, sub string) int64 {
	t.Helper()
	var id int64
	err := db.Get(&id, `INSERT INTO persons (issuer, sub, id_number, id_hash, name) VALUES ('i', $1, '001099000001', $2, 'An') RETURNING id`, sub, []byte{1})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func remember(t *testing.T, db *sqlx.DB, person int64, named ...Business) {
	t.Helper()
	err := pg.InTx(t.Context(), db, func(tx *sqlx.Tx) error { return Remember(t.Context(), tx, person, named, noon) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestBusinessesFollowTheLastSignIn(t *testing.T) {
	t.Parallel()
	s := &Service{DB: pgtest.Open(t)}
	an, binh := newPerson(t, s.DB, "an"), newPerson(t, s.DB, "binh")
	rice, fish := Business{"0300588569", "CÔNG TY GẠO"}, Business{"0101248141-001", "CHI NHÁNH CÁ"}

	steps := []struct {
		named []Business
		want  string
	}{
		{[]Business{rice, fish}, "[{0101248141-001 CHI NHÁNH CÁ} {0300588569 CÔNG TY GẠO}]"},
		{[]Business{rice, fish}, "[{0101248141-001 CHI NHÁNH CÁ} {0300588569 CÔNG TY GẠO}]"}, // said twice
		{[]Business{{rice.TaxCode, "CÔNG TY  GẠO MỚI\x00"}}, "[{0300588569 CÔNG TY GẠO MỚI}]"},
		{nil, "[]"},
		{[]Business{fish, fish, {"03005885691", "số dài"}, {"' OR 1=1", "x"}, {"0300588569", " "}}, "[{0101248141-001 CHI NHÁNH CÁ}]"},
	}
	for i, step := range steps {
		remember(t, s.DB, an, step.named...)
		got, err := s.Businesses(t.Context(), an)
		if err != nil || fmt.Sprint(got) != step.want {
			t.Fatalf("step %d: %v, %v; want %s", i, got, err, step.want)
		}
	}
	if err := s.MayActFor(t.Context(), an, fish.TaxCode); err != nil {
		t.Errorf("An may not act for the branch: %v", err)
	}
	for _, who := range []struct {
		id   int64
		code string
	}{{an, rice.TaxCode}, {binh, fish.TaxCode}, {an, "nothing\x00"}, {an, ""}} {
		if err := s.MayActFor(t.Context(), who.id, who.code); !problem.Is(err, problem.NotFound) {
			t.Errorf("person %d for %q: %v, want not found", who.id, who.code, err)
		}
	}
}

func TestLateFailureKeepsWhatWas(t *testing.T) {
	t.Parallel()
	s := &Service{DB: pgtest.Open(t)}
	an := newPerson(t, s.DB, "an")
	remember(t, s.DB, an, Business{"0300588569", "CÔNG TY GẠO"})
	late := errors.New("late")
	err := pg.InTx(t.Context(), s.DB, func(tx *sqlx.Tx) error {
		return errors.Join(Remember(t.Context(), tx, an, nil, noon), late)
	})
	if !errors.Is(err, late) {
		t.Fatal(err)
	}
	if err := s.MayActFor(t.Context(), an, "0300588569"); err != nil {
		t.Errorf("the failed sign-in ended it: %v", err)
	}
}
