package eforms

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"motcua/locales"
)

// compare holds what came of a walk against what was expected.
func (w *replay) compare(want Expect) {
	w.one("/expect/case", want.Case, w.seen.Case)
	w.lines("/expect/pages", want.Pages, w.seen.Pages)
	w.lines("/expect/summary", want.Summary, w.seen.Summary)
	w.lines("/expect/components", want.Components, w.seen.Components)
	names := slices.Collect(maps.Keys(want.Quantities))
	names = slices.AppendSeq(names, maps.Keys(w.seen.Quantities))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		w.one("/expect/quantities/"+name, counted(want.Quantities, name), counted(w.seen.Quantities, name))
	}
	w.one("/expect/end", want.End, w.seen.End)
}

func counted(all map[string]int64, name string) string {
	n, ok := all[name]
	if !ok {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (w *replay) one(place, want, got string) {
	switch {
	case want == got:
	case want == "":
		w.differ(place, locales.M("eforms.replay.new", locales.S("line", got)))
	case got == "":
		w.differ(place, locales.M("eforms.replay.gone", locales.S("line", want)))
	default:
		w.differ(place, locales.M("eforms.replay.other", locales.S("want", want), locales.S("got", got)))
	}
}

// lines tells which lines are gone and which are new, or that only their order is another.
func (w *replay) lines(place string, want, got []string) {
	before := len(w.differences)
	for _, line := range less(want, got) {
		w.differ(place, locales.M("eforms.replay.gone", locales.S("line", line)))
	}
	for _, line := range less(got, want) {
		w.differ(place, locales.M("eforms.replay.new", locales.S("line", line)))
	}
	if len(w.differences) == before && !slices.Equal(want, got) {
		w.differ(place, locales.M("eforms.replay.order"))
	}
}

// less are the lines of a that b does not have; one that stands twice needs two.
func less(a, b []string) []string {
	left := map[string]int{}
	for _, line := range b {
		left[line]++
	}
	var out []string
	for _, line := range a {
		if left[line]--; left[line] < 0 {
			out = append(out, line)
		}
	}
	return out
}

func (r *Run) caseID() string {
	if c := r.Case(); c != nil {
		return c.ID
	}
	return ""
}

// starred is the component's id, with a star when it is required.
func (c Component) starred() string {
	if c.Required {
		return c.ID + "*"
	}
	return c.ID
}

// summary is the outline of those pages as lines.
func (r *Run) summary(pages []string) []string {
	var out []string
	var add func(before string, rows []Row)
	add = func(before string, rows []Row) {
		for _, row := range rows {
			here := before + " / " + row.Label.VI
			for _, g := range row.Groups {
				add(here+" / "+g.Title.VI, g.Rows)
			}
			switch {
			case len(row.Groups) > 0:
			case row.Empty:
				out = append(out, here+": -")
			default:
				out = append(out, here+": "+strings.ReplaceAll(row.Value.VI, "\n", " ⏎ "))
			}
		}
	}
	for _, s := range r.Outline() {
		if slices.Contains(pages, s.ID) {
			add(s.Title.VI, s.Rows)
		}
	}
	return out
}
