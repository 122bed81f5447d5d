package eforms

import (
	"slices"
	"strings"

	"motcua/locales"
)

// arrange finds an order in which everything can be evaluated after what it looks at, and
// reports loops.
func (l *loader) arrange() {
	f := l.form
	if len(f.Cases) > 0 {
		f.order = append(f.order, unit{})
	}
	for _, p := range f.Pages {
		f.order = append(f.order, unit{page: p})
		for _, q := range p.Questions {
			f.order = append(f.order, unit{question: q})
			l.arrangeRows(q)
		}
	}
	needs := func(u unit) []unit { return f.needs(u) }
	f.order = sorted(f.order, needs, func(chain []unit) { l.loop(questionsOf(chain)) })
	for _, p := range f.Pages {
		p.decided = f.deciders(p)
	}
}

// arrangeRows orders the questions of a group, and of the groups in it.
func (l *loader) arrangeRows(group *Question) {
	if group.Kind != Group {
		return
	}
	group.order = sorted(group.Questions, siblings, l.loop)
	for _, q := range group.Questions {
		l.arrangeRows(q)
	}
}

// sorted is a topological order that departs from the one given only where it must. Every
// loop is reported once.
func sorted[T comparable](all []T, needs func(T) []T, loop func(chain []T)) []T {
	const (
		entered = 1
		left    = 2
	)
	state := make(map[T]int, len(all))
	out := make([]T, 0, len(all))
	var chain []T
	var visit func(t T)
	visit = func(t T) {
		switch state[t] {
		case left:
			return
		case entered:
			loop(slices.Clone(chain[slices.Index(chain, t):]))
			return
		}
		state[t] = entered
		chain = append(chain, t)
		for _, n := range needs(t) {
			visit(n)
		}
		chain = chain[:len(chain)-1]
		state[t] = left
		out = append(out, t)
	}
	for _, t := range all {
		visit(t)
	}
	return out
}

func questionsOf(chain []unit) []*Question {
	var out []*Question
	for _, u := range chain {
		if u.question != nil {
			out = append(out, u.question)
		}
	}
	return out
}

// loop names the questions of a circle at the place of its first.
func (l *loader) loop(chain []*Question) {
	if len(chain) == 0 {
		return
	}
	ids := make([]string, 0, len(chain)+1)
	for _, q := range chain {
		ids = append(ids, q.ID)
	}
	ids = append(ids, chain[0].ID)
	l.report(l.places[chain[0]], "eforms.load.loop", locales.S("ids", strings.Join(ids, " → ")))
}

// needs are what a unit must be evaluated after.
func (f *Form) needs(u unit) []unit {
	n := &needed{form: f}
	switch {
	case u.page != nil:
		n.cases(u.page.Cases)
		n.expr(u.page.show)
	case u.question != nil:
		n.units = append(n.units, unit{page: u.question.page})
		u.question.all(n.question)
	default:
		for _, c := range f.Cases {
			n.expr(c.when)
		}
	}
	return n.units
}

type needed struct {
	form  *Form
	units []unit
}

func (n *needed) cases(cases []string) {
	if len(cases) > 0 {
		n.units = append(n.units, unit{})
	}
}

func (n *needed) expr(e *expr) {
	for _, q := range e.looksAt() {
		n.units = append(n.units, unit{question: q})
	}
	if e.asksCase() {
		n.units = append(n.units, unit{})
	}
}

// question adds what decides whether a question is shown and what its value is.
func (n *needed) question(q *Question) {
	n.cases(q.Cases)
	for _, e := range q.exprs() {
		n.expr(e)
	}
	for _, id := range q.names() {
		if other := n.form.byID[id]; other != nil && other.group == nil {
			n.units = append(n.units, unit{question: other})
		}
	}
}

// all visits a question and those in it.
func (q *Question) all(visit func(*Question)) {
	visit(q)
	for _, child := range q.Questions {
		child.all(visit)
	}
}

// exprs decide whether a question is shown and what its value is.
func (q *Question) exprs() []*expr {
	out := []*expr{q.show, q.compute, q.preset}
	for i := range q.options {
		if e := q.options[i].show; e != nil {
			out = append(out, e)
		}
	}
	return out
}

// names are the questions that the value depends on by name.
func (q *Question) names() []string {
	names := []string{q.Within, q.After, q.Before, q.NotBefore, q.NotAfter}
	for _, p := range q.inner {
		names = append(names, p.names()...)
	}
	return names
}

// siblings are the questions of the same row that a question depends on, itself or by what
// is in it.
func siblings(q *Question) []*Question {
	var out []*Question
	q.all(func(inner *Question) {
		for _, e := range inner.exprs() {
			if e == nil {
				continue
			}
			for _, r := range e.refs {
				if (r.base == atRow || r.base == atOuter) && r.q.group == q.group {
					out = append(out, r.q)
				}
			}
		}
		for _, other := range q.group.Questions {
			if slices.Contains(inner.names(), other.ID) {
				out = append(out, other)
			}
		}
	})
	return out
}

// deciders are the pages whose answers decide whether p is shown.
func (f *Form) deciders(p *Page) map[int]bool {
	todo := f.needs(unit{page: p})
	if !slices.ContainsFunc(p.Questions, func(q *Question) bool { return q.show == nil && len(q.Cases) == 0 }) {
		for _, q := range p.Questions {
			n := &needed{form: f}
			n.cases(q.Cases)
			n.expr(q.show)
			todo = append(todo, n.units...)
		}
	}
	seen, pages := map[unit]bool{}, map[int]bool{}
	for len(todo) > 0 {
		u := todo[0]
		todo = todo[1:]
		if seen[u] {
			continue
		}
		seen[u] = true
		if u.question != nil && u.question.Kind != Computed {
			pages[u.question.page.No] = true
		}
		todo = append(todo, f.needs(u)...)
	}
	return pages
}

// reach reports what can never be shown.
func (l *loader) reach() {
	for _, p := range l.form.Pages {
		if !l.possible(p.Cases, p.show) {
			l.report(l.places[p], "eforms.load.page_never", locales.S("id", p.ID))
			continue
		}
		for _, q := range p.Questions {
			cases, meet := both(p.Cases, q.Cases)
			if !meet || !l.possible(cases, p.show, q.show) {
				l.report(l.places[q], "eforms.load.never", locales.S("id", q.ID))
				continue
			}
			for _, child := range q.Questions {
				cases, meet := both(cases, child.Cases)
				if !meet || !l.possible(cases, p.show, q.show, child.show) {
					l.report(l.places[child], "eforms.load.never", locales.S("id", child.ID))
				}
			}
		}
	}
}

// both are the cases that two lists have in common; no list means any case.
func both(a, b []string) (cases []string, meet bool) {
	if len(a) == 0 || len(b) == 0 {
		return append(slices.Clone(a), b...), true
	}
	for _, id := range a {
		if slices.Contains(b, id) {
			cases = append(cases, id)
		}
	}
	return cases, len(cases) > 0
}

// What is tried at most before a condition is believed to be possible: combinations of one
// condition, and of all conditions of a form.
const (
	mostTries = 4096
	allTries  = 200_000
)

// possible tries the conditions with every combination of the choices that they look at.
// What cannot be listed (a text, a fact, the day) is believed to make them hold.
func (l *loader) possible(cases []string, exprs ...*expr) bool {
	var vars []*ref
	var domains [][]any
	tries := 1
	add := func(r *ref, domain []any) bool {
		vars, domains = append(vars, r), append(domains, domain)
		tries *= max(len(domain), 1)
		return domain != nil && tries <= mostTries
	}
	if len(cases) > 0 && !add(&ref{base: atCase}, l.domain(&ref{base: atCase})) {
		return true
	}
	for _, e := range exprs {
		if e == nil {
			continue
		}
		for _, r := range e.refs {
			if !slices.ContainsFunc(vars, func(v *ref) bool { return sameVariable(v, r) }) && !add(r, l.domain(r)) {
				return true
			}
		}
	}
	if len(vars) == 0 && !slices.ContainsFunc(exprs, func(e *expr) bool { return e != nil }) {
		return true
	}
	for n := range tries {
		if l.tries++; l.tries > allTries || try(n, vars, domains, cases, exprs) {
			return true
		}
	}
	return false
}

func sameVariable(a, b *ref) bool {
	return a.base == b.base && a.q == b.q && slices.Equal(a.path, b.path)
}

// try is the n-th combination.
func try(n int, vars []*ref, domains [][]any, cases []string, exprs []*expr) bool {
	values := make([]any, len(vars))
	for i, d := range domains {
		values[i] = d[n%len(d)]
		n /= len(d)
	}
	m := machine{steps: 10 * maxNodes, look: func(r *ref) any {
		return values[slices.IndexFunc(vars, func(v *ref) bool { return sameVariable(v, r) })]
	}}
	if len(cases) > 0 && !slices.Contains(cases, text(values[0])) {
		return false
	}
	return !slices.ContainsFunc(exprs, func(e *expr) bool { return e != nil && !m.holds(e) })
}

// domain lists the values that a variable may have, or nil when they cannot be listed.
func (l *loader) domain(r *ref) []any {
	out := []any{nil}
	switch {
	case r.base == atCase:
		for _, c := range l.form.Cases {
			out = append(out, c.ID)
		}
		return out
	case r.q == nil || len(r.path) > 0 || r.base != atQuestion && r.base != atRow && r.base != atOuter:
	case r.q.Kind == YesNo:
		return append(out, true, false)
	case r.q.oneOf() && len(r.q.options) > 0:
		for _, o := range r.q.options {
			out = append(out, o.Value)
		}
		return out
	}
	return nil
}
