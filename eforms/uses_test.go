package eforms_test

import (
	"encoding/json"
	"testing"

	"motcua/eforms"
)

// A kind that no shipped form uses is one that nobody has tried on people.
func TestEveryKindHasAUseInAShippedForm(t *testing.T) {
	t.Parallel()
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
	if len(kinds) < 30 {
		t.Fatalf("the schema has %d kinds", len(kinds))
	}
	used := map[eforms.Kind]string{}
	abroad, old, nested := "", "", ""
	for _, code := range codes(t) {
		for _, q := range shipped(t, code).All() {
			used[q.Kind] = code
			switch {
			case q.Kind == eforms.Address && q.Abroad:
				abroad = code
			case q.Kind == eforms.PersonalID && q.Old:
				old = code
			case q.Kind == eforms.Group && q.Group() != nil:
				nested = code
			}
		}
	}
	for _, k := range kinds {
		if used[k] == "" {
			t.Errorf("no shipped form has a %s", k)
		}
	}
	if abroad == "" || old == "" || nested == "" {
		t.Errorf("an address abroad is in %q, an old identity number in %q, rows in rows in %q", abroad, old, nested)
	}
}
