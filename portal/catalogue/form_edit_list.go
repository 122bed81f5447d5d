package catalogue

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"motcua/eforms"
	"motcua/eforms/edit"
	"motcua/locales"
)

// Preset is a set of questions that editors may put into a form.
type Preset struct {
	ID    string       `json:"id"`
	Title locales.Text `json:"title"`
}

// SharedPresets are those there are, by id.
func (s *Service) SharedPresets() []Preset {
	var all []Preset
	for _, b := range s.Shared {
		var p Preset
		if json.Unmarshal(b, &p) == nil {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b Preset) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// Says reports whether a procedure's code or name has all the words, with or without marks.
// It is for editors, who know what they look for; people search with Search.
func Says(text string, r *Revision) bool {
	return SaysIn(text, r.Code, r.Sheet.Name.VI, r.Sheet.Name.EN)
}

// SaysIn reports whether texts have all the words, or begin words with them, with or without
// marks.
func SaysIn(text string, in ...string) bool {
	asked := words(text)
	if len(asked) == 0 {
		return true
	}
	there := bares(words(strings.Join(in, " ")))
	for _, w := range asked {
		if !slices.ContainsFunc(there, func(n string) bool { return strings.HasPrefix(n, w.bare) }) {
			return false
		}
	}
	return true
}

// Expanded is a definition that came as a file, with the presets that it refers to put in.
// One that refers to none stays as it is, to the byte.
func (s *Service) Expanded(definition []byte) ([]byte, error) {
	d, err := edit.Parse(definition)
	if err != nil || !d.HasPresets() {
		return definition, err
	}
	expanded, err := eforms.Expand(definition, s.Shared)
	if err != nil {
		return nil, err
	}
	if d, err = edit.Parse(expanded); err != nil {
		return nil, err
	}
	d.Tidy()
	return d.Bytes(), nil
}

// Facts are the names of facts that the forms in force are filled with, for editors to
// choose from.
func (s *Service) Facts(ctx context.Context) []string {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil // a field without suggestions still takes a name
	}
	seen := map[string]bool{}
	for _, r := range e.revisions {
		if r.Form == nil {
			continue
		}
		for _, q := range r.Form.All() {
			for _, name := range q.Fact {
				seen[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
