package eforms

import (
	"strings"
	"unicode/utf8"

	"motcua/locales"
)

// addressKind is an address in two tiers, as they have been since 1/7/2025 (province,
// commune), with house and street, and perhaps the address as it was before.
func addressKind() *behaviour {
	return &behaviour{
		controls: []string{"province", "commune", "detail", "old", "where", "country", "line1", "line2", "line3", "line4"},
		enters:   true,
		read:     readAddress,
		value: func(_ asked, answer any) any {
			if m, ok := answer.(map[string]any); ok && !blank(m) {
				return m
			}
			return nil
		},
		check: checkAddress,
		say:   sayAddress,
		draw:  drawAddress,
		fill:  fillAddress,
	}
}

func readAddress(b sent, a asked) any {
	if a.q.Abroad && b.get(a.name+".where") == "abroad" {
		return readAbroad(b, a)
	}
	lists := a.s.run.Lists
	m := map[string]any{}
	if o := find(lists[Provinces], b.get(a.name+".province")); o != nil {
		m["province"] = o.Value
	}
	if o := find(lists[Communes], b.get(a.name+".commune")); o != nil && o.Parent == m["province"] {
		m["commune"] = o.Value
	}
	if s := collapse(clean(b.get(a.name+".detail"), false)); s != "" && a.q.Detail != "none" {
		m["detail"] = s
	}
	if s := collapse(clean(b.get(a.name+".old"), false)); s != "" && a.q.OldAddress {
		m["old"] = s
	}
	if len(m) == 0 {
		return ""
	}
	return m
}

func checkAddress(a asked, answer any) *complaint {
	if abroad(answer) && a.q.Abroad {
		return checkAbroad(a, answer)
	}
	lists := a.s.run.Lists
	province := find(lists[Provinces], part(answer, "province"))
	if province == nil {
		return &complaint{"province", message("province", locales.T("label", a.q.inside()))}
	}
	if o := find(lists[Communes], part(answer, "commune")); o == nil || o.Parent != province.Value {
		c := a.chooseCommune(province.Value)
		c.part = "commune"
		return c
	}
	const longest = 200
	for _, p := range []string{"detail", "old"} {
		if n := utf8.RuneCountInString(part(answer, p)); n > longest {
			return &complaint{p, message("too_long", locales.T("label", say("eforms.label."+p)), locales.N("max", longest), locales.N("n", int64(n)))}
		}
	}
	if part(answer, "detail") == "" && (a.q.Detail == "" || a.q.Detail == "required") {
		return &complaint{"detail", message("enter", locales.T("label", each(say("eforms.label.detail"), lowerFirst)))}
	}
	return nil
}

func sayAddress(a asked, answer any) locales.Text {
	if abroad(answer) {
		return sayAbroad(a, answer)
	}
	lists := a.s.run.Lists
	commune, province := find(lists[Communes], part(answer, "commune")), find(lists[Provinces], part(answer, "province"))
	in := func(l locales.Lang) string {
		var parts []string
		if s := part(answer, "detail"); s != "" {
			parts = append(parts, s)
		}
		for _, o := range []*Option{commune, province} {
			if o != nil {
				s, _ := o.Label.In(l)
				parts = append(parts, s)
			}
		}
		if written := part(answer, "text"); written != "" && (commune == nil || province == nil) {
			parts = []string{written}
		}
		s := strings.Join(parts, ", ")
		if old := part(answer, "old"); old != "" {
			before, _ := locales.Say(l, locales.M("eforms.formerly", locales.S("address", old)))
			s += " " + before
		}
		return strings.TrimSpace(s)
	}
	return locales.Text{VI: in(locales.VI), EN: in(locales.EN), KM: in(locales.KM)}
}

func drawAddress(a asked, answer any, f *Field) {
	if a.q.Abroad && a.drawAbroad(answer, f) {
		return
	}
	lists := a.s.run.Lists
	province := part(answer, "province")
	control := func(name string, choices []Choice) Part {
		p := Part{
			ID: a.name + "." + name, Name: a.name + "." + name, Part: name, Label: say("eforms.label." + name),
			Value: part(answer, name), Choices: choices,
		}
		if a.q.Autofill != "" {
			p.Autocomplete = map[string]string{"province": "address-level1", "commune": "address-level2", "detail": "street-address"}[name]
		}
		return p
	}
	f.Parts = append(f.Parts, control("province", selectable(lists[Provinces], "", province)))
	f.Choose = a.name
	if province != "" {
		f.Parts = append(f.Parts, control("commune", selectable(lists[Communes], province, part(answer, "commune"))))
	}
	if a.q.Detail != "none" {
		detail := control("detail", nil)
		detail.Hint, detail.Optional = say("eforms.hint.detail"), a.q.Detail == "optional"
		f.Parts = append(f.Parts, detail)
	}
	if a.q.OldAddress {
		old := control("old", nil)
		old.Hint, old.Optional = say("eforms.hint.old"), true
		f.Parts = append(f.Parts, old)
	}
}

// selectable are the options of a select, those of one parent when one is named.
func selectable(options []Option, parent, chosen string) []Choice {
	out := []Choice{}
	for _, o := range options {
		if parent == "" || o.Parent == parent {
			out = append(out, Choice{Value: o.Value, Label: o.Label, Hint: o.Hint, Checked: o.Value == chosen})
		}
	}
	return out
}

// fillAddress puts together what a register says of an address: name.province, .commune,
// .detail and .text, or name itself as the whole text.
func fillAddress(a asked, name string) any {
	m := map[string]any{}
	for _, p := range []string{"province", "commune", "detail", "text"} {
		if f := a.s.facts[name+"."+p]; f != nil && text(f.Value) != "" {
			m[p] = text(f.Value)
		}
	}
	if f := a.s.facts[name]; f != nil {
		switch v := f.Value.(type) {
		case string:
			if _, given := m["text"]; !given && v != "" {
				m["text"] = v
			}
		case map[string]any:
			for _, p := range []string{"province", "commune", "detail", "text"} {
				if s := text(v[p]); s != "" {
					m[p] = s
				}
			}
		}
	}
	if text(m["province"]) == "" && !a.q.Locked {
		delete(m, "text") // nothing that could be edited
	}
	if len(m) == 0 {
		return nil
	}
	return m
}
