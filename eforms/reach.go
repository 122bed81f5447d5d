package eforms

import (
	"slices"

	"motcua/locales"
)

// What is refused as impossible is proven to be; what is not refused may still be. A
// condition is tried with every combination of the answers that it turns on: yes or no, the
// options of a choice, an unanswered question, and for a number that is only compared with
// literals one value of every stretch between them. First with these variables alone, then
// together with the conditions under which their questions are shown, the cases and the
// computed values behind them. What cannot be listed (a text, a fact, the day, a row's
// list, a number that is calculated with) is taken to be anything, and where there would be
// more to try than the limits here the condition is believed to hold.
const (
	mostTries = 4096      // combinations of one condition
	allSteps  = 1_000_000 // operations, for all conditions of a form
)

// reach reports what can never be shown, apply or come to pass.
func (l *loader) reach() {
	for i, c := range l.form.Cases {
		if !l.possible(goal{case_: c, before: l.form.Cases[:i]}) {
			l.report(l.places[c], "eforms.load.case_never", locales.S("id", c.ID))
		}
	}
	for _, p := range l.form.Pages {
		at := goal{cases: p.Cases, exprs: []*expr{p.show}}
		if !l.possible(at) {
			l.report(l.places[p], "eforms.load.page_never", locales.S("id", p.ID))
			continue
		}
		for _, q := range p.Questions {
			l.reachQuestion(q, at)
		}
	}
	for _, e := range l.form.Ends {
		if !l.possible(goal{cases: e.page.Cases, exprs: []*expr{e.page.show, e.when}}) {
			l.report(l.places[e], "eforms.load.end_never", locales.S("id", e.ID))
		}
	}
}

// reachQuestion reports a question that can never show where it stands, or those in it.
func (l *loader) reachQuestion(q *Question, around goal) {
	cases, meet := both(around.cases, q.Cases)
	at := goal{cases: cases, exprs: append(slices.Clone(around.exprs), q.show)}
	if !meet || !l.possible(at) {
		l.report(l.places[q], "eforms.load.never", locales.S("id", q.ID))
		return
	}
	for _, child := range q.Questions {
		l.reachQuestion(child, at)
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

// goal is what must hold at once.
type goal struct {
	cases  []string // one of these applies, when there are any
	exprs  []*expr  // all of these hold
	case_  *Case    // its condition holds
	before []*Case  // and none of these
}

// possible says whether a goal can come to pass, as far as that can be tried.
func (l *loader) possible(g goal) bool {
	for _, deep := range []bool{false, true} {
		t := &trial{form: l.form, deep: deep, steps: &l.steps}
		t.gather(g)
		if !t.comes(g) {
			return false
		}
	}
	return true
}

// comes tries combination after combination until one lets the goal come to pass.
func (t *trial) comes(g goal) bool {
	all := 1
	for _, d := range t.domains {
		if all *= len(d); all > mostTries {
			return true
		}
	}
	for n := range all {
		t.set(n)
		if t.holds(g) || *t.steps > allSteps {
			return true
		}
	}
	return false
}

// holds says whether the goal may hold under the combination that is set.
func (t *trial) holds(g goal) bool {
	for _, e := range g.exprs {
		if e != nil && t.value(e.root).truth == no {
			return false
		}
	}
	for _, c := range g.before {
		if c.when == nil || t.value(c.when.root).truth == yes {
			return false
		}
	}
	if g.case_ != nil && g.case_.when != nil && t.value(g.case_.when.root).truth == no {
		return false
	}
	return t.inCase(g.cases) != no
}
