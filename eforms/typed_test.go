package eforms_test

import (
	"fmt"
	"strings"
	"testing"

	"motcua/eforms"
)

// What a page says is told in words though nothing of it is asked any more.
func TestTypedOnAPageThatIsNotAsked(t *testing.T) {
	form := load(t, `{"format":1,"id":"t","title":"T","pages":[
 {"id":"first","title":"First","questions":[{"id":"more","kind":"yesno","label":"More"}]},
 {"id":"gone","title":"Gone","show_if":{"var":"more"},"questions":[
  {"id":"job","kind":"text","label":"Job"},
  {"id":"way","kind":"radios","label":"Way","options":[{"value":"a","label":"By post"},{"value":"b","label":"By hand"}]},
  {"id":"sum","kind":"money","label":"Sum","show_if":{"==":[{"var":"way"},"b"]}},
  {"id":"born","kind":"date","label":"Born"},
  {"id":"left","kind":"text","label":"Left","optional":true},
  {"id":"stay","kind":"period","label":"Stay","precision":"day"},
  {"id":"kin","kind":"group","label":"Kin","item":"One","max_rows":3,"questions":[
   {"id":"who","kind":"text","label":"Who"},
   {"id":"why","kind":"text","label":"Why","show_if":{"==":[{"var":"row.who"},"x"]}}]}]}]}`)
	r := running(form, eforms.Answers{"more": false, "job": "old"})
	rows := r.Typed(2, body("job", "thợ mộc", "way", "a", "sum", "1.500", "born.day", "32", "born.month", "1", "born.year", "2001", "left", " ",
		"stay.from", "01/02/2026", "kin.1.who", "Bình", "kin.1.why", "vì thế"))
	var told []string
	for _, row := range rows {
		text := row.Value.VI
		for _, g := range row.Groups {
			for _, child := range g.Rows {
				text += fmt.Sprintf("%s=%s;", child.Label.VI, child.Value.VI)
			}
		}
		told = append(told, row.Label.VI+": "+text)
	}
	got := strings.Join(told, "\n")
	for _, want := range []string{"Job: thợ mộc", "Way: By post", "Sum: 1.500 đồng", "Born: 32", "Stay: 1/2/2026", "Who=Bình;Why=vì thế;"} {
		if !strings.Contains(got, want) {
			t.Errorf("without %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "Left") || len(rows) != 6 {
		t.Errorf("%d rows:\n%s", len(rows), got)
	}
	if r.Shows(2) || len(r.Outline()) != 1 || r.Answers["job"] != "old" {
		t.Error("it changed the run")
	}
	if r.Typed(0, nil) != nil || r.Typed(3, nil) != nil || r.Typed(2, nil) != nil {
		t.Error("something is told of nothing")
	}
}
