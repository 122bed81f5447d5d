package eforms

import (
	"bytes"
	"encoding/json"
	"sort"
	"strconv"
	"strings"

	"motcua/locales"
)

// The logic of a form is JsonLogic (jsonlogic.com), compiled once at Load. It is our own
// evaluator because no rule may panic, run on, or differ from the reference; it does what
// json-logic-js does, but for these, which a form must not leave to chance:
//   - arithmetic with something that is no number gives nothing, also for "-";
//   - an unanswered question is neither less nor more than anything;
//   - "/" and "%" take only a written-out number other than zero as the divisor, so
//     nothing divides by zero;
//   - names of variables are written out, never computed, so they can be checked.
//
// A day has the properties days (since 1/1/1970), year, month, day and age (whole years
// until today): {"-":[{"var":"today.days"},{"var":"birth.days"}]}.
const (
	maxNodes = 200 // of one expression
	maxDepth = 16
)

// expr is a compiled expression.
type expr struct {
	root *node
	refs []*ref
}

// node is one operation, variable, list or literal.
type node struct {
	op   string // "" = literal, "[" = list, "var"
	lit  any
	ref  *ref
	args []*node
}

// base says where a variable begins.
type base int

const (
	atQuestion    base = iota // a question of a page
	atRow                     // a question of the same row of a group
	atOuter                   // a question of the row that the group is in
	atItem                    // the element that map, filter … look at
	atCurrent                 // the same in reduce
	atAccumulator             // what reduce has so far
	atToday
	atCase
	atFact
	atRowNo
	atOuterNo
	atData // a plain document: only in tests of the evaluator
)

// ref is a variable as it was resolved.
type ref struct {
	name string // as written
	base base
	q    *Question
	part *Question // the part of q that path leads to, when that is a question itself
	fact string
	path []string // what is taken of the value: days, province …
}

// arity is how many operands an operator takes; -1 is any number.
type arity struct{ min, max int }

var operators = map[string]arity{
	"var": {1, 2}, "missing": {0, -1}, "missing_some": {2, 2},
	"if": {0, -1}, "?:": {3, 3}, "and": {1, -1}, "or": {1, -1}, "!": {1, 1}, "!!": {1, 1},
	"==": {2, 2}, "===": {2, 2}, "!=": {2, 2}, "!==": {2, 2},
	"<": {2, 3}, "<=": {2, 3}, ">": {2, 2}, ">=": {2, 2},
	"+": {1, -1}, "-": {1, 2}, "*": {1, -1}, "/": {2, 2}, "%": {2, 2}, "min": {1, -1}, "max": {1, -1},
	"cat": {0, -1}, "substr": {2, 3}, "in": {2, 2}, "merge": {0, -1},
	"map": {2, 2}, "filter": {2, 2}, "reduce": {2, 3}, "all": {2, 2}, "none": {2, 2}, "some": {2, 2},
}

// itemwise are the operators whose second operand is about each element of the first.
var itemwise = map[string]bool{"map": true, "filter": true, "reduce": true, "all": true, "none": true, "some": true}

// compiler turns JSON into an expression and reports what is wrong with it.
type compiler struct {
	resolve func(name string, in *items) (*ref, bool)
	report  func(place, key string, args ...locales.Arg)
	nodes   int
	refs    []*ref
}

// items is what an array operator goes over.
type items struct {
	group  *Question // rows of a group, or nil for plain values
	reduce bool
}

// compile returns nil after reporting anything wrong.
func (c *compiler) compile(raw json.RawMessage, place string) *expr {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		c.report(place, "eforms.load.not_json", locales.S("detail", err.Error()))
		return nil
	}
	failed := false
	report := c.report
	c.report = func(place, key string, args ...locales.Arg) {
		failed = true
		report(place, key, args...)
	}
	c.nodes, c.refs = 0, nil
	root := c.node(v, place, nil, 0)
	c.report = report
	if failed {
		return nil
	}
	return &expr{root: root, refs: c.refs}
}

func (c *compiler) node(v any, place string, in *items, depth int) *node {
	if c.nodes++; c.nodes == maxNodes+1 {
		c.report(place, "eforms.load.too_large", locales.N("n", maxNodes))
	}
	if c.nodes > maxNodes {
		return nil
	}
	if depth > maxDepth {
		c.report(place, "eforms.load.too_deep", locales.N("n", maxDepth))
		return nil
	}
	switch v := v.(type) {
	case []any:
		return &node{op: "[", args: c.list(v, place, in, depth)}
	case map[string]any:
		if len(v) == 1 {
			for op, operands := range v {
				return c.operation(op, operands, place+"/"+escape(op), in, depth)
			}
		}
		c.report(place, "eforms.load.one_operator")
		return nil
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			c.report(place, "eforms.load.not_number")
		}
		return &node{lit: f}
	}
	return &node{lit: v} // string, bool, nil
}

func (c *compiler) list(vs []any, place string, in *items, depth int) []*node {
	out := make([]*node, len(vs))
	for i, v := range vs {
		out[i] = c.node(v, place+"/"+strconv.Itoa(i), in, depth+1)
	}
	return out
}

func (c *compiler) operation(op string, operands any, place string, in *items, depth int) *node {
	vs, ok := operands.([]any)
	if !ok {
		vs = []any{operands}
	}
	a, known := operators[op]
	switch {
	case !known:
		c.report(place, "eforms.load.unknown_operator", locales.S("operator", op))
		return nil
	case (op == "/" || op == "%") && (len(vs) != 2 || !divides(vs[1])):
		c.report(place, "eforms.load.division")
		return nil
	case len(vs) < a.min || a.max >= 0 && len(vs) > a.max:
		c.report(place, "eforms.load.operands", locales.S("operator", op))
		return nil
	case op == "var":
		return c.variable(vs, place, in, depth)
	case op == "missing", op == "missing_some":
		return c.missing(op, vs, place, in, depth)
	case itemwise[op]:
		return c.each(op, vs, place, in, depth)
	}
	return &node{op: op, args: c.list(vs, place, in, depth)}
}

// divides says whether something may be divided by it: a number other than zero, written
// out, so that no answer can make it zero.
func divides(v any) bool {
	n, ok := v.(json.Number)
	if !ok {
		return false
	}
	f, err := n.Float64()
	return err == nil && f != 0
}

// variable is {"var": name} or {"var": [name, what to take when it is unanswered]}.
func (c *compiler) variable(vs []any, place string, in *items, depth int) *node {
	name, ok := vs[0].(string)
	if !ok {
		c.report(place, "eforms.load.variable_not_name")
		return nil
	}
	r, ok := c.resolve(name, in)
	if !ok {
		c.report(place, "eforms.load.unknown_variable", locales.S("variable", name))
		return nil
	}
	c.refs = append(c.refs, r)
	n := &node{op: "var", ref: r}
	if len(vs) == 2 {
		n.args = c.list(vs[1:], place, in, depth)
	}
	return n
}

// missing takes names as operands, as one list of them, or (missing_some) a number and a list.
func (c *compiler) missing(op string, vs []any, place string, in *items, depth int) *node {
	n := &node{op: op}
	if op == "missing_some" {
		n.args = []*node{c.node(vs[0], place+"/0", in, depth+1)}
		vs = vs[1:]
	}
	if len(vs) == 1 {
		if l, ok := vs[0].([]any); ok {
			vs = l
		}
	}
	for _, v := range vs {
		name := c.variable([]any{v}, place, in, depth+1)
		if c.nodes++; name == nil || c.nodes > maxNodes {
			return nil
		}
		n.args = append(n.args, name)
	}
	return n
}

// each compiles the operators that go over a list. Inside one another they may stand only
// for the rows of a group in a row: any other list within a list would multiply the cost
// of a rule.
func (c *compiler) each(op string, vs []any, place string, in *items, depth int) *node {
	list := c.node(vs[0], place+"/0", in, depth+1)
	if group := groupOf(list); in != nil && (group == nil || group.group == nil || in.group != group.group) {
		c.report(place, "eforms.load.nested_items", locales.S("operator", op))
		return nil
	}
	inner := &items{group: groupOf(list), reduce: op == "reduce"}
	n := &node{op: op, args: []*node{list, c.node(vs[1], place+"/1", inner, depth+1)}}
	if len(vs) == 3 {
		n.args = append(n.args, c.node(vs[2], place+"/2", in, depth+1))
	}
	return n
}

// groupOf is the group whose rows a list expression gives, if it gives rows.
func groupOf(n *node) *Question {
	switch {
	case n == nil:
		return nil
	case n.op == "var" && n.ref != nil && n.ref.q != nil && n.ref.q.Kind == Group && len(n.ref.path) == 0:
		return n.ref.q
	case n.op == "filter" && len(n.args) > 0:
		return groupOf(n.args[0])
	}
	return nil
}

// looksAt lists the top-level questions that an expression depends on, each once.
func (e *expr) looksAt() []*Question {
	if e == nil {
		return nil
	}
	seen := map[*Question]bool{}
	for _, r := range e.refs {
		if r.base == atQuestion && r.q != nil {
			seen[r.q] = true
		}
	}
	out := make([]*Question, 0, len(seen))
	for q := range seen {
		out = append(out, q)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].seq < out[j].seq })
	return out
}

// asksCase says whether the expression looks at the case that applies.
func (e *expr) asksCase() bool {
	if e == nil {
		return false
	}
	for _, r := range e.refs {
		if r.base == atCase {
			return true
		}
	}
	return false
}

var pointerStep = strings.NewReplacer("~", "~0", "/", "~1")

// escape writes a name as a step of a JSON pointer.
func escape(s string) string { return pointerStep.Replace(s) }
