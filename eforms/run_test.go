package eforms_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
)

// load loads a whole definition.
func load(t testing.TB, definition string) *eforms.Form {
	t.Helper()
	f, err := eforms.Load([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const branching = `{"format":1,"id":"t","title":"T",
 "cases":[{"id":"abroad","name":"Abroad","when":{"==":[{"var":"where"},"abroad"]}},{"id":"home","name":"Home"}],
 "pages":[
  {"id":"where_page","title":"Where","questions":[{"id":"where","kind":"radios","label":"Where","options":[{"value":"home","label":"Home"},{"value":"abroad","label":"Abroad"}]}]},
  {"id":"country_page","title":"Country","cases":["abroad"],"questions":[{"id":"country","kind":"text","label":"Country"}]},
  {"id":"visa_page","title":"Visa","show_if":{"==":[{"var":"country"},"LA"]},"questions":[{"id":"visa","kind":"text","label":"Visa"}]},
  {"id":"end","title":"End","questions":[{"id":"note","kind":"text","label":"Note","optional":true}]}]}`

func TestPagesFollowTheAnswers(t *testing.T) {
	f := load(t, branching)
	for _, tt := range []struct {
		answers eforms.Answers
		pages   string
		of      string
	}{
		{nil, "[1 4]", "home"},
		{eforms.Answers{"where": "abroad"}, "[1 2 4]", "abroad"},
		{eforms.Answers{"where": "abroad", "country": "LA"}, "[1 2 3 4]", "abroad"},
		{eforms.Answers{"where": "home", "country": "LA", "visa": "x"}, "[1 4]", "home"},
	} {
		r := running(f, tt.answers)
		var got []int
		for _, p := range r.Pages() {
			got = append(got, p.No)
		}
		if fmt.Sprint(got) != tt.pages || r.Case().ID != tt.of {
			t.Errorf("%v: pages %v in case %s, want %s in %s", tt.answers, got, r.Case().ID, tt.pages, tt.of)
		}
		for i, no := range got {
			next, more := r.Next(no)
			prev, less := r.Prev(no)
			if more != (i+1 < len(got)) || more && next != got[i+1] || less != (i > 0) || less && prev != got[i-1] {
				t.Errorf("around page %d: %d %v, %d %v", no, next, more, prev, less)
			}
		}
	}
	r := running(f, nil)
	if next, _ := r.Next(-5); next != 1 {
		t.Errorf("first page %d", next)
	}
	if prev, _ := r.Prev(99); prev != 4 {
		t.Errorf("last page %d", prev)
	}
}

// Hidden answers stay for when the person changes their mind, but are never filed.
func TestHiddenAnswersStayButAreNotFiled(t *testing.T) {
	r := running(load(t, branching), eforms.Answers{"where": "home", "country": "LA", "visa": "x"})
	if got := r.Visible(); !reflect.DeepEqual(got, eforms.Answers{"where": "home"}) {
		t.Errorf("filed %v", got)
	}
	answers, _, _ := r.Read(1, body("where", "abroad"))
	if got := r.With(answers).Visible(); got["visa"] != "x" || got["country"] != "LA" {
		t.Errorf("filed %v", got)
	}
	if len(r.Faults()) > 0 {
		t.Errorf("faults of hidden pages: %v", r.Faults())
	}
}

func TestStepsAreCountedOnlyWhenCertain(t *testing.T) {
	f := load(t, branching)
	for _, tt := range []struct {
		page    int
		answers eforms.Answers
		want    string
	}{
		{1, nil, "1 of 0"},
		{2, eforms.Answers{"where": "abroad"}, "2 of 0"}, // the country may open the visa page
		{3, eforms.Answers{"where": "abroad", "country": "LA"}, "3 of 4"},
		{4, eforms.Answers{"where": "home"}, "2 of 2"},
	} {
		m := running(f, tt.answers).Model(tt.page, nil)
		if got := fmt.Sprintf("%d of %d", m.Step, m.Steps); got != tt.want {
			t.Errorf("page %d: %s, want %s", tt.page, got, tt.want)
		}
	}
}

func TestAQuestionOpenedByThePageIsAskedBeforeItIsMissed(t *testing.T) {
	f := asking(t, `{"id":"a","kind":"yesno","label":"A"}`, `{"id":"b","kind":"text","label":"B","show_if":{"var":"a"}}`,
		`{"id":"c","kind":"checkboxes","label":"C","show_if":{"var":"a"},"options":[{"value":"x","label":"X"}]}`)
	r := running(f, nil)
	answers, faults, again := r.Read(1, body("a", "yes"))
	if !again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
	answers, faults, again = r.With(answers).Read(1, body("a", "yes", "b", ""))
	if again || len(faults) != 2 {
		t.Fatalf("again %v, %v", again, faults)
	}
	if _, faults, again = r.With(answers).Read(1, body("a", "no", "b", "")); again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
	// An inline follow-up that was sent along needs no second look.
	if _, faults, again = r.Read(1, body("a", "yes", "b", "x", "c", "x")); again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
}

func TestReadLeavesWhatIsNotItsOwn(t *testing.T) {
	f := load(t, branching)
	old := eforms.Answers{"where": "abroad", "country": "LA", "stray": 1.0}
	r := running(f, old)
	answers, _, _ := r.Read(2, body("country", "KH", "where", "home", "note", "x", "_csrf", "t", "q[]", "1"))
	if want := (eforms.Answers{"where": "abroad", "country": "KH", "stray": 1.0}); !reflect.DeepEqual(answers, want) {
		t.Errorf("read %v", answers)
	}
	if old["country"] != "LA" {
		t.Error("the old answers were changed")
	}
	for _, no := range []int{0, -1, 5, 99} {
		if answers, faults, again := r.Read(no, body("country", "x")); !reflect.DeepEqual(answers, old) || faults != nil || again {
			t.Errorf("page %d: %v %v %v", no, answers, faults, again)
		}
	}
	hidden := running(f, eforms.Answers{"where": "home"})
	if answers, _, _ := hidden.Read(2, body("country", "x")); answers["country"] != nil {
		t.Errorf("a page that is not shown was read: %v", answers)
	}
	if m := r.Model(99, nil); len(m.Fields) > 0 {
		t.Error("a page that is not there has fields")
	}
}

func TestRequireDefaultAndLimitedChoices(t *testing.T) {
	f := asking(t, `{"id":"kind","kind":"radios","label":"Kind","options":[{"value":"a","label":"A"},{"value":"b","label":"B"}]}`,
		`{"id":"why","kind":"text","label":"Why","require_if":{"==":[{"var":"kind"},"b"]}}`,
		`{"id":"how","kind":"select","label":"How","options":[{"value":"x","label":"X"},{"value":"y","label":"Y","show_if":{"==":[{"var":"kind"},"b"]}}]}`,
		`{"id":"n","kind":"integer","label":"N","default":{"if":[{"==":[{"var":"kind"},"b"]},2,1]}}`,
		`{"id":"word","kind":"text","label":"W","default":"như trên"}`)
	r := running(f, eforms.Answers{"kind": "a", "how": "y"})
	m := r.Model(1, nil)
	if why := field(t, m, "why"); !why.Optional {
		t.Error("why is required")
	}
	if how := field(t, m, "how"); len(how.Choices) != 1 {
		t.Errorf("choices %+v", how.Choices)
	}
	if got := r.Visible(); got["n"] != "1" || got["word"] != "như trên" {
		t.Errorf("defaults %v", got)
	}
	if faults := r.Faults(); len(faults) != 1 || vi(faults[0].Message) != "Chọn how" {
		t.Errorf("a choice that is not offered: %v", faults)
	}
	r = r.With(eforms.Answers{"kind": "b", "how": "y", "n": ""})
	if faults := r.Faults(); len(faults) != 2 || faults[0].Field != "why" || faults[1].Field != "n" {
		t.Errorf("faults %v", faults)
	}
}

func TestRulesWaitForTheirAnswers(t *testing.T) {
	f := load(t, `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
		{"id":"a","kind":"near_date","label":"A","optional":true},{"id":"b","kind":"near_date","label":"B","optional":true}]}],
		"rules":[{"id":"r","field":"b","check":{">=":[{"var":"b"},{"var":"a"}]},"message":{"vi":"B phải từ A","en":"B from A"}}]}`)
	for _, tt := range []struct{ a, b, want string }{
		{"1/12/2026", "2/12/2026", ""}, {"2/12/2026", "1/12/2026", "B phải từ A"},
		{"", "1/12/2026", ""}, {"30/2/2026", "1/12/2026", "A phải là ngày có thật, ví dụ 28/11/2026"},
	} {
		_, faults, _ := running(f, nil).Read(1, body("a", tt.a, "b", tt.b))
		if len(faults) > 1 || len(faults) == 1 && vi(faults[0].Message) != tt.want || len(faults) == 0 && tt.want != "" {
			t.Errorf("%s to %s: %v, want %q", tt.a, tt.b, faults, tt.want)
		}
	}
}

func TestAttachments(t *testing.T) {
	f := asking(t, `{"id":"a","kind":"text","label":"A","optional":true}`,
		`{"id":"paper","kind":"attachment","label":{"vi":"Giấy chứng sinh","en":"Birth notice"},"max_files":3,"counter":true}`,
		`{"id":"extra","kind":"attachment","label":"Giấy tờ khác","max_files":3,"optional":true}`)
	r := running(f, nil)
	if len(r.Faults()) > 0 {
		t.Error("papers were checked without knowing what is attached")
	}
	r.Attached = map[string]int{}
	if faults := r.With(nil).Faults(); len(faults) != 1 || vi(faults[0].Message) != "Tải lên giấy chứng sinh" || en(faults[0].Message) != "Upload birth notice" || faults[0].Field != "paper" {
		t.Errorf("faults %v", faults)
	}
	r.Attached = map[string]int{"paper": 1}
	if r = r.With(nil); len(r.Faults()) > 0 || field(t, r.Model(1, nil), "paper").Files != 1 {
		t.Errorf("faults %v", r.Faults())
	}
	r.Attached = map[string]int{}
	answers, faults, _ := r.With(nil).Read(1, body("a", "", "paper", "counter", "extra", "counter"))
	if len(faults) > 0 || answers["paper"] != "counter" || answers["extra"] != "" {
		t.Errorf("brought to the counter: %v, %v", faults, answers)
	}
	if c := r.With(answers).Components(); len(c) != 2 || !c[0].Required || !c[0].Brought || c[1].Required || c[1].Brought || c[0].Short.VI != "giấy chứng sinh" {
		t.Errorf("components %+v", c)
	}
}

func TestTasks(t *testing.T) {
	f := load(t, `{"format":1,"id":"t","title":"T","tasks":[{"id":"x","name":"X"},{"id":"y","name":"Y"},{"id":"z","name":"Z"}],"pages":[
		{"id":"p1","title":"P","task":"x","questions":[{"id":"a","kind":"text","label":"A"}]},
		{"id":"p2","title":"P","task":"x","questions":[{"id":"b","kind":"text","label":"B","optional":true}]},
		{"id":"p3","title":"P","task":"y","questions":[{"id":"c","kind":"yesno","label":"C"}]},
		{"id":"p4","title":"P","task":"z","show_if":{"var":"c"},"questions":[{"id":"d","kind":"text","label":"D"}]}]}`)
	say := func(a eforms.Answers) string {
		var out []string
		for _, p := range running(f, a).Tasks() {
			out = append(out, fmt.Sprintf("%s %s %d", p.Task.ID, p.State, p.Page))
		}
		return strings.Join(out, ", ")
	}
	for want, a := range map[string]eforms.Answers{
		"x todo 1, y todo 3":            {},
		"x doing 2, y todo 3":           {"a": "1"},
		"x done 1, y done 3":            {"a": "1", "b": "", "c": false},
		"x wrong 1, y done 3, z todo 4": {"a": "", "b": "", "c": true},
		"x done 1, y wrong 3":           {"a": "1", "b": "2", "c": ""},
		"x done 1, y done 3, z done 4":  {"a": "1", "b": "2", "c": true, "d": "x"},
	} {
		if got := say(a); got != want {
			t.Errorf("%v: %s, want %s", a, got, want)
		}
	}
}

func TestCanonicalIsTheSameForTheSameAnswers(t *testing.T) {
	a := eforms.Answers{"b": "<x> & y", "a": []any{map[string]any{"z": "1", "c": true}}, "n": int64(7)}
	first, err := eforms.Canonical(a)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"a":[{"c":true,"z":"1"}],"b":"<x> & y","n":7}`; string(first) != want {
		t.Errorf("wrote %s", first)
	}
	var back eforms.Answers
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := eforms.Canonical(back); string(again) != string(first) {
		t.Errorf("after a journey %s", again)
	}
	if _, err := eforms.Canonical(eforms.Answers{"f": func() {}}); err == nil {
		t.Error("a function was written")
	}
}

// A form that works too much gives up and cannot be filed; it does not run on.
func TestTooMuchWorkStopsTheForm(t *testing.T) {
	var sums []string
	for i := range 90 {
		sums = append(sums, fmt.Sprintf(`{"id":"s%d","kind":"computed","label":"S","compute":{"reduce":[{"var":"g"},{"+":[{"var":"accumulator"}%s]},0]}}`,
			i, strings.Repeat(`,{"var":"current.n"}`, 80)))
	}
	f := asking(t, append([]string{`{"id":"g","kind":"group","label":"G","item":"X","max_rows":200,"questions":[{"id":"n","kind":"integer","label":"N"}]}`}, sums...)...)
	rows := make([]any, 200)
	for i := range rows {
		rows[i] = map[string]any{"n": "1"}
	}
	faults := running(f, eforms.Answers{"g": rows}).Faults()
	if len(faults) == 0 || !strings.HasPrefix(en(faults[len(faults)-1].Message), "This form needs too many calculations") {
		t.Errorf("%d faults", len(faults))
	}
	if faults := running(f, eforms.Answers{"g": rows[:50]}).Faults(); len(faults) > 0 {
		t.Errorf("50 rows: %v", faults)
	}
}
