package edit

import (
	"strings"

	"motcua/locales"
)

// speaker puts logic into words; what it calls the questions depends on where it stands.
type speaker struct {
	d  *Doc
	at string
}

// say is any piece of logic in words.
func (s speaker) say(n *Node) locales.Message {
	if read, ok := Read(n); ok && n != nil {
		return s.sentence(read)
	}
	if calc, ok := ReadCalc(n); ok {
		return s.calc(calc)
	}
	return s.formula(n)
}

func (s speaker) sentence(read Sentence) locales.Message {
	var all []locales.Message
	for _, c := range read.Clauses {
		all = append(all, s.clause(c))
	}
	if read.Any {
		return joined("builder.or", all)
	}
	return joined("builder.and", all)
}

// joined puts words between messages.
func joined(key string, all []locales.Message) locales.Message {
	if len(all) == 0 {
		return locales.M("builder.always")
	}
	m := all[0]
	for _, next := range all[1:] {
		m = locales.M(key, locales.Sub("a", m), locales.Sub("b", next))
	}
	return m
}

func (s speaker) clause(c Clause) locales.Message {
	what := locales.Sub("what", s.variable(c.Var))
	if c.Op.Bare() {
		return locales.M("builder.says."+string(c.Op), what)
	}
	value := s.value(c.Var, c.Value)
	if c.Other != "" {
		value = s.variable(c.Other)
	}
	if c.Op.Several() {
		var all []locales.Message
		for _, v := range c.Values {
			all = append(all, s.value(c.Var, v))
		}
		value = joined("builder.or", all)
	}
	return locales.M("builder.says."+string(c.Op), what, locales.Sub("value", value))
}

func (s speaker) calc(c Calc) locales.Message {
	if c.Op == "count" || c.Op == "total" {
		return locales.M("builder.calc.says."+c.Op, locales.Sub("what", s.variable(c.Operands[0].Var)))
	}
	var all []locales.Message
	for _, o := range c.Operands {
		if o.Var != "" {
			all = append(all, s.variable(o.Var))
		} else {
			all = append(all, literal(o.Number.raw))
		}
	}
	return joined("builder.calc.says."+c.Op, all)
}

// variable is what people know a variable by: the question's label in marks, and its part.
func (s speaker) variable(name string) locales.Message {
	for _, v := range s.d.Vars(s.at) {
		if v.Name == name {
			return v.Words()
		}
	}
	if group, field, found := strings.Cut(name, "."); found { // a number of all rows
		if q := s.d.question(group); q != nil {
			if inner := s.d.question(field); inner != nil {
				return locales.M("builder.var.of", locales.Sub("a", locales.M("builder.var", locales.T("label", title(inner)))),
					locales.Sub("b", locales.M("builder.var", locales.T("label", title(q)))))
			}
		}
	}
	return literal(name)
}

// value is a literal as people read it: an option by its label.
func (s speaker) value(of string, n *Node) locales.Message {
	for _, o := range s.d.optionsOf(s.at, of) {
		if o.Get("value").Str() == n.Str() && n.IsText() {
			return locales.M("builder.var", locales.T("label", text(o.Get("label"))))
		}
	}
	switch {
	case n.Raw() == "true":
		return locales.M("builder.yes")
	case n.Raw() == "false":
		return locales.M("builder.no")
	case n.IsText():
		return literal(day(n.Str()))
	}
	return literal(n.Compact())
}

// literal is a value as it stands.
func literal(raw string) locales.Message {
	return locales.M("builder.literal", locales.S("value", raw))
}

// day is an ISO day as people here write it; anything else stays.
func day(s string) string {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return s
	}
	return s[8:] + "/" + s[5:7] + "/" + s[:4]
}

// signs are what stands between the operands of a formula.
var signs = map[string]string{"==": "=", "===": "=", "!=": "≠", "!==": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "+": "+", "-": "−", "*": "×", "/": "÷", "%": "mod"}

// formula is logic that no sentence says, in brackets and signs with the questions' names.
func (s speaker) formula(n *Node) locales.Message {
	if name, ok := named(n); ok {
		return s.variable(name)
	}
	if c, ok := readClause(n); ok {
		return s.clause(c)
	}
	op, operands := operation(n)
	var all []locales.Message
	for _, o := range operands {
		all = append(all, s.formula(o))
	}
	bracket := func(m locales.Message) locales.Message {
		return locales.M("builder.bracket", locales.Sub("a", m))
	}
	switch {
	case op == "and" && len(all) > 0:
		return bracket(joined("builder.and", all))
	case op == "or" && len(all) > 0:
		return bracket(joined("builder.or", all))
	case op == "if" && len(all) == 3:
		return locales.M("builder.if_else", locales.Sub("a", all[0]), locales.Sub("b", all[1]), locales.Sub("c", all[2]))
	case op == "if" && len(all) == 2:
		return locales.M("builder.if", locales.Sub("a", all[0]), locales.Sub("b", all[1]))
	case op == "!" && len(all) == 1:
		return locales.M("builder.not", locales.Sub("a", all[0]))
	case signs[op] != "" && len(all) > 1:
		m := all[0]
		for _, next := range all[1:] {
			m = locales.M("builder.infix", locales.Sub("a", m), locales.S("sign", signs[op]), locales.Sub("b", next))
		}
		return bracket(m)
	}
	return literal(n.Compact())
}
