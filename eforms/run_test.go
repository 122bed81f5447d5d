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

const promotion = `{"format":1,"id":"t","title":"T","pages":[
 {"id":"p","title":"P","questions":[
  {"id":"max","kind":"money","label":"Max","optional":true},
  {"id":"prizes","kind":"group","label":"Prizes","item":{"vi":"Giải thưởng","en":"Prize"},"min_rows":1,"max_rows":4,
   "questions":[
    {"id":"what","kind":"text","label":"What"},
    {"id":"many","kind":"integer","label":"Many","min":1},
    {"id":"each","kind":"money","label":"Each"},
    {"id":"dear","kind":"text","label":"Dear","show_if":{">":[{"var":"row.each"},1000]}},
    {"id":"sum","kind":"computed","label":"Sum","as":"money","compute":{"*":[{"var":"row.many"},{"var":"row.each"}]}}],
   "rules":[{"id":"cap","field":"each","check":{"<=":[{"var":"row.each"},{"var":"max"}]},"message":{"vi":"Cao quá","en":"Too high"}}]},
  {"id":"total","kind":"computed","label":"Total","as":"money","compute":{"reduce":[{"var":"prizes"},{"+":[{"var":"accumulator"},{"var":"current.sum"}]},0]}},
  {"id":"count","kind":"computed","label":"Count","compute":{"reduce":[{"var":"prizes"},{"+":[1,{"var":"accumulator"}]},0]}}]}],
 "rules":[{"id":"some","field":"prizes","check":{">":[{"var":"total"},0]},"message":{"vi":"Tổng phải lớn hơn 0","en":"The total must be more than 0"}}]}`

func TestGroups(t *testing.T) {
	r := running(load(t, promotion), nil)
	m := field(t, r.Model(1, nil), "prizes")
	if len(m.Rows) != 1 || m.Rows[0].Remove != "" || m.Add != "prizes" || m.Rows[0].Title.VI != "Giải thưởng 1" || m.Rows[0].Title.EN != "Prize 1" {
		t.Fatalf("an empty group %+v", m)
	}
	answers, faults, again := r.Read(1, body("prizes.0.what", "Xe", "prizes.0.many", "2", "prizes.0.each", "1.000", "them", "prizes"))
	if !again || len(faults) > 0 || len(answers["prizes"].([]any)) != 2 {
		t.Fatalf("adding: again %v, %v, %v", again, faults, answers)
	}
	r = r.With(answers)
	if m = field(t, r.Model(1, nil), "prizes"); len(m.Rows) != 2 || m.Rows[1].Remove != "prizes.1" {
		t.Fatalf("after adding %+v", m)
	}
	answers, faults, again = r.Read(1, body("prizes.1.what", "Mũ", "prizes.1.many", "x", "prizes.1.each", "500"))
	if again || len(faults) != 1 || faults[0].Field != "prizes.1.many" {
		t.Fatalf("a wrong row: again %v, %v", again, faults)
	}
	if rows := answers["prizes"].([]any); rows[0].(map[string]any)["what"] != "Xe" || rows[1].(map[string]any)["many"] != "x" {
		t.Fatalf("rows %v", rows)
	}
	answers, faults, _ = r.Read(1, body("prizes.1.what", "Mũ", "prizes.1.many", "10", "prizes.1.each", "500"))
	r = r.With(answers)
	if len(faults) > 0 || !reflect.DeepEqual(r.Quantities(), map[string]int64{"total": 7000, "count": 2}) {
		t.Fatalf("%v, %v", faults, r.Quantities())
	}
	if got := field(t, r.Model(1, nil), "prizes.1.sum").Shown; got.VI != "5.000 đồng" || got.EN != "5,000 VND" {
		t.Errorf("row total %v", got)
	}
	answers, _, again = r.Read(1, body("bo", "prizes.0", "prizes.1.what", "Mũ đỏ"))
	if rows := answers["prizes"].([]any); !again || len(rows) != 1 || rows[0].(map[string]any)["what"] != "Mũ đỏ" {
		t.Errorf("removing: again %v, %v", again, answers)
	}
}

func TestGroupsEdges(t *testing.T) {
	f := load(t, promotion)
	full := func(n int) eforms.Answers {
		rows := make([]any, n)
		for i := range rows {
			rows[i] = map[string]any{"what": "Xe", "many": "1", "each": "5"}
		}
		return eforms.Answers{"prizes": rows}
	}
	for _, tt := range []struct {
		name  string
		old   eforms.Answers
		sent  []string
		rows  int
		again bool
		fault string
	}{
		{"more rows than allowed", full(4), []string{"them", "prizes"}, 4, true, ""},
		{"a row far away", full(1), []string{"prizes.99.what", "x", "prizes.4000000000.what", "x", "prizes.-1.what", "x", "prizes.x.what", "x"}, 1, false, ""},
		{"a row left empty is dropped", full(2), []string{"prizes.2.what", "", "prizes.2.many", ""}, 2, false, ""},
		{"an emptied row is dropped", full(2), []string{"prizes.0.what", "", "prizes.0.many", "", "prizes.0.each", ""}, 1, false, ""},
		{"the least number stays", full(1), []string{"prizes.0.what", "", "prizes.0.many", "", "prizes.0.each", ""}, 1, false, "Nhập what"},
		{"removing what is not there", full(2), []string{"bo", "prizes.7"}, 2, true, ""},
		{"removing nonsense", full(2), []string{"bo", "prizes"}, 2, true, ""},
		{"adding to no group", full(2), []string{"them", "max"}, 2, false, ""},
		{"wrong types kept before", eforms.Answers{"prizes": "x"}, []string{"prizes.0.what", "a", "prizes.0.many", "1", "prizes.0.each", "1"}, 1, false, ""},
		{"wrong rows kept before", eforms.Answers{"prizes": []any{3.0, "x", nil}}, []string{"prizes.0.what", "a", "prizes.0.many", "1", "prizes.0.each", "1"}, 1, false, ""},
		{"a rule of the row", eforms.Answers{"max": "4"}, []string{"prizes.0.what", "a", "prizes.0.many", "1", "prizes.0.each", "5"}, 1, false, "Cao quá"},
		{"a rule of the form", nil, []string{"prizes.0.what", "a", "prizes.0.many", "1", "prizes.0.each", "0"}, 1, false, "Tổng phải lớn hơn 0"},
	} {
		answers, faults, again := running(f, tt.old).Read(1, body(tt.sent...))
		if rows, _ := answers["prizes"].([]any); len(rows) != tt.rows || again != tt.again {
			t.Errorf("%s: %d rows, again %v: %v", tt.name, len(rows), again, answers)
		}
		var said []string
		for _, f := range faults {
			said = append(said, vi(f.Message))
		}
		if tt.fault == "" && len(said) > 0 || tt.fault != "" && !strings.Contains(strings.Join(said, "|"), tt.fault) {
			t.Errorf("%s: %q", tt.name, said)
		}
	}
}

func TestARowOpensItsOwnQuestion(t *testing.T) {
	r := running(load(t, promotion), nil)
	sent := body("prizes.0.what", "Xe", "prizes.0.many", "1", "prizes.0.each", "2000")
	answers, faults, again := r.Read(1, sent)
	if !again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
	r = r.With(answers)
	field(t, r.Model(1, nil), "prizes.0.dear")
	sent.Set("prizes.0.dear", "")
	if _, faults, again = r.Read(1, sent); again || len(faults) != 1 || faults[0].Field != "prizes.0.dear" {
		t.Fatalf("again %v, %v", again, faults)
	}
}

func TestRequiredRows(t *testing.T) {
	f := asking(t, `{"id":"a","kind":"yesno","label":"A"}`,
		`{"id":"g","kind":"group","label":"G","item":{"vi":"Người làm chứng","en":"witness"},"min_rows":0,"max_rows":3,"require_if":{"var":"a"},"questions":[{"id":"n","kind":"name","label":"N"}]}`)
	_, faults, _ := running(f, nil).Read(1, body("a", "yes"))
	if len(faults) != 1 || vi(faults[0].Message) != "Thêm ít nhất 1 người làm chứng" || en(faults[0].Message) != "Add at least 1 witness" || faults[0].Field != "g" {
		t.Errorf("faults %v", faults)
	}
	if _, faults, _ := running(f, nil).Read(1, body("a", "no")); len(faults) > 0 {
		t.Errorf("faults %v", faults)
	}
}

func TestComputedThatCannotBe(t *testing.T) {
	f := asking(t, `{"id":"a","kind":"money","label":"A"}`, `{"id":"b","kind":"money","label":"B"}`,
		`{"id":"c","kind":"computed","label":{"vi":"Tích","en":"Product"},"compute":{"*":[{"var":"a"},{"var":"b"}]}}`)
	r := running(f, eforms.Answers{"a": "999999999999999", "b": "999999999999999"})
	if faults := r.Faults(); len(faults) != 1 || vi(faults[0].Message) != "Tích quá lớn hoặc không tính được. Kiểm tra lại các số đã nhập" ||
		en(faults[0].Message) != "Product is too large or cannot be worked out. Check the numbers you entered" {
		t.Errorf("faults %v", faults)
	}
	if r = r.With(eforms.Answers{"a": "5"}); len(r.Quantities()) != 1 || len(r.Faults()) != 1 {
		t.Errorf("half of a product: %v, %v", r.Quantities(), r.Faults())
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
