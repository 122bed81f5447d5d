package convert

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

// conditions reads what decides whether pages and questions are shown.
func (r *formio) conditions() {
	for _, o := range r.owners {
		var parts []any
		for _, c := range o.from {
			condition, understood := r.condition(c.Conditional, o.group)
			if !understood {
				o.line.remark(locales.M("convert.condition"))
				continue
			}
			if condition != nil {
				parts = append(parts, condition)
			}
		}
		switch e := all(parts...); {
		case e == nil:
		case fits(e):
			o.put(e)
		default:
			o.line.remark(locales.M("convert.condition"))
		}
	}
}

// condition is a condition in our words; nil when there is none.
func (r *formio) condition(c conditional, from *question) (any, bool) {
	var e any
	ok := true
	switch {
	case c.JSON != nil && c.JSON != "":
		return r.rewritten(c.JSON, from, 0)
	case len(c.Conditions) > 0:
		e, ok = r.several(c, from)
	case c.When != "":
		e, ok = r.compare(conditionPart{c.When, "isEqual", c.Eq}, from)
	}
	if e != nil && (c.Show == false || c.Show == "false") {
		e = not(e)
	}
	return e, ok
}

func (r *formio) several(c conditional, from *question) (any, bool) {
	var parts []any
	for _, p := range c.Conditions {
		if p.Component == "" {
			continue
		}
		e, ok := r.compare(p, from)
		if !ok {
			return nil, false
		}
		parts = append(parts, e)
	}
	if c.Conjunction == "any" && len(parts) > 1 {
		return logic("or", parts...), true
	}
	return all(parts...), true
}

// look finds the question that a key or path names, as a variable.
func (r *formio) look(key string, from *question) (*taken, any, bool) {
	key = strings.TrimPrefix(strings.TrimPrefix(key, "data."), "row.")
	if i := strings.LastIndexByte(key, '.'); i >= 0 && r.known[key] == nil {
		key = key[i+1:]
	}
	t := r.known[key]
	if t == nil {
		return nil, nil, false
	}
	switch {
	case t.group == nil:
		return t, logic("var", t.ID), true
	case t.group == from:
		return t, logic("var", "row."+t.ID), true
	}
	return nil, nil, false // a row of which group?
}

// longestWord is how long a value in a condition may be, in bytes.
const longestWord = 200

// compared are the operators of Form.io that JsonLogic has too.
var compared = map[string]string{
	"isEqual": "==", "isNotEqual": "!=", "isDateEqual": "==", "isNotDateEqual": "!=",
	"lessThan": "<", "lessThanOrEqual": "<=", "greaterThan": ">", "greaterThanOrEqual": ">=",
	"dateLessThan": "<", "dateLessThanOrEqual": "<=", "dateGreaterThan": ">", "dateGreaterThanOrEqual": ">=",
}

// compare is one comparison of a question with a value.
func (r *formio) compare(p conditionPart, from *question) (any, bool) {
	t, v, ok := r.look(p.Component, from)
	if !ok {
		return nil, false
	}
	operator := p.Operator
	switch operator {
	case "isEmpty":
		return logic("==", v, nil), true
	case "isNotEmpty":
		return logic("!=", v, nil), true
	}
	to, ok := t.operand(p.Value)
	if !ok {
		return nil, false
	}
	words, isText := to.(string)
	if t.Kind == eforms.Checkboxes {
		switch operator {
		case "isEqual", "includes":
			return logic("in", to, v), true
		case "isNotEqual", "notIncludes":
			return not(logic("in", to, v)), true
		}
		return nil, false
	}
	if same, ok := compared[operator]; ok {
		if ordered := same != "==" && same != "!="; ordered && isText && !t.dated() {
			return nil, false
		}
		return logic(same, v, to), true
	}
	n := len([]rune(words))
	switch {
	case !isText:
	case operator == "includes":
		return logic("in", to, v), true
	case operator == "notIncludes":
		return not(logic("in", to, v)), true
	case operator == "startsWith":
		return logic("==", logic("substr", v, 0, n), to), true
	case operator == "endsWith":
		return logic("==", logic("substr", v, -n), to), true
	}
	return nil, false
}

func (q *question) dated() bool { return q.Kind == eforms.Date || q.Kind == eforms.NearDate }

// operand is a value as logic sees the answers of that question.
func (q *question) operand(v any) (any, bool) {
	s := wordOf(v)
	switch q.Kind {
	case eforms.Radios, eforms.Select, eforms.Checkboxes:
		return q.value(s)
	case eforms.YesNo, eforms.Declaration:
		return s == "true", s == "true" || s == "false"
	case eforms.Integer, eforms.Decimal, eforms.Money:
		f, err := strconv.ParseFloat(s, 64)
		a := amount(f)
		b := bound(&a, eforms.Decimal)
		if err != nil || b == nil {
			return nil, false
		}
		return *b, true
	case eforms.Date, eforms.NearDate:
		if len(s) < len(time.DateOnly) {
			return nil, false
		}
		day := s[:len(time.DateOnly)]
		_, err := time.Parse(time.DateOnly, day)
		return day, err == nil
	case eforms.TextKind, eforms.LongText, eforms.Email:
		s = plain(s)
		return s, s != "" && len(s) <= longestWord
	}
	return nil, false
}

// operators are those of JsonLogic that stand for themselves in both.
var operators = []string{"if", "?:", "and", "or", "!", "!!", "==", "===", "!=", "!==", "<", "<=", ">", ">=", "+", "-", "*", "min", "max", "in"}

// rewritten is JsonLogic with our names.
func (r *formio) rewritten(v any, from *question, deep int) (any, bool) {
	const deepest = 14
	switch v := v.(type) {
	case map[string]any:
		if len(v) != 1 || deep > deepest {
			return nil, false
		}
		for operator, operands := range v {
			if operator == "var" {
				return r.variable(operands, from)
			}
			if !slices.Contains(operators, operator) {
				return nil, false
			}
			return r.operation(operator, operands, from, deep)
		}
	case string:
		v = plain(v)
		return v, len(v) <= longestWord
	case bool, float64:
		a := amount(0)
		if f, ok := v.(float64); ok {
			a = amount(f)
		}
		return v, bound(&a, eforms.Decimal) != nil
	}
	return nil, false
}

func (r *formio) variable(name any, from *question) (any, bool) {
	if list, ok := name.([]any); ok && len(list) == 1 {
		name = list[0]
	}
	_, v, ok := r.look(wordOf(name), from)
	return v, ok
}

// operation rewrites operands; what a choice is compared with is called as its options are.
func (r *formio) operation(operator string, operands any, from *question, deep int) (any, bool) {
	list, several := operands.([]any)
	if !several {
		list = []any{operands}
	}
	if len(list) == 0 || len(list) > 20 {
		return nil, false
	}
	var beside *taken
	for _, o := range list {
		if m, ok := o.(map[string]any); ok && len(m) == 1 && m["var"] != nil {
			if t, _, ok := r.look(wordOf(m["var"]), from); ok && len(t.Options) > 0 {
				beside = t
			}
		}
	}
	var out []any
	for _, o := range list {
		_, isWord := o.(string)
		if beside != nil && isWord {
			to, ok := beside.value(wordOf(o))
			if !ok {
				return nil, false
			}
			out = append(out, to)
			continue
		}
		e, ok := r.rewritten(o, from, deep+1)
		if !ok {
			return nil, false
		}
		out = append(out, e)
	}
	return map[string]any{operator: out}, true
}
