package eforms

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"motcua/locales"
)

// onData evaluates a rule on a plain document, as the reference does.
func onData(t testing.TB, rule json.RawMessage, data any) any {
	t.Helper()
	c := compiler{
		resolve: func(name string, in *items) (*ref, bool) {
			r := &ref{name: name, base: atData}
			if name != "" {
				r.path = strings.Split(name, ".")
			}
			if in == nil {
				return r, true
			}
			switch r.base = atItem; {
			case in.reduce && name == "accumulator":
				r.base = atAccumulator
			case in.reduce:
				r.base, r.path = atCurrent, r.path[1:]
			}
			return r, true
		},
		report: func(place, key string, args ...locales.Arg) { t.Fatalf("%s: %s %v", place, key, args) },
	}
	e := c.compile(rule, "")
	m := &machine{steps: 10_000, today: "2026-11-21"}
	m.look = func(r *ref) any { return m.dig(data, r.path) }
	return m.value(e)
}

func TestLogicAnswersAsTheReference(t *testing.T) {
	raw, err := os.ReadFile("testdata/logic.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Data    any
		Vectors []struct {
			Rule json.RawMessage
			Want any
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) < 100 {
		t.Fatalf("only %d vectors", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		if got := onData(t, v.Rule, file.Data); !reflect.DeepEqual(got, v.Want) {
			t.Errorf("%s = %#v, want %#v", v.Rule, got, v.Want)
		}
	}
}

// What a form must not leave to chance differs from the reference on purpose.
func TestLogicOfWhatIsUnanswered(t *testing.T) {
	data := map[string]any{"n": 5.0, "s": "x", "day": "1986-03-31", "year": "1990", "leap": "2004-02-29"}
	for rule, want := range map[string]any{
		`{"-":[{"var":"n"},{"var":"nothing"}]}`: nil,
		`{"+":[{"var":"n"},{"var":"nothing"}]}`: nil,
		`{"*":[{"var":"s"},2]}`:                 nil,
		`{"max":[{"var":"nothing"},3]}`:         nil,
		`{"<":[{"var":"nothing"},5]}`:           false,
		`{">":[{"var":"nothing"},-1]}`:          false,
		`{"<=":[{"var":"nothing"},0]}`:          false,
		`{"var":"day.days"}`:                    5933.0,
		`{"var":"day.year"}`:                    1986.0,
		`{"var":"day.month"}`:                   3.0,
		`{"var":"day.day"}`:                     31.0,
		`{"var":"day.age"}`:                     40.0,
		`{"var":"year.age"}`:                    35.0,
		`{"var":"year.days"}`:                   nil,
		`{"var":"leap.age"}`:                    22.0,
		`{"var":"s.age"}`:                       nil,
		`{"reduce":[[1,null,3],{"+":[{"var":"accumulator"},{"var":"current"}]},0]}`: nil,
	} {
		if got := onData(t, json.RawMessage(rule), data); got != want {
			t.Errorf("%s = %#v, want %#v", rule, got, want)
		}
	}
}

func TestAgeChangesOnTheBirthday(t *testing.T) {
	for _, tt := range []struct {
		born, today string
		want        int
	}{
		{"2000-11-21", "2026-11-20", 25}, {"2000-11-21", "2026-11-21", 26},
		{"2004-02-29", "2025-02-28", 20}, {"2004-02-29", "2025-03-01", 21},
		{"2026-11-22", "2026-11-21", 0},
	} {
		born, _ := parseISO(tt.born)
		today, _ := parseISO(tt.today)
		if got := born.yearsUntil(today); got != tt.want {
			t.Errorf("born %s, on %s: %d, want %d", tt.born, tt.today, got, tt.want)
		}
	}
}

// A rule that doubles a string a hundred times would fill the memory of any machine.
func TestLogicKeepsToItsBudget(t *testing.T) {
	rows := make([]any, 200)
	for i := range rows {
		rows[i] = map[string]any{"n": 1.0}
	}
	data := map[string]any{"rows": rows}
	doubling := json.RawMessage(`{"reduce":[{"var":"rows"},{"cat":[{"var":"accumulator"},{"var":"accumulator"}]},"ab"]}`)
	if got := onData(t, doubling, data); got != nil && len(got.(string)) > maxString {
		t.Errorf("a string of %d bytes", len(got.(string)))
	}
	m := &machine{steps: 50}
	m.look = func(r *ref) any { return rows }
	c := compiler{
		resolve: func(string, *items) (*ref, bool) { return &ref{base: atData}, true },
		report:  func(place, key string, _ ...locales.Arg) { t.Fatal(place, key) },
	}
	e := c.compile(json.RawMessage(`{"map":[{"var":"rows"},{"+":[1,1,1]}]}`), "")
	if m.value(e); !m.over || m.steps < -100 {
		t.Errorf("over %v with %d steps left", m.over, m.steps)
	}
}
