package edit

import (
	"slices"
	"strings"

	"motcua/locales"
)

// Var is something that logic may look at.
type Var struct {
	Name  string // as logic writes it
	Label locales.Text
	Part  string // of the answer: age, province …; "" for the whole
	Kind  string // of the question; "" for what is none
	Group bool   // the rows of a group
}

// Words are what people know it by.
func (v Var) Words() locales.Message {
	switch {
	case v.Label.Empty():
		return locales.M("builder.var." + v.Part)
	case v.Part != "":
		return locales.M("builder.part."+v.Part, locales.T("label", v.Label))
	}
	return locales.M("builder.var", locales.T("label", v.Label))
}

// parts of an answer that logic may take, by the kind of the question.
var partsOf = map[string][]string{
	"date": {"age", "year", "days"}, "near_date": {"age", "year", "days"}, "date_or_year": {"age", "year"},
	"address": {"province", "commune"}, "period": {"from", "to", "days"}, "person": {"name", "birth_date", "sex", "id_number"},
	"bank_account": {"bank", "number"}, "land_parcel": {"sheet", "parcel", "area"},
}

// whole are the kinds whose answer as a whole is nothing that can be compared.
var wholeIsNothing = []string{"address", "period", "person", "bank_account", "land_parcel", "vehicle", "table", "group", "attachment", "note", "declaration"}

// Numeric says whether what it gives is a number.
func (v Var) Numeric() bool {
	switch v.Part {
	case "age", "year", "days", "area", "case_no":
		return true
	case "":
		return slices.Contains([]string{"integer", "decimal", "money", "computed"}, v.Kind)
	}
	return false
}

// Vars are the variables that the part at a pointer may look at, in the form's order. Inside
// a group the questions of the same row come first.
func (d *Doc) Vars(pointer string) []Var {
	var all []Var
	if group := d.groupAround(pointer); group != nil {
		for _, q := range group.Get("questions").Items() {
			all = append(all, varsOf(q, "row.")...)
		}
	}
	for _, p := range d.Root.Get("pages").Items() {
		for _, q := range p.Get("questions").Items() {
			all = append(all, varsOf(q, "")...)
		}
	}
	if len(d.Root.Get("cases").Items()) > 0 {
		all = append(all, Var{Name: "case", Part: "case"})
	}
	return append(all, Var{Name: "today", Part: "today"}, Var{Name: "today.days", Part: "today_days"})
}

func varsOf(q *Node, prefix string) []Var {
	id, kind := q.Get("id").Str(), q.Get("kind").Str()
	var all []Var
	if !slices.Contains(wholeIsNothing, kind) {
		all = append(all, Var{Name: prefix + id, Label: title(q), Kind: kind})
	}
	if kind == "group" {
		all = append(all, Var{Name: prefix + id, Label: title(q), Kind: kind, Group: true})
	}
	for _, part := range partsOf[kind] {
		all = append(all, Var{Name: prefix + id + "." + part, Label: title(q), Part: part, Kind: kind})
	}
	return all
}

// Totals are the numbers of groups that can be added up over their rows.
func (d *Doc) Totals() []Var {
	var all []Var
	for _, p := range d.Root.Get("pages").Items() {
		for _, g := range p.Get("questions").Items() {
			if g.Get("kind").Str() != "group" {
				continue
			}
			for _, q := range g.Get("questions").Items() {
				for _, v := range varsOf(q, g.Get("id").Str()+".") {
					if v.Numeric() && v.Part == "" {
						all = append(all, v)
					}
				}
			}
		}
	}
	return all
}

// groupAround is the group in whose rows the part at a pointer is asked, or nil.
func (d *Doc) groupAround(pointer string) *Node {
	at := d.Root
	var group *Node
	for i, name := range steps(pointer) {
		if at.IsList() {
			n := index(name)
			if n < 0 || n >= len(at.nodes) {
				return group
			}
			at = at.nodes[n]
			continue
		}
		// its own conditions are outside of its rows, what it holds is inside
		if at.Get("kind").Str() == "group" && (name == "questions" || name == "rules") && i < len(steps(pointer))-1 {
			group = at
		}
		if at = at.Get(name); at == nil {
			return group
		}
	}
	return group
}

// question is a question of the form by its id, or nil.
func (d *Doc) question(id string) *Node {
	var find func(all []*Node) *Node
	find = func(all []*Node) *Node {
		for _, q := range all {
			if q.Get("id").Str() == id {
				return q
			}
			if inner := find(q.Get("questions").Items()); inner != nil {
				return inner
			}
		}
		return nil
	}
	return find(d.Root.Get("pages").Items())
}

// Option is a value that an answer can have.
type Option struct {
	Value string
	Label locales.Text
}

// OptionsOf are the values that a variable can have, nil when it is not chosen from a list
// of the form.
func (d *Doc) OptionsOf(pointer, name string) []Option {
	var all []Option
	for _, o := range d.optionsOf(pointer, name) {
		all = append(all, Option{o.Get("value").Str(), text(o.Get("label"))})
	}
	return all
}

func (d *Doc) optionsOf(_, name string) []*Node {
	if name == "case" {
		var all []*Node
		for _, c := range d.Root.Get("cases").Items() {
			all = append(all, object("value", c.Get("id").Str(), "label", c.Get("name").clone()))
		}
		return all
	}
	q := d.question(strings.TrimPrefix(name, "row."))
	if options := q.Get("options"); options != nil {
		return options.Items()
	}
	return d.Root.Get("lists").Get(q.Get("list").Str()).Items()
}
