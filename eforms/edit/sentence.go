package edit

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// MaxClauses is how many clauses a sentence may have.
const MaxClauses = 5

// Op is what a clause says of an answer.
type Op string

// The operations, in the order they are offered.
const (
	Is         Op = "is"
	IsNot      Op = "is_not"
	OneOf      Op = "one_of"
	NoneOf     Op = "none_of"
	Less       Op = "less"
	AtMost     Op = "at_most"
	More       Op = "more"
	AtLeast    Op = "at_least"
	Contains   Op = "contains" // of a list of choices, or of a text
	Lacks      Op = "lacks"
	Answered   Op = "answered"
	Unanswered Op = "unanswered"
)

// Ops lists them.
var Ops = []Op{Is, IsNot, OneOf, NoneOf, Less, AtMost, More, AtLeast, Contains, Lacks, Answered, Unanswered}

// Several says whether the operation takes more values than one.
func (o Op) Several() bool { return o == OneOf || o == NoneOf }

// opposite are the operations that are written as another one denied.
var opposite = map[Op]Op{OneOf: NoneOf, Contains: Lacks}

// Bare says whether the operation needs no value.
func (o Op) Bare() bool { return o == Answered || o == Unanswered }

// operators are JsonLogic's for those that compare two values.
var operators = map[Op]string{Is: "==", IsNot: "!=", Less: "<", AtMost: "<=", More: ">", AtLeast: ">="}

// Sentence is a condition as people say it: clauses with "and" between them, or "or".
type Sentence struct {
	Any     bool // or
	Clauses []Clause
}

// Clause is one: [question] [is] [value], or two answers compared.
type Clause struct {
	Var    string
	Op     Op
	Value  *Node   // a scalar
	Values []*Node // of OneOf and NoneOf
	Other  string  // instead of a value: another variable
}

// Logic is the sentence as JsonLogic; nil for one without clauses.
func (s Sentence) Logic() *Node {
	var all []any
	for _, c := range s.Clauses {
		all = append(all, c.logic())
	}
	switch {
	case len(all) == 0:
		return nil
	case len(all) == 1:
		return all[0].(*Node)
	case s.Any:
		return object("or", listOf(all...))
	}
	return object("and", listOf(all...))
}

func variable(name string) *Node { return object("var", name) }

func (c Clause) logic() *Node {
	for op, denied := range opposite {
		if c.Op == denied {
			c.Op = op
			return object("!", c.logic())
		}
	}
	right := c.Value
	if c.Other != "" {
		right = variable(c.Other)
	}
	switch c.Op {
	case Answered:
		return object("!", object("missing", listOf(c.Var)))
	case Unanswered:
		return object("!!", object("missing", listOf(c.Var)))
	case OneOf:
		values := &Node{sort: '['}
		for _, v := range c.Values {
			values.nodes = append(values.nodes, v.clone())
		}
		return object("in", listOf(variable(c.Var), values))
	case Contains:
		return object("in", listOf(right.clone(), variable(c.Var)))
	}
	return object(operators[c.Op], listOf(variable(c.Var), right.clone()))
}

// Read reads a condition as a sentence; false when it cannot be said as one.
func Read(n *Node) (Sentence, bool) {
	if n == nil {
		return Sentence{}, true
	}
	op, operands := operation(n)
	if op != "and" && op != "or" {
		c, ok := readClause(n)
		return Sentence{Clauses: []Clause{c}}, ok
	}
	s := Sentence{Any: op == "or"}
	for _, part := range operands {
		c, ok := readClause(part)
		if !ok {
			return Sentence{}, false
		}
		s.Clauses = append(s.Clauses, c)
	}
	return s, len(s.Clauses) > 1 && len(s.Clauses) <= MaxClauses
}

// operation is the operator of an expression with its operands.
func operation(n *Node) (string, []*Node) {
	if !n.IsObject() || len(n.nodes) != 1 {
		return "", nil
	}
	if n.nodes[0].IsList() {
		return n.names[0], n.nodes[0].nodes
	}
	return n.names[0], n.nodes[:1]
}

// named is the name of a variable without a default.
func named(n *Node) (string, bool) {
	op, operands := operation(n)
	if op != "var" || len(operands) != 1 || !operands[0].IsText() || operands[0].Str() == "" {
		return "", false
	}
	return operands[0].Str(), true
}

func readClause(n *Node) (Clause, bool) {
	op, operands := operation(n)
	switch {
	case (op == "!" || op == "!!") && len(operands) == 1:
		return readAnswered(op, operands[0])
	case op == "in" && len(operands) == 2:
		return readIn(operands[0], operands[1])
	case op == "===":
		op = "=="
	case op == "!==":
		op = "!="
	}
	if len(operands) != 2 {
		return Clause{}, false
	}
	for _, known := range Ops {
		if operators[known] == op && op != "" {
			return compared(known, operands[0], operands[1])
		}
	}
	return Clause{}, false
}

// compared is [variable] [op] [value or variable].
func compared(op Op, left, right *Node) (Clause, bool) {
	name, ok := named(left)
	c := Clause{Var: name, Op: op}
	if other, isVar := named(right); isVar {
		c.Other = other
		return c, ok
	}
	c.Value = right
	return c, ok && typeable(right)
}

// typeable says whether a value can be typed into a field and comes back the same.
func typeable(n *Node) bool {
	s := n.Str()
	return n.sort == 0 && n.raw != "null" && (!n.IsText() || s != "" && s == strings.TrimSpace(norm.NFC.String(s)))
}

func readAnswered(op string, inner *Node) (Clause, bool) {
	name, operands := operation(inner)
	if op == "!" && name == "in" && len(operands) == 2 {
		c, ok := readIn(operands[0], operands[1])
		c.Op = opposite[c.Op]
		return c, ok
	}
	if name != "missing" || len(operands) != 1 || !operands[0].IsText() || operands[0].Str() == "" {
		return Clause{}, false
	}
	c := Clause{Var: operands[0].Str(), Op: Answered}
	if op == "!!" {
		c.Op = Unanswered
	}
	return c, true
}

func readIn(left, right *Node) (Clause, bool) {
	if name, ok := named(left); ok && right.IsList() {
		c := Clause{Var: name, Op: OneOf, Values: right.nodes}
		return c, len(right.nodes) > 0 && !slices.ContainsFunc(right.nodes, func(v *Node) bool { return !typeable(v) || strings.Contains(v.raw, ",") })
	}
	return compared(Contains, right, left)
}

// Calc is a computed value as people say it: the sum of answers, a difference, a product,
// the rows of a group counted, or one of their numbers added up over all rows.
type Calc struct {
	Op       string // sum, difference, product, count, total
	Operands []Operand
}

// Operand is an answer or a number.
type Operand struct {
	Var    string
	Number *Node
}

// Calcs are the operations of a computed value, in the order they are offered.
var Calcs = []string{"sum", "difference", "product", "count", "total"}

func (o Operand) logic() *Node {
	if o.Var != "" {
		return variable(o.Var)
	}
	return o.Number.clone()
}

// Logic is the computation as JsonLogic.
func (c Calc) Logic() *Node {
	var all []any
	for _, o := range c.Operands {
		all = append(all, o.logic())
	}
	switch c.Op {
	case "count":
		return object("reduce", listOf(variable(c.Operands[0].Var), object("+", listOf(variable("accumulator"), 1)), 0))
	case "total":
		group, field, _ := strings.Cut(c.Operands[0].Var, ".")
		return object("reduce", listOf(variable(group), object("+", listOf(variable("accumulator"), variable("current."+field))), 0))
	case "difference":
		return object("-", listOf(all...))
	case "product":
		return object("*", listOf(all...))
	}
	if len(c.Operands) == 1 { // a sum of one is that one
		return c.Operands[0].logic()
	}
	return object("+", listOf(all...))
}

// ReadCalc reads a computation as a sentence; false when it cannot be said as one.
func ReadCalc(n *Node) (Calc, bool) {
	if name, isVar := named(n); isVar {
		return Calc{"sum", []Operand{{Var: name}}}, true
	}
	if n != nil && n.sort == 0 && isNumber(n.raw) { // 0 is what a new question computes
		return Calc{"sum", []Operand{{Number: n}}}, true
	}
	op, operands := operation(n)
	if op == "reduce" {
		return readReduce(n, operands)
	}
	c := Calc{Op: map[string]string{"+": "sum", "-": "difference", "*": "product"}[op]}
	for _, o := range operands {
		name, isVar := named(o)
		if !isVar && (o.sort != 0 || !isNumber(o.raw)) {
			return Calc{}, false
		}
		if isVar {
			c.Operands = append(c.Operands, Operand{Var: name})
		} else {
			c.Operands = append(c.Operands, Operand{Number: o})
		}
	}
	n2 := len(c.Operands)
	return c, c.Op != "" && n2 > 0 && n2 <= MaxClauses && (c.Op != "difference" || n2 == 2) && (c.Op != "sum" || n2 > 1)
}

func isNumber(raw string) bool {
	_, err := strconv.ParseFloat(raw, 64)
	return err == nil && json.Valid([]byte(raw))
}

// readReduce knows two reductions by what they would be written as.
func readReduce(n *Node, operands []*Node) (Calc, bool) {
	if len(operands) != 3 {
		return Calc{}, false
	}
	group, ok := named(operands[0])
	if !ok {
		return Calc{}, false
	}
	guesses := []Calc{{"count", []Operand{{Var: group}}}}
	_, added := operation(operands[1])
	for _, a := range added {
		if name, isVar := named(a); isVar && strings.HasPrefix(name, "current.") {
			guesses = append(guesses, Calc{"total", []Operand{{Var: group + "." + strings.TrimPrefix(name, "current.")}}})
		}
	}
	for _, c := range guesses {
		if written := c.Logic(); same(written, n) || same(turned(written), n) {
			return c, true
		}
	}
	return Calc{}, false
}

// turned is a reduction with its two addends the other way round.
func turned(n *Node) *Node {
	c := n.clone()
	plus := c.nodes[0].nodes[1].nodes[0]
	slices.Reverse(plus.nodes)
	return c
}

// Say puts a piece of logic into words: as a sentence where it is one, else as a formula.
func (d *Doc) Say(pointer string) locales.Message {
	return speaker{d, pointer}.say(d.At(pointer))
}
