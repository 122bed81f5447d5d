package eforms

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"motcua/locales"
)

// addressKind is an address in two tiers, as they have been since 1/7/2025 (province,
// commune), with house and street, and perhaps as an old paper says it. A commune that the
// list does not have is written out, or kept as the register has it.
func addressKind() *behaviour {
	return &behaviour{
		controls: slices.Concat([]string{"province", "commune", "find", "other", "detail", "old", "became", "where", "country"}, abroadLines, oldLines),
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
	m := map[string]any{}
	if o := find(a.s.run.Lists[Provinces], b.get(a.name+".province")); o != nil {
		m["province"] = o.Value
	}
	a.readCommune(b, m)
	if s := b.line(a.name + ".detail"); s != "" && a.q.Detail != "none" {
		m["detail"] = s
	}
	if was := part(a.cell().answer, "detail"); was != part(m, "detail") && m["text"] != nil {
		m["text"] = strings.TrimPrefix(part(m, "text"), was+", ") // the whole address had the other house
	}
	if a.q.OldAddress {
		a.readOld(b, m)
	}
	if len(m) == 0 {
		return ""
	}
	return m
}

// line is a field's words on one line.
func (b sent) line(name string) string { return collapse(clean(b.get(name), false)) }

// readCommune takes one of the province's list; the one that a register named though the
// list does not have it; or words. Of a commune and words that contradict one another what
// has just been changed holds.
func (a asked) readCommune(b sent, m map[string]any) {
	was, sent := a.cell().answer, b.get(a.name+".commune")
	o := find(a.s.run.Lists[Communes], sent)
	switch {
	case o != nil && o.Parent == m["province"]:
		m["commune"] = o.Value
	case o == nil && sent != "" && a.registered(sent) && part(was, "commune") == sent && part(was, "province") == text(m["province"]):
		m["commune"] = sent
	}
	if m["commune"] != nil && m["commune"] == part(was, "commune") && part(was, "province") == text(m["province"]) && part(was, "text") != "" {
		m["text"] = part(was, "text")
	}
	other := b.line(a.name + ".other")
	if other != "" && m["province"] != nil && (m["commune"] == nil || m["commune"] == part(was, "commune") && other != part(was, "other")) {
		delete(m, "commune")
		delete(m, "text")
		m["other"] = other
	}
	if find := cutAt(b.line(a.name+".find"), longestPlace); find != "" && m["commune"] == nil && m["other"] == nil && a.manyCommunes(text(m["province"])) {
		m["find"] = find // until one is chosen
	}
}

// manyCommunes says whether the province has so many that they are searched by words too.
func (a asked) manyCommunes(province string) bool {
	n := 0
	for i := range a.s.run.Lists[Communes] {
		if a.s.run.Lists[Communes][i].Parent == province {
			n++
		}
	}
	return province != "" && n > searchedList
}

// The longest parts of an address.
const (
	longestDetail = 200
	longestPlace  = 100
)

func checkAddress(a asked, answer any) *complaint {
	if abroad(answer) && a.q.Abroad {
		return checkAbroad(a, answer)
	}
	lists := a.s.run.Lists
	province := find(lists[Provinces], part(answer, "province"))
	if province == nil {
		return &complaint{"province", message("province", locales.T("label", a.q.inside()))}
	}
	if o := find(lists[Communes], part(answer, "commune")); !a.elsewhere(answer) && (o == nil || o.Parent != province.Value) {
		c := a.chooseCommune(province.Value)
		c.part = "commune"
		return c
	}
	for _, p := range slices.Concat([]string{"detail", "old", "other"}, oldLines) {
		longest := longestPlace
		if p == "detail" || p == "old" {
			longest = longestDetail
		}
		if n := utf8.RuneCountInString(part(answer, p)); n > longest {
			return &complaint{p, message("too_long", locales.T("label", say("eforms.label."+p)), locales.N("max", int64(longest)), locales.N("n", int64(n)))}
		}
	}
	if part(answer, "detail") == "" && (a.q.Detail == "" || a.q.Detail == "required") {
		return &complaint{"detail", message("enter", locales.T("label", each(say("eforms.label.detail"), lowerFirst)))}
	}
	return nil
}

// elsewhere says whether the commune is one that the list does not have: written out, or
// with the words that a register gave for its code.
func (a asked) elsewhere(answer any) bool {
	if part(answer, "other") != "" {
		return true
	}
	code := part(answer, "commune")
	return code != "" && find(a.s.run.Lists[Communes], code) == nil && a.registered(code)
}

// registered says whether a register names that commune, by the facts of the question.
func (a asked) registered(commune string) bool {
	fact, _ := a.fact()
	return commune != "" && part(fact, "commune") == commune
}

func sayAddress(a asked, answer any) locales.Text {
	if abroad(answer) {
		return sayAbroad(a, answer)
	}
	lists := a.s.run.Lists
	commune, province := find(lists[Communes], part(answer, "commune")), find(lists[Provinces], part(answer, "province"))
	detail, written, other := part(answer, "detail"), part(answer, "text"), part(answer, "other")
	in := func(l locales.Lang) string {
		var parts []string
		add := func(s string) {
			if s != "" {
				parts = append(parts, s)
			}
		}
		label := func(o *Option) (s string) {
			if o != nil {
				s, _ = o.Label.In(l)
			}
			return s
		}
		switch {
		case written != "" && (commune == nil || province == nil) && other == "":
			if !strings.Contains(written, detail) {
				add(detail)
			}
			add(written)
		default:
			add(detail)
			add(other)
			if add(label(commune)); commune == nil && a.elsewhere(answer) {
				add(part(answer, "commune")) // the code says more than nothing
			}
			add(label(province))
		}
		s := strings.Join(parts, ", ")
		if old := oldWords(answer); old != "" {
			before, _ := locales.Say(l, locales.M("eforms.formerly", locales.S("address", old)))
			s += " " + before
		}
		return strings.TrimSpace(s)
	}
	return locales.Text{VI: in(locales.VI), EN: in(locales.EN), KM: in(locales.KM)}
}

func (a asked) addressPart(answer any, name string) Part {
	p := Part{ID: a.name + "." + name, Name: a.name + "." + name, Part: name, Label: say("eforms.label." + name), Value: part(answer, name)}
	if a.q.Autofill != "" {
		p.Autocomplete = map[string]string{"province": "address-level1", "commune": "address-level2", "detail": "street-address"}[name]
	}
	return p
}

func drawAddress(a asked, answer any, f *Field) {
	if a.q.Abroad && a.drawAbroad(answer, f) {
		return
	}
	province := a.addressPart(answer, "province")
	province.Choices = selectable(a.s.run.Lists[Provinces], "", province.Value)
	f.Parts, f.Choose = append(f.Parts, province), a.name
	if province.Value != "" {
		a.drawCommunes(answer, f)
	}
	if a.q.Detail != "none" {
		detail := a.addressPart(answer, "detail")
		detail.Hint, detail.Optional = say("eforms.hint.detail"), a.q.Detail == "optional"
		f.Parts = append(f.Parts, detail)
	}
	if a.q.OldAddress {
		a.drawOld(answer, f)
	}
}

// searchedList is from how many communes on a list is searched by words too.
const searchedList = 12

// drawCommunes draws the province's communes with what they were before, which is searched
// too, and room for one that the list does not have.
func (a asked) drawCommunes(answer any, f *Field) {
	commune, other := a.addressPart(answer, "commune"), a.addressPart(answer, "other")
	all := selectable(a.s.run.Lists[Communes], part(answer, "province"), commune.Value)
	for i, c := range all {
		if o := find(a.s.run.Lists[Communes], c.Value); o.Was != "" {
			all[i].Label = withBefore(o.Label, o.Was)
		}
	}
	commune.Choices = all
	if code := commune.Value; code != "" && a.elsewhere(answer) {
		commune.Choices = append(commune.Choices, Choice{Value: code, Label: same(cmp.Or(part(answer, "text"), code)), Checked: true})
	}
	if len(all) > searchedList {
		find := a.addressPart(answer, "find")
		find.Hint = say("eforms.hint.find")
		if find.Value != "" {
			commune.Choices, find.Found = a.fitting(all, find.Value)
			if find.Found == 0 {
				commune.Choices, find.Hint = all, say("eforms.hint.find_none")
			}
		}
		f.Parts = append(f.Parts, find)
	}
	f.Parts = append(f.Parts, commune)
	other.Fold, other.Open, other.Last = say("eforms.fold.other"), other.Value != "" || len(all) == 0, true
	f.Parts = append(f.Parts, other)
}

// withBefore is a commune's name with what it was: Phường X (trước đây: phường A, B).
func withBefore(name locales.Text, was string) locales.Text {
	in := func(l locales.Lang) string {
		label, _ := name.In(l)
		before, _ := locales.Say(l, locales.M("eforms.formerly", locales.S("address", was)))
		return label + " " + before
	}
	return locales.Text{VI: in(locales.VI), EN: in(locales.EN)}
}

// fitting are the choices whose names of now or before fit the words.
func (a asked) fitting(all []Choice, typed string) (found []Choice, n int) {
	want := strings.Fields(fold(typed))
	for _, c := range all {
		if name := fold(c.Label.VI + " " + c.Value); !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(name, w) }) {
			found = append(found, c)
		}
	}
	return found, len(found)
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
