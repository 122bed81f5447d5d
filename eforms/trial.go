package eforms

import (
	"math"
	"slices"
)

// truth is what is known of a condition.
type truth int

const (
	no truth = iota - 1
	maybe
	yes
)

func truthOf(v any) truth {
	if truthy(v) {
		return yes
	}
	return no
}

// known is a value as far as it is known: itself, or only whether it counts as true.
type known struct {
	value any
	sure  bool
	truth truth
}

func surely(v any) known { return known{v, true, truthOf(v)} }

// trial evaluates conditions where only some variables have a value. A deep one also asks
// whether the questions looked at are shown, which case applies and what is computed.
type trial struct {
	form    *Form
	deep    bool
	vars    []*ref
	domains [][]any
	values  []any
	shows   map[*Question]truth // of deep trials: what was worked out under this combination
	numbers map[*Question]known
	of      *known // the case
	machine machine
	steps   *int
}

// set takes the n-th combination.
func (t *trial) set(n int) {
	t.values = t.values[:0]
	for _, d := range t.domains {
		t.values = append(t.values, d[n%len(d)])
		n /= len(d)
	}
	t.shows, t.numbers, t.of = map[*Question]truth{}, map[*Question]known{}, nil
	t.machine = machine{steps: 100 * maxNodes}
}

// gather finds the variables that a goal turns on and the values to try them with.
func (t *trial) gather(g goal) {
	u := uses{trial: t, numbers: map[string][]float64{}, spoilt: map[string]bool{}, seen: map[any]bool{}}
	for _, e := range g.exprs {
		u.expr(e)
	}
	for _, c := range g.before {
		u.expr(c.when)
	}
	if g.case_ != nil {
		u.expr(g.case_.when)
	}
	if len(g.cases) > 0 {
		u.reference(&ref{base: atCase})
	}
	for _, r := range u.refs {
		domain := t.form.listed(r)
		if domain == nil && !u.spoilt[r.key()] {
			domain = stretches(r, u.numbers[r.key()])
		}
		if domain != nil && !(t.deep && r.base == atCase) {
			t.vars, t.domains = append(t.vars, r), append(t.domains, append(domain, nil))
		}
	}
}

func sameVariable(a, b *ref) bool {
	return a.base == b.base && a.q == b.q && a.fact == b.fact && slices.Equal(a.path, b.path)
}

// listed are the values that a variable can have when they can be listed, or nil.
func (f *Form) listed(r *ref) []any {
	var out []any
	q := r.q
	if r.part != nil {
		q = r.part
	}
	switch {
	case r.base == atCase:
		for _, c := range f.Cases {
			out = append(out, c.ID)
		}
	case q == nil || len(r.path) > 0 && r.part == nil || r.base != atQuestion && r.base != atRow && r.base != atOuter:
	case q.Kind == YesNo:
		return []any{true, false}
	case q.oneOf():
		for _, o := range q.options {
			out = append(out, o.Value)
		}
	}
	return out
}

// stretches are values of a number that is compared with these literals, one below, at,
// between and above them.
func stretches(r *ref, literals []float64) []any {
	if len(literals) == 0 {
		return nil
	}
	slices.Sort(literals)
	var all []float64
	for i, c := range literals {
		all = append(all, math.Floor(c)-1, math.Floor(c), c, math.Ceil(c), math.Ceil(c)+1)
		if i > 0 {
			all = append(all, (literals[i-1]+c)/2)
		}
	}
	slices.Sort(all)
	var out []any
	for _, v := range slices.Compact(all) {
		if v == math.Trunc(v) || r.q != nil && r.q.Kind == Decimal && len(r.path) == 0 {
			out = append(out, v)
		}
	}
	return out
}

// look is a variable under this combination.
func (t *trial) look(r *ref) known {
	if t.deep && r.base == atCase {
		return t.caseNow()
	}
	i := slices.IndexFunc(t.vars, func(v *ref) bool { return sameVariable(v, r) })
	if t.deep && r.base == atQuestion && t.shown(r.q) == no {
		return surely(nil)
	}
	switch {
	case i >= 0:
		return surely(t.values[i])
	case t.deep && r.base == atQuestion && r.q.Kind == Computed:
		return t.computed(r.q)
	}
	return known{}
}

// caseNow is the first case whose condition holds, when that is known.
func (t *trial) caseNow() known {
	if t.of == nil {
		k := t.decided()
		t.of = &k
	}
	return *t.of
}

func (t *trial) decided() known {
	for _, c := range t.form.Cases {
		if c.when == nil {
			return surely(c.ID)
		}
		switch t.value(c.when.root).truth {
		case yes:
			return surely(c.ID)
		case maybe:
			return known{}
		}
	}
	return surely(nil)
}

func (t *trial) inCase(cases []string) truth {
	if len(cases) == 0 {
		return yes
	}
	now := t.look(&ref{base: atCase})
	switch {
	case !now.sure:
		return maybe
	case slices.Contains(cases, text(now.value)):
		return yes
	}
	return no
}

// shown says whether a page's question is asked under this combination.
func (t *trial) shown(q *Question) truth {
	if known, ok := t.shows[q]; ok {
		return known
	}
	out := min(t.inCase(q.page.Cases), t.inCase(q.Cases))
	for _, e := range []*expr{q.page.show, q.show} {
		if e != nil && out != no {
			out = min(out, t.value(e.root).truth)
		}
	}
	t.shows[q] = out
	return out
}

func (t *trial) computed(q *Question) known {
	if k, ok := t.numbers[q]; ok {
		return k
	}
	k := t.value(q.compute.root)
	if _, ok := whole(k.value); k.sure && !ok {
		k = surely(nil)
	} else if !k.sure {
		k = known{} // what is true may be no number
	}
	t.numbers[q] = k
	return k
}

// value evaluates as the machine does, with what is known.
func (t *trial) value(n *node) known {
	if *t.steps++; *t.steps > allSteps {
		return known{}
	}
	switch n.op {
	case "":
		return surely(n.lit)
	case "var":
		k := t.look(n.ref)
		if len(n.args) == 0 || k.sure && k.value != nil {
			return k
		}
		if !k.sure {
			return known{}
		}
		return t.value(n.args[0])
	case "if", "?:":
		return t.choose(n.args)
	case "and", "or":
		return t.joined(n)
	case "!", "!!":
		k := t.value(n.args[0])
		if n.op == "!" {
			k.truth = -k.truth
		}
		return known{k.truth == yes, k.truth != maybe, k.truth}
	case "missing", "missing_some", "map", "filter", "reduce", "all", "none", "some":
		return known{}
	}
	vs := make([]any, len(n.args))
	for i, a := range n.args {
		k := t.value(a)
		if !k.sure {
			return known{}
		}
		vs[i] = k.value
	}
	v := t.machine.apply(n.op, vs)
	if t.machine.steps < 0 {
		return known{}
	}
	return surely(v)
}

// choose is the branch taken, or what all branches that may be taken have in common.
func (t *trial) choose(args []*node) known {
	var open []known
	i := 0
	for ; i+1 < len(args); i += 2 {
		switch t.value(args[i]).truth {
		case maybe:
			open = append(open, t.value(args[i+1]))
		case yes:
			return common(append(open, t.value(args[i+1])))
		}
	}
	last := surely(nil)
	if i < len(args) {
		last = t.value(args[i])
	}
	return common(append(open, last))
}

func common(all []known) known {
	out := all[0]
	for _, k := range all[1:] {
		out.sure = out.sure && k.sure && strict(out.value, k.value)
		if out.truth != k.truth {
			out.truth = maybe
		}
	}
	return out
}

// joined is "and" or "or": surely false, or true, as soon as one operand is.
func (t *trial) joined(n *node) known {
	ends, out := no, known{sure: true}
	if n.op == "or" {
		ends = yes
	}
	for i, a := range n.args {
		k := t.value(a)
		switch {
		case k.truth == ends && out.sure:
			return k
		case k.truth == ends:
			return known{truth: ends}
		case k.truth == maybe:
			out = known{}
		case out.sure && i == len(n.args)-1:
			return k
		}
	}
	if out.sure {
		return known{truth: -ends}
	}
	return out
}
