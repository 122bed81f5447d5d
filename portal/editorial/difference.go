package editorial

import (
	"reflect"
	"slices"
	"strings"

	"motcua/locales"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
)

// Difference is one thing that a revision says otherwise than the one before it.
type Difference struct {
	Part   string // sheet, form, fees …
	Place  string // JSON pointer in the part as it is now; of what is gone, where it was listed
	Label  locales.Message
	Before []Run // same and del; none: it is new
	After  []Run // same and ins; none: it is gone
}

// The kinds of runs.
const (
	Same = "same"
	Ins  = "ins"
	Del  = "del"
)

// Run is a stretch of a value: a text of data, or words of the program.
type Run struct {
	Text string
	Say  locales.Message // where Text is empty
	Kind string
}

// Added says whether there was nothing before.
func (d Difference) Added() bool { return len(d.Before) == 0 }

// Removed says whether there is nothing now.
func (d Difference) Removed() bool { return len(d.After) == 0 }

// termsPart is the part of that name.
type termsPart struct {
	Deadline     calendar.Rule `json:"deadline"`
	AnswerWithin calendar.Rule `json:"answer_within"`
}

// Differences are what after says otherwise than before, part by part in the order of the
// sheet. Without a before everything is new. Each is said in words: rows are known by what
// they are about, not by their place in a list.
func Differences(before, after *catalogue.Revision) []Difference {
	if before == nil {
		before = &catalogue.Revision{}
	}
	var all []Difference
	for _, part := range []struct {
		name          string
		before, after any
	}{
		{"sheet", before.Sheet, after.Sheet},
		{"fees", before.Fees, after.Fees},
		{"terms", termsPart{before.Deadline, before.AnswerWithin}, termsPart{after.Deadline, after.AnswerWithin}},
		{"papers", before.Papers, after.Papers},
		{"notices", before.Notices, after.Notices},
		{"workflow", before.Workflow, after.Workflow},
		{"form", before.Form, after.Form},
		{"tests", before.Recordings, after.Recordings},
	} {
		w := walk{part: part.name}
		w.values(reflect.ValueOf(part.before), reflect.ValueOf(part.after))
		all = append(all, w.found...)
	}
	return all
}

// walk goes through a part of two revisions side by side.
type walk struct {
	part  string
	place string            // where it is
	names []string          // the same without the numbers of rows
	rows  []locales.Message // of which rows it is about, from the outside
	found []Difference
}

// in is the walk one step further down.
func (w *walk) in(name, step string, deeper func(w *walk)) {
	next := walk{part: w.part, place: w.place + "/" + step, names: w.names, rows: w.rows}
	if name != "" {
		next.names = append(slices.Clone(w.names), name)
	}
	deeper(&next)
	w.found = append(w.found, next.found...)
}

// name is what the innermost value is called in the document.
func (w *walk) name() string {
	if len(w.names) == 0 {
		return ""
	}
	return w.names[len(w.names)-1]
}

// add notes a difference under the label of where the walk is.
func (w *walk) add(before, after []Run) {
	if n := len(w.rows); w.part == "sheet" && w.money() && n > 0 { // the amount is what the fee is
		fee := w.rows[n-1]
		if fee.Key == "" {
			fee = fieldName(w.part, "fees")
		}
		w.rows = w.rows[:n-1]
		w.addAs(w.label(fee), before, after)
		return
	}
	w.addAs(w.label(w.field()), before, after)
}

func (w *walk) addAs(label locales.Message, before, after []Run) {
	w.found = append(w.found, Difference{w.part, w.place, label, before, after})
}

// label is a field's name within the rows that it is in.
func (w *walk) label(field locales.Message) locales.Message {
	for _, row := range slices.Backward(w.rows) {
		if row.Key != "" {
			field = locales.M("difference.in", locales.Sub("row", row), locales.Sub("field", field))
		}
	}
	return field
}

// field is what a field is called: in its part where the same name means another thing
// there. What has no name for people is called as in the document.
func (w *walk) field() locales.Message {
	if w.name() == "" {
		return locales.M("difference.part." + w.part)
	}
	return fieldName(w.part, w.name())
}

func fieldName(part, name string) locales.Message {
	for _, key := range []string{"difference.f." + part + "." + name, "difference.f." + name} {
		if locales.Has(key) {
			return locales.M(key)
		}
	}
	return locales.M("difference.raw", locales.S("name", name))
}

// Section is what the part of the sheet is called that the difference belongs to.
func (d Difference) Section() locales.Message {
	if d.Part != "sheet" {
		return locales.M("difference.part." + d.Part)
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(d.Place, "/"), "/")
	switch name {
	case "name", "code", "field", "kind", "tiers", "level", "assurance", "audience", "capacities", "languages", "keywords", "units", "in_force_from", "summary", "decision", "sets", "":
		return locales.M("difference.part.sheet")
	}
	return fieldName(d.Part, name)
}
