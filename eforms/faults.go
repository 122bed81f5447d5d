package eforms

import (
	"slices"

	"motcua/locales"
)

// Faults are those of the whole form, in page order. Where the answers have led to an end
// that is the only one: nothing after it will be asked.
func (r *Run) Faults() Faults {
	s := r.state()
	var out Faults
	if end := r.End(); end != nil {
		return Faults{{Page: end.page.No, Field: s.firstField(end.page), Message: locales.M("eforms.ended", locales.T("title", end.Title))}}
	}
	for i, page := range r.Form.Pages {
		if s.pages[i] {
			out = append(out, s.pageFaults(page)...)
		}
	}
	for _, c := range r.Extra {
		if c.Required && r.Attached != nil && r.Attached[c.ID] == 0 {
			out = append(out, Fault{Page: c.Page, Field: c.ID, Message: *message("upload", locales.T("label", c.Short))})
		}
	}
	if s.over { // what could not be worked out must not be filed
		out = append(out, Fault{Page: 1, Field: "noi-dung", Message: *message("too_much")})
	}
	return out
}

// firstField is where a link to a page goes.
func (s *state) firstField(page *Page) string {
	for _, q := range page.Questions {
		if s.cells[q.seq].shown && q.does().read != nil {
			return asked{s: s, q: q, name: q.ID}.controlNames()[0]
		}
	}
	return "noi-dung"
}

// pageFaults are every fault of a page, one for a question.
func (s *state) pageFaults(page *Page) Faults {
	var out Faults
	for _, q := range page.Questions {
		c := &s.cells[q.seq]
		if !c.shown {
			continue
		}
		a := asked{s: s, q: q, name: q.ID}
		if q.Kind == Group {
			out = append(out, s.groupFaults(a, c)...)
		} else {
			out = append(out, a.faults(c)...)
		}
	}
	return out
}

// groupFaults are those of a group's rows and of the group itself, which rules of the form
// or of the row around it may be about.
func (s *state) groupFaults(a asked, c *cell) Faults {
	var out Faults
	filled := 0
	for _, r := range c.rows {
		if r.blank && r.index >= a.q.MinRows {
			continue
		}
		filled++
		for _, q := range a.q.Questions {
			child, cell := s.child(r, q), &r.cells[q.at]
			switch {
			case !cell.shown:
			case q.Kind == Group:
				out = append(out, s.groupFaults(child, cell)...)
			default:
				out = append(out, child.faults(cell)...)
			}
		}
	}
	if filled < a.q.MinRows || filled == 0 && a.required() {
		m := message("rows", locales.N("n", int64(max(a.q.MinRows, 1))), locales.T("item", each(a.q.Item, lowerFirst)))
		out = append(out, Fault{Page: a.q.page.No, Field: a.name, Message: *m})
	}
	for _, rule := range a.q.held {
		if len(out) == 0 && s.broken(rule, a.row) {
			out = append(out, Fault{Page: a.q.page.No, Field: a.name, Message: ruleMessage(rule)})
		}
	}
	return out
}

// faults are what is wrong with a question: one thing, or one for each of its parts.
func (a asked) faults(c *cell) Faults {
	if out := a.partFaults(c); len(out) > 0 {
		return out
	}
	if problem := a.complaint(c); problem != nil {
		return Faults{a.fault(problem)}
	}
	return nil
}

// complaint is what is wrong with one question: that it is missing, that it cannot be
// right, or that it breaks a rule, in this order (ERR-5).
func (a asked) complaint(c *cell) *complaint {
	does := a.q.does()
	switch {
	case c.locked:
	case a.q.Kind == Computed && c.odd:
		return wrong(a, "computed")
	case a.q.Kind == Attachment:
		return a.missingPaper(c)
	case does.check == nil: // a note
	case blank(c.answer):
		if a.q.Kind != Computed && a.required() {
			return a.missing()
		}
		return nil
	default:
		if problem := does.check(a, c.answer); problem != nil {
			return problem
		}
	}
	for _, rule := range a.q.held {
		if a.s.broken(rule, a.row) {
			m := ruleMessage(rule)
			return &complaint{message: &m}
		}
	}
	return nil
}

func ruleMessage(rule *Rule) locales.Message {
	return locales.M("eforms.rule", locales.T("text", rule.Message))
}

// broken says whether a rule does not hold. It is not asked while something that it looks
// at is unanswered, hidden or cannot be right.
func (s *state) broken(rule *Rule, from *row) bool {
	outer := s.row
	s.row = from
	defer func() { s.row = outer }()
	for _, r := range rule.check.refs {
		if (r.base == atQuestion || r.base == atRow || r.base == atOuter || r.base == atFact) && s.look(r) == nil {
			return false
		}
	}
	return !s.holds(rule.check, from) && !s.over
}

func (a asked) missing() *complaint {
	label := locales.T("label", a.q.inside())
	switch {
	case a.q.Kind == Declaration:
		return &complaint{message: message("declare")}
	case a.q.Kind == Address:
		return &complaint{"province", message("province", label)}
	case a.q.does().enters:
		return &complaint{message: message("enter", label)}
	}
	return a.choose()
}

func (a asked) missingPaper(c *cell) *complaint {
	attached := a.s.run.Attached
	if attached == nil || !a.required() || attached[a.q.ID] > 0 || a.q.Counter && text(c.answer) == "counter" {
		return nil
	}
	return &complaint{message: message("upload", locales.T("label", a.q.inside()))}
}

// fault is a complaint with the place that its link goes to.
func (a asked) fault(c *complaint) Fault {
	field := a.name
	switch {
	case c.part != "":
		field += "." + c.part
	default:
		field = a.controlNames()[0]
	}
	page := a.q.page
	return Fault{Page: page.No, Field: field, Message: *c.message}
}

// of are the faults of one page.
func (f Faults) of(no int) Faults {
	return slices.DeleteFunc(slices.Clone(f), func(x Fault) bool { return x.Page != no })
}

// component is a paper as it is asked for now.
func (a asked) component() Component {
	q := a.q
	return Component{
		ID: q.ID, Page: q.page.No, Name: q.Label, Short: q.inside(), Hint: q.Hint, Sample: q.Sample, Paper: q.PaperType(),
		Required: a.required(), MaxFiles: q.MaxFiles, Counter: q.Counter,
		Brought: q.Counter && text(a.cell().answer) == "counter",
	}
}
