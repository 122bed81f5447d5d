package convert

import (
	"motcua/eforms"
	"motcua/locales"
)

// form is a definition in the order in which people read one.
type form struct {
	Format      int          `json:"format"`
	ID          string       `json:"id"`
	Title       locales.Text `json:"title"`
	Audience    string       `json:"audience"`
	Declaration locales.Text `json:"declaration,omitzero"`
	Pages       []*page      `json:"pages"`
	Ends        []end        `json:"ends,omitempty"`
}

type page struct {
	ID        string       `json:"id"`
	Title     locales.Text `json:"title"`
	Intro     locales.Text `json:"intro,omitzero"`
	ShowIf    any          `json:"show_if,omitempty"`
	Questions []*question  `json:"questions"`
}

type end struct {
	ID    string       `json:"id"`
	After string       `json:"after"`
	When  any          `json:"when"`
	Title locales.Text `json:"title"`
	Text  locales.Text `json:"text"`
}

type question struct {
	ID        string       `json:"id"`
	Kind      eforms.Kind  `json:"kind"`
	Label     locales.Text `json:"label,omitzero"`
	Short     locales.Text `json:"short,omitzero"`
	Hint      locales.Text `json:"hint,omitzero"`
	Text      locales.Text `json:"text,omitzero"`
	Optional  bool         `json:"optional,omitempty"`
	Prefix    locales.Text `json:"prefix,omitzero"`
	Suffix    locales.Text `json:"suffix,omitzero"`
	MaxLength int          `json:"max_length,omitempty"`
	Min       *float64     `json:"min,omitempty"`
	Max       *float64     `json:"max,omitempty"`
	Decimals  int          `json:"decimals,omitempty"`
	NotAfter  string       `json:"not_after,omitempty"`
	Detail    string       `json:"detail,omitempty"`
	Abroad    bool         `json:"abroad,omitempty"`
	Options   []option     `json:"options,omitempty"`
	None      locales.Text `json:"none,omitzero"`
	ShowIf    any          `json:"show_if,omitempty"`
	Default   any          `json:"default,omitempty"`
	MaxFiles  int          `json:"max_files,omitempty"`
	Item      locales.Text `json:"item,omitzero"`
	MinRows   int          `json:"min_rows,omitempty"`
	MaxRows   int          `json:"max_rows,omitempty"`
	Questions []*question  `json:"questions,omitempty"`
}

type option struct {
	Value string       `json:"value"`
	Label locales.Text `json:"label"`
	Hint  locales.Text `json:"hint,omitzero"`

	was string // its value in the source
}

// value is what an option of the source is called now.
func (q *question) value(was string) (string, bool) {
	for _, o := range q.Options {
		if o.was == was {
			return o.Value, true
		}
	}
	return "", false
}

// chooses says whether one of a list is chosen.
func (q *question) chooses() bool { return q.Kind == eforms.Radios || q.Kind == eforms.Select }

// logic is one operation.
func logic(operator string, operands ...any) map[string]any {
	if len(operands) == 1 {
		return map[string]any{operator: operands[0]}
	}
	return map[string]any{operator: operands}
}

func not(e any) any { return logic("!", []any{e}) }

// all joins conditions; nil is one that always holds.
func all(conditions ...any) any {
	var parts []any
	for _, c := range conditions {
		if c != nil {
			parts = append(parts, c)
		}
	}
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return logic("and", parts...)
}

// most is how many operations a condition may have in a definition.
const most = 200

// fits says whether a condition is small enough for a definition.
func fits(e any) bool { return count(e, 0) <= most }

// count stops counting where it is too much anyway.
func count(e any, n int) int {
	switch e := e.(type) {
	case map[string]any:
		n++
		for _, operands := range e {
			n = count(operands, n)
		}
	case []any:
		for _, operand := range e {
			if n > most {
				break
			}
			n = count(operand, n+1)
		}
	}
	return n
}
