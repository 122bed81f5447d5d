package eforms

import (
	"math"
	"strconv"
	"strings"
)

// What one filling of a form may cost: a step is one operation of one rule.
const (
	budget     = 1_000_000
	maxString  = 10_000 // bytes that "cat" may make
	maxMembers = 2_000  // elements that "merge" may make
)

// machine evaluates expressions. Once its steps are used up every answer is nothing, and
// over says so.
type machine struct {
	look  func(r *ref) any // variables outside of array operators
	today string
	steps int
	over  bool
}

// local is what an array operator sees.
type local struct{ item, sum any }

func (m *machine) value(e *expr) any {
	if e == nil {
		return nil
	}
	return m.eval(e.root, nil)
}

func (m *machine) eval(n *node, l *local) any {
	if m.steps--; m.steps < 0 {
		m.over = true
		return nil
	}
	switch n.op {
	case "":
		return n.lit
	case "var":
		if v := m.variable(n.ref, l); v != nil || len(n.args) == 0 {
			return v
		}
		return m.eval(n.args[0], l)
	case "if", "?:":
		return m.choose(n.args, l)
	case "and", "or":
		var v any
		for _, a := range n.args {
			if v = m.eval(a, l); truthy(v) == (n.op == "or") {
				return v
			}
		}
		return v
	case "missing":
		return m.missing(n.args, l)
	case "missing_some":
		lost := m.missing(n.args[1:], l)
		if need, ok := number(m.eval(n.args[0], l)); ok && float64(len(n.args)-1-len(lost)) >= need {
			return []any{}
		}
		return lost
	case "map", "filter", "all", "none", "some":
		return m.each(n, l)
	case "reduce":
		return m.reduce(n, l)
	}
	vs := make([]any, len(n.args))
	for i, a := range n.args {
		vs[i] = m.eval(a, l)
	}
	return m.apply(n.op, vs)
}

func (m *machine) choose(args []*node, l *local) any {
	i := 0
	for ; i+1 < len(args); i += 2 {
		if truthy(m.eval(args[i], l)) {
			return m.eval(args[i+1], l)
		}
	}
	if i < len(args) {
		return m.eval(args[i], l)
	}
	return nil
}

func (m *machine) variable(r *ref, l *local) any {
	switch {
	case r.base == atAccumulator:
		return l.sum
	case r.base != atItem && r.base != atCurrent:
		return m.look(r)
	case r.q == nil:
		return m.dig(l.item, r.path)
	}
	row, _ := l.item.(map[string]any)
	return m.dig(row[r.q.ID], r.path)
}

func (m *machine) missing(args []*node, l *local) []any {
	lost := []any{}
	for _, a := range args {
		if v := m.variable(a.ref, l); v == nil || v == "" {
			lost = append(lost, a.ref.name)
		}
	}
	m.steps -= len(args)
	return lost
}

func (m *machine) each(n *node, l *local) any {
	list, _ := m.eval(n.args[0], l).([]any)
	kept := []any{}
	for _, item := range list {
		v := m.eval(n.args[1], &local{item: item})
		switch {
		case n.op == "map":
			kept = append(kept, v)
		case truthy(v) == (n.op != "all"): // for all: the first that fails
			kept = append(kept, item)
		}
		if len(kept) > 0 && n.op != "map" && n.op != "filter" || m.over {
			break
		}
	}
	switch n.op {
	case "all":
		return len(list) > 0 && len(kept) == 0
	case "none":
		return len(kept) == 0
	case "some":
		return len(kept) > 0
	}
	return kept
}

func (m *machine) reduce(n *node, l *local) any {
	list, _ := m.eval(n.args[0], l).([]any)
	var sum any
	if len(n.args) == 3 {
		sum = m.eval(n.args[2], l)
	}
	for _, item := range list {
		sum = m.eval(n.args[1], &local{item: item, sum: sum})
		if m.over {
			return nil
		}
	}
	return sum
}

// apply is an operator on values.
func (m *machine) apply(op string, vs []any) any {
	switch op {
	case "[":
		return vs
	case "!":
		return !truthy(vs[0])
	case "!!":
		return truthy(vs[0])
	case "==":
		return loose(vs[0], vs[1])
	case "!=":
		return !loose(vs[0], vs[1])
	case "===":
		return strict(vs[0], vs[1])
	case "!==":
		return !strict(vs[0], vs[1])
	case ">", ">=":
		return before(vs[1], vs[0], op == ">=")
	case "<", "<=":
		return before(vs[0], vs[1], op == "<=") && (len(vs) < 3 || before(vs[1], vs[2], op == "<="))
	case "+", "-", "*", "/", "%", "min", "max":
		return arithmetic(op, vs)
	case "in":
		m.charge(vs)
		return within(vs[0], vs[1])
	case "cat":
		return m.cat(vs)
	case "substr":
		m.charge(vs)
		return substr(vs)
	case "merge":
		return m.merge(vs)
	}
	return nil
}

// charge counts work that grows with the length of what is looked through.
func (m *machine) charge(vs []any) {
	for _, v := range vs {
		switch v := v.(type) {
		case string:
			m.steps -= len(v) / 100
		case []any:
			m.steps -= len(v)
		}
	}
}

func (m *machine) cat(vs []any) any {
	var b strings.Builder
	for _, v := range vs {
		b.WriteString(asString(v))
		if b.Len() > maxString {
			return nil
		}
	}
	m.steps -= b.Len() / 100
	return b.String()
}

func (m *machine) merge(vs []any) any {
	out := []any{}
	for _, v := range vs {
		if l, ok := v.([]any); ok {
			out = append(out, l...)
		} else {
			out = append(out, v)
		}
		if len(out) > maxMembers {
			return nil
		}
	}
	m.steps -= len(out)
	return out
}

// dig takes a part of a value: a row's field, an address's part, a property of a day.
func (m *machine) dig(v any, path []string) any {
	for _, step := range path {
		switch w := v.(type) {
		case map[string]any:
			v = w[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(w) {
				return nil
			}
			v = w[i]
		case string:
			v = m.dayPart(w, step)
		default:
			return nil
		}
	}
	return v
}

func (m *machine) dayPart(s, part string) any {
	d, ok := parseISO(s)
	if v, isMonth := parseISOMonth(s); isMonth && (part == "year" || part == "month") {
		d, ok = v, true
	}
	if !ok {
		return m.yearPart(s, part)
	}
	switch part {
	case "days":
		return float64(d.days())
	case "year":
		return float64(d.y)
	case "month":
		return float64(d.m)
	case "day":
		return float64(d.d)
	case "age":
		if t, ok := parseISO(m.today); ok {
			return float64(d.yearsUntil(t))
		}
	}
	return nil
}

// yearPart is a property of a day of which only the year is known. The age is the lower of
// the two that it may be.
func (m *machine) yearPart(s, part string) any {
	y, ok := parseYear(s)
	switch {
	case !ok:
		return nil
	case part == "year":
		return float64(y)
	case part == "age":
		if t, ok := parseISO(m.today); ok {
			return float64(max(0, t.y-y-1))
		}
	}
	return nil
}

// whole is a number as a whole quantity, when it is one that a float64 holds exactly.
func whole(v any) (int64, bool) {
	f, ok := v.(float64)
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<53-1 {
		return 0, false
	}
	return int64(f), true
}
