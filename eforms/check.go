package eforms

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"motcua/locales"
)

var factName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)

// maxInnerRows is how many rows a group in a group may have over all rows around it.
const maxInnerRows = 2000

// check looks for what the schema cannot see.
func (l *loader) check() {
	l.checkCases()
	l.checkTasks()
	for _, p := range l.form.Pages {
		l.knownCases(p.Cases, l.places[p])
	}
	for _, q := range l.form.all {
		l.checkQuestion(q)
	}
	for _, name := range slices.Sorted(maps.Keys(l.form.Lists)) {
		options := l.form.Lists[name]
		if slices.Contains([]string{Agencies, Provinces, Communes}, name) {
			l.report("/lists/"+name, "eforms.load.reserved", locales.S("id", name))
		}
		l.checkOptions(options, "/lists/"+name)
	}
	l.checkRules(l.form.Rules, nil, map[string]bool{})
	l.checkPrint()
}

func (l *loader) checkCases() {
	seen := map[string]bool{}
	for i, c := range l.form.Cases {
		if c == nil {
			continue
		}
		if seen[c.ID] {
			l.report(l.places[c]+"/id", "eforms.load.twice", locales.S("id", c.ID))
		}
		seen[c.ID] = true
		if len(c.When) == 0 && i < len(l.form.Cases)-1 {
			l.report(l.places[c], "eforms.load.case_hides", locales.S("id", c.ID))
		}
	}
}

// checkTasks: when there are tasks, each page belongs to one and each has a page.
func (l *loader) checkTasks() {
	used := map[string]bool{}
	for _, t := range l.form.Tasks {
		if t != nil {
			used[t.ID] = false
		}
	}
	for _, p := range l.form.Pages {
		if _, ok := used[p.Task]; ok != (len(used) > 0) || !ok && p.Task != "" {
			l.report(l.places[p]+"/task", "eforms.load.task", locales.S("id", p.Task))
		}
		used[p.Task] = true
	}
	for i, t := range l.form.Tasks {
		if t != nil && !used[t.ID] {
			l.report(fmt.Sprintf("/tasks/%d", i), "eforms.load.task_empty", locales.S("id", t.ID))
		}
	}
}

func (l *loader) knownCases(cases []string, place string) {
	for i, id := range cases {
		if !slices.ContainsFunc(l.form.Cases, func(c *Case) bool { return c != nil && c.ID == id }) {
			l.report(fmt.Sprintf("%s/cases/%d", place, i), "eforms.load.unknown_case", locales.S("id", id))
		}
	}
}

func (l *loader) checkQuestion(q *Question) {
	place := l.places[q]
	l.knownCases(q.Cases, place)
	l.checkOptions(q.Options, place+"/options")
	l.checkReferences(q, place)
	l.checkFacts(q, place)
	if asks(q.Label.VI) && q.Short.VI == "" || asks(q.Label.EN) && q.Short.EN == "" {
		l.report(place, "eforms.load.short", locales.S("id", q.ID))
	}
	if q.Optional && q.require != nil {
		l.report(place+"/require_if", "eforms.load.optional_required")
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max || q.Kind == Group && q.MinRows > q.MaxRows {
		l.report(place, "eforms.load.min_max")
	}
	if q.List != "" && len(l.form.Lists[q.List]) == 0 && !slices.Contains([]string{Agencies, Provinces, Communes}, q.List) {
		l.report(place+"/list", "eforms.load.unknown_list", locales.S("id", q.List))
	}
	l.checkInner(q, place)
	if q.group != nil && (q.Kind == Group && q.group.group != nil || q.Kind == Attachment || q.Kind == Declaration) {
		l.report(place+"/kind", "eforms.load.in_group", locales.S("kind", string(q.Kind)))
	}
	if !q.None.Empty() && find(q.options, none) != nil {
		l.report(place+"/none", "eforms.load.reserved", locales.S("id", none))
	}
	if q.Kind == Group {
		l.checkRules(q.Rules, q, map[string]bool{})
		if q.group != nil && q.MaxRows*q.group.MaxRows > maxInnerRows {
			l.report(place+"/max_rows", "eforms.load.inner_rows", locales.N("n", maxInnerRows))
		}
	}
}

// asks says whether a label is a question, which cannot stand inside a sentence.
func asks(label string) bool { return strings.HasSuffix(strings.TrimSpace(label), "?") }

func (l *loader) checkOptions(options []Option, place string) {
	seen := map[string]bool{}
	for i, o := range options {
		if seen[o.Value] {
			l.report(fmt.Sprintf("%s/%d/value", place, i), "eforms.load.twice", locales.S("id", o.Value))
		}
		seen[o.Value] = true
	}
}

// checkReferences: what a question names by id is there, in sight and of the right kind.
func (l *loader) checkReferences(q *Question, place string) {
	days := []Kind{Date, NearDate, DateOrYear}
	for _, limit := range [][2]string{{"after", q.After}, {"before", q.Before}, {"not_before", q.NotBefore}, {"not_after", q.NotAfter}} {
		name, written := limit[0], limit[1]
		if _, ok := fromToday(written); ok || written == "" {
			continue
		}
		if written[0] >= '0' && written[0] <= '9' {
			if _, ok := parseISO(written); !ok {
				l.report(place+"/"+name, "eforms.load.not_day", locales.S("day", written))
			}
			continue
		}
		l.reference(q, written, place+"/"+name, days)
	}
	l.reference(q, q.Birth, place+"/birth", days)
	l.reference(q, q.Within, place+"/within", []Kind{Select, Radios, SearchSelect})
}

func (l *loader) reference(q *Question, id, place string, kinds []Kind) {
	if id == "" {
		return
	}
	other := l.form.byID[id]
	if other == nil || other == q || !other.seenFrom(q) || !slices.Contains(kinds, other.Kind) {
		l.report(place, "eforms.load.reference", locales.S("id", id))
	}
}

// seenFrom says whether a question can be named by another: it is of a page, of the same
// row, or of the row around.
func (q *Question) seenFrom(other *Question) bool {
	return q.group == nil || q.group == other.group || other.group != nil && q.group == other.group.group
}

func (l *loader) checkFacts(q *Question, place string) {
	if q.Locked && len(q.Fact) == 0 {
		l.report(place+"/locked", "eforms.load.locked")
	}
	for _, source := range slices.Sorted(maps.Keys(q.FactIf)) {
		if !slices.ContainsFunc(q.Fact, func(f string) bool { return strings.HasPrefix(f+".", source+".") }) {
			l.report(place+"/fact_if/"+source, "eforms.load.fact_if", locales.S("source", source))
		}
	}
	if len(q.Fact) > 0 && q.group != nil {
		l.report(place+"/fact", "eforms.load.fact_in_group")
	}
}

// checkRules: each has its own id, a field in sight, and looks at something.
func (l *loader) checkRules(rules []*Rule, group *Question, seen map[string]bool) {
	for _, r := range rules {
		if r == nil {
			continue
		}
		place := l.places[r]
		if seen[r.ID] {
			l.report(place+"/id", "eforms.load.twice", locales.S("id", r.ID))
		}
		seen[r.ID] = true
		if q := l.form.byID[r.Field]; q == nil || q.group != group || q.Kind == Note || q.Kind == Attachment {
			l.report(place+"/field", "eforms.load.reference", locales.S("id", r.Field))
		}
		if r.check != nil && len(r.check.refs) == 0 {
			l.report(place+"/check", "eforms.load.rule_constant")
		}
	}
}

// knownValues refuses to compare a choice with a value that it cannot have: the condition
// would never hold, and nobody would see why.
func (l *loader) knownValues(n *node, place string) {
	if n == nil {
		return
	}
	switch n.op {
	case "==", "===", "!=", "!==":
		l.comparable(n.args[0], n.args[1], place)
		l.comparable(n.args[1], n.args[0], place)
	case "in":
		if n.args[1] != nil && n.args[1].op == "[" {
			for _, v := range n.args[1].args {
				l.comparable(n.args[0], v, place)
			}
		} else {
			l.comparable(n.args[1], n.args[0], place)
		}
	}
	for _, a := range n.args {
		l.knownValues(a, place)
	}
}

// comparable looks at a variable beside a literal.
func (l *loader) comparable(variable, literal *node, place string) {
	if variable == nil || literal == nil || variable.op != "var" || len(variable.args) > 0 || literal.op != "" || literal.lit == nil || len(variable.ref.path) > 0 && variable.ref.part == nil {
		return
	}
	q := variable.ref.q
	if part := variable.ref.part; part != nil {
		q = part
	}
	value, isText := literal.lit.(string)
	known := true
	switch r := variable.ref; {
	case r.base == atCase:
		known = slices.ContainsFunc(l.form.Cases, func(c *Case) bool { return c != nil && c.ID == value })
	case q == nil:
	case q.Kind == YesNo:
		_, known = literal.lit.(bool)
	case q.oneOf() || q.Kind == Checkboxes:
		if len(q.options) > 0 {
			known = isText && (find(q.options, value) != nil || value == none && !q.None.Empty())
		}
	}
	if !known {
		l.report(place, "eforms.load.unknown_value", locales.S("variable", variable.ref.name), locales.S("value", asString(literal.lit)))
	}
}
