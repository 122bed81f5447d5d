package eforms

import (
	"strconv"
	"strings"
)

// dayParts are the properties of a day.
var dayParts = map[string]bool{"days": true, "year": true, "month": true, "day": true, "age": true}

var addressParts = map[string]bool{"province": true, "commune": true, "detail": true, "old": true, "text": true, "other": true,
	"old_commune": true, "old_district": true, "old_province": true, "old_code": true,
	"country": true, "line1": true, "line2": true, "line3": true, "line4": true}

// resolver finds variables of a form; row is the group whose rows the expression is asked in.
func (f *Form) resolver(row *Question) func(string, *items) (*ref, bool) {
	return func(name string, in *items) (*ref, bool) {
		head, rest, _ := strings.Cut(name, ".")
		r := &ref{name: name}
		switch {
		case in != nil:
			return inItem(r, name, in)
		case name == "case":
			r.base = atCase
			return r, len(f.Cases) > 0
		case head == "today":
			r.base = atToday
			return r, suffix(r, rest, dayParts)
		case head == "fact":
			r.base, r.fact = atFact, rest
			return r, factName.MatchString(rest)
		case name == "row_no":
			r.base = atRowNo
			return r, row != nil
		case head == "row" && row != nil:
			r.base = atRow
			return r, child(r, rest, row)
		case name == "outer_no":
			r.base = atOuterNo
			return r, row != nil && row.group != nil
		case head == "outer" && row != nil && row.group != nil:
			r.base = atOuter
			return r, child(r, rest, row.group)
		}
		q, ok := f.byID[head]
		if !ok || q.group != nil {
			return nil, false
		}
		r.q = q
		return r, properties(r, rest)
	}
}

// inItem resolves a name inside map, filter, reduce …, where only the element is seen.
func inItem(r *ref, name string, in *items) (*ref, bool) {
	r.base = atItem
	if in.reduce {
		head, rest, _ := strings.Cut(name, ".")
		switch head {
		case "accumulator":
			r.base = atAccumulator
			return r, rest == ""
		case "current":
			r.base, name = atCurrent, rest
		default:
			return nil, false
		}
	}
	if in.group == nil {
		return r, name == ""
	}
	return r, child(r, name, in.group)
}

// child resolves id(.property) of a question of a group.
func child(r *ref, name string, group *Question) bool {
	id, rest, _ := strings.Cut(name, ".")
	for _, q := range group.Questions {
		if q.ID == id {
			r.q = q
			return properties(r, rest)
		}
	}
	return false
}

// properties resolves what may be taken of a question's value.
func properties(r *ref, rest string) bool {
	switch r.q.Kind {
	case Note, Attachment:
		return false
	case Date, NearDate, DateOrYear, monthKind:
		return suffix(r, rest, dayParts)
	case Address:
		return suffix(r, rest, addressParts)
	case Group:
		no, field, found := strings.Cut(rest, ".")
		if rest == "" {
			return true
		}
		if n, err := strconv.Atoi(no); err != nil || n < 0 || !found {
			return false
		}
		inner := *r
		if !child(&inner, field, r.q) {
			return false
		}
		r.path = append([]string{no, inner.q.ID}, inner.path...)
		return true
	}
	if len(r.q.inner) > 0 {
		return rest == "" || innerVariable(r, rest)
	}
	return rest == ""
}

func suffix(r *ref, rest string, allowed map[string]bool) bool {
	if rest == "" {
		return true
	}
	r.path = []string{rest}
	return allowed[rest]
}
