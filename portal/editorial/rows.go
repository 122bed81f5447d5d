package editorial

import (
	"reflect"
	"strconv"
	"strings"

	"motcua/locales"
	"motcua/portal/problem"
)

// Deed is what a button of a section's page does to its rows, after what was typed is
// taken: "them sheet/steps", "xoa sheet/steps/0". It gives the place to look at next.
func (d *Doc) Deed(s Section, press string) (deed, place string, err error) {
	word, at, _ := strings.Cut(press, " ")
	if !s.has(at) {
		return "", "", problem.New(problem.Conflict, "editorial.gone")
	}
	if word == "them" {
		if d.Len(at) >= mostRows {
			return "", "", problem.New(problem.Invalid, "editorial.fault.rows", locales.N("most", mostRows))
		}
		return "add", d.Add(at, -1), nil
	}
	list, i, there := d.row(at)
	if !there {
		return "", "", problem.New(problem.Conflict, "editorial.gone")
	}
	switch word {
	case "xoa":
		d.Remove(at)
		return "remove", list, nil
	case "len":
		return "move", d.Move(at, -1), nil
	case "xuong":
		return "move", d.Move(at, 1), nil
	case "chep":
		return "copy", d.Add(list, i), nil
	}
	return "", "", problem.New(problem.Conflict, "editorial.gone")
}

// has says whether a place is a list of the section whose rows come and go, or a row of one.
func (s Section) has(place string) bool {
	part, pointer, _ := strings.Cut(place, "/")
	for _, b := range s.Blocks {
		if b.Part == part && hasRows(b.Fields, steps(pointer)) {
			return true
		}
	}
	return false
}

func hasRows(fields []Field, way []string) bool {
	for _, f := range fields {
		rest := way
		if f.Name != "" {
			if len(way) == 0 || way[0] != f.Name {
				continue
			}
			rest = way[1:]
		}
		switch {
		case f.Sort == Rows && len(rest) < 2:
			return !f.Fixed
		case f.Sort == Rows:
			return hasRows(f.Fields, rest[1:])
		case f.Sort == Object:
			return hasRows(f.Fields, rest)
		}
	}
	return false
}

// Same says whether two documents say the same in a section.
func (d *Doc) Same(other *Doc, s Section) bool {
	for _, b := range s.Blocks {
		for _, f := range b.Fields {
			if place := child(b.Part, f.Name); !reflect.DeepEqual(only(f, d.At(place)), only(f, other.At(place))) {
				return false
			}
		}
	}
	return true
}

// only is what a field knows of a value. Empty ones are none.
func only(f Field, v any) any {
	switch at := v.(type) {
	case map[string]any:
		switch f.Sort {
		case Words, Long:
			return textOf(v)
		case Named:
			return v
		}
		all := map[string]any{}
		for _, inner := range f.Fields {
			if x := only(inner, at[inner.Name]); x != nil {
				all[inner.Name] = x
			}
		}
		return all
	case []any:
		if f.Sort != Rows {
			return v
		}
		var all []any
		for _, row := range at {
			if len(f.Fields) == 1 && f.Fields[0].Name == "" {
				all = append(all, only(f.Fields[0], row))
			} else {
				all = append(all, only(f, row))
			}
		}
		return all
	case string:
		if f.Sort == Words || f.Sort == Long {
			return textOf(v)
		}
	}
	return v
}

// Missing is how many texts of a section have no translation into a language.
func (d *Doc) Missing(s Section, lang locales.Lang) int {
	n := 0
	d.textsIn(s, func(_ string, t locales.Text) {
		if t.VI != "" && (lang == locales.EN && t.EN == "" || lang == locales.KM && t.KM == "") {
			n++
		}
	})
	return n
}

func rowAt(list string, i int) string { return list + "/" + strconv.Itoa(i) }

// textsIn visits the texts of a section.
func (d *Doc) textsIn(s Section, visit func(place string, t locales.Text)) {
	var walk func(f Field, place string)
	walk = func(f Field, place string) {
		switch f.Sort {
		case Words, Long:
			visit(place, d.Text(place))
		case Named:
			for _, name := range names(d.At(place)) {
				visit(place+"/"+name, d.Text(place+"/"+name))
			}
		case Object:
			for _, inner := range f.Fields {
				walk(inner, child(place, inner.Name))
			}
		case Rows:
			for i := range d.Len(place) {
				for _, inner := range f.Fields {
					walk(inner, child(rowAt(place, i), inner.Name))
				}
			}
		}
	}
	for _, b := range s.Blocks {
		for _, f := range b.Fields {
			walk(f, child(b.Part, f.Name))
		}
	}
}
