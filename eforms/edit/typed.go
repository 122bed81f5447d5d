package edit

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// Typed is a sentence as it stands in the fields of its page, right or not.
type Typed struct {
	Any  bool
	Rows []TypedRow
}

// TypedRow is one clause of it.
type TypedRow struct {
	Var, Op, Value, Other string
}

// Typed shows a sentence in fields.
func (d *Doc) Typed(pointer string, s Sentence) Typed {
	t := Typed{Any: s.Any}
	vars := d.Vars(pointer)
	for _, c := range s.Clauses {
		v := varNamed(vars, c.Var)
		row := TypedRow{Var: c.Var, Op: string(c.Op), Other: c.Other}
		for _, value := range c.Values {
			row.Value = strings.TrimPrefix(row.Value+", "+v.shown(value), ", ")
		}
		if c.Value != nil {
			row.Value = v.shown(c.Value)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// varNamed is a variable by its name; one that the form does not have is only a name.
func varNamed(vars []Var, name string) Var {
	if i := slices.IndexFunc(vars, func(v Var) bool { return v.Name == name }); i >= 0 {
		return vars[i]
	}
	return Var{Name: name}
}

// shown is a value as an editor types it.
func (v Var) shown(n *Node) string {
	switch {
	case n.IsText() && v.isDay():
		return day(n.Str())
	case n.IsText():
		return n.Str()
	}
	return n.Raw()
}

// isDay says whether what it gives is a day.
func (v Var) isDay() bool {
	return v.Part == "" && slices.Contains([]string{"date", "near_date", "date_or_year"}, v.Kind) || slices.Contains([]string{"from", "to", "birth_date", "today"}, v.Part)
}

// Sentence reads the fields. Rows without a question are none.
func (d *Doc) Sentence(pointer string, t Typed) (Sentence, []Fault) {
	s := Sentence{Any: t.Any}
	var faults []Fault
	vars := d.Vars(pointer)
	for i, row := range t.Rows {
		if row.Var == "" {
			continue
		}
		c, f := d.typedClause(pointer, vars, row)
		if f != nil {
			f.Field = f.Field + "-" + strconv.Itoa(i+1)
			faults = append(faults, *f)
		}
		s.Clauses = append(s.Clauses, c)
	}
	return s, faults
}

func (d *Doc) typedClause(pointer string, vars []Var, row TypedRow) (Clause, *Fault) {
	c := Clause{Var: row.Var, Op: Op(row.Op)}
	if !slices.Contains(Ops, c.Op) {
		return c, refuse("phep", "no_op")
	}
	v := varNamed(vars, row.Var)
	typed := strings.TrimSpace(norm.NFC.String(row.Value))
	switch {
	case c.Op.Bare():
		return c, nil
	case row.Other != "" && !c.Op.Several():
		c.Other = row.Other
		return c, nil
	case typed == "":
		return c, refuse("gia-tri", "no_value")
	case c.Op.Several():
		for _, one := range strings.Split(typed, ",") {
			value, f := d.literal(pointer, v, strings.TrimSpace(one))
			if f != nil {
				return c, f
			}
			c.Values = append(c.Values, value)
		}
		return c, nil
	}
	var f *Fault
	c.Value, f = d.literal(pointer, v, typed)
	return c, f
}

// literal is a value as the kind of the question has it: an option by its value or its
// label, a number, a day, yes or no.
func (d *Doc) literal(pointer string, v Var, typed string) (*Node, *Fault) {
	if options := d.OptionsOf(pointer, v.Name); len(options) > 0 {
		for _, o := range options {
			if o.Value == typed || strings.EqualFold(o.Label.VI, typed) || strings.EqualFold(o.Label.EN, typed) {
				return scalar(o.Value), nil
			}
		}
		return nil, refuse("gia-tri", "no_option", locales.S("value", typed))
	}
	switch {
	case v.Numeric():
		number := strings.ReplaceAll(typed, ",", ".")
		if !isNumber(number) {
			return nil, refuse("gia-tri", "number")
		}
		return &Node{raw: number}, nil
	case v.Kind == "yesno":
		if typed == "true" || typed == "false" {
			return scalar(typed == "true"), nil
		}
		return nil, refuse("gia-tri", "yes_no")
	case v.isDay():
		return dayOf(typed)
	}
	return scalar(typed), nil
}

// dayOf reads a day as people write it, or a year.
func dayOf(typed string) (*Node, *Fault) {
	for _, form := range []string{"2/1/2006", time.DateOnly} {
		if at, err := time.Parse(form, typed); err == nil {
			return scalar(at.Format(time.DateOnly)), nil
		}
	}
	if len(typed) == 4 && index(typed) > 0 {
		return scalar(typed), nil
	}
	return nil, refuse("gia-tri", "day")
}

// TypedCalc is a computed value as it stands in the fields of its page.
type TypedCalc struct {
	Op   string
	Rows []string // names of variables, or numbers
}

// Typed shows a computation in fields.
func (c Calc) Typed() TypedCalc {
	t := TypedCalc{Op: c.Op}
	for _, o := range c.Operands {
		if o.Var != "" {
			t.Rows = append(t.Rows, o.Var)
		} else {
			t.Rows = append(t.Rows, o.Number.raw)
		}
	}
	return t
}

// Calc reads the fields.
func (d *Doc) Calc(t TypedCalc) (Calc, *Fault) {
	c := Calc{Op: t.Op}
	if !slices.Contains(Calcs, t.Op) {
		return c, refuse("phep", "no_op")
	}
	for _, row := range t.Rows {
		row = strings.TrimSpace(row)
		number := strings.ReplaceAll(row, ",", ".")
		switch {
		case row == "":
		case isNumber(number):
			c.Operands = append(c.Operands, Operand{Number: &Node{raw: number}})
		default:
			c.Operands = append(c.Operands, Operand{Var: row})
		}
	}
	n := len(c.Operands)
	switch {
	case n == 0 || (t.Op == "difference" && n != 2):
		return c, refuse("so-1", "operands")
	case (t.Op == "count" || t.Op == "total") && (n != 1 || c.Operands[0].Var == ""):
		return c, refuse("so-1", "one_operand")
	case t.Op == "total" && !strings.Contains(c.Operands[0].Var, "."), t.Op == "count" && strings.Contains(c.Operands[0].Var, "."):
		return c, refuse("so-1", "one_operand")
	}
	return c, nil
}
