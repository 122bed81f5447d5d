package eforms_test

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"motcua/eforms"
	"motcua/locales"
)

// households: each with members, whose questions look at their row, at the household's
// and at the page.
const households = `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
 {"id":"limit","kind":"integer","label":"Limit","optional":true},
 {"id":"houses","kind":"group","label":"Houses","item":{"vi":"Hộ","en":"Household"},"max_rows":5,"questions":[
  {"id":"place","kind":"text","label":"Place"},
  {"id":"farm","kind":"yesno","label":"Farm"},
  {"id":"since","kind":"date","label":"Since"},
  {"id":"members","kind":"group","label":"Members","item":{"vi":"Người","en":"Person"},"min_rows":1,"max_rows":4,"questions":[
   {"id":"name","kind":"name","label":"Name"},
   {"id":"age","kind":"integer","label":"Age"},
   {"id":"came","kind":"date","label":"Came","after":"since","optional":true},
   {"id":"crop","kind":"text","label":"Crop","show_if":{"and":[{"var":"outer.farm"},{">=":[{"var":"row.age"},{"var":["limit",15]}]}]}},
   {"id":"guardian","kind":"text","label":"Guardian","optional":false,"show_if":{"<":[{"var":"row.age"},10]},"default":{"var":"outer.place"}},
   {"id":"label","kind":"computed","label":"No","compute":{"+":[{"*":[{"var":"outer_no"},100]},{"var":"row_no"}]}}],
  "rules":[{"id":"old","field":"age","check":{"<=":[{"var":"row.age"},120]},"message":{"vi":"Quá già","en":"Too old"}}]},
  {"id":"ages","kind":"computed","label":"Ages","compute":{"reduce":[{"var":"row.members"},{"+":[{"var":"accumulator"},{"var":"current.age"}]},0]}}],
 "rules":[{"id":"pair","field":"members","check":{"<":[{"var":"row.ages"},300]},"message":{"vi":"Cộng lại quá già","en":"Too old together"}}]},
 {"id":"total","kind":"computed","label":"Total","compute":{"reduce":[{"var":"houses"},{"+":[{"var":"accumulator"},{"reduce":[{"var":"current.members"},{"+":[{"var":"accumulator"},1]},0]}]},0]}},
 {"id":"grown","kind":"computed","label":"Grown","compute":{"reduce":[{"filter":[{"var":"houses"},{"all":[{"var":"members"},{">=":[{"var":"age"},18]}]}]},{"+":[{"var":"accumulator"},1]},0]}},
 {"id":"first","kind":"computed","label":"First","compute":{"var":"houses.0.members.1.age"}}]}]}`

func member(name, age string) map[string]any { return map[string]any{"name": name, "age": age} }

func house(place string, members ...any) map[string]any {
	return map[string]any{"place": place, "farm": false, "since": "2020-01-01", "members": members}
}

func TestGroupsInGroups(t *testing.T) {
	f := load(t, households)
	r := running(f, eforms.Answers{"houses": []any{house("Ấp 1", member("An", "40"), member("Ba", "7")), house("Ấp 2", member("Cù", "30"))}})
	want := map[string]int64{"total": 3, "grown": 1, "first": 7, "houses": 2, "houses.0.members": 2, "houses.1.members": 1, "houses.0.ages": 47, "houses.1.ages": 30,
		"houses.0.members.0.age": 40, "houses.0.members.1.age": 7, "houses.1.members.0.age": 30,
		"houses.0.members.0.label": 101, "houses.0.members.1.label": 102, "houses.1.members.0.label": 201}
	if got := r.Quantities(); !reflect.DeepEqual(got, want) {
		t.Errorf("quantities %v", got)
	}
	if faults := r.Faults(); len(faults) > 0 {
		t.Errorf("%v", faults)
	}
	guardian := field(t, r.Model(1, nil), "houses.0.members.1.guardian")
	if guardian.Value != "Ấp 1" {
		t.Errorf("the default of an inner row is %q", guardian.Value)
	}
	inner := field(t, r.Model(1, nil), "houses.0.members")
	if !inner.Inner || inner.Add != "houses.0.members" || inner.Rows[1].Remove != "houses.0.members.1" || inner.Rows[1].Title.VI != "Người 2" {
		t.Errorf("%+v", inner)
	}
	if inner = field(t, r.Model(1, nil), "houses.1.members"); inner.Rows[0].Remove != "" {
		t.Errorf("the last row of at least one can be removed: %+v", inner)
	}
	outline := words(r.Outline())
	for _, want := range []string{"  [Hộ 1]\n", "      [Người 2]\n", "Guardian: Ấp 1", "Age: 7", "Ages: 47"} {
		if !strings.Contains(outline, want) {
			t.Errorf("no %q in\n%s", want, outline)
		}
	}
	filed := r.Visible()["houses"].([]any)[0].(map[string]any)["members"].([]any)
	if len(filed) != 2 || filed[1].(map[string]any)["guardian"] != "Ấp 1" {
		t.Errorf("filed %v", filed)
	}
	if got := field(t, r.Model(1, nil), "houses.0.members.0.label").Shown; got.VI != "101" {
		t.Errorf("%v", got)
	}
	if english, _ := field(t, r.Model(1, nil), "houses").Rows[0].Title.In(locales.EN); english != "Household 1" {
		t.Error(english)
	}
}

func TestLogicInInnerRows(t *testing.T) {
	f := load(t, households)
	h := house("X", member("An", "16"))
	h["farm"] = true
	has := func(r *eforms.Run, name string) bool {
		return slices.Contains(slices.Collect(func(yield func(string) bool) {
			for _, row := range field(t, r.Model(1, nil), "houses.0.members").Rows {
				for _, f := range row.Fields {
					if !yield(f.Name) {
						return
					}
				}
			}
		}), name)
	}
	r := running(f, eforms.Answers{"houses": []any{h}})
	if !has(r, "houses.0.members.0.crop") {
		t.Error("the row around is not seen")
	}
	if has(running(f, eforms.Answers{"limit": "17", "houses": []any{h}}), "houses.0.members.0.crop") {
		t.Error("the page is not seen")
	}
	h["members"] = []any{map[string]any{"name": "An", "age": "130", "came": "2019-05-01"}, member("B", "110"), member("C", "90")}
	h["farm"] = false
	var said []string
	for _, fault := range running(f, eforms.Answers{"houses": []any{h}}).Faults() {
		said = append(said, fault.Field+": "+vi(fault.Message))
	}
	if want := []string{"houses.0.members.0.age: Quá già", "houses.0.members.0.came.day: Came phải sau ngày 1/1/2020"}; !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
	h["members"] = []any{member("A", "110"), member("B", "110"), member("C", "90")}
	if faults := running(f, eforms.Answers{"houses": []any{h}}).Faults(); len(faults) != 1 || faults[0].Field != "houses.0.members" || vi(faults[0].Message) != "Cộng lại quá già" {
		t.Errorf("%v", faults)
	}
	h["members"] = []any{}
	if faults := running(f, eforms.Answers{"houses": []any{h}}).Faults(); len(faults) != 2 || faults[0].Field != "houses.0.members.0.name" {
		t.Errorf("%v", faults)
	}
}

func TestButtonsOfInnerGroups(t *testing.T) {
	f := load(t, households)
	full := func() eforms.Answers {
		return eforms.Answers{"houses": []any{house("A", member("An", "40"), member("Ba", "41")), house("B", member("Cù", "30"))}}
	}
	inner := func(a eforms.Answers, i int) int {
		rows := a["houses"].([]any)[i].(map[string]any)["members"].([]any)
		return len(rows)
	}
	for _, tt := range []struct {
		name     string
		sent     []string
		again    bool
		counts   [2]int
		names    string // of the first household's last member
		houseNum int
	}{
		{"add", []string{"them", "houses.0.members"}, true, [2]int{3, 1}, "", 2},
		{"add to the second, writing in the first", []string{"them", "houses.1.members", "houses.0.members.1.name", "Bình"}, true, [2]int{2, 2}, "Bình", 2},
		{"remove", []string{"bo", "houses.0.members.0"}, true, [2]int{1, 1}, "Ba", 2},
		{"remove what is not there", []string{"bo", "houses.0.members.9"}, true, [2]int{2, 1}, "Ba", 2},
		{"add to a row that is not there", []string{"them", "houses.4.members"}, false, [2]int{2, 1}, "Ba", 2},
		{"add to no group", []string{"them", "houses.0.place"}, false, [2]int{2, 1}, "Ba", 2},
		{"nonsense", []string{"them", "houses..members", "bo", "houses.0.members."}, true, [2]int{2, 1}, "Ba", 2},
		{"a row beyond those shown", []string{"houses.0.members.2.name", "Dư", "houses.0.members.2.age", "20"}, true, [2]int{3, 1}, "Dư", 2},
		{"a row too far", []string{"houses.0.members.4.name", "x", "houses.0.members.99999.name", "x", "houses.0.members.-1.name", "x", "houses.9.members.0.name", "x"}, false, [2]int{2, 1}, "Ba", 2},
		{"an emptied row is dropped", []string{"houses.0.members.0.name", "", "houses.0.members.0.age", ""}, false, [2]int{1, 1}, "Ba", 2},
		{"the least number stays", []string{"houses.1.members.0.name", "", "houses.1.members.0.age", ""}, false, [2]int{2, 1}, "Ba", 2},
	} {
		old := full()
		answers, _, again := running(f, old).Read(1, body(tt.sent...))
		if again != tt.again || len(answers["houses"].([]any)) != tt.houseNum || inner(answers, 0) != tt.counts[0] || inner(answers, 1) != tt.counts[1] {
			t.Errorf("%s: again %v, %v", tt.name, again, answers)
			continue
		}
		rows := answers["houses"].([]any)[0].(map[string]any)["members"].([]any)
		if last, _ := rows[len(rows)-1].(map[string]any)["name"].(string); last != tt.names {
			t.Errorf("%s: the last is %q", tt.name, last)
		}
		if !reflect.DeepEqual(old, full()) {
			t.Errorf("%s: the old answers were changed: %v", tt.name, old)
		}
	}
}

// What a household's answer opens in its members is asked before the page is judged, and a
// group that opens is shown first.
func TestInnerRowsOpen(t *testing.T) {
	f := load(t, households)
	r := running(f, eforms.Answers{"houses": []any{house("A", member("An", "40"))}})
	answers, faults, again := r.Read(1, body("houses.0.farm", "yes"))
	if !again || len(faults) > 0 {
		t.Fatalf("again %v, %v", again, faults)
	}
	if _, faults, again = r.With(answers).Read(1, body("houses.0.farm", "yes")); again || len(faults) != 1 || faults[0].Field != "houses.0.members.0.crop" {
		t.Errorf("again %v, %v", again, faults)
	}
	opening := load(t, page(`{"id":"a","kind":"yesno","label":"A"},{"id":"g","kind":"group","label":"G","item":"X","min_rows":1,"max_rows":3,"show_if":{"var":"a"},"questions":[{"id":"n","kind":"name","label":"N"}]}`))
	answers, faults, again = running(opening, nil).Read(1, body("a", "yes"))
	if !again || len(faults) > 0 {
		t.Errorf("again %v, %v", again, faults)
	}
	if _, faults, again = running(opening, answers).Read(1, body("a", "yes", "g.0.n", "")); again || len(faults) != 1 {
		t.Errorf("again %v, %v", again, faults)
	}
}

func TestWrongTypesInInnerRows(t *testing.T) {
	f := load(t, households)
	for _, stored := range []any{"x", []any{3.0}, []any{map[string]any{"members": "x"}}, []any{map[string]any{"members": []any{nil, "x", []any{}}}}, map[string]any{"0": "x"}} {
		r := running(f, eforms.Answers{"houses": stored})
		exercise(r, body("houses.0.members.0.name", "An", "houses.0.members.0.age", "3", "them", "houses.0.members"))
		answers, _, _ := r.Read(1, body("houses.0.members.0.name", "An", "houses.0.members.0.age", "3"))
		first := answers["houses"].([]any)[0].(map[string]any)["members"].([]any)[0].(map[string]any)
		if first["name"] != "An" || first["age"] != "3" {
			t.Errorf("%v: %v", stored, answers)
		}
	}
}

// A body that speaks of every row there may be is read once, not once for each row.
func TestHugeInnerBodies(t *testing.T) {
	r := running(load(t, households), nil)
	sent := url.Values{}
	for i := range 100 {
		for j := range 500 {
			sent.Set(fmt.Sprintf("houses.%d.members.%d.name", i, j), "x")
		}
	}
	answers, _, _ := r.Read(1, sent)
	rows := answers["houses"].([]any)
	if len(rows) != 5 || len(rows[4].(map[string]any)["members"].([]any)) != 4 {
		t.Errorf("%v", answers)
	}
}

func TestLoadRefusesInInnerGroups(t *testing.T) {
	group := func(inner, rest string) string {
		return page(`{"id":"top","kind":"text","label":"T"},{"id":"g","kind":"group","label":"G","item":"X","max_rows":50,"questions":[{"id":"a","kind":"text","label":"A"},
			{"id":"h","kind":"group","label":"H","item":"X","max_rows":40,"questions":[` + inner + `]}` + rest + `]}`)
	}
	const at = "/pages/0/questions/1/questions/1"
	for _, tt := range []struct{ name, definition, want string }{
		{"a third group", group(`{"id":"k","kind":"group","label":"K","item":"X","max_rows":3,"questions":[{"id":"x","kind":"text","label":"X"}]}`, ""), at + "/questions/0/kind: eforms.load.in_group"},
		{"too many rows", strings.Replace(group(`{"id":"x","kind":"text","label":"X"}`, ""), `"max_rows":40`, `"max_rows":41`, 1), at + "/max_rows: eforms.load.inner_rows"},
		{"the row around, by the wrong name", group(`{"id":"x","kind":"text","label":"X","show_if":{"var":"row.a"}}`, ""), at + "/questions/0/show_if/var: eforms.load.unknown_variable"},
		{"no row around", group(`{"id":"x","kind":"text","label":"X"}`, `,{"id":"b","kind":"text","label":"B","show_if":{"var":"outer.a"}}`), "/pages/0/questions/1/questions/2/show_if/var: eforms.load.unknown_variable"},
		{"a number of no row", group(`{"id":"x","kind":"text","label":"X"}`, `,{"id":"b","kind":"text","label":"B","show_if":{"var":"outer_no"}}`), "/pages/0/questions/1/questions/2/show_if/var: eforms.load.unknown_variable"},
		{"a loop through the row around", group(`{"id":"x","kind":"text","label":"X","show_if":{"var":"outer.b"}}`, `,{"id":"b","kind":"computed","label":"B","compute":{"reduce":[{"var":"row.h"},{"+":[{"var":"accumulator"},1]},0]}}`), at + ": eforms.load.loop"},
		{"a loop with its own group", group(`{"id":"x","kind":"text","label":"X","show_if":{"var":"outer.h"}}`, ""), at + ": eforms.load.loop"},
		{"a loop in the inner row", group(`{"id":"x","kind":"text","label":"X","show_if":{"var":"row.y"}},{"id":"y","kind":"text","label":"Y","show_if":{"var":"row.x"}}`, ""), at + "/questions/0: eforms.load.loop"},
		{"a list of another list", group(`{"id":"x","kind":"integer","label":"X"}`, `,{"id":"b","kind":"computed","label":"B","compute":{"reduce":[{"var":"row.h"},{"reduce":[{"var":"current.x"},1,0]},0]}}`), "/pages/0/questions/1/questions/2/compute/reduce/1/reduce: eforms.load.nested_items"},
		{"a fact in an inner row", group(`{"id":"x","kind":"text","label":"X","fact":"population.self.x"}`, ""), at + "/questions/0/fact: eforms.load.fact_in_group"},
		{"a rule of the row about another", strings.TrimSuffix(group(`{"id":"x","kind":"text","label":"X"}`, ""), "]}]}]}") + `],"rules":[{"id":"r","field":"x","check":{"var":"row.a"},"message":"M"}]}]}]}`, "/pages/0/questions/1/rules/0/field: eforms.load.reference"},
	} {
		if got := mistakes(t, tt.definition); !slices.Contains(got, tt.want) {
			t.Errorf("%s: want %s\ngot %v", tt.name, tt.want, got)
		}
	}
}
