package eforms

import (
	"strings"
	"unicode/utf8"

	"motcua/locales"
)

// abroadLines are the free lines of an address in another country.
var abroadLines = []string{"line1", "line2", "line3", "line4"}

// abroad says whether an address is one in another country.
func abroad(answer any) bool {
	m, _ := answer.(map[string]any)
	if text(m["where"]) == "abroad" || text(m["country"]) != "" {
		return true
	}
	for _, l := range abroadLines {
		if text(m[l]) != "" {
			return true
		}
	}
	return false
}

// readAbroad keeps "where" only while nothing else says that the address is abroad.
func readAbroad(b sent, a asked) any {
	m := map[string]any{}
	if o := find(a.s.run.list(countries), b.get(a.name+".country")); o != nil {
		m["country"] = o.Value
	}
	for _, l := range abroadLines {
		if s := collapse(clean(b.get(a.name+"."+l), false)); s != "" {
			m[l] = s
		}
	}
	if len(m) == 0 {
		m["where"] = "abroad"
	}
	return m
}

func checkAbroad(a asked, answer any) *complaint {
	if find(a.s.run.list(countries), part(answer, "country")) == nil {
		return &complaint{"country", message("country", locales.T("label", a.q.inside()))}
	}
	if part(answer, "line1") == "" && (a.q.Detail == "" || a.q.Detail == "required") {
		return &complaint{"line1", message("enter", locales.T("label", each(say("eforms.label.line1"), lowerFirst)))}
	}
	const longest = 200
	for _, l := range abroadLines {
		if n := utf8.RuneCountInString(part(answer, l)); n > longest {
			return &complaint{l, message("too_long", locales.T("label", say("eforms.label."+l)), locales.N("max", longest), locales.N("n", int64(n)))}
		}
	}
	return nil
}

func sayAbroad(a asked, answer any) locales.Text {
	in := func(lang locales.Lang) string {
		var parts []string
		for _, l := range abroadLines {
			if s := part(answer, l); s != "" {
				parts = append(parts, s)
			}
		}
		if o := find(a.s.run.list(countries), part(answer, "country")); o != nil {
			s, _ := o.Label.In(lang)
			parts = append(parts, s)
		}
		return strings.Join(parts, ", ")
	}
	t := locales.Text{VI: in(locales.VI), EN: in(locales.EN), KM: in(locales.KM)}
	if t.VI == "" {
		return say("eforms.abroad")
	}
	return t
}

// drawAbroad draws the choice between here and abroad, and the rest of an address abroad;
// false means that the rest is to be drawn as one here.
func (a asked) drawAbroad(answer any, f *Field) bool {
	elsewhere := abroad(answer)
	control := func(name string) Part {
		return Part{ID: a.name + "." + name, Name: a.name + "." + name, Part: name, Label: say("eforms.label." + name), Value: part(answer, name)}
	}
	where := control("where")
	where.Choices = []Choice{
		{ID: where.ID, Value: "vn", Label: say("eforms.in_vietnam"), Checked: !elsewhere && !blank(answer)},
		{ID: choiceID(where.ID, 1), Value: "abroad", Label: say("eforms.abroad"), Checked: elsewhere},
	}
	for _, c := range where.Choices {
		if c.Checked {
			where.Value = c.Value
		}
	}
	f.Parts, f.Choose = append(f.Parts, where), a.name
	if !elsewhere {
		return false
	}
	country := control("country")
	country.Choices = selectable(a.s.run.list(countries), "", country.Value)
	f.Parts = append(f.Parts, country)
	for i, l := range abroadLines {
		line := control(l)
		line.Optional = i > 0 || a.q.Detail == "optional" || a.q.Detail == "none"
		f.Parts = append(f.Parts, line)
	}
	return true
}

// list is a list of the form, or one that the portal gives.
func (r *Run) list(name string) []Option {
	if options := r.Form.Lists[name]; options != nil {
		return options
	}
	return r.Lists[name]
}
