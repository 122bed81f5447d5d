package eforms

import (
	"strconv"
	"strings"

	"motcua/locales"
)

// none is the value of "none of these".
const none = "none"

// other is the value of "not in the list", where the definition has words for it.
const other = "other"

// choices are all options that a question may have, offered now or not.
func (a asked) choices() []Option {
	if a.q.options != nil {
		return a.q.options
	}
	return a.s.run.Lists[a.q.List]
}

// offers says whether an option can be chosen now.
func (a asked) offers(o *Option) bool {
	if o.show != nil && !a.s.holds(o.show, a.row) {
		return false
	}
	if a.q.Within == "" {
		return true
	}
	parent, ok := a.sibling(a.q.Within)
	chosen := ""
	if ok {
		chosen = text(parent.cell().answer)
	}
	if o.Value == other && !a.q.Other.Empty() {
		return chosen != ""
	}
	return ok && o.Parent == chosen
}

// option is the one with that value, also the one for what the list does not have.
func (a asked) option(value string) *Option {
	if value == other && !a.q.Other.Empty() {
		return &Option{Value: other, Label: a.q.Other}
	}
	return find(a.choices(), value)
}

// find returns the option with that value, or nil.
func find(options []Option, value string) *Option {
	for i := range options {
		if options[i].Value == value {
			return &options[i]
		}
	}
	return nil
}

// choiceKind is one of a list: radios or a select.
func choiceKind() *behaviour {
	return &behaviour{
		read: func(b sent, a asked) any {
			value := b.get(a.name)
			if a.option(value) == nil {
				return "" // no one types an option: what is not in the list is no answer
			}
			return strings.Clone(value)
		},
		value: func(a asked, answer any) any {
			if o := a.option(text(answer)); o != nil && a.offers(o) {
				return o.Value
			}
			return nil
		},
		check: func(a asked, answer any) *complaint {
			if o := a.option(text(answer)); o == nil || !a.offers(o) {
				return a.choose()
			}
			return nil
		},
		say: func(a asked, answer any) locales.Text {
			if o := a.option(text(answer)); o != nil {
				return o.Label
			}
			return same(text(answer))
		},
		draw: func(a asked, answer any, f *Field) {
			f.Value = text(answer)
			f.Choices = a.draw(func(value string) bool { return value == f.Value })
			if a.q.Within != "" {
				f.Choose = a.name
			}
		},
		fill: func(a asked, name string) any {
			fact := a.s.facts[name]
			if fact == nil {
				return nil
			}
			return matching(a.choices(), factText(fact.Value))
		},
	}
}

// choose is the fault of a choice that is not made, or not one of those offered.
func (a asked) choose() *complaint {
	if a.q.List == Communes && a.q.Within != "" {
		if parent, ok := a.sibling(a.q.Within); ok {
			return a.chooseCommune(text(parent.cell().answer))
		}
	}
	return &complaint{message: message("choose", locales.T("label", a.q.inside()))}
}

func (a asked) chooseCommune(province string) *complaint {
	if o := find(a.s.run.Lists[Provinces], province); o != nil {
		return &complaint{message: message("commune", locales.T("province", o.Label))}
	}
	return &complaint{message: message("commune_any")}
}

// matching is the value of the option that a register means: by value, by what the option
// says it is called there, or by its Vietnamese label.
func matching(options []Option, said string) any {
	if said == "" {
		return nil
	}
	for _, o := range options {
		if o.Value == said || strings.EqualFold(o.Label.VI, said) {
			return o.Value
		}
		for _, s := range o.Same {
			if strings.EqualFold(s, said) {
				return o.Value
			}
		}
	}
	return nil
}

// draw makes the controls of the options offered; the first has the question's own id, so
// that a fault's link goes there.
func (a asked) draw(checked func(value string) bool) []Choice {
	var out []Choice
	options := a.choices()
	for i := range options {
		o := &options[i]
		if !a.offers(o) {
			continue
		}
		out = append(out, Choice{ID: choiceID(a.name, len(out)), Value: o.Value, Label: o.Label, Hint: o.Hint, Checked: checked(o.Value)})
	}
	if o := a.option(other); o != nil && !a.q.Other.Empty() && a.offers(o) {
		out = append(out, Choice{ID: choiceID(a.name, len(out)), Value: o.Value, Label: o.Label, Checked: checked(o.Value)})
	}
	return out
}

func choiceID(name string, i int) string {
	if i == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(i+1)
}

func yesNoKind() *behaviour {
	return &behaviour{
		read: func(b sent, a asked) any {
			switch b.get(a.name) {
			case "yes":
				return true
			case "no":
				return false
			}
			return ""
		},
		value: func(_ asked, answer any) any {
			if yes, ok := answer.(bool); ok {
				return yes
			}
			return nil
		},
		check: func(a asked, answer any) *complaint {
			if _, ok := answer.(bool); !ok {
				return a.choose()
			}
			return nil
		},
		say: func(_ asked, answer any) locales.Text {
			yes, ok := answer.(bool)
			switch {
			case !ok:
				return locales.Text{}
			case yes:
				return say("eforms.yes")
			}
			return say("eforms.no")
		},
		draw: func(a asked, answer any, f *Field) {
			yes, answered := answer.(bool)
			f.Choices = []Choice{
				{ID: a.name, Value: "yes", Label: say("eforms.yes"), Checked: answered && yes},
				{ID: choiceID(a.name, 1), Value: "no", Label: say("eforms.no"), Checked: answered && !yes},
			}
		},
	}
}

// checkboxesKind is any number of a list, or "none of these".
func checkboxesKind() *behaviour {
	return &behaviour{
		ticks: true,
		read: func(b sent, a asked) any {
			out := []any{}
			for _, o := range a.choices() {
				if b.has(a.name, o.Value) {
					out = append(out, o.Value)
				}
			}
			if !a.q.None.Empty() && b.has(a.name, none) {
				out = append(out, none)
			}
			return out
		},
		value: func(a asked, answer any) any {
			chosen := []any{}
			for _, v := range members(answer) {
				if o := find(a.choices(), v); o != nil && a.offers(o) {
					chosen = append(chosen, v)
				}
			}
			if len(chosen) == 0 && len(members(answer)) == 0 {
				return nil
			}
			return chosen
		},
		check: func(a asked, answer any) *complaint {
			chosen := members(answer)
			for _, v := range chosen {
				if o := find(a.choices(), v); (o == nil || !a.offers(o)) && (v != none || a.q.None.Empty()) {
					return a.choose()
				}
				if v == none && len(chosen) > 1 {
					return &complaint{message: message("none_or", locales.T("none", a.q.None))}
				}
			}
			return nil
		},
		say: sayMembers,
		draw: func(a asked, answer any, f *Field) {
			chosen := map[string]bool{}
			for _, v := range members(answer) {
				chosen[v] = true
			}
			f.Choices = a.draw(func(value string) bool { return chosen[value] })
			if !a.q.None.Empty() {
				f.Choices = append(f.Choices, Choice{
					ID: choiceID(a.name, len(f.Choices)), Value: none, Label: a.q.None, Checked: chosen[none], None: true,
				})
			}
		},
	}
}

// members are the strings of a list.
func members(answer any) []string {
	list, _ := answer.([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func sayMembers(a asked, answer any) locales.Text {
	var vi, en, km []string
	for _, v := range members(answer) {
		label := same(v)
		if o := find(a.choices(), v); o != nil {
			label = o.Label
		} else if v == none {
			label = a.q.None
		}
		add := func(to []string, l locales.Lang) []string {
			s, _ := label.In(l)
			return append(to, s)
		}
		vi, en, km = add(vi, locales.VI), add(en, locales.EN), add(km, locales.KM)
	}
	const sep = "; "
	return locales.Text{VI: strings.Join(vi, sep), EN: strings.Join(en, sep), KM: strings.Join(km, sep)}
}
