package eforms

import (
	"slices"
	"strconv"
	"strings"

	"motcua/locales"
)

// Some kinds ask for several things at once: a person, a period, a table. Their parts are
// questions themselves, made from the definition when it is loaded, so that they are read,
// judged, filled from facts and drawn like any other. The answer is a map by part; in a
// table, whose parts are named "line.column", a map of maps.

// composite is what these kinds have in common.
func composite(inner func(f *Form, q *Question) []*Question) *behaviour {
	return &behaviour{
		enters: true,
		read:   readParts,
		value:  func(_ asked, answer any) any { return answer }, // gathered from the parts instead
		check:  func(a asked, answer any) *complaint { return nil },
		say:    sayParts,
		draw:   drawParts,
		fill:   func(asked, string) any { return nil }, // each part takes its own facts
		inner:  inner,
	}
}

// linkInner gives the parts their place in the form.
func (l *loader) linkInner(q *Question, inner []*Question) []*Question {
	crowded := 0 // questions like this one on the same page: then a fault must say which
	for _, other := range siblingsOf(q) {
		if other != nil && other.Kind == q.Kind {
			crowded++
		}
	}
	for _, p := range inner {
		p.page, p.group = q.page, q.group
		if p.National == "" {
			p.National = q.Parts[p.ID]
		}
		if p.options = p.Options; p.options == nil {
			p.options = l.form.Lists[p.List]
		}
		if crowded > 1 && q.Kind != Table {
			p.Short = among(p.name(), q.inside())
		}
	}
	return inner
}

func siblingsOf(q *Question) []*Question {
	if q.group != nil {
		return q.group.Questions
	}
	return q.page.Questions
}

// among is a part's name with that of the whole: ngày bắt đầu (thời hạn tạm trú).
func among(part, whole locales.Text) locales.Text {
	in := func(l locales.Lang) string {
		p, _ := part.In(l)
		w, _ := whole.In(l)
		return p + " (" + w + ")"
	}
	t := locales.Text{VI: in(locales.VI), EN: in(locales.EN)}
	if part.KM != "" && whole.KM != "" {
		t.KM = in(locales.KM)
	}
	return t
}

// part is the i-th part of the question, as it is asked here.
func (a asked) part(i int) asked {
	own := &cell{}
	if parts := a.cell().parts; i < len(parts) {
		own = &parts[i]
	}
	p := a.q.inner[i]
	return asked{s: a.s, q: p, row: a.row, name: a.name + "." + p.ID, whole: &a, own: own}
}

// partAt is the answer to one part, and putPart puts one.
func partAt(m map[string]any, id string) (any, bool) {
	line, column, nested := strings.Cut(id, ".")
	if nested {
		m, _ = m[line].(map[string]any)
		line = column
	}
	v, ok := m[line]
	return v, ok
}

func putPart(m map[string]any, id string, v any) {
	line, column, nested := strings.Cut(id, ".")
	if !nested {
		m[id] = v
		return
	}
	of, _ := m[line].(map[string]any)
	if of == nil {
		of = map[string]any{}
		m[line] = of
	}
	of[column] = v
}

// answerParts decides what the parts' answers are, and from them the whole.
func (s *state) answerParts(a asked, c *cell, typed any, answered bool) {
	c.shown = true
	c.parts = make([]cell, len(a.q.inner))
	given, _ := typed.(map[string]any)
	var preset map[string]any
	if !answered && a.q.preset != nil {
		preset, _ = a.preset().(map[string]any)
	}
	answer, value := map[string]any{}, map[string]any{}
	facts, changed := 0, 0
	c.locked = true
	for i := range a.q.inner {
		p := a.part(i)
		p.own.shown = true
		v, _ := partAt(given, p.q.ID)
		fact, source := p.fact()
		if fact == nil && preset != nil {
			v, _ = partAt(preset, p.q.ID)
			s.answer(p, p.own, v, v != nil)
		} else {
			s.answer(p, p.own, v, answered)
		}
		c.locked = c.locked && p.own.locked
		switch {
		case fact == nil:
		case p.own.source == nil:
			facts, changed = facts+1, changed+1
		default:
			facts, c.source = facts+1, source
		}
		if !blank(p.own.answer) {
			putPart(answer, p.q.ID, p.own.answer)
		}
		if p.own.value != nil {
			putPart(value, p.q.ID, p.own.value)
		}
	}
	if changed > 0 || facts == 0 {
		c.source = nil
	}
	switch {
	case len(answer) > 0:
		c.answer = answer
	case answered:
		c.answer = ""
	}
	does := a.q.does()
	switch {
	case len(value) == 0 || does.check(a, c.answer) != nil:
	case does.gather != nil:
		c.value = does.gather(a, value)
	default:
		c.value = value
	}
}

// readParts reads each part; one that was not sent keeps its answer.
func readParts(b sent, a asked) any {
	out := map[string]any{}
	for i := range a.q.inner {
		p := a.part(i)
		v, ok := b.question(p, p.own)
		if !ok && !p.own.locked {
			v = p.own.answer
		}
		if !blank(v) {
			putPart(out, p.q.ID, v)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return out
}

// partFaults are the faults of the parts. Nothing given at all is right where nothing is
// required.
func (a asked) partFaults(c *cell) Faults {
	if len(a.q.inner) == 0 || blank(c.answer) && !a.required() {
		return nil
	}
	var out Faults
	for i := range a.q.inner {
		p := a.part(i)
		if blank(p.own.answer) && a.lineEmpty(p.q.ID, c.answer) {
			continue
		}
		if problem := p.complaint(p.own); problem != nil {
			out = append(out, p.fault(problem))
		}
	}
	return out
}

// sayParts writes all that is given in one text.
func sayParts(a asked, _ any) locales.Text {
	return a.joined("; ", func(p asked, said string, l locales.Lang) string {
		label, _ := p.q.name().In(l)
		return label + ": " + said
	})
}

// joined puts the words of the parts together, in each language.
func (a asked) joined(separator string, write func(p asked, said string, l locales.Lang) string) locales.Text {
	in := func(l locales.Lang) string {
		var out []string
		for i := range a.q.inner {
			p := a.part(i)
			if blank(p.own.answer) {
				continue
			}
			said, _ := p.withUnit(p.q.does().say(p, p.own.answer)).In(l)
			out = append(out, write(p, said, l))
		}
		return strings.Join(out, separator)
	}
	return locales.Text{VI: in(locales.VI), EN: in(locales.EN), KM: in(locales.KM)}
}

func drawParts(a asked, _ any, f *Field) {
	for i := range a.q.inner {
		f.Fields = append(f.Fields, a.part(i).field(f.marks))
	}
}

// outlineParts are the parts as answers of their own.
func (a asked) outlineParts() []Row {
	var out []Row
	for i := range a.q.inner {
		out = append(out, a.part(i).outline())
	}
	return out
}

// innerVariable resolves a part of an answer, and what may be taken of it.
func innerVariable(r *ref, rest string) bool {
	if r.q.Kind == Period && rest == "days" {
		r.path = []string{rest}
		return true
	}
	if column, ok := strings.CutPrefix(rest, "total."); ok && r.q.Kind == Table {
		r.path = []string{"total", column}
		return slices.Contains(r.q.Totals, column)
	}
	for _, p := range r.q.inner {
		after, ok := strings.CutPrefix(rest, p.ID)
		if !ok || after != "" && after[0] != '.' {
			continue
		}
		leaf := ref{q: p}
		if !properties(&leaf, strings.TrimPrefix(after, ".")) || after == "." {
			return false
		}
		r.path = append(strings.Split(p.ID, "."), leaf.path...)
		if len(leaf.path) == 0 {
			r.part = p
		}
		return true
	}
	return false
}

// oneOf says whether the answer is one option of a list.
func (q *Question) oneOf() bool {
	return q.Kind == Radios || q.Kind == Select || q.Kind == SearchSelect
}

// checkInner looks at what the schema cannot see of a question with parts.
func (l *loader) checkInner(q *Question, place string) {
	seen := map[string]bool{}
	for _, p := range q.inner {
		if seen[p.ID] {
			l.report(place, "eforms.load.twice", locales.S("id", p.ID))
		}
		seen[p.ID] = true
		if p.List != "" && len(l.form.Lists[p.List]) == 0 && !slices.Contains([]string{Agencies, Provinces, Communes}, p.List) {
			l.report(place, "eforms.load.unknown_list", locales.S("id", p.List))
		}
	}
	asked := map[string]bool{}
	for _, p := range q.inner {
		asked[p.ID] = true
	}
	for i, id := range q.Spare {
		if !asked[id] {
			l.report(place+"/optional_parts/"+strconv.Itoa(i), "eforms.load.reference", locales.S("id", id))
		}
	}
	if q.Kind == Address && q.Abroad && len(l.form.Lists[countries]) == 0 {
		l.report(place+"/abroad", "eforms.load.unknown_list", locales.S("id", countries))
	}
	if q.Kind == Table {
		l.checkTable(q, place)
	}
}
