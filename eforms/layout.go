package eforms

import (
	"fmt"
	"slices"
	"strings"

	"motcua/locales"
)

// Layout is a form as it stands on paper, from top to bottom: the statutory words with the
// answers in them, then every visible answer that these have no place for.
type Layout struct {
	Number locales.Text
	Title  locales.Text
	To     bool // "Kính gửi" with the receiving agency
	Parts  []LayoutPart
	Signs  []locales.Text // who signs, from left to right
}

// LayoutPart is one of: a heading, a sentence, a line of the outline.
type LayoutPart struct {
	Heading locales.Text
	Words   []LayoutWord
	Row     *Row
}

// LayoutWord is printed words, or an answer between them.
type LayoutWord struct {
	Text   locales.Text
	Answer bool
}

// Layout is the filled form on paper. Where there is no statutory layout, the pages of the
// form are its headings.
func (r *Run) Layout() Layout {
	l := layouter{form: r.Form, sections: r.Outline(), words: r.words}
	return l.layout()
}

// Blank is the form on paper to be filled by hand: every question, whether or not it would
// be asked.
func (f *Form) Blank() Layout {
	l := layouter{form: f, sections: f.blankSections(), words: func(string, []string) locales.Text { return locales.Text{} }}
	return l.layout()
}

type layouter struct {
	form     *Form
	sections []Section
	words    func(id string, path []string) locales.Text // an answer, or a part of it, in words
	placed   map[string]bool                             // whole answers by question, parts as question.part
	out      Layout
}

func (l *layouter) layout() Layout {
	l.placed = map[string]bool{}
	l.out.Title = l.form.Title
	p := l.form.Print
	if p == nil {
		l.out.To = true
		l.rest(func(s Section) locales.Text { return s.Title })
		return l.out
	}
	l.out.Number, l.out.To = p.Number, p.To
	if !p.Title.Empty() {
		l.out.Title = p.Title
	}
	for _, b := range p.Blocks {
		l.block(b)
	}
	other := say("eforms.print.other")
	l.rest(func(Section) locales.Text { return other })
	return l.out
}

func (l *layouter) block(b Block) {
	switch {
	case !b.Heading.Empty():
		l.out.Parts = append(l.out.Parts, LayoutPart{Heading: b.Heading})
	case !b.Text.Empty():
		l.out.Parts = append(l.out.Parts, LayoutPart{Words: l.sentence(b.Text.VI)})
	case b.Group != "":
		l.row(b.Group)
	case len(b.Sign) > 0:
		l.out.Signs = b.Sign
	}
	for _, id := range b.Rows {
		l.row(id)
	}
}

// sentence parts statutory words at their places. They are Vietnamese: the law gives them
// in no other language.
func (l *layouter) sentence(words string) []LayoutWord {
	var out []LayoutWord
	from := 0
	for _, m := range Placeholder.FindAllStringSubmatchIndex(words, -1) {
		if m[0] > from {
			out = append(out, LayoutWord{Text: locales.V(words[from:m[0]])})
		}
		id, path := words[m[2]:m[3]], strings.FieldsFunc(words[m[4]:m[5]], func(r rune) bool { return r == '.' })
		out = append(out, LayoutWord{Text: l.words(id, path), Answer: true})
		l.place(id, path)
		from = m[1]
	}
	if from < len(words) {
		out = append(out, LayoutWord{Text: locales.V(words[from:])})
	}
	return out
}

// place notes what a sentence holds of an answer. One of which a part is missing is added
// below as a whole.
func (l *layouter) place(id string, path []string) {
	if len(path) == 0 {
		l.placed[id] = true
		return
	}
	l.placed[id+"."+path[0]] = true
	q := l.form.byID[id]
	if q == nil {
		return
	}
	parts := q.wholeParts()
	l.placed[id] = l.placed[id] || len(parts) > 0 && !slices.ContainsFunc(parts, func(part string) bool { return !l.placed[id+"."+part] })
}

// wholeParts are the parts that together say all of an answer.
func (q *Question) wholeParts() []string {
	switch q.Kind {
	case Date, NearDate, DateOrYear:
		return []string{"day", "month", "year"}
	case Address:
		if q.Detail == "none" {
			return []string{"province", "commune"}
		}
		return []string{"province", "commune", "detail"}
	}
	return nil
}

// row places a line of the outline, when the question is asked.
func (l *layouter) row(id string) {
	for _, s := range l.sections {
		if i := slices.IndexFunc(s.Rows, func(r Row) bool { return r.ID == id }); i >= 0 {
			l.placed[id] = true
			l.out.Parts = append(l.out.Parts, LayoutPart{Row: &s.Rows[i]})
		}
	}
}

// rest places the lines that have no place yet, under headings that are not repeated.
func (l *layouter) rest(heading func(Section) locales.Text) {
	var last locales.Text
	for _, s := range l.sections {
		for i, r := range s.Rows {
			if l.placed[r.ID] {
				continue
			}
			if h := heading(s); h != last {
				l.out.Parts, last = append(l.out.Parts, LayoutPart{Heading: h}), h
			}
			l.out.Parts = append(l.out.Parts, LayoutPart{Row: &s.Rows[i]})
		}
	}
}

// words is an answer in words, or the part of it that a statutory sentence has a place for.
func (r *Run) words(id string, path []string) locales.Text {
	s := r.state()
	if id == "today" {
		return locales.V(dayText(path, dayOf(r.Today).iso()))
	}
	q := r.Form.byID[id]
	if q == nil || !s.cells[q.seq].shown || blank(s.cells[q.seq].answer) {
		return locales.Text{}
	}
	a := asked{s: s, q: q, name: q.ID}
	if len(path) == 0 {
		return a.outline().Value
	}
	return a.partInWords(path)
}

// partInWords is a part of an answer as a sentence has a place for it: the day of a date,
// the commune of an address, the name of a person.
func (a asked) partInWords(path []string) locales.Text {
	answer := a.cell().answer
	name := path[0]
	switch a.q.Kind {
	case Date, NearDate, DateOrYear:
		return locales.V(dayText(path, answer))
	case Address:
		if list := map[string]string{"province": Provinces, "commune": Communes}[name]; list != "" {
			if o := find(a.s.run.Lists[list], part(answer, name)); o != nil {
				return o.Label
			}
		}
		return locales.V(part(answer, name))
	}
	return locales.V(asString(a.s.dig(a.cell().value, path)))
}

// dayText is a day, or its day, month or year. Of one that is known by its year only there
// is nothing else.
func dayText(path []string, answer any) string {
	written := text(answer)
	v, known := parseISO(written)
	switch {
	case len(path) == 0 && known:
		return v.String()
	case len(path) == 0 || path[0] == "year" && !known:
		return written
	case !known:
		return ""
	}
	switch path[0] {
	case "day":
		return fmt.Sprintf("%02d", v.d)
	case "month":
		return fmt.Sprintf("%02d", v.m)
	}
	return fmt.Sprint(v.y)
}
