package eforms

import (
	"slices"
	"strings"

	"motcua/locales"
)

// An address on a paper from before 1/7/2025 stands beside the new one, as that paper has
// it. What its commune or province has become is proposed where the portal knows it, and
// taken over only when the person chooses it: one that was divided has several.

// oldLines are the lines of an address as an old paper has it.
var oldLines = []string{"old_commune", "old_district", "old_province"}

// unchanged is the answer to a proposal: none of these.
const unchanged = "none"

func (a asked) readOld(b sent, m map[string]any) {
	for _, p := range append([]string{"old"}, oldLines...) {
		if s := b.line(a.name + "." + p); s != "" {
			m[p] = s
		}
	}
	found := a.oldUnits(m)
	if len(found) == 1 && found[0].Value != "" && part(m, "old_commune") != "" {
		m["old_code"] = strings.Clone(found[0].Value)
	}
	switch became := b.get(a.name + ".became"); {
	case len(found) == 0 || became == "":
	case became == unchanged:
		if len(a.proposals(m)) > 0 {
			m["became"] = unchanged
		}
	default:
		a.become(found, became, m)
	}
}

// become takes a proposal over.
func (a asked) become(found []*Option, code string, m map[string]any) {
	lists := a.s.run.Lists
	if !slices.ContainsFunc(found, func(o *Option) bool { return slices.Contains(o.Became, code) }) {
		return
	}
	if o := find(lists[Communes], code); o != nil {
		m["province"], m["commune"] = o.Parent, o.Value
		delete(m, "other")
		delete(m, "find")
		delete(m, "text")
	} else if o := find(lists[Provinces], code); o != nil && m["province"] != o.Value {
		m["province"] = o.Value
		delete(m, "commune")
		delete(m, "text")
	}
}

// oldUnits are the units of before that the lines of an old paper may mean: communes when
// one is named, else the province.
func (a asked) oldUnits(m any) []*Option {
	if blank(part(m, "old_commune")) && blank(part(m, "old_province")) {
		return nil
	}
	name, within := part(m, "old_commune"), []string{part(m, "old_district"), part(m, "old_province")}
	if name == "" {
		name, within = part(m, "old_province"), nil
	}
	var out []*Option
	units := a.s.run.Lists[OldUnits]
	for i := range units {
		o := &units[i]
		if (o.Parent == "") == (within == nil) && namedSo(o.Label.VI, name) &&
			!slices.ContainsFunc(within, func(w string) bool { return !strings.Contains(fold(o.Parent), bareName(w)) }) {
			out = append(out, o)
		}
	}
	return out
}

// tiers are the words before a unit's own name, folded, the longer first.
var tiers = []string{"thi tran ", "thi xa ", "thanh pho ", "dac khu ", "phuong ", "huyen ", "quan ", "tinh ", "xa ", "tp. ", "tp ", "tx. ", "tx ", "tt. ", "tt ", "p. ", "q. ", "h. ", "x. "}

// bareName is a unit's own name, folded: "TP. Phú Quốc" and "Phú Quốc" are one.
func bareName(s string) string {
	s = fold(s)
	for _, t := range tiers {
		if rest, ok := strings.CutPrefix(s, t); ok {
			return strings.TrimSpace(rest)
		}
	}
	return s
}

// namedSo says whether the words mean the unit: with its tier only that one, else any.
func namedSo(unit, typed string) bool {
	return fold(unit) == fold(typed) || bareName(typed) == fold(typed) && bareName(unit) == fold(typed)
}

// oldWords are the lines of an old paper in one.
func oldWords(answer any) string {
	var parts []string
	for _, p := range append([]string{"old"}, oldLines...) {
		if s := part(answer, p); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// drawOld draws the lines folded away, and what the old units have become when the address
// says something else so far.
func (a asked) drawOld(answer any, f *Field) {
	lines := slices.Clone(oldLines)
	if part(answer, "old") != "" {
		lines = append([]string{"old"}, lines...) // from when it was one line
	}
	proposals := a.proposals(answer)
	for i, p := range lines {
		line := a.addressPart(answer, p)
		line.Optional = true
		if i == 0 {
			line.Fold, line.Open = say("eforms.fold.old"), oldWords(answer) != ""
			line.Intro = say("eforms.hint.old")
		}
		f.Parts = append(f.Parts, line)
	}
	if len(proposals) > 0 {
		became := a.addressPart(answer, "became")
		became.Choices = proposals
		f.Parts = append(f.Parts, became)
	}
	last := &f.Parts[len(f.Parts)-1]
	last.Last, last.Propose = true, true
}

func (a asked) proposals(answer any) []Choice {
	lists := a.s.run.Lists
	var out []Choice
	add := func(value string, label, hint locales.Text) {
		name := a.name + ".became"
		out = append(out, Choice{ID: choiceID(name, len(out)), Value: value, Label: label, Hint: hint, Checked: value == unchanged && part(answer, "became") == unchanged})
	}
	seen := map[string]bool{}
	for _, old := range a.oldUnits(answer) {
		hint := old.Label
		if old.Parent != "" {
			hint = same(old.Label.VI + ", " + old.Parent)
		}
		for _, code := range old.Became {
			commune, province := find(lists[Communes], code), find(lists[Provinces], code)
			switch {
			case seen[code]:
			case code == part(answer, "commune") || province != nil && code == part(answer, "province"):
				return nil // it says so already
			case commune != nil:
				label := commune.Label
				if p := find(lists[Provinces], commune.Parent); p != nil {
					label = joinedNames(commune.Label, p.Label)
				}
				add(code, label, hint)
			case province != nil:
				add(code, province.Label, hint)
			}
			seen[code] = true
		}
	}
	if len(out) > 0 {
		add(unchanged, say("eforms.became.none"), locales.Text{})
	}
	return out
}

func joinedNames(inner, outer locales.Text) locales.Text {
	in := func(l locales.Lang) string {
		a, _ := inner.In(l)
		b, _ := outer.In(l)
		return a + ", " + b
	}
	return locales.Text{VI: in(locales.VI), EN: in(locales.EN)}
}
