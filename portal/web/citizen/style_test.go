package citizen

import (
	"encoding/json"
	"testing"
	"time"

	"motcua/eforms"
)

// Every kind of question that a definition may hold has its place on the style page.
func TestStyleShowsEveryKind(t *testing.T) {
	var schema struct {
		Defs struct {
			Question struct {
				Properties struct {
					Kind struct {
						Enum []eforms.Kind `json:"enum"`
					} `json:"kind"`
				} `json:"properties"`
			} `json:"question"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(eforms.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	kinds := schema.Defs.Question.Properties.Kind.Enum
	if len(kinds) < 31 {
		t.Fatalf("only %d kinds in the schema", len(kinds))
	}
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	sections, rows := styleKinds(at)
	shown, ids := map[eforms.Kind]bool{}, map[string]bool{}
	var look func(fields []eforms.Field)
	look = func(fields []eforms.Field) {
		for _, f := range fields {
			shown[f.Kind] = true
			look(f.Fields)
			for _, r := range f.Rows {
				look(r.Fields)
			}
		}
	}
	for _, s := range append(styleFieldsOf(at), sections...) {
		look(s.Fields)
	}
	for _, k := range kinds {
		if !shown[k] {
			t.Errorf("%s is not on /style", k)
		}
	}
	for _, r := range rows {
		ids[r.ID] = true
	}
	for _, id := range []string{"k_person", "k_period", "k_months", "k_bank", "k_land", "k_vehicle", "k_table"} {
		if !ids[id] {
			t.Errorf("what is said of %s afterwards is not on /style", id)
		}
	}
}
