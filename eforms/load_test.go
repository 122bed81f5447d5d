package eforms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"motcua/eforms"
)

// page wraps questions into a definition.
func page(questions string) string {
	return `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[` + questions + `]}]}`
}

func TestLoadRefuses(t *testing.T) {
	const a = `{"id":"a","kind":"text","label":"A"}`
	deep := strings.Repeat(`{"!":[`, 40) + "true" + strings.Repeat(`]}`, 40)
	for _, tt := range []struct {
		name, definition, want string
	}{
		{"no JSON", `{"format":`, "/format: eforms.load.not_json"},
		{"two values", page(a) + `{}`, ": eforms.load.not_json"},
		{"a name twice", `{"format":1,"format":1}`, "/format: eforms.load.not_json"},
		{"too deep", strings.Repeat("[", 60) + strings.Repeat("]", 60), strings.Repeat("/0", 49) + ": eforms.load.not_json"},
		{"no title", `{"format":1,"id":"t","pages":[{"id":"p","title":"P","questions":[` + a + `]}]}`, ": eforms.load.schema"},
		{"missing label", page(`{"id":"a","kind":"text"}`), "/pages/0/questions/0: eforms.load.schema"},
		{"empty label", page(`{"id":"a","kind":"text","label":{"vi":""}}`), "/pages/0/questions/0/label/vi: eforms.load.schema"},
		{"property of another kind", page(`{"id":"a","kind":"text","label":"A","max_rows":3}`), "/pages/0/questions/0/max_rows: eforms.load.schema"},
		{"unknown kind", page(`{"id":"a","kind":"colour","label":"A"}`), "/pages/0/questions/0/kind: eforms.load.schema"},
		{"null question", page(`null`), "/pages/0/questions/0: eforms.load.schema"},
		{"id twice", page(a + `,{"id":"a","kind":"text","label":"B"}`), "/pages/0/questions/1/id: eforms.load.twice"},
		{"id twice in a group", page(a + `,{"id":"g","kind":"group","label":"G","item":"X","max_rows":3,"questions":[{"id":"a","kind":"text","label":"B"}]}`), "/pages/0/questions/1/questions/0/id: eforms.load.twice"},
		{"page twice", `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[` + a + `]},{"id":"p","title":"P","questions":[{"id":"b","kind":"text","label":"A"}]}]}`, "/pages/1/id: eforms.load.twice"},
		{"option twice", page(`{"id":"a","kind":"radios","label":"A","options":[{"value":"x","label":"X"},{"value":"x","label":"Y"}]}`), "/pages/0/questions/0/options/1/value: eforms.load.twice"},
		{"reserved id", page(`{"id":"today","kind":"text","label":"A"}`), "/pages/0/questions/0/id: eforms.load.reserved"},
		{"reserved button", page(`{"id":"bo","kind":"text","label":"A"}`), "/pages/0/questions/0/id: eforms.load.reserved"},
		{"question as label", page(`{"id":"a","kind":"text","label":{"vi":"Tên gì?","en":"What name?"},"short":"tên"}`), "/pages/0/questions/0: eforms.load.short"},

		{"unknown operator", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"and":[true,{"equals":[{"var":"a"},"x"]}]}}`), "/pages/0/questions/1/show_if/and/1/equals: eforms.load.unknown_operator"},
		{"operator log", page(`{"id":"b","kind":"text","label":"B","show_if":{"log":"x"}}`), "/pages/0/questions/0/show_if/log: eforms.load.unknown_operator"},
		{"unknown variable", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"==":[{"var":"c"},"x"]}}`), "/pages/0/questions/1/show_if/==/0/var: eforms.load.unknown_variable"},
		{"unknown part", page(`{"id":"d","kind":"date","label":"D"},{"id":"b","kind":"text","label":"B","show_if":{"var":"d.week"}}`), "/pages/0/questions/1/show_if/var: eforms.load.unknown_variable"},
		{"part of a text", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"var":"a.x"}}`), "/pages/0/questions/1/show_if/var: eforms.load.unknown_variable"},
		{"value of a note", page(`{"id":"n","kind":"note","text":"N"},{"id":"b","kind":"text","label":"B","show_if":{"var":"n"}}`), "/pages/0/questions/1/show_if/var: eforms.load.unknown_variable"},
		{"row outside of a group", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"var":"row.a"}}`), "/pages/0/questions/1/show_if/var: eforms.load.unknown_variable"},
		{"outer variable inside map", page(a + `,{"id":"g","kind":"group","label":"G","item":"X","max_rows":3,"questions":[{"id":"n","kind":"integer","label":"N"}]},{"id":"c","kind":"computed","label":"C","compute":{"reduce":[{"var":"g"},{"var":"a"},0]}}`), "/pages/0/questions/2/compute/reduce/1/var: eforms.load.unknown_variable"},
		{"computed name", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"var":{"cat":["a",""]}}}`), "/pages/0/questions/1/show_if/var: eforms.load.variable_not_name"},
		{"case without cases", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"==":[{"var":"case"},"x"]}}`), "/pages/0/questions/1/show_if/==/0/var: eforms.load.unknown_variable"},
		{"division", page(`{"id":"n","kind":"integer","label":"N"},{"id":"c","kind":"computed","label":"C","compute":{"/":[{"var":"n"},0]}}`), "/pages/0/questions/1/compute/~1: eforms.load.division"},
		{"division by an answer", page(`{"id":"n","kind":"integer","label":"N"},{"id":"c","kind":"computed","label":"C","compute":{"+":[1,{"/":[2,{"var":"n"}]}]}}`), "/pages/0/questions/1/compute/+/1/~1: eforms.load.division"},
		{"division by what is worked out", page(`{"id":"c","kind":"computed","label":"C","compute":{"/":[2,{"-":[1,1]}]}}`), "/pages/0/questions/0/compute/~1: eforms.load.division"},
		{"division by a word", page(`{"id":"c","kind":"computed","label":"C","compute":{"/":[2,"0"]}}`), "/pages/0/questions/0/compute/~1: eforms.load.division"},
		{"division by nothing", page(`{"id":"c","kind":"computed","label":"C","compute":{"/":2}}`), "/pages/0/questions/0/compute/~1: eforms.load.division"},
		{"remainder", page(`{"id":"n","kind":"integer","label":"N"},{"id":"c","kind":"computed","label":"C","compute":{"%":[{"var":"n"},0]}}`), "/pages/0/questions/1/compute/%: eforms.load.division"},
		{"operands", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"==":[{"var":"a"}]}}`), "/pages/0/questions/1/show_if/==: eforms.load.operands"},
		{"two operators", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"and":[{"==":[1,1],"!":true}]}}`), "/pages/0/questions/1/show_if/and/0: eforms.load.one_operator"},
		{"lists in lists", page(`{"id":"c","kind":"computed","label":"C","compute":{"map":[[1],{"map":[[1],1]}]}}`), "/pages/0/questions/0/compute/map/1/map: eforms.load.nested_items"},
		{"logic too deep", page(`{"id":"b","kind":"text","label":"B","show_if":` + deep[:17*6] + "true" + strings.Repeat(`]}`, 17) + `}`), "/pages/0/questions/0/show_if" + strings.Repeat("/!/0", 17) + ": eforms.load.too_deep"},
		{"logic too large", page(`{"id":"c","kind":"computed","label":"C","compute":{"+":[` + strings.Repeat("1,", 250) + `1]}}`), "/pages/0/questions/0/compute/+/199: eforms.load.too_large"},
		{"huge number", page(`{"id":"c","kind":"computed","label":"C","compute":{"+":[1e999]}}`), "/pages/0/questions/0/compute/+/0: eforms.load.not_number"},

		{"unknown value", page(`{"id":"r","kind":"radios","label":"R","options":[{"value":"x","label":"X"}]},{"id":"b","kind":"text","label":"B","show_if":{"==":[{"var":"r"},"y"]}}`), "/pages/0/questions/1/show_if: eforms.load.unknown_value"},
		{"unknown value in a list", page(`{"id":"r","kind":"radios","label":"R","options":[{"value":"x","label":"X"}]},{"id":"b","kind":"text","label":"B","show_if":{"in":[{"var":"r"},["x","y"]]}}`), "/pages/0/questions/1/show_if: eforms.load.unknown_value"},
		{"unknown member", page(`{"id":"r","kind":"checkboxes","label":"R","options":[{"value":"x","label":"X"}]},{"id":"b","kind":"text","label":"B","show_if":{"in":["none",{"var":"r"}]}}`), "/pages/0/questions/1/show_if: eforms.load.unknown_value"},
		{"yes as a word", page(`{"id":"r","kind":"yesno","label":"R"},{"id":"b","kind":"text","label":"B","show_if":{"==":[{"var":"r"},"yes"]}}`), "/pages/0/questions/1/show_if: eforms.load.unknown_value"},
		{"unknown list", page(`{"id":"r","kind":"select","label":"R","list":"planets"}`), "/pages/0/questions/0/list: eforms.load.unknown_list"},
		{"list of the portal", `{"format":1,"id":"t","title":"T","lists":{"agencies":[{"value":"x","label":"X"}]},"pages":[{"id":"p","title":"P","questions":[` + a + `]}]}`, "/lists/agencies: eforms.load.reserved"},
		{"option none", page(`{"id":"r","kind":"checkboxes","label":"R","none":"N","options":[{"value":"none","label":"X"}]}`), "/pages/0/questions/0/none: eforms.load.reserved"},
		{"limit by a text", page(a + `,{"id":"d","kind":"date","label":"D","after":"a"}`), "/pages/0/questions/1/after: eforms.load.reference"},
		{"limit by no day", page(`{"id":"d","kind":"date","label":"D","not_after":"2026-02-30"}`), "/pages/0/questions/0/not_after: eforms.load.not_day"},
		{"limit by itself", page(`{"id":"d","kind":"date","label":"D","after":"d"}`), "/pages/0/questions/0/after: eforms.load.reference"},
		{"birth unknown", page(`{"id":"i","kind":"personal_id","label":"I","birth":"x"}`), "/pages/0/questions/0/birth: eforms.load.reference"},
		{"locked without a fact", page(`{"id":"a","kind":"text","label":"A","locked":true}`), "/pages/0/questions/0/locked: eforms.load.locked"},
		{"fact in a group", page(`{"id":"g","kind":"group","label":"G","item":"X","max_rows":3,"questions":[{"id":"n","kind":"text","label":"N","fact":"population.self.x"}]}`), "/pages/0/questions/0/questions/0/fact: eforms.load.fact_in_group"},
		{"min above max", page(`{"id":"n","kind":"integer","label":"N","min":3,"max":2}`), "/pages/0/questions/0: eforms.load.min_max"},
		{"optional and required", page(a + `,{"id":"b","kind":"text","label":"B","optional":true,"require_if":{"var":"a"}}`), "/pages/0/questions/1/require_if: eforms.load.optional_required"},

		{"loop of two", page(`{"id":"a","kind":"text","label":"A","show_if":{"var":"b"}},{"id":"b","kind":"text","label":"B","show_if":{"var":"a"}}`), "/pages/0/questions/0: eforms.load.loop"},
		{"loop with itself", page(`{"id":"c","kind":"computed","label":"C","compute":{"+":[{"var":"c"},1]}}`), "/pages/0/questions/0: eforms.load.loop"},
		{"loop in a row", page(`{"id":"g","kind":"group","label":"G","item":"X","max_rows":3,"questions":[{"id":"a","kind":"text","label":"A","show_if":{"var":"row.b"}},{"id":"b","kind":"text","label":"B","show_if":{"var":"row.a"}}]}`), "/pages/0/questions/0/questions/0: eforms.load.loop"},
		{"loop through a page", `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","show_if":{"var":"a"},"questions":[` + a + `]}]}`, "/pages/0/questions/0: eforms.load.loop"},
		{"loop through the case", `{"format":1,"id":"t","title":"T","cases":[{"id":"x","name":"X","when":{"var":"a"}}],"pages":[{"id":"p","title":"P","cases":["x"],"questions":[` + a + `]}]}`, "/pages/0/questions/0: eforms.load.loop"},
		{"loop through a question's case", `{"format":1,"id":"t","title":"T","cases":[{"id":"x","name":"X","when":{"var":"a"}}],"pages":[{"id":"p","title":"P","questions":[{"id":"a","kind":"text","label":"A","cases":["x"]}]}]}`, "/pages/0/questions/0: eforms.load.loop"},
		{"loop through a default", page(`{"id":"a","kind":"text","label":"A","default":{"var":"b"}},{"id":"b","kind":"text","label":"B","default":{"var":"a"}}`), "/pages/0/questions/0: eforms.load.loop"},
		{"loop through limits", page(`{"id":"a","kind":"date","label":"A","after":"b"},{"id":"b","kind":"date","label":"B","after":"a"}`), "/pages/0/questions/0: eforms.load.loop"},
		{"loop through an option", page(`{"id":"a","kind":"radios","label":"A","options":[{"value":"x","label":"X","show_if":{"var":"b"}}]},{"id":"b","kind":"text","label":"B","show_if":{"var":"a"}}`), "/pages/0/questions/0: eforms.load.loop"},

		{"never by a constant", page(a + `,{"id":"b","kind":"text","label":"B","show_if":{"==":[1,2]}}`), "/pages/0/questions/1: eforms.load.never"},
		{"never by choices", page(`{"id":"r","kind":"radios","label":"R","options":[{"value":"x","label":"X"},{"value":"y","label":"Y"}]},{"id":"b","kind":"text","label":"B","show_if":{"and":[{"==":[{"var":"r"},"x"]},{"==":[{"var":"r"},"y"]}]}}`), "/pages/0/questions/1: eforms.load.never"},
		{"never on its page", `{"format":1,"id":"t","title":"T","pages":[{"id":"o","title":"O","questions":[{"id":"r","kind":"yesno","label":"R"}]},{"id":"p","title":"P","show_if":{"var":"r"},"questions":[{"id":"b","kind":"text","label":"B","show_if":{"!":{"var":"r"}}},` + a + `]}]}`, "/pages/1/questions/0: eforms.load.never"},
		{"page never", `{"format":1,"id":"t","title":"T","pages":[{"id":"o","title":"O","questions":[` + a + `]},{"id":"p","title":"P","show_if":{"!":[true]},"questions":[{"id":"b","kind":"text","label":"B"}]}]}`, "/pages/1: eforms.load.page_never"},
		{"never in these cases", `{"format":1,"id":"t","title":"T","cases":[{"id":"x","name":"X","when":{"var":"r"}},{"id":"y","name":"Y"}],"pages":[{"id":"o","title":"O","questions":[{"id":"r","kind":"yesno","label":"R"}]},{"id":"p","title":"P","cases":["x"],"questions":[` + a + `,{"id":"b","kind":"text","label":"B","cases":["y"]}]}]}`, "/pages/1/questions/1: eforms.load.never"},
		{"unknown case", `{"format":1,"id":"t","title":"T","cases":[{"id":"x","name":"X"}],"pages":[{"id":"p","title":"P","cases":["z"],"questions":[` + a + `]}]}`, "/pages/0/cases/0: eforms.load.unknown_case"},
		{"case behind one that always holds", `{"format":1,"id":"t","title":"T","cases":[{"id":"x","name":"X"},{"id":"y","name":"Y"}],"pages":[{"id":"p","title":"P","questions":[` + a + `]}]}`, "/cases/0: eforms.load.case_hides"},
		{"page without its task", `{"format":1,"id":"t","title":"T","tasks":[{"id":"x","name":"X"}],"pages":[{"id":"p","title":"P","task":"x","questions":[` + a + `]},{"id":"o","title":"O","questions":[{"id":"b","kind":"text","label":"B"}]}]}`, "/pages/1/task: eforms.load.task"},
		{"task without a page", `{"format":1,"id":"t","title":"T","tasks":[{"id":"x","name":"X"},{"id":"y","name":"Y"}],"pages":[{"id":"p","title":"P","task":"x","questions":[` + a + `]}]}`, "/tasks/1: eforms.load.task_empty"},
		{"rule at nothing", `{"format":1,"id":"t","title":"T","rules":[{"id":"r","field":"z","check":{"var":"a"},"message":"M"}],"pages":[{"id":"p","title":"P","questions":[` + a + `]}]}`, "/rules/0/field: eforms.load.reference"},
		{"rule about nothing", `{"format":1,"id":"t","title":"T","rules":[{"id":"r","field":"a","check":{"!":[true]},"message":"M"}],"pages":[{"id":"p","title":"P","questions":[` + a + `]}]}`, "/rules/0/check: eforms.load.rule_constant"},
		{"too many bytes", strings.Repeat(" ", 2<<20) + page(a), ": eforms.load.too_many_bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := mistakes(t, tt.definition); !slices.Contains(got, tt.want) {
				t.Errorf("want %s\ngot %s", tt.want, strings.Join(got, "\n    "))
			}
		})
	}
}

// An editor sees everything that is wrong in one go, what the schema sees and what not.
func TestLoadTellsAllMistakesAtOnce(t *testing.T) {
	got := mistakes(t, `{"format":1,"id":"t","title":"T","pages":[
		{"id":"p","title":"P","questions":[
			{"id":"a","kind":"text"},
			{"id":"a","kind":"text","label":"A","show_if":{"frobnicate":[1]}},
			{"id":"c","kind":"computed","label":"C","compute":{"/":[1,0]}}]},
		{"id":"p","title":"P","questions":[{"id":"d","kind":"select","label":"D","list":"planets"}]}]}`)
	for _, want := range []string{
		"/pages/0/questions/0: eforms.load.schema",
		"/pages/0/questions/1/id: eforms.load.twice",
		"/pages/0/questions/1/show_if/frobnicate: eforms.load.unknown_operator",
		"/pages/0/questions/2/compute/~1: eforms.load.division",
		"/pages/1/id: eforms.load.twice",
		"/pages/1/questions/0/list: eforms.load.unknown_list",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("not told: %s\ngot %v", want, got)
		}
	}
}

func TestFormGoesThroughJSON(t *testing.T) {
	f := shipped(t, "2.000033")
	b, err := f.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var again eforms.Form
	if err := again.UnmarshalJSON(b); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(again.Sources()); got != "[business.acting]" || len(again.All()) != len(f.All()) {
		t.Errorf("sources %s, %d questions of %d", got, len(again.All()), len(f.All()))
	}
	if err := new(eforms.Form).UnmarshalJSON([]byte(`{}`)); err == nil {
		t.Error("an empty definition was taken")
	}
}
