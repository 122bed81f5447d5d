package agency

import (
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/google/uuid"

	"motcua/portal/calendar"
	"motcua/portal/once"
	"motcua/portal/problem"
)

func pressed(role string) Press {
	return Press{Officer: Officer{ID: 1, Roles: []Role{{Role: role}}}, Key: once.Key{Person: "person:1", Key: uuid.NewString(), Route: "POST /", Body: sha256.Sum256(nil)}}
}

func TestDescribedOnce(t *testing.T) {
	t.Parallel()
	s := newService(t)
	mustImport(t, s, sample())
	a, err := s.ByCode(t.Context(), "X01.101")
	if err != nil {
		t.Fatal(err)
	}
	a.Name.EN, a.Source, a.Phone, a.Before = "Ward One", "NQ 1", "0299", []string{"000.00.07.X01"}
	if err := s.Describe(t.Context(), pressed(Leader), a); !problem.Is(err, problem.NotFound) {
		t.Errorf("a leader changes the list: %v", err)
	}
	by := pressed(Editor)
	for range 2 {
		if err := s.Describe(t.Context(), by, a); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, s.DB, `audit WHERE deed = 'agency.describe'`); n != 1 {
		t.Errorf("%d lines in the audit log", n)
	}
	if got, err := s.Last(t.Context(), "000.00.07.X01"); err != nil || got.Phone != "0299" || got.Code != "X01.101" {
		t.Errorf("by the old code %+v, %v", got, err)
	}
	a.Name.EN, a.Before, a.Email = "", []string{"cũ"}, "không phải"
	w, wrong := errors.AsType[Wrong](s.Describe(t.Context(), pressed(Editor), a))
	if !wrong || len(w) != 3 {
		t.Errorf("faults %v", w)
	}
	mustImport(t, s, sample()) // says nothing new
	if got, err := s.ByCode(t.Context(), "X01.101"); err != nil || got.Phone != "0299" {
		t.Errorf("the pack took it back: %+v, %v", got, err)
	}
}

func TestDaysAreSetAndWithdrawn(t *testing.T) {
	t.Parallel()
	s := newService(t)
	mustImport(t, s, sample())
	monday, saturday := calendar.Day{Y: 2026, M: 12, D: 14}, calendar.Day{Y: 2026, M: 12, D: 19}
	working := func(d calendar.Day) bool {
		t.Helper()
		c, err := s.Calendar(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c.Working(d)
	}
	for _, d := range []Day{{monday, false, "Lễ của tỉnh", "QĐ 1"}, {saturday, true, "Làm bù", "QĐ 1"}} {
		by := pressed(Admin)
		for range 2 {
			if err := s.SetDay(t.Context(), by, d); err != nil {
				t.Fatal(err)
			}
		}
		if working(d.Day) != d.Working {
			t.Errorf("%s works: %v", d.Day, !d.Working)
		}
	}
	if days, err := s.Days(t.Context(), 2026); err != nil || len(days) != len(sample().Days)+2 {
		t.Errorf("%v, %v", days, err)
	}
	by := pressed(Admin)
	for range 2 {
		if err := s.WithdrawDay(t.Context(), by, monday); err != nil {
			t.Fatal(err)
		}
	}
	if !working(monday) {
		t.Error("a withdrawn day is still off")
	}
	for name, d := range map[string]Day{
		"as it is":  {calendar.Day{Y: 2026, M: 12, D: 20}, false, "Chủ nhật", "QĐ"},
		"no ground": {monday, false, "Lễ", ""},
		"no day":    {calendar.Day{}, false, "Lễ", "QĐ"},
	} {
		if _, wrong := errors.AsType[Wrong](s.SetDay(t.Context(), pressed(Admin), d)); !wrong {
			t.Errorf("%s was taken", name)
		}
	}
	if err := s.WithdrawDay(t.Context(), pressed(Admin), calendar.Day{Y: 2026, M: 1, D: 5}); !problem.Is(err, problem.NotFound) {
		t.Errorf("a day that is not there: %v", err)
	}
}
