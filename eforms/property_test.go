package eforms_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/eforms"
)

// every is a form with every kind, on a page and in rows.
const every = `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
 {"id":"text","kind":"text","label":"L","optional":true},{"id":"name","kind":"name","label":"L"},{"id":"long","kind":"longtext","label":"L"},
 {"id":"int","kind":"integer","label":"L"},{"id":"dec","kind":"decimal","label":"L","decimals":3},{"id":"money","kind":"money","label":"L"},
 {"id":"date","kind":"date","label":"L","not_after":"today"},{"id":"near","kind":"near_date","label":"L","after":"date"},{"id":"year","kind":"date_or_year","label":"L"},
 {"id":"time","kind":"time","label":"L"},{"id":"yes","kind":"yesno","label":"L"},
 {"id":"radio","kind":"radios","label":"L","options":[{"value":"a","label":"A"},{"value":"b","label":"B","show_if":{"var":"yes"}}]},
 {"id":"boxes","kind":"checkboxes","label":"L","options":[{"value":"a","label":"A"},{"value":"b","label":"B"}],"none":"N"},
 {"id":"sel","kind":"select","label":"L","list":"provinces"},{"id":"sub","kind":"select","label":"L","list":"communes","within":"sel"},
 {"id":"pid","kind":"personal_id","label":"L","birth":"year"},{"id":"tax","kind":"tax_code","label":"L"},{"id":"phone","kind":"phone","label":"L"},
 {"id":"email","kind":"email","label":"L","require_if":{"var":"yes"}},{"id":"home","kind":"address","label":"L","old_address":true},
 {"id":"paper","kind":"attachment","label":"L","max_files":3,"counter":true},{"id":"sworn","kind":"declaration","label":"L","text":"T"},
 {"id":"note","kind":"note","text":"N","tone":"warning"},{"id":"span","kind":"period","label":"L","not_after":"near"},{"id":"months","kind":"period","label":"L","precision":"month","open":true},
 {"id":"who","kind":"person","label":"L","parts":["name","birth_date","sex","id_number","id_date","id_place","ethnicity","nationality","phone"],"optional_parts":["phone"],"fact":"population.self","old":true,"words":true},
 {"id":"job","kind":"search_select","label":"L","list":"agencies"},{"id":"job2","kind":"search_select","label":"L","list":"communes","within":"sel"},
 {"id":"bank","kind":"bank_account","label":"L"},{"id":"land","kind":"land_parcel","label":"L","parts":["address_text"]},{"id":"bike","kind":"vehicle","label":"L"},
 {"id":"table","kind":"table","label":"L","columns":[{"id":"t","kind":"text","label":"T","optional":true},{"id":"i","kind":"integer","label":"I"},{"id":"d","kind":"decimal","label":"D"},{"id":"m","kind":"money","label":"M"},{"id":"s","kind":"select","label":"S","list":"sexes"},{"id":"n","kind":"near_date","label":"N","not_after":"today"}],
  "lines":[{"id":"a","label":"A"},{"id":"b","label":"B","optional":true}],"totals":["i","d","m"]},
 {"id":"away","kind":"address","label":"L","abroad":true},{"id":"oldid","kind":"personal_id","label":"L","old":true},
 {"id":"tsum","kind":"computed","label":"L","compute":{"+":[{"var":"table.total.m"},{"var":["span.days",0]},{"var":["who.birth_date.age",0]}]}},{"id":"hidden","kind":"text","label":"L","show_if":{"==":[{"var":"radio"},"a"]}},
 {"id":"sum","kind":"computed","label":"L","compute":{"+":[{"var":"int"},{"reduce":[{"var":"rows"},{"+":[{"var":"accumulator"},{"var":"current.rint"}]},0]}]}},
 {"id":"rows","kind":"group","label":"L","item":"I","min_rows":1,"max_rows":4,"questions":[
  {"id":"rtext","kind":"text","label":"L"},{"id":"rint","kind":"integer","label":"L"},{"id":"rdate","kind":"date","label":"L"},{"id":"ryes","kind":"yesno","label":"L"},
  {"id":"rboxes","kind":"checkboxes","label":"L","options":[{"value":"a","label":"A"},{"value":"b","label":"B"}]},{"id":"rhome","kind":"address","label":"L"},
  {"id":"rspan","kind":"period","label":"L"},{"id":"rjob","kind":"search_select","label":"L","list":"communes"},{"id":"rwho","kind":"person","label":"L","parts":["name","birth_date","sex"]},
  {"id":"rhidden","kind":"text","label":"L","show_if":{"var":"row.ryes"}},{"id":"rno","kind":"computed","label":"L","compute":{"var":"row_no"}},
  {"id":"inner","kind":"group","label":"L","item":"I","max_rows":3,"questions":[
   {"id":"itext","kind":"text","label":"L"},{"id":"ispan","kind":"period","label":"L"},{"id":"iint","kind":"integer","label":"L"},{"id":"idate","kind":"date","label":"L","after":"rdate"},{"id":"iyes","kind":"yesno","label":"L"},
   {"id":"ihidden","kind":"text","label":"L","show_if":{"and":[{"var":"row.iyes"},{"var":"outer.ryes"},{"var":"yes"}]}},
   {"id":"ino","kind":"computed","label":"L","compute":{"+":[{"var":"outer_no"},{"var":"row_no"}]}}]},
  {"id":"isum","kind":"computed","label":"L","compute":{"reduce":[{"var":"row.inner"},{"+":[{"var":"accumulator"},{"var":"current.iint"}]},0]}}]}]}],
 "rules":[{"id":"r","field":"near","check":{">":[{"var":"near"},{"var":"date"}]},"message":"M"},{"id":"s","field":"span","check":{"<":[{"var":"span.days"},400]},"message":"M"}],` + formLists + `}`

// typed is what people and programs put into fields.
func typed() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"", " ", "a", "b", "yes", "no", "none", "91", "75", "30307", "26041", "counter", "1", "31", "2", "tháng ba", "1986", "86", "2030", "31/3/1986",
			"31031986", "1.500", "1,5", "1.500.000 đ", "-3", "1000,1", "14h05", "0912 345 678", "+84912345678", "001099000001", "0300588569", "0100109106-001",
			"an@example.vn", "abroad", "vn", "LA", "Lào", "laos", "ede", "Kinh", "male", "female", "phuong", "so", "H01.15", "51F-123.45", "59-x1 12345", "3/2026", "2026-03", "tháng ba năm 2026", "Đỗ Thị Hồng", "Nguyễn Văn A", "a\r\nb", "9999999999999999", "Ho\u0300a", "\x00", "\xff", "<script>", "ngày 5 tháng năm năm 1986", "2026-01-02",
		}),
		rapid.String(),
		rapid.StringMatching(`[0-9./, -]{0,12}`),
	)
}

// What a page shows and Read takes back is the same, right or wrong.
func TestWhatIsShownReadsBackEqual(t *testing.T) {
	f := load(t, every)
	rapid.Check(t, func(t *rapid.T) {
		r := running(f, nil)
		r.Attached = map[string]int{}
		sent := url.Values{}
		for _, name := range names(r) {
			if rapid.IntRange(0, 9).Draw(t, "send "+name) > 0 {
				sent[name] = rapid.SliceOfN(typed(), 1, 2).Draw(t, name)
			}
		}
		first, _, _ := r.Read(1, sent)
		shown, faults, _ := r.With(first).Read(1, r.With(first).Model(1, nil).Body())
		for id, answer := range first {
			if q, _ := f.Question(id); q.Kind != eforms.Group && !reflect.DeepEqual(shown[id], answer) && answer != "" {
				t.Fatalf("%s: read %#v, shown and read back %#v", id, answer, shown[id])
			}
		}
		again, sameFaults, _ := r.With(shown).Read(1, r.With(shown).Model(1, nil).Body())
		if !reflect.DeepEqual(again, shown) {
			t.Fatalf("read %#v\nthen %#v", shown, again)
		}
		if len(sameFaults) < len(faults) {
			t.Fatalf("faults %v, then %v", faults, sameFaults)
		}
		stored, err := eforms.Canonical(again)
		if err != nil {
			t.Fatal(err)
		}
		var back eforms.Answers
		if err := json.Unmarshal(stored, &back); err != nil {
			t.Fatal(err)
		}
		if got, want := words(r.With(back).Outline()), words(r.With(again).Outline()); got != want {
			t.Fatalf("stored and read back\n%s\nwant\n%s", got, want)
		}
		if strings.ContainsAny(string(stored), "\x00") || strings.Contains(string(stored), `\u0000`) {
			t.Fatal("a NUL would be refused by the database")
		}
	})
}

// names are the controls of page 1 with every question shown.
func names(r *eforms.Run) []string {
	var out []string
	for _, q := range r.Form.All() {
		prefixes := []string{""}
		if group := q.Group(); group != nil {
			prefixes = []string{"rows.0.", "rows.1.", "rows.3."}
			if group.ID == "inner" {
				prefixes = []string{"rows.0.inner.0.", "rows.0.inner.1.", "rows.1.inner.2."}
			}
		}
		for _, p := range prefixes {
			switch q.Kind {
			case eforms.Date, eforms.DateOrYear:
				out = append(out, p+q.ID+".day", p+q.ID+".month", p+q.ID+".year")
			case eforms.Address:
				out = append(out, p+q.ID+".province", p+q.ID+".commune", p+q.ID+".detail", p+q.ID+".old", p+q.ID+".other", p+q.ID+".find", p+q.ID+".became", p+q.ID+".old_commune", p+q.ID+".old_district", p+q.ID+".old_province", p+q.ID+".where", p+q.ID+".country", p+q.ID+".line1", p+q.ID+".line4")
			case eforms.Period:
				out = append(out, p+q.ID+".from", p+q.ID+".to")
			case eforms.SearchSelect:
				out = append(out, p+q.ID+".text", p+q.ID)
			case eforms.Person:
				for _, end := range []string{"name", "birth_date.day", "birth_date.month", "birth_date.year", "sex", "id_number", "id_date.day", "id_date.month", "id_date.year", "id_place", "ethnicity.text", "ethnicity", "nationality.text", "phone"} {
					out = append(out, p+q.ID+"."+end)
				}
			case eforms.BankAccount:
				out = append(out, p+q.ID+".bank.text", p+q.ID+".bank", p+q.ID+".number", p+q.ID+".holder")
			case eforms.LandParcel:
				out = append(out, p+q.ID+".sheet", p+q.ID+".parcel", p+q.ID+".area", p+q.ID+".address_text")
			case eforms.Vehicle:
				out = append(out, p+q.ID+".plate", p+q.ID+".brand", p+q.ID+".frame_number", p+q.ID+".engine_number")
			case eforms.Table:
				for _, end := range []string{"a.t", "a.i", "a.d", "a.m", "a.s", "a.n", "b.t", "b.i", "b.d", "b.m", "b.s", "b.n"} {
					out = append(out, p+q.ID+"."+end)
				}
			default:
				out = append(out, p+q.ID)
			}
		}
	}
	return out
}

// anything is a JSON value of any shape, as answers that were stored by someone else.
func anything(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		most := 6
		if depth == 0 {
			most = 4
		}
		switch rapid.IntRange(0, most).Draw(t, "shape") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Float64().Draw(t, "number")
		case 3, 4:
			return typed().Draw(t, "text")
		case 5:
			return rapid.SliceOfN(anything(depth-1), 0, 4).Draw(t, "list")
		}
		key := rapid.SampledFrom([]string{"inner", "itext", "iint", "day", "month", "year", "province", "commune", "detail", "text", "rtext", "rint", "rdate", "rhome", "rboxes", "x", "from", "to", "name", "birth_date", "typed", "country", "line1", "a", "b", "bank", "plate", "area"})
		return rapid.MapOfN(key, anything(depth-1), 0, 5).Draw(t, "object")
	})
}

// exercise calls everything that a run offers.
func exercise(r *eforms.Run, sent url.Values) {
	for no := 0; no <= len(r.Form.Pages)+1; no++ {
		answers, faults, _ := r.Read(no, sent)
		next := r.With(answers)
		next.Model(no, faults)
		next.Next(no)
		next.Prev(no)
	}
	r.Faults()
	r.Outline()
	r.Quantities()
	r.Components()
	r.Tasks()
	if _, err := eforms.Canonical(r.Visible()); err != nil {
		panic(err)
	}
}

func TestNoAnswersAndNoBodyCanPanic(t *testing.T) {
	forms := []*eforms.Form{load(t, every)}
	for _, code := range codes(t) {
		forms = append(forms, shipped(t, code))
	}
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(forms).Draw(t, "form")
		answers := eforms.Answers{}
		sent := url.Values{}
		var values []eforms.Fact
		for _, q := range f.All() {
			if rapid.Bool().Draw(t, "answered") {
				answers[q.ID] = anything(3).Draw(t, q.ID)
			}
			if rapid.Bool().Draw(t, "sent") {
				end := rapid.SampledFrom([]string{"", ".day", ".province", ".0.what", ".1.witness_name", ".0.inner.1.itext", ".0.inner.9.itext", ".inner.0.0.itext", ".99999999999999999999.x", "..", "."}).Draw(t, "end")
				sent[q.ID+end] = rapid.SliceOfN(typed(), 0, 3).Draw(t, "value")
			}
			for _, name := range q.Fact {
				if rapid.Bool().Draw(t, "fact") {
					values = append(values, fact(name, anything(2).Draw(t, name)))
				}
			}
		}
		for _, button := range []string{"them", "bo", "chon"} {
			if rapid.IntRange(0, 4).Draw(t, button) == 0 {
				sent[button] = []string{rapid.SampledFrom([]string{"rows", "rows.0.inner", "rows.0.inner.0", "rows.9.inner", "rows.0.inner.", "witnesses", "prizes", "rows.0", "rows.x", "prizes.1", "", "."}).Draw(t, "value")}
			}
		}
		r := running(f, answers, values...)
		if rapid.Bool().Draw(t, "no lists") {
			r.Lists = nil
		}
		exercise(r, sent)
	})
}

// logic is an expression that may or may not make sense.
func logic(depth int, vars []string) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
			if rapid.Bool().Draw(t, "variable") {
				return map[string]any{"var": rapid.SampledFrom(vars).Draw(t, "name")}
			}
			return rapid.SampledFrom([]any{true, false, nil, 0.0, 1.0, -2.5, 1e15, "a", "b", "2026-01-01", []any{"a", 1.0}}).Draw(t, "literal")
		}
		op := rapid.SampledFrom([]string{
			"if", "and", "or", "!", "==", "!=", "===", "<", ">=", "+", "-", "*", "min", "cat", "substr", "in", "merge",
			"map", "filter", "reduce", "all", "none", "some",
		}).Draw(t, "operator")
		if rapid.IntRange(0, 30).Draw(t, "nonsense") == 0 {
			op = rapid.SampledFrom([]string{"/", "what", "missing", "missing_some", "var"}).Draw(t, "operator")
		}
		operands := 2
		if op == "!" {
			operands = 1
		}
		inner := vars
		if slices.Contains([]string{"map", "filter", "reduce", "all", "none", "some"}, op) {
			inner = []string{"", "xg", "yg", "current.xg", "current.hg", "accumulator"}
			list := rapid.SampledFrom([]any{
				map[string]any{"var": "g"}, map[string]any{"var": "hg"}, map[string]any{"var": "current.hg"}, map[string]any{"var": "row.hg"}, []any{"a", 2.0},
			}).Draw(t, "list")
			return map[string]any{op: []any{list, logic(depth-1, inner).Draw(t, "operand")}}
		}
		return map[string]any{op: rapid.SliceOfN(logic(depth-1, inner), operands, operands).Draw(t, "operands")}
	})
}

// Whatever an editor puts together, Load refuses it or it runs within its budget.
func TestNoDefinitionCanPanic(t *testing.T) {
	vars := []string{"a", "b", "c", "today", "today.days", "fact.population.self.sex", "a", "b"}
	kinds := []string{"text", "integer", "date", "yesno", "radios", "checkboxes", "computed", "address", "group", "money", "name", "near_date", "select",
		"period", "search_select", "person", "bank_account", "table", "land_parcel", "vehicle"}
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		question := func(id string, group bool) map[string]any {
			q := map[string]any{"id": id, "kind": rapid.SampledFrom(kinds).Draw(t, "kind"), "label": "L"}
			switch q["kind"] {
			case "person":
				q["parts"] = []any{"name", "birth_date", "phone"}
			case "table":
				q["columns"], q["lines"] = []any{map[string]any{"id": "n", "kind": "money", "label": "N"}}, []any{map[string]any{"id": "x", "label": "X"}}
				q["totals"] = []any{"n"}
			case "radios", "checkboxes", "select", "search_select":
				q["options"] = []any{map[string]any{"value": "a", "label": "A"}, map[string]any{"value": "b", "label": "B"}}
			case "computed":
				q["compute"] = logic(3, vars).Draw(t, "compute")
			case "group":
				if group {
					q["kind"] = "text"
				}
			}
			for _, place := range []string{"show_if", "require_if", "default"} {
				if q["kind"] != "computed" && rapid.IntRange(0, 5).Draw(t, place) == 0 {
					q[place] = logic(3, append(vars, "g", "a.days", "a.from.year", "b.total.n", "b.name", "c.area", "row.xg", "row.yg", "outer.xg", "row.hg", "outer_no", "case")).Draw(t, place)
				}
			}
			return q
		}
		var questions []any
		for _, id := range []string{"a", "b", "c", "g"} {
			q := question(id, false)
			if q["kind"] == "group" {
				delete(q, "default")
				inner := map[string]any{"id": "h" + id, "kind": "group", "label": "H", "item": "I", "max_rows": 10, "questions": []any{question("y"+id, true)}}
				q["item"], q["max_rows"], q["questions"] = "I", 200, []any{question("x"+id, true), inner}
			}
			questions = append(questions, q)
		}
		definition, err := json.Marshal(map[string]any{"format": 1, "id": "t", "title": "T", "pages": []any{
			map[string]any{"id": "p", "title": "P", "questions": questions[:2]}, map[string]any{"id": "q", "title": "Q", "questions": questions[2:]},
		}})
		if err != nil {
			t.Fatal(err)
		}
		f, err := eforms.Load(definition)
		if err != nil {
			return
		}
		taken++
		exercise(running(f, eforms.Answers{
			"a": anything(2).Draw(t, "a"), "b": anything(2).Draw(t, "b"), "g": anything(2).Draw(t, "g"),
		}), body("a", "a", "b", "b", "c", "1", "g.0.xg", "1"))
	})
	t.Logf("%d definitions taken", taken)
	if taken < 5 {
		t.Error("nearly every definition was refused: the generator tests nothing")
	}
}

func ExampleLoad() {
	_, err := eforms.Load([]byte(`{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
		{"id":"a","kind":"text","label":"A","show_if":{"==":[{"var":"b"},1]}}]}]}`))
	fmt.Println(err)
	// Output: eforms: definition refused: /pages/0/questions/0/show_if/==/0/var: There is no variable “b” here
}
