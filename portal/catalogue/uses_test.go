package catalogue

import (
	"maps"
	"testing"
)

// What many people need comes before what answers as well, in every instance, and stops
// when it is needed no more.
func TestWhatIsNeededOftenComesFirst(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	imported(t, s, rows("Cấp giấy phép mẫu A", "Cấp giấy phép mẫu B"))
	other := &Service{DB: s.DB, Now: c.now}
	first := func(s *Service) string {
		t.Helper()
		r, err := s.Search(t.Context(), Query{Text: "giấy phép mẫu"})
		if err != nil || r.Total != 2 {
			t.Fatalf("%d hits, %v", r.Total, err)
		}
		return r.Hits[0].Code
	}
	if first(s) != "9.000000" || first(other) != "9.000000" {
		t.Fatal("without uses the code decides")
	}
	uses := map[string]int{"9.000001": 40, "9.000000": 2, "8.888888": 7}
	for range 2 { // the same counts again change nothing
		if err := s.SetUses(t.Context(), uses); err != nil {
			t.Fatal(err)
		}
	}
	c.add(askEach)
	if first(s) != "9.000001" || first(other) != "9.000001" {
		t.Error("what is needed often is not first")
	}
	if got, err := other.Uses(t.Context()); err != nil || !maps.Equal(got, map[string]int{"9.000001": 40, "9.000000": 2}) {
		t.Errorf("%v, %v", got, err)
	}
	if err := s.SetUses(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if first(s) != "9.000000" {
		t.Error("what nobody needs any more is still first")
	}
}

// Late failure: what cannot be put leaves the counts as they were.
func TestUsesAreSetWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	imported(t, s, rows("Mẫu A", "Mẫu B"))
	if err := s.SetUses(t.Context(), map[string]int{"9.000000": 3}); err != nil {
		t.Fatal(err)
	}
	if err := s.SetUses(t.Context(), map[string]int{"9.000001": 1 << 40}); err == nil {
		t.Fatal("a count that no column holds was taken")
	}
	if got, err := readUses(t.Context(), s.DB); err != nil || got["9.000000"] != 3 {
		t.Errorf("%v, %v", got, err)
	}
}

// The hat decides between procedures of the same words.
func TestTheHatDecides(t *testing.T) {
	t.Parallel()
	e := shipped(t)
	for hat, want := range map[string]string{Business: "9.028008", Citizen: "9.027002"} {
		if r := e.search(Query{Text: "tạm ngừng kinh doanh", Hat: hat}); r.Hits[0].Code != want {
			t.Errorf("%s: %s", hat, r.Hits[0].Code)
		}
	}
}
