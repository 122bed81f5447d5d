package eforms

import (
	"cmp"
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

	Declaration locales.Text
	Signs       []locales.Text // who signs, from left to right
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
	l := layouter{form: f, sections: f.blankSections(), words: func(string, string) locales.Text { return locales.Text{} }}
	return l.layout()
}

type layouter struct {
	form     *Form
	sections []Section
	words    func(id, path string) locales.Text // an answer, or a part of it, in words
	placed   map[string]bool                    // whole answers by question, parts as question.part
	out      Layout
}

func (l *layouter) layout() Layout {
	l.placed = map[string]bool{}
	l.out.Title, l.out.Declaration = l.form.Title, l.form.Declaration
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
		id, path := words[m[2]:m[3]], strings.TrimPrefix(words[m[4]:m[5]], ".")
		out = append(out, LayoutWord{Text: l.words(id, path), Answer: true})
		l.placed[words[m[2]:m[5]]] = true
		from = m[1]
	}
	if from < len(words) {
		out = append(out, LayoutWord{Text: locales.V(words[from:])})
	}
	return out
}

// covers says whether the sentences hold the whole of an answer: it, or all of its parts.
// One of which a part is missing is added below.
func (l *layouter) covers(q *Question, name string) bool {
	if l.placed[name] {
		return true
	}
	parts := q.partNames()
	for _, part := range parts {
		inner := q.partQuestion(part)
		if inner == nil && !l.placed[name+"."+part] || inner != nil && !l.covers(inner, name+"."+part) {
			return false
		}
	}
	return len(parts) > 0
}

// partNames are the parts that together say all of an answer, and that a sentence may have
// places for.
func (q *Question) partNames() []string {
	switch {
	case q.Kind == Date || q.Kind == NearDate || q.Kind == DateOrYear:
		return []string{"day", "month", "year"}
	case q.Kind == Address && (q.Abroad || q.OldAddress):
		return slices.Concat([]string{"province", "commune", "detail", "old", "country"}, abroadLines, oldLines)
	case q.Kind == Address && q.Detail == "none":
		return []string{"province", "commune"}
	case q.Kind == Address:
		return []string{"province", "commune", "detail"}
	}
	names := make([]string, len(q.inner))
	for i, p := range q.inner {
		names[i] = p.ID
	}
	return names
}

// partQuestion is a part that is a question itself, or nil.
func (q *Question) partQuestion(name string) *Question {
	for _, p := range q.inner {
		if p.ID == name {
			return p
		}
	}
	return nil
}

// hasPart says whether a sentence may have a place for that part of an answer.
func (q *Question) hasPart(path string) bool {
	if path == "" {
		return true
	}
	for _, name := range q.partNames() {
		if path == name {
			return true
		}
		if rest, ok := strings.CutPrefix(path, name+"."); ok {
			inner := q.partQuestion(name)
			return inner != nil && inner.hasPart(rest)
		}
	}
	return false
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
			if l.covers(l.form.byID[r.ID], r.ID) {
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
func (r *Run) words(id, path string) locales.Text {
	s := r.state()
	if id == "today" {
		return locales.V(dayText(path, dayOf(r.Today).iso()))
	}
	q := r.Form.byID[id]
	if q == nil || !s.cells[q.seq].shown {
		return locales.Text{}
	}
	return asked{s: s, q: q, name: q.ID}.words(path)
}

// words is the answer without its unit, which the sentence has.
func (a asked) words(path string) locales.Text {
	answer, say := a.cell().answer, a.q.does().say
	switch {
	case blank(answer) || path == "" && say == nil:
		return locales.Text{}
	case path == "":
		return say(a, answer)
	}
	switch a.q.Kind {
	case Date, NearDate, DateOrYear:
		return locales.V(dayText(path, answer))
	case Address:
		if list := map[string]string{"province": Provinces, "commune": Communes}[path]; list != "" {
			if o := find(a.s.run.Lists[list], part(answer, path)); o != nil {
				return o.Label
			}
			if path == "commune" && a.elsewhere(answer) {
				return same(cmp.Or(part(answer, "other"), part(answer, "text")))
			}
		}
		if o := find(a.s.run.Form.Lists[countries], part(answer, path)); o != nil && path == "country" {
			return o.Label
		}
		return locales.V(part(answer, path))
	}
	for i, p := range a.q.inner {
		if path == p.ID {
			return a.part(i).words("")
		}
		if rest, ok := strings.CutPrefix(path, p.ID+"."); ok {
			return a.part(i).words(rest)
		}
	}
	return locales.Text{}
}

// dayText is a day, or its day, month or year. Of one that is known by its year only there
// is nothing else.
func dayText(path string, answer any) string {
	written := text(answer)
	v, known := parseISO(written)
	switch {
	case path == "" && known:
		return v.String()
	case path == "" || path == "year" && !known:
		return written
	case !known:
		return ""
	case path == "day":
		return fmt.Sprintf("%02d", v.d)
	case path == "month":
		return fmt.Sprintf("%02d", v.m)
	}
	return fmt.Sprint(v.y)
}
