package eforms

import (
	"maps"
	"slices"
	"strings"

	"motcua/locales"
)

// inFinalForm is a recorded answer as it is kept: a number that was written as one is a
// string, with a comma before decimals.
func inFinalForm(v any) any {
	switch v := v.(type) {
	case float64:
		return strings.Replace(asString(v), ".", ",", 1)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = inFinalForm(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, e := range v {
			out[name] = inFinalForm(e)
		}
		return out
	}
	return v
}

// kept says whether everything that was written is in the answer.
func kept(written, answer any) bool {
	switch written := written.(type) {
	case map[string]any:
		m, ok := answer.(map[string]any)
		for name, e := range written {
			ok = ok && (blank(e) && blank(m[name]) || kept(e, m[name]))
		}
		return ok
	case []any:
		list, ok := answer.([]any)
		ok = ok && len(list) == len(written)
		for i := 0; ok && i < len(list); i++ {
			ok = kept(written[i], list[i])
		}
		return ok
	}
	return equal(written, answer)
}

// listsOf are the portal's lists for a replay.
func (f *Form) listsOf(rec Recording, written map[string]any, given map[string][]Option) map[string][]Option {
	l := standIns{form: f, lists: map[string][]Option{}}
	for _, from := range []map[string][]Option{given, rec.Lists} {
		for _, name := range slices.Sorted(maps.Keys(from)) {
			for _, o := range from[name] {
				l.add(name, o)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rec.Facts)) {
		if base, ok := strings.CutSuffix(name, ".province"); ok {
			l.place(text(rec.Facts[name]), text(rec.Facts[base+".commune"]))
		}
	}
	for _, q := range f.all {
		if q.group == nil {
			l.answer(q, written, written[q.ID])
		}
	}
	return l.lists
}

// standIns are options for the values that a recording uses.
type standIns struct {
	form  *Form
	lists map[string][]Option
}

func (l standIns) add(list string, o Option) {
	if o.Value == "" || find(l.lists[list], o.Value) != nil {
		return
	}
	if o.Label.Empty() {
		o.Label = locales.V(o.Value)
	}
	l.lists[list] = append(l.lists[list], o)
}

func (l standIns) place(province, commune string) {
	l.add(Provinces, Option{Value: province})
	l.add(Communes, Option{Value: commune, Parent: province})
}

// answer goes through an answer and, of a group, through its rows; around is what the
// question's neighbours were answered.
func (l standIns) answer(q *Question, around map[string]any, v any) {
	switch {
	case q.Kind == Group:
		rows, _ := v.([]any)
		for _, r := range rows {
			values, _ := r.(map[string]any)
			for _, child := range q.Questions {
				l.answer(child, values, values[child.ID])
			}
		}
	case q.Kind == Address:
		l.place(part(v, "province"), part(v, "commune"))
	case q.List != "" && q.options == nil:
		for _, value := range append(members(v), text(v)) {
			l.add(q.List, Option{Value: value, Parent: text(around[q.Within])})
		}
	}
}
