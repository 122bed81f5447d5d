package eforms_test

import (
	"fmt"
	"testing"

	"motcua/eforms"
)

func TestCarry(t *testing.T) {
	old := load(t, `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
		{"id":"name","kind":"name","label":"L"},{"id":"size","kind":"integer","label":"L"},{"id":"odd","kind":"integer","label":"L"},
		{"id":"gone","kind":"text","label":"L","optional":true},{"id":"shut","kind":"text","label":"L","optional":true},{"id":"empty","kind":"text","label":"L"},
		{"id":"rows","kind":"group","label":"L","item":"I","max_rows":3,"questions":[{"id":"age","kind":"integer","label":"L"}]},
		{"id":"paper","kind":"attachment","label":"L","max_files":1},
		{"id":"closed","kind":"text","label":"L","show_if":{"==":[{"var":"name"},"B"]}}]}]}`)
	next := load(t, `{"format":1,"id":"t","title":"T","pages":[{"id":"p","title":"P","questions":[
		{"id":"name","kind":"name","label":"L"},{"id":"size","kind":"integer","label":"L","max":3},{"id":"odd","kind":"integer","label":"L","max":3},
		{"id":"shut","kind":"text","label":"L","optional":true,"show_if":{"==":[{"var":"name"},"B"]}},{"id":"empty","kind":"text","label":"L"},
		{"id":"rows","kind":"group","label":"L","item":"I","max_rows":3,"questions":[{"id":"age","kind":"integer","label":"L","max":9}]},
		{"id":"more","kind":"text","label":"L"},{"id":"perhaps","kind":"text","label":"L","optional":true},
		{"id":"closed","kind":"text","label":"L"}]}]}`)
	r := running(old, eforms.Answers{
		"name": "A", "size": "4", "odd": "many", "gone": "x", "shut": "x", "closed": "kept from before",
		"rows": []any{map[string]any{"age": "8"}, map[string]any{"age": "10"}},
	})
	r.Attached = map[string]int{"paper": 1}
	got := fmt.Sprintf("%+v", r.Carry(next))
	if want := `{Kept:[name odd] Lost:[gone shut paper] Wrong:[size rows] Asked:[more]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := r.Carry(old); len(got.Lost)+len(got.Wrong)+len(got.Asked) != 0 || len(got.Kept) != 7 {
		t.Errorf("under the same form: %+v", got)
	}
}
