package eforms_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"motcua/eforms"
)

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
	if n := r.Quantities()["count"]; n != 1 || len(r.Visible()["prizes"].([]any)) != 1 {
		t.Errorf("an empty row counts: %d", n)
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
	counts := map[string]int64{"total": 7000, "count": 2, "prizes": 2, "prizes.0.many": 2, "prizes.0.each": 1000, "prizes.0.sum": 2000,
		"prizes.1.many": 10, "prizes.1.each": 500, "prizes.1.sum": 5000}
	if len(faults) > 0 || !reflect.DeepEqual(r.Quantities(), counts) {
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

// A body made to hurt is read for what it is worth and no more.
func TestHugeBodies(t *testing.T) {
	r := running(load(t, promotion), nil)
	sent := url.Values{}
	for i := range 50_000 {
		sent.Add(fmt.Sprintf("prizes.%d.what", i), "x")
		sent.Add("max", "1")
	}
	sent.Set("prizes.0.what", strings.Repeat("ộ", 4<<20))
	sent.Set("total", "999")
	sent.Set("prizes.0.sum", "999")
	answers, _, _ := r.Read(1, sent)
	rows := answers["prizes"].([]any)
	if len(rows) != 4 || len(rows[0].(map[string]any)["what"].(string)) > 20_000 || answers["max"] != "1" {
		t.Errorf("%d rows, %d bytes", len(rows), len(rows[0].(map[string]any)["what"].(string)))
	}
	if answers["total"] != nil || rows[0].(map[string]any)["sum"] != nil {
		t.Error("a computed value was taken from the body")
	}
}
