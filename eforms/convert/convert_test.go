package convert_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/eforms"
	"motcua/eforms/convert"
	"motcua/locales"
)

var update = flag.Bool("update", false, "write the expected conversions anew")

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSamples(t *testing.T) {
	for name, read := range map[string]func([]byte, convert.Options) (convert.Result, error){
		"formio": convert.FormIO, "govuk": convert.GOVUK, "govuk-steps": convert.GOVUK,
	} {
		lang := locales.VI
		if name == "govuk" {
			lang = locales.EN
		}
		r, err := read(sample(t, name+".json"), convert.Options{ID: "9.000001", Lang: lang})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(r.Mistakes) > 0 {
			t.Errorf("%s cannot be published: %v", name, r.Mistakes)
		}
		got := report(t, r) + string(r.Definition) + "\n"
		path := filepath.Join("testdata", name+".expected.txt")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got != string(sample(t, name+".expected.txt")) {
			t.Errorf("%s is now\n%s", path, got)
		}
	}
}

// report is what is told of each component, one a line.
func report(t testing.TB, r convert.Result) string {
	t.Helper()
	var b strings.Builder
	whole, part, left := r.Counts()
	fmt.Fprintf(&b, "%d whole, %d in part, %d left out\n", whole, part, left)
	for _, l := range r.Lines {
		fmt.Fprintf(&b, "%s (%s) → %s %s", l.At, l.Sort, l.As, l.Kind)
		for _, m := range l.Remarks {
			words, _ := locales.Say(locales.EN, m)
			if words == m.Key {
				t.Errorf("no words for %s", m.Key)
			}
			fmt.Fprintf(&b, " · %s", words)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestWhatIsNoForm(t *testing.T) {
	for _, data := range []string{"", "{", "[]", "null", `{}`, `{"components": []}`, `{"pages": []}`, `{"components": [{"type": "button"}]}`,
		`{"components": [null]}`, `{"pages": [null, {"answer_type": "telepathy"}]}`, `{"components": [{"type": "panel"}]}`} {
		for _, read := range []func([]byte, convert.Options) (convert.Result, error){convert.FormIO, convert.GOVUK} {
			if r, err := read([]byte(data), convert.Options{ID: "x"}); !errors.Is(err, convert.ErrNotForm) {
				t.Errorf("%s: %s, %v", data, r.Definition, err)
			}
		}
	}
	if _, err := convert.FormIO(make([]byte, 3<<20), convert.Options{ID: "x"}); !errors.Is(err, convert.ErrTooLarge) {
		t.Errorf("three megabytes: %v", err)
	}
	many := `{"components": [` + strings.Repeat(`{"type": "email", "key": "k", "label": "L"},`, 2500) + `null]}`
	if _, err := convert.FormIO([]byte(many), convert.Options{ID: "x"}); !errors.Is(err, convert.ErrTooLarge) {
		t.Errorf("2,500 components: %v", err)
	}
	pages := `{"pages": [` + strings.Repeat(`{"id": 1, "answer_type": "email", "question_text": "L"},`, 2500) + `null]}`
	if _, err := convert.GOVUK([]byte(pages), convert.Options{ID: "x"}); !errors.Is(err, convert.ErrTooLarge) {
		t.Errorf("2,500 pages: %v", err)
	}
}

// formio converts components and loads what came of it.
func formio(t testing.TB, components string) (*eforms.Form, convert.Result) {
	t.Helper()
	r, err := convert.FormIO([]byte(`{"title": "T", "components": [`+components+`]}`), convert.Options{ID: "t"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := eforms.Load(r.Definition)
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Definition)
	}
	return f, r
}

// shown says whether the question is asked under these answers.
func shown(f *eforms.Form, id string, answers eforms.Answers) bool {
	r := &eforms.Run{Form: f, Answers: answers, Today: time.Date(2026, 11, 23, 9, 0, 0, 0, locales.ICT)}
	for no := range f.Pages {
		for _, field := range r.Model(no+1, nil).Fields {
			if field.Name == id && r.Shows(no+1) {
				return true
			}
		}
	}
	return false
}

// Conditions of Form.io mean the same here, each operator of them.
func TestConditionsMeanTheSame(t *testing.T) {
	asked := `{"type": "textfield", "key": "words", "label": "L"}, {"type": "number", "key": "n", "label": "L"}, {"type": "datetime", "key": "day", "label": "L", "enableTime": false},
		{"type": "checkbox", "key": "tick", "label": "L"}, {"type": "radio", "key": "one", "label": "L", "values": [{"label": "Có sẵn", "value": "có sẵn"}, {"label": "B", "value": "b"}]},
		{"type": "selectboxes", "key": "some", "label": "L", "values": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]}`
	for condition, tt := range map[string]struct{ yes, no eforms.Answers }{
		`{"show": true, "when": "words", "eq": "x"}`:     {eforms.Answers{"words": "x"}, eforms.Answers{"words": "y"}},
		`{"show": "false", "when": "words", "eq": "x"}`:  {eforms.Answers{"words": "y"}, eforms.Answers{"words": "x"}},
		`{"show": true, "when": "one", "eq": "có sẵn"}`:  {eforms.Answers{"one": "co_san"}, eforms.Answers{"one": "b"}},
		`{"show": true, "when": "tick", "eq": "true"}`:   {eforms.Answers{"tick": true}, eforms.Answers{"tick": false}},
		`{"show": true, "when": "some", "eq": "b"}`:      {eforms.Answers{"some": []any{"a", "b"}}, eforms.Answers{"some": []any{"a"}}},
		`{"show": true, "when": "n", "eq": "3"}`:         {eforms.Answers{"n": "3"}, eforms.Answers{"n": "4"}},
		`{"json": {">=": [{"var": "data.n"}, 3]}}`:       {eforms.Answers{"n": "3"}, eforms.Answers{"n": "2"}},
		`{"json": {"in": [{"var": "one"}, "có sẵn"]}}`:   {eforms.Answers{"one": "co_san"}, eforms.Answers{"one": "b"}},
		`{"json": {"!": [{"==": [{"var": "n"}, 3]}]}}`:   {eforms.Answers{"n": "2"}, eforms.Answers{"n": "3"}},
		simple("words", "isEqual", `"x"`):                {eforms.Answers{"words": "x"}, eforms.Answers{}},
		simple("words", "isNotEqual", `"x"`):             {eforms.Answers{"words": "y"}, eforms.Answers{"words": "x"}},
		simple("words", "isEmpty", `null`):               {eforms.Answers{}, eforms.Answers{"words": "x"}},
		simple("words", "isNotEmpty", `null`):            {eforms.Answers{"words": "x"}, eforms.Answers{}},
		simple("words", "includes", `"é"`):               {eforms.Answers{"words": "một é hai"}, eforms.Answers{"words": "e"}},
		simple("words", "notIncludes", `"é"`):            {eforms.Answers{"words": "e"}, eforms.Answers{"words": "é"}},
		simple("words", "startsWith", `"mộ"`):            {eforms.Answers{"words": "một"}, eforms.Answers{"words": "hai một"}},
		simple("words", "endsWith", `"ột"`):              {eforms.Answers{"words": "một"}, eforms.Answers{"words": "một hai"}},
		simple("n", "lessThan", `3`):                     {eforms.Answers{"n": "2,5"}, eforms.Answers{"n": "3"}},
		simple("n", "lessThanOrEqual", `"3"`):            {eforms.Answers{"n": "3"}, eforms.Answers{"n": "3,1"}},
		simple("n", "greaterThan", `3`):                  {eforms.Answers{"n": "3,1"}, eforms.Answers{"n": "3"}},
		simple("day", "dateLessThan", `"2026-11-23T00"`): {eforms.Answers{"day": "2026-11-22"}, eforms.Answers{"day": "2026-11-23"}},
		simple("some", "notIncludes", `"a"`):             {eforms.Answers{"some": []any{"b"}}, eforms.Answers{"some": []any{"a"}}},
		`{"show": true, "conjunction": "any", "conditions": [{"component": "n", "operator": "isEqual", "value": 1}, {"component": "n", "operator": "isEqual", "value": 2}]}`:        {eforms.Answers{"n": "2"}, eforms.Answers{"n": "3"}},
		`{"show": false, "conjunction": "all", "conditions": [{"component": "n", "operator": "isEqual", "value": 1}, {"component": "tick", "operator": "isEqual", "value": true}]}`: {eforms.Answers{"n": "1"}, eforms.Answers{"n": "1", "tick": true}},
	} {
		f, r := formio(t, asked+`, {"type": "email", "key": "then", "label": "L", "conditional": `+condition+`}`)
		if _, part, left := r.Counts(); part+left > 0 {
			t.Errorf("%s: %s", condition, report(t, r))
		}
		if !shown(f, "then", tt.yes) || shown(f, "then", tt.no) {
			t.Errorf("%s: shown %v and %v\n%s", condition, shown(f, "then", tt.yes), shown(f, "then", tt.no), r.Definition)
		}
	}
	for _, condition := range []string{
		`{"show": true, "when": "nothing", "eq": "x"}`, `{"show": true, "when": "one", "eq": "c"}`, `{"show": true, "when": "n", "eq": "many"}`,
		simple("words", "lessThan", `"x"`), simple("words", "sounds", `"x"`), `{"json": {"var": "what"}}`, `{"json": {"log": [1]}}`, `{"json": {"==": [{"var": "one"}, "c"]}}`,
		`{"json": {"and": [1], "or": [2]}}`, simple("n", "isEqual", `1e300`), simple("day", "isDateEqual", `"moment()"`),
	} {
		f, r := formio(t, asked+`, {"type": "email", "key": "then", "label": "L", "conditional": `+condition+`}`)
		if _, part, _ := r.Counts(); part != 1 || !shown(f, "then", nil) {
			t.Errorf("%s is said to be understood: %s", condition, report(t, r))
		}
	}
}

func simple(component, operator, value string) string {
	return fmt.Sprintf(`{"show": true, "conjunction": "all", "conditions": [{"component": %q, "operator": %q, "value": %s}]}`, component, operator, value)
}

// The condition of a box counts for what is in it; ids are ours, and no two are the same.
func TestBoxesAndNames(t *testing.T) {
	f, _ := formio(t, `{"type": "checkbox", "key": "mở", "label": "L"}, {"type": "fieldset", "key": "box", "legend": "Khung", "conditional": {"show": true, "when": "mở", "eq": true}, "components": [
		{"type": "well", "key": "inner", "components": [{"type": "email", "key": "Email", "label": "L"}, {"type": "email", "key": "email", "label": "L"}, {"type": "email", "key": "1.2.3", "label": "L"}]}]},
		{"type": "table", "key": "table", "rows": [[{"components": [{"type": "email", "key": "today", "label": "L"}]}, null]]},
		{"type": "tabs", "key": "tabs", "components": [{"label": "Tab", "components": [{"type": "email", "key": "tabbed", "label": "L"}]}]}`)
	var ids []string
	for _, q := range f.All() {
		ids = append(ids, q.ID)
	}
	if got := strings.Join(ids, " "); got != "mo email email_2 question today_2 tabbed" {
		t.Errorf("%s", got)
	}
	for _, id := range []string{"email", "email_2", "question"} {
		if shown(f, id, nil) || !shown(f, id, eforms.Answers{"mo": true}) {
			t.Errorf("%s does not follow its box", id)
		}
	}
}

// What a browser may make of words of the source is words here.
func TestWordsAreWords(t *testing.T) {
	f, r := formio(t, `{"type": "email", "key": "e", "label": "A<script>alert(1)</script> &lt;b&gt; \u0000\u202e x", "description": "`+strings.Repeat("dài ", 3000)+`"}`)
	q := f.All()[0]
	if strings.ContainsAny(q.Label.VI, "\x00\u202e") || strings.Contains(q.Label.VI, "<script>") {
		t.Errorf("%q", q.Label.VI)
	}
	if !json.Valid(r.Definition) || len([]rune(q.Hint.VI)) > 5000 {
		t.Error("too long a hint")
	}
}
