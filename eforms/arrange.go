package eforms

import (
	"maps"
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
	for _, source := range slices.Sorted(maps.Keys(q.factIf)) {
		out = append(out, q.factIf[source])
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
