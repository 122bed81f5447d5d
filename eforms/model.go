package eforms

import (
	"strconv"
	"strings"

	"motcua/locales"
)

// PageModel is a page as a template draws it.
type PageModel struct {
	No     int
	ID     string
	Title  locales.Text
	Intro  locales.Text
	Task   *Task
	Step   int // which of the pages shown it is
	Steps  int // how many there are; 0 while an answer still to come may change that
	Fields []Field
	Faults Faults // of this page, for the summary
}

// Field is a question as a template draws it.
type Field struct {
	ID           string // of the first control: where a fault's link goes
	Name         string
	Kind         Kind
	Label        locales.Text
	Hint         locales.Text
	Text         locales.Text // of a note or a declaration
	Prefix       locales.Text
	Suffix       locales.Text
	Autocomplete string
	InputMode    string
	Width        int // in characters, 0 = full
	MaxLength    int
	Value        string // of a single control, as typed
	Checked      bool   // of a declaration
	Choices      []Choice
	Parts        []Part // of a date or an address
	Optional     bool
	Fault        *locales.Message
	Warning      *locales.Message
	Locked       bool
	Shown        locales.Text // the value in words, for a summary row
	Source       *Fact        // where the value shown comes from
	Rows         []GroupRow
	Inner        bool         // it stands in a row of a group
	Item         locales.Text // what a row is called
	Add          string       // the value of the button "them", "" when no row may be added
	Choose       string       // the value of the button "chon" that fetches a dependent list, or ""
	Component    *Component
	Files        int // how many files are attached

	Fields  []Field                     // of a person, a period …: its parts
	Columns []locales.Text              // of a table, whose lines are Rows
	Totals  []locales.Text              // its last line, one for each column
	Tone    string                      // of a note: info, warning
	Chosen  string                      // of a search: the value of what is chosen; Value is what was typed in vain
	Whole   []Choice                    // of a search: the list, when it is short
	Found   int                         // how many options fit what was typed
	Search  func(typed string) []Choice // of a search: what fits

	marks marks // while it is drawn: the faults of the page
}

// Choice is one radio button, tick box or option.
type Choice struct {
	ID      string
	Value   string
	Label   locales.Text
	Hint    locales.Text
	Checked bool
	None    bool // "none of these"
}

// Part is one control of a question that has several.
type Part struct {
	ID           string
	Name         string
	Part         string // day, month, year, province, commune, detail …
	Label        locales.Text
	Hint         locales.Text
	Value        string
	Autocomplete string
	InputMode    string
	Width        int
	Choices      []Choice // of a select; nil for an input
	Optional     bool
	Wrong        bool
	Found        int // of a search in another part: how many fit

	Fold    locales.Text // what the part is folded away under, with those after it
	Open    bool         // the fold is open
	Last    bool         // the last in its fold
	Intro   locales.Text // stands at the head of the fold
	Propose bool         // what the old address has become can be asked for after it
}

// GroupRow is one row of a repeated group.
type GroupRow struct {
	Index  int
	Title  locales.Text
	Fields []Field
	Remove string // the value of the button "bo", "" when the row must stay
}

// Model is page no as a template draws it, with the faults that are to be shown.
func (r *Run) Model(no int, faults Faults) PageModel {
	if no < 1 || no > len(r.Form.Pages) {
		return PageModel{}
	}
	s, page := r.state(), r.Form.Pages[no-1]
	m := PageModel{No: no, ID: page.ID, Title: page.Title, Intro: page.Intro, Faults: faults.of(no)}
	for _, t := range r.Form.Tasks {
		if t.ID == page.Task {
			m.Task = t
		}
	}
	m.Step, m.Steps = s.step(page)
	marks := m.Faults.marks()
	for _, q := range page.Questions {
		if s.cells[q.seq].shown {
			m.Fields = append(m.Fields, asked{s: s, q: q, name: q.ID}.field(marks))
		}
	}
	return m
}

// step is the page's place among those shown, and how many there are: 0 while an answer on
// this page or later may still change that (FORM-3).
func (s *state) step(page *Page) (step, steps int) {
	certain := true
	for i, p := range s.run.Form.Pages {
		if s.pages[i] {
			steps++
			if p.No <= page.No {
				step++
			}
		}
		for no := range p.decided {
			certain = certain && (p.No <= page.No || no < page.No)
		}
	}
	if !certain {
		steps = 0
	}
	return step, steps
}

func (a asked) field(marks marks) Field {
	q, c := a.q, a.cell()
	f := Field{
		ID: a.name, Name: a.name, Kind: q.Kind, Label: q.Label, Hint: q.Hint, Text: q.Text, Prefix: q.Prefix, Suffix: q.Suffix,
		Autocomplete: q.Autofill, InputMode: inputModes[q.Kind], Width: q.width(), Optional: !a.required(),
		Locked: c.locked, Source: c.source, Warning: a.warning(), Item: q.Item, Tone: q.Tone, Inner: a.row != nil,
	}
	does := q.does()
	if does.say != nil && !blank(c.answer) {
		f.Shown = does.say(a, c.answer)
	}
	if q.Kind == Group {
		a.drawRows(&f, c, marks)
	} else if does.draw != nil && !c.locked {
		f.marks = marks
		does.draw(a, c.answer, &f)
		f.marks = noMarks
	}
	switch {
	case len(a.q.inner) > 0 && !c.locked:
		f.Source = nil // each part has its own, and its own fault
		return f
	case len(a.q.inner) > 0:
		return f
	case len(f.Parts) > 0:
		f.ID = f.Parts[0].ID
	case q.Kind == SearchSelect:
		f.ID = a.name + ".text"
	}
	a.mark(&f, marks)
	return f
}

func (a asked) drawRows(f *Field, c *cell, marks marks) {
	for _, r := range c.rows {
		g := GroupRow{Index: r.index, Title: a.rowTitle(r)}
		for _, q := range a.q.Questions {
			if r.cells[q.at].shown {
				g.Fields = append(g.Fields, a.s.child(r, q).field(marks))
			}
		}
		if len(c.rows) > a.q.MinRows {
			g.Remove = r.name
		}
		f.Rows = append(f.Rows, g)
	}
	if len(c.rows) < a.q.MaxRows {
		f.Add = a.name
	}
}

// rowTitle is "Người làm chứng 2".
func (a asked) rowTitle(r *row) locales.Text {
	number := " " + strconv.Itoa(r.index+1)
	return each(a.q.Item, func(s string) string {
		if s == "" {
			return ""
		}
		return s + number
	})
}

// marks finds the fault of a field without looking through all of them.
type marks struct {
	faults Faults
	first  map[string]int // by the id of the element, which fault
}

// noMarks takes the marks from a field that is drawn.
var noMarks marks

func (f Faults) marks() marks {
	m := marks{f, make(map[string]int, len(f))}
	for i, fault := range f {
		if _, there := m.first[fault.Field]; !there {
			m.first[fault.Field] = i
		}
	}
	return m
}

// of is the first fault of a field or of one of its parts.
func (m marks) of(f *Field) *Fault {
	best := len(m.faults)
	look := func(id string) {
		if i, ok := m.first[id]; ok {
			best = min(best, i)
		}
	}
	look(f.Name)
	look(f.ID)
	for _, p := range f.Parts {
		look(p.ID)
	}
	if best == len(m.faults) {
		return nil
	}
	return &m.faults[best]
}

// mark puts the field's fault to it and to the parts that are wrong.
func (a asked) mark(f *Field, marks marks) {
	if len(marks.faults) == 0 {
		return
	}
	fault := marks.of(f)
	if fault == nil {
		return
	}
	f.Fault = &fault.Message
	for j := range f.Parts {
		p := &f.Parts[j]
		one := a.q.Kind == Address || strings.HasSuffix(fault.Message.Key, ".date_missing") || strings.HasSuffix(fault.Message.Key, ".date_year4")
		p.Wrong = p.ID == fault.Field || !one || a.q.Kind != Address && p.Value == ""
	}
}

// warning is a doubt about an answer that does not stop it.
func (a asked) warning() *locales.Message {
	answer := text(a.cell().answer)
	switch {
	case answer == "":
		return nil
	case a.q.Kind == Name:
		return nameWarning(answer)
	case a.q.Kind == PersonalID:
		return a.idWarning()
	}
	return nil
}

var inputModes = map[Kind]string{
	Integer: "numeric", Decimal: "decimal", Money: "numeric", PersonalID: "numeric", Phone: "tel", Email: "email",
	accountKind: "numeric",
}

// width hints at the length of an answer, in characters.
func (q *Question) width() int {
	if q.Width > 0 {
		return q.Width
	}
	return map[Kind]int{Integer: 6, Decimal: 10, Money: 16, NearDate: 11, Time: 6, PersonalID: 14, TaxCode: 16, Phone: 14, monthKind: 8, accountKind: 20, plateKind: 14, serialKind: 20}[q.Kind]
}
