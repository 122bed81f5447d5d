package eforms

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"motcua/locales"
)

// Entry takes lines of a spreadsheet in, as if someone typed them into the pages.
type Entry struct {
	form    *Form
	columns map[string]Column
	called  map[*Option]map[string][]*Option // the options of a list by what they are called, by the list's first
}

// Entry is for the lines of one file; lists are those of its runs. It is not for several
// goroutines at once.
func (f *Form) Entry(lists map[string][]Option) *Entry {
	e := &Entry{form: f, columns: map[string]Column{}, called: map[*Option]map[string][]*Option{}}
	for _, s := range f.Sheets(lists) {
		for _, c := range s.Columns {
			e.columns[c.Code] = c
		}
	}
	return e
}

// Column is the column of a control's name, with or without row numbers.
func (e *Entry) Column(name string) (Column, bool) {
	c, ok := e.columns[e.form.unnumbered(name)]
	return c, ok
}

// CellFault is what is wrong with a line.
type CellFault struct {
	Name     string // of the control: promotion_from, prizes.0.prize_name; of a group; or ""
	Message  locales.Message
	Register bool // a register was to say it and did not
	Note     bool // to be known, no fault
}

// mostRounds is how often the pages are gone through: answers open pages before them too.
const mostRounds = 4

// Enter reads a line page by page, with everything that a page does, and says what is wrong
// in it. The line has words by the names of controls. Papers are not looked at.
func (e *Entry) Enter(r *Run, line map[string]string) (Answers, []CellFault) {
	var odd []CellFault
	bodies := map[*Page]url.Values{}
	for _, name := range slices.Sorted(maps.Keys(line)) {
		c, ok := e.Column(name)
		if !ok || strings.TrimSpace(line[name]) == "" {
			continue
		}
		page := c.Question.page
		if bodies[page] == nil {
			bodies[page] = url.Values{}
		}
		if m := e.put(bodies[page], c, name, line); m != nil {
			odd = append(odd, CellFault{Name: name, Message: *m})
		}
	}
	run := &Run{Form: r.Form, Answers: r.Answers, Facts: r.Facts, Lists: r.Lists, Today: r.Today}
	for range mostRounds {
		before := run.Answers
		for _, p := range r.Form.Pages {
			if run.Shows(p.No) {
				answers, _, _ := run.Read(p.No, bodies[p])
				run = run.With(answers)
			}
		}
		if reflect.DeepEqual(before, run.Answers) {
			break
		}
	}
	return run.Answers, append(e.faults(run, odd), e.unasked(run, line)...)
}

// faults are those of the run, each at its cell; what was said that no option is called
// comes instead of "choose".
func (e *Entry) faults(run *Run, odd []CellFault) []CellFault {
	out := slices.Clone(odd)
	for _, f := range run.Faults() {
		name := e.cell(f.Field)
		if slices.ContainsFunc(odd, func(o CellFault) bool { return o.Name == name }) {
			continue
		}
		c, ok := e.Column(name)
		out = append(out, CellFault{Name: name, Message: f.Message, Register: ok && c.Register})
	}
	return out
}

// cell is the name of the cell that a fault's field is in: a day's control is the day's.
func (e *Entry) cell(field string) string {
	for name := field; name != ""; {
		if _, ok := e.Column(name); ok {
			return name
		}
		if q := e.form.byID[name]; q != nil && q.Kind == Group {
			return name
		}
		i := max(strings.LastIndexByte(name, '.'), strings.LastIndexByte(name, '-'))
		if i < 0 {
			break
		}
		name = name[:i]
	}
	head, _, _ := strings.Cut(field, ".")
	if q := e.form.byID[head]; q != nil { // a part that has no column of its own: the first of the whole
		for code := range e.columns {
			if strings.HasPrefix(code, head+".") && e.columns[code].Part == "province" {
				return code
			}
		}
	}
	return field
}

// unasked are the cells that say something which nobody asks in this case.
func (e *Entry) unasked(run *Run, line map[string]string) []CellFault {
	var out []CellFault
	for _, name := range slices.Sorted(maps.Keys(line)) {
		c, ok := e.Column(name)
		if ok && strings.TrimSpace(line[name]) != "" && !run.asks(c.Question, name) {
			out = append(out, CellFault{Name: name, Message: *message("cell.unasked", locales.T("label", c.Question.begin())), Note: true})
		}
	}
	return out
}

// asks says whether the question of that control is shown now.
func (r *Run) asks(q *Question, name string) bool {
	s := r.state()
	head, rest, _ := strings.Cut(name, ".")
	at := r.Form.byID[head]
	if at == nil || at.page == nil || !s.pages[at.page.No-1] {
		return false
	}
	c := &s.cells[at.seq]
	for at.Kind == Group && c.shown {
		no, inner, _ := strings.Cut(rest, ".")
		i, ok := digits(no)
		if !ok || i >= len(c.rows) {
			return false
		}
		head, rest, _ = strings.Cut(inner, ".")
		j := slices.IndexFunc(at.Questions, func(q *Question) bool { return q.ID == head })
		if j < 0 {
			return false
		}
		at, c = at.Questions[j], &c.rows[i].cells[j]
	}
	return c.shown
}

// put writes a cell into the body of its page, as its control would send it. The fault is
// a choice that is none of the list.
func (e *Entry) put(body url.Values, c Column, name string, line map[string]string) *locales.Message {
	said := strings.TrimSpace(line[name])
	q := c.Question
	switch {
	case c.Several:
		return e.putSeveral(body, c, name, said)
	case q.Kind == SearchSelect:
		body.Set(name+".text", said)
	case c.Options != nil:
		o := e.meant(c, said, e.parent(c, name, line))
		if o == nil {
			return unknownChoice(c, said)
		}
		body.Set(name, o.Value)
	case q.Kind == DateOrYear && len(said) == 4 && allDigits(said):
		body.Set(name+".year", said)
	case q.Kind == Date || q.Kind == DateOrYear:
		body.Set(name+".day", said)
	default:
		body.Set(name, said)
	}
	return nil
}

func (e *Entry) putSeveral(body url.Values, c Column, name, said string) *locales.Message {
	for _, one := range strings.FieldsFunc(said, func(r rune) bool { return r == ';' || r == '\n' }) {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		o := e.meant(c, one, "")
		if o == nil {
			return unknownChoice(c, one)
		}
		body.Add(name, o.Value)
	}
	return nil
}

func unknownChoice(c Column, said string) *locales.Message {
	return message("cell.unknown", locales.S("said", cutAt(said, 100)), locales.T("label", c.Question.inside()))
}

// parent is the value of the choice that a list depends on, as the same line says it.
func (e *Entry) parent(c Column, name string, line map[string]string) string {
	end := ""
	switch {
	case c.Part == "commune":
		end = "province"
	case c.Part == "" && c.Question.Within != "":
		end = c.Question.Within
	default:
		return ""
	}
	of := end
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		of = name[:i+1] + end
	}
	if _, there := line[of]; !there {
		of = end // the row looks at a question of the page
	}
	if p, ok := e.Column(of); ok && line[of] != "" {
		if o := e.meant(p, strings.TrimSpace(line[of]), ""); o != nil {
			return o.Value
		}
	}
	return ""
}

// meant is the option that is called so: by its value, also one that a spreadsheet took the
// leading zeros from, or by its label in any language, marks and capitals apart.
func (e *Entry) meant(c Column, said, parent string) *Option {
	if len(c.Options) == 0 {
		return nil
	}
	called := e.called[&c.Options[0]]
	if called == nil {
		called = map[string][]*Option{}
		for i := range c.Options {
			o := &c.Options[i]
			for _, name := range append([]string{o.Value, strings.TrimLeft(o.Value, "0"), o.Label.VI, o.Label.EN, o.Label.KM}, o.Same...) {
				if name = fold(name); name != "" && !slices.Contains(called[name], o) {
					called[name] = append(called[name], o)
				}
			}
		}
		e.called[&c.Options[0]] = called
	}
	fits := called[fold(said)]
	if parent != "" {
		fits = slices.DeleteFunc(slices.Clone(fits), func(o *Option) bool { return o.Parent != parent })
	}
	for _, o := range fits {
		if o.Value == said || len(fits) == 1 {
			return o
		}
	}
	return marked(fits, said)
}

// marked is the only one of several options that is called so with its marks.
func marked(fits []*Option, said string) *Option {
	var only *Option
	for _, o := range fits {
		if strings.EqualFold(o.Label.VI, said) || strings.EqualFold(o.Label.EN, said) {
			if only != nil {
				return nil
			}
			only = o
		}
	}
	return only
}
