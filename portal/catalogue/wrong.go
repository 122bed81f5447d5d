package catalogue

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Wrong is what an import would refuse of a procedure that is published in full, each with
// the part and the JSON pointer within it. form is the definition, to point into.
func Wrong(r *Revision, form json.RawMessage, fields map[string]Field, types map[string]PaperType) []Refusal {
	var faults Faults
	c := check{"", &faults}
	c.sheet(r.Sheet, fields)
	c.complete(r.Sheet)
	c.engines(r)
	c.fileable(r)
	c.papers(r, types)
	all := make([]Refusal, len(faults))
	for i, f := range faults {
		all[i] = r.refusal(f, form)
	}
	return all
}

// refusal is a fault with its place as a pointer: "fees.json [0].each", "channels[1].time".
func (r *Revision) refusal(f Fault, form json.RawMessage) Refusal {
	part, place, found := strings.Cut(f.Place, ".json")
	if !found {
		part, place = "sheet", f.Place
	}
	place = strings.TrimSpace(place)
	switch part {
	case "form":
		return Refusal{part, pointerOf(form, place), f.Message}
	case "workflow":
		if r.Workflow != nil {
			for i, s := range r.Workflow.Steps {
				if s.ID == place {
					return Refusal{part, "/steps/" + strconv.Itoa(i), f.Message}
				}
			}
		}
		return Refusal{part, "", f.Message}
	}
	return Refusal{part, pointed(place), f.Message}
}

// pointed writes a place in dots and brackets as a JSON pointer.
func pointed(place string) string {
	words := strings.FieldsFunc(place, func(c rune) bool { return strings.ContainsRune("[].", c) })
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) == 0 {
		return ""
	}
	return "/" + strings.Join(words, "/")
}
