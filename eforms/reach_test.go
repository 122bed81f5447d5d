package eforms_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"motcua/eforms"
)

// crossroads has questions of every sort that a condition may turn on, with room for more
// pages, cases and ends.
func crossroads(pages, rest string) string {
	return `{"format":1,"id":"t","title":"T","cases":[{"id":"big","name":"B","when":{">":[{"var":"size"},10]}},{"id":"small","name":"S"}],
 "pages":[{"id":"first","title":"F","questions":[
  {"id":"way","kind":"radios","label":"W","options":[{"value":"car","label":"C"},{"value":"bus","label":"B"},{"value":"foot","label":"F"}]},
  {"id":"sure","kind":"yesno","label":"S"},{"id":"size","kind":"integer","label":"N"},{"id":"share","kind":"decimal","label":"D"},
  {"id":"born","kind":"date","label":"B"},{"id":"word","kind":"text","label":"T"},
  {"id":"line","kind":"text","label":"L","show_if":{"==":[{"var":"way"},"bus"]}},
  {"id":"wheels","kind":"computed","label":"W","compute":{"if":[{"==":[{"var":"way"},"car"]},4,{"==":[{"var":"way"},"bus"]},6,0]}},
  {"id":"people","kind":"group","label":"P","item":"P","max_rows":5,"questions":[
   {"id":"role","kind":"radios","label":"R","options":[{"value":"driver","label":"D"},{"value":"guest","label":"G"}]},
   {"id":"bags","kind":"group","label":"B","item":"B","max_rows":5,"questions":[{"id":"heavy","kind":"yesno","label":"H"}]}]}]}` + pages + `]` + rest + `}`
}

func asksIf(condition string) string {
	return crossroads(`,{"id":"last","title":"L","show_if":`+condition+`,"questions":[{"id":"x","kind":"text","label":"X"}]}`, "")
}

func TestWhatCanNeverBe(t *testing.T) {
	const page1 = "/pages/1: eforms.load.page_never"
	inner := func(question, bag string) string {
		return strings.Replace(crossroads("", ""), `{"id":"heavy","kind":"yesno","label":"H"}]}`, `{"id":"heavy","kind":"yesno","label":"H"}`+bag+`]}`+question, 1)
	}
	for _, tt := range []struct{ name, definition, want string }{
		{"two options at once", asksIf(`{"and":[{"==":[{"var":"way"},"car"]},{"==":[{"var":"way"},"bus"]}]}`), page1},
		{"beside what cannot be listed", asksIf(`{"and":[{"==":[{"var":"way"},"car"]},{"!=":[{"var":"word"},"x"]},{"==":[{"var":"way"},"bus"]}]}`), page1},
		{"either of two impossible", asksIf(`{"or":[{"and":[{"var":"sure"},{"!":{"var":"sure"}}]},{"and":[{"var":"word"},false]}]}`), page1},
		{"less and more", asksIf(`{"and":[{"<":[{"var":"size"},3]},{">":[{"var":"size"},5]}]}`), page1},
		{"between two whole numbers", asksIf(`{"and":[{">":[{"var":"size"},3]},{"<":[{"var":"size"},4]}]}`), page1},
		{"two ages", asksIf(`{"and":[{"<":[{"var":"born.age"},18]},{">=":[{"var":"born.age"},60]}]}`), page1},
		{"between and outside", asksIf(`{"and":[{"<":[1,{"var":"size"},5]},{"==":[{"var":"size"},7]}]}`), page1},
		{"a question that is hidden then", asksIf(`{"and":[{"==":[{"var":"way"},"car"]},{"==":[{"var":"line"},"12"]}]}`), page1},
		{"a number that is not worked out so", asksIf(`{"and":[{"==":[{"var":"way"},"foot"]},{"!=":[{"+":[{"var":"wheels"},0]},0]}]}`), page1},
		{"a number that nothing gives", asksIf(`{"==":[{"*":[{"var":"wheels"},2]},6]}`), page1},
		{"a case by its own condition", asksIf(`{"and":[{"==":[{"var":"case"},"big"]},{"<":[{"var":"size"},5]}]}`), page1},
		{"a page for a case", crossroads(`,{"id":"last","title":"L","cases":["big"],"show_if":{"<=":[{"var":"size"},10]},"questions":[{"id":"x","kind":"text","label":"X"}]}`, ""), page1},
		{"in its row", inner(`,{"id":"x","kind":"text","label":"X","show_if":{"and":[{"==":[{"var":"row.role"},"driver"]},{"==":[{"var":"row.role"},"guest"]}]}}`, ""), "/pages/0/questions/8/questions/2: eforms.load.never"},
		{"in an inner row, by the row around", inner("", `,{"id":"x","kind":"text","label":"X","show_if":{"and":[{"==":[{"var":"outer.role"},"driver"]},{"!=":[{"var":"outer.role"},"driver"]}]}}`), "/pages/0/questions/8/questions/1/questions/1: eforms.load.never"},
		{"a case behind its like", strings.Replace(crossroads("", ""), `{"id":"small"`, `{"id":"huge","name":"H","when":{">":[{"var":"size"},100]}},{"id":"small"`, 1), "/cases/1: eforms.load.case_never"},
		{"a case that contradicts itself", strings.Replace(crossroads("", ""), `{">":[{"var":"size"},10]}`, `{"and":[{"var":"sure"},{"==":[{"var":"sure"},false]}]}`, 1), "/cases/0: eforms.load.case_never"},
		{"an end", crossroads("", `,"ends":[{"id":"e","after":"first","when":{"and":[{"==":[{"var":"way"},"car"]},{"==":[{"var":"wheels"},6]},{"==":[{"+":[{"var":"wheels"}]},6]}]},"title":"T","text":"T"}]`), "/ends/0: eforms.load.end_never"},
		{"required and never asked", strings.Replace(crossroads("", ""), `"show_if":{"==":[{"var":"way"},"bus"]}`, `"require_if":{"var":"sure"},"show_if":{"and":[{"==":[{"var":"way"},"bus"]},{"==":[{"var":"way"},"foot"]}]}`, 1), "/pages/0/questions/6: eforms.load.never"},
	} {
		if got := mistakes(t, tt.definition); !slices.Contains(got, tt.want) {
			t.Errorf("%s: want %s\ngot %v", tt.name, tt.want, got)
		}
	}
}

// What is refused must be impossible indeed: these are not.
func TestWhatCanBeIsNotRefused(t *testing.T) {
	for _, condition := range []string{
		`{"and":[{">":[{"var":"share"},3]},{"<":[{"var":"share"},4]}]}`,
		`{"and":[{">":[{"var":"size"},3.5]},{"<":[{"var":"size"},4.5]}]}`,
		`{"and":[{">":[{"var":"size"},999999]},{"<":[{"var":"size"},1000002]}]}`,
		`{"<":[{"var":"size"},-5]}`,
		`{"and":[{">":[{"var":"size"},3]},{"==":[{"%":[{"var":"size"},7]},5]},{"<":[{"/":[{"var":"size"},2]},3]}]}`,
		`{"==":[{"+":[{"var":"size"},{"var":"size"}]},8]}`,
		`{"!":{"var":"line"}}`,
		`{"and":[{"==":[{"var":"way"},"bus"]},{"==":[{"var":"line"},"12"]}]}`,
		`{"==":[{"var":"wheels"},6]}`,
		`{"missing":["word"]}`,
		`{"in":[{"var":"way"},["car","foot"]]}`,
		`{"==":[{"var":["way","none"]},"none"]}`,
		`{"some":[{"var":"people"},{"==":[{"var":"role"},"driver"]}]}`,
		`{"and":[{"==":[{"var":"case"},"big"]},{">":[{"var":"size"},10]}]}`,
		`{"==":[{"if":[{"var":"sure"},"a",{"var":"word"},"b","c"]},"c"]}`,
		`{"and":[{">":[{"var":"today.year"},2030]},{"==":[{"var":"fact.population.self.sex"},"male"]}]}`,
		`{">":[{"var":"born.year"},{"var":"size"}]}`,
	} {
		if got := mistakes(t, asksIf(condition)); len(got) > 0 {
			t.Errorf("%s is refused: %v", condition, got)
		}
	}
}

// Whatever is refused as impossible does not come to pass for any answers; and what does
// come to pass is never refused.
func TestTheImpossibleIsImpossible(t *testing.T) {
	comparisons := rapid.Custom(func(t *rapid.T) string {
		switch rapid.IntRange(0, 6).Draw(t, "sort") {
		case 0:
			return fmt.Sprintf(`{"%s":[{"var":"way"},"%s"]}`, rapid.SampledFrom([]string{"==", "!="}).Draw(t, "op"), rapid.SampledFrom([]string{"car", "bus", "foot"}).Draw(t, "way"))
		case 1:
			return `{"var":"sure"}`
		case 2:
			return fmt.Sprintf(`{"%s":[{"var":"%s"},%d]}`, rapid.SampledFrom([]string{"<", "<=", ">", ">=", "==", "!="}).Draw(t, "op"),
				rapid.SampledFrom([]string{"size", "share", "wheels"}).Draw(t, "number"), rapid.IntRange(0, 6).Draw(t, "n"))
		case 3:
			return fmt.Sprintf(`{"==":[{"%s":[{"var":"size"},2]},1]}`, rapid.SampledFrom([]string{"%", "/", "-"}).Draw(t, "op"))
		case 4:
			return `{"==":[{"var":"line"},"12"]}`
		case 5:
			return fmt.Sprintf(`{"==":[{"var":"case"},"%s"]}`, rapid.SampledFrom([]string{"big", "small"}).Draw(t, "case"))
		}
		return `{"==":[{"var":"word"},"x"]}`
	})
	var condition func(depth int) *rapid.Generator[string]
	condition = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
				return comparisons.Draw(t, "comparison")
			}
			one, two := condition(depth-1).Draw(t, "one"), condition(depth-1).Draw(t, "two")
			switch rapid.IntRange(0, 3).Draw(t, "joined") {
			case 0:
				return `{"or":[` + one + `,` + two + `]}`
			case 1:
				return `{"!":[` + one + `]}`
			case 2:
				return `{"if":[` + one + `,` + two + `,` + comparisons.Draw(t, "else") + `]}`
			}
			return `{"and":[` + one + `,` + two + `]}`
		})
	}
	refused := 0
	rapid.Check(t, func(t *rapid.T) {
		c := `{"and":[` + strings.Join(rapid.SliceOfN(condition(1), 2, 5).Draw(t, "conditions"), ",") + `]}`
		_, err := eforms.Load([]byte(asksIf(c)))
		if err == nil {
			return
		}
		refused++
		// the same form with the page always there and the condition as a computed answer
		f, err := eforms.Load([]byte(crossroads(`,{"id":"last","title":"L","questions":[{"id":"x","kind":"computed","label":"X","compute":{"if":[`+c+`,1,0]}}]}`, "")))
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			answers := eforms.Answers{}
			for id, values := range map[string][]any{"way": {"car", "bus", "foot", "", nil}, "sure": {true, false, "", nil}, "word": {"x", "y", nil}, "line": {"12", "", nil},
				"size": {"0", "1", "2", "3", "4", "5", "6", "7", "11", "200", "", nil}, "share": {"0", "1", "1.5", "2", "2.5", "3", "5.5", "7", nil}} {
				if v := rapid.SampledFrom(values).Draw(t, id); v != nil {
					answers[id] = v
				}
			}
			if running(f, answers).Quantities()["x"] == 1 {
				t.Fatalf("%s is refused and holds for %v", c, answers)
			}
		}
	})
	t.Logf("%d conditions refused", refused)
	if refused == 0 {
		t.Error("nothing was refused: the test shows nothing")
	}
}

// A form whose conditions would take for ever to try is loaded all the same.
func TestTryingEnds(t *testing.T) {
	var questions []string
	for i := range 60 {
		var all []string
		for j := range i {
			all = append(all, fmt.Sprintf(`{"==":[{"var":"q%d"},"a"]}`, j))
		}
		show := ""
		if i > 0 {
			show = `,"show_if":{"and":[` + strings.Join(all, ",") + `]}`
		}
		questions = append(questions, fmt.Sprintf(`{"id":"q%d","kind":"radios","label":"Q","options":[{"value":"a","label":"A"},{"value":"b","label":"B"},{"value":"c","label":"C"}]%s}`, i, show))
	}
	load(t, page(strings.Join(questions, ",")))
	questions = []string{`{"id":"c0","kind":"integer","label":"C"}`}
	for i := 1; i < 90; i++ { // each twice of the one before: a tree of it would never end
		questions = append(questions, fmt.Sprintf(`{"id":"c%d","kind":"computed","label":"C","compute":{"+":[{"var":"c%d"},{"var":"c%d"}]}}`, i, i-1, i-1))
	}
	load(t, page(strings.Join(append(questions, `{"id":"x","kind":"text","label":"X","show_if":{"==":[{"+":[{"var":"c89"}]},3]}}`), ",")))
}
