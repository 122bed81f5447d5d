package eforms

import (
	"slices"
	"strings"
)

// uses collects the variables of conditions, and what each is compared with.
type uses struct {
	trial   *trial
	refs    []*ref
	numbers map[string][]float64 // literals that a variable is compared with, by its key
	spoilt  map[string]bool      // variables that something else is done with
	seen    map[any]bool
}

// key names a variable among all of a form.
func (r *ref) key() string {
	id := ""
	if r.q != nil {
		id = r.q.ID
	}
	return string(rune('a'+int(r.base))) + "/" + id + "/" + r.fact + "/" + strings.Join(r.path, ".")
}

func (u *uses) expr(e *expr) {
	if e == nil || u.seen[e] {
		return
	}
	u.seen[e] = true
	u.node(e.root)
}

func (u *uses) node(n *node) {
	switch n.op {
	case "var":
		u.reference(n.ref)
		u.spoilt[n.ref.key()] = true
	case "missing", "missing_some", "map", "filter", "reduce", "all", "none", "some":
		return // taken to be anything
	case "<", "<=", ">", ">=", "==", "===", "!=", "!==":
		if u.compared(n) {
			return
		}
	}
	for _, a := range n.args {
		u.node(a)
	}
}

// compared takes a variable between numbers, and says whether this was one.
func (u *uses) compared(n *node) bool {
	var variable *ref
	var literals []float64
	for _, a := range n.args {
		f, isNumber := a.lit.(float64)
		switch {
		case a.op == "" && isNumber:
			literals = append(literals, f)
		case a.op == "var" && len(a.args) == 0 && variable == nil && a.ref.numeric():
			variable = a.ref
		default:
			return false
		}
	}
	if variable == nil {
		return false
	}
	u.reference(variable)
	u.numbers[variable.key()] = append(u.numbers[variable.key()], literals...)
	return true
}

// numeric says whether a variable is a number or nothing.
func (r *ref) numeric() bool {
	switch r.base {
	case atRowNo, atOuterNo:
		return true
	case atQuestion, atRow, atOuter:
	default:
		return r.base == atToday && len(r.path) > 0
	}
	if len(r.path) == 0 {
		return slices.Contains([]Kind{Integer, Decimal, Money, Computed}, r.q.Kind)
	}
	return slices.Contains([]Kind{Date, NearDate, DateOrYear}, r.q.Kind)
}

// reference keeps a variable; of a deep trial also what stands behind it.
func (u *uses) reference(r *ref) {
	if !slices.ContainsFunc(u.refs, func(v *ref) bool { return sameVariable(v, r) }) {
		u.refs = append(u.refs, r)
	}
	if !u.trial.deep {
		return
	}
	if r.base == atCase {
		u.cases([]string{""})
	}
	if r.base != atQuestion || u.seen[r.q] {
		return
	}
	u.seen[r.q] = true
	u.cases(r.q.page.Cases)
	u.cases(r.q.Cases)
	u.expr(r.q.page.show)
	u.expr(r.q.show)
	u.expr(r.q.compute)
}

// cases are the conditions that decide which case applies.
func (u *uses) cases(named []string) {
	if len(named) == 0 {
		return
	}
	for _, c := range u.trial.form.Cases {
		u.expr(c.when)
	}
}
