package catalogue

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/agency"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// newEnding is a service with a small catalogue and an officer.
func newEnding(t *testing.T) (*Service, *clock, agency.Officer) {
	t.Helper()
	s, c := newService(t)
	if r := imported(t, s, small()); len(r.Faults) > 0 {
		t.Fatal(r.Faults)
	}
	var o agency.Officer
	if err := s.DB.Get(&o.ID, `INSERT INTO officers (id_hash, name) VALUES ('x', 'An') RETURNING id`); err != nil {
		t.Fatal(err)
	}
	return s, c, o
}

func (s *Service) in(t *testing.T, f func(tx *sqlx.Tx) error) error {
	t.Helper()
	err := pg.InTx(t.Context(), s.DB, f)
	s.Renew(t.Context())
	return err
}

// renamed publishes a procedure with another name.
func renamed(t *testing.T, s *Service, code, name string, from time.Time) Stored {
	t.Helper()
	newest, err := s.Newest(t.Context(), s.DB, code)
	if err != nil {
		t.Fatal(err)
	}
	parts := newest[code].Parts
	var sheet Sheet
	if err := json.Unmarshal(parts["sheet"], &sheet); err != nil {
		t.Fatal(err)
	}
	sheet.Name.VI = name
	if parts["sheet"], err = json.Marshal(sheet); err != nil {
		t.Fatal(err)
	}
	var made map[string]Stored
	err = s.in(t, func(tx *sqlx.Tx) (err error) {
		made, err = s.Put(t.Context(), tx, []New{{Code: code, Parts: parts, From: from}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return made[code]
}

func nameNow(t *testing.T, s *Service, code string) string {
	t.Helper()
	r, err := s.InForce(t.Context(), code)
	if err != nil {
		return err.Error()
	}
	return r.Sheet.Name.VI
}

func TestWithdrawnRevisionNeverBegins(t *testing.T) {
	t.Parallel()
	s, c, an := newEnding(t)
	later := renamed(t, s, "9.000001", "Tên sau", morning.Add(time.Hour))
	withdraw := func(id int64) error {
		return s.in(t, func(tx *sqlx.Tx) error { return s.Withdraw(t.Context(), tx, an, id, "nhầm") })
	}
	if err := withdraw(later.ID); err != nil {
		t.Fatal(err)
	}
	if err := withdraw(later.ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("twice: %v", err)
	}
	c.add(2 * time.Hour)
	for _, service := range []*Service{s, {DB: s.DB, Now: c.now}} { // which held it, and which reads now
		if got := nameNow(t, service, "9.000001"); got != "Đăng ký giám hộ" {
			t.Errorf("in force: %s", got)
		}
	}
	again := renamed(t, s, "9.000001", "Tên khác", time.Time{})
	if again.No != later.No+1 || nameNow(t, s, "9.000001") != "Tên khác" {
		t.Errorf("%+v after %+v", again, later)
	}
	if err := withdraw(again.ID); !problem.Is(err, problem.Conflict) {
		t.Errorf("in force: %v", err)
	}
}

func TestEndedProcedure(t *testing.T) {
	t.Parallel()
	s, c, an := newEnding(t)
	end := func(at time.Time) error {
		return s.in(t, func(tx *sqlx.Tx) error {
			return s.End(t.Context(), tx, End{Code: "9.000001", At: at, ReplacedBy: "9.000002", Note: "QĐ 1"}, an.ID, an.ID)
		})
	}
	for range 2 { // the second takes the first one's place
		if err := end(morning.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if ends, err := s.Ends(t.Context()); err != nil || len(ends) != 1 || ends[0].ReplacedBy != "9.000002" {
		t.Errorf("%v, %v", ends, err)
	}
	if _, _, err := s.Ended(t.Context(), "9.000001"); !problem.Is(err, problem.NotFound) || nameNow(t, s, "9.000001") != "Đăng ký giám hộ" {
		t.Errorf("over before its end: %v", err)
	}
	c.add(time.Hour)
	for _, service := range []*Service{s, {DB: s.DB, Now: c.now}} {
		r, e, err := service.Ended(t.Context(), "9.000001")
		if err != nil || e.ReplacedBy != "9.000002" || r.Sheet.Name.VI != "Đăng ký giám hộ" {
			t.Errorf("%+v, %v", e, err)
		}
		if _, err := service.InForce(t.Context(), "9.000001"); !problem.Is(err, problem.NotFound) {
			t.Errorf("in force after its end: %v", err)
		}
		if all, err := service.All(t.Context()); err != nil || len(all) != 2 {
			t.Errorf("%d in force, %v", len(all), err)
		}
		if _, err := service.ByID(t.Context(), r.ID); err != nil {
			t.Errorf("dossiers have lost theirs: %v", err)
		}
	}
	renamed(t, s, "9.000001", "Tên sau", time.Time{})
	if r, _, err := s.Ended(t.Context(), "9.000001"); err != nil || r.Sheet.Name.VI != "Tên sau" {
		t.Errorf("%v: a new revision brings nothing back to life", err)
	}
	if err := s.in(t, func(tx *sqlx.Tx) error { return s.Revoke(t.Context(), tx, "9.000001") }); err != nil {
		t.Fatal(err)
	}
	if got := nameNow(t, s, "9.000001"); got != "Tên sau" {
		t.Errorf("revoked: %s", got)
	}
}

// The parts of a document come to the same document again.
func TestPartsKeepTheDocument(t *testing.T) {
	t.Parallel()
	s, _, _ := newEnding(t)
	newest, err := s.Newest(t.Context(), s.DB, "9.000001", "9.000002", "9.999999")
	if err != nil || len(newest) != 2 {
		t.Fatal(newest, err)
	}
	for code, one := range newest {
		if _, sha, err := one.Parts.Sum(); err != nil || string(sha) != string(one.SHA256) {
			t.Errorf("%s: %x, not %x, %v", code, sha, one.SHA256, err)
		}
	}
}
