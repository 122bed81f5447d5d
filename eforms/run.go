package eforms

import (
	"strconv"
	"time"
)

// Run is a form being filled: its answers so far, what registers said, and the day. Its
// fields are set once; after new answers make the next one with With. It serves one
// request and is not for several goroutines at once.
type Run struct {
	Form     *Form
	Answers  Answers
	Facts    []Fact
	Lists    map[string][]Option // given by the portal: agencies, provinces, communes
	Today    time.Time
	Attached map[string]int // files by component; nil leaves papers unchecked
	Extra    []Component    // papers that the portal asks for beside the form's

	evaluated *state
	folded    map[*Option][]searchable // lists made ready for searching, by their first option
}

// With is the same run with other answers.
func (r *Run) With(a Answers) *Run {
	return &Run{Form: r.Form, Answers: a, Facts: r.Facts, Lists: r.Lists, Today: r.Today, Attached: r.Attached, Extra: r.Extra, folded: r.folded}
}

// Pages returns the pages that are shown, in order.
func (r *Run) Pages() []*Page {
	s := r.state()
	var out []*Page
	for i, p := range r.Form.Pages {
		if s.pages[i] {
			out = append(out, p)
		}
	}
	return out
}

// Shows says whether page no is shown now.
func (r *Run) Shows(no int) bool {
	return no >= 1 && no <= len(r.Form.Pages) && r.state().pages[no-1]
}

// Next is the number of the page shown after page no; false means that check is next, or
// the end that the answers have led to.
func (r *Run) Next(no int) (int, bool) {
	if end := r.End(); end != nil && end.page.No <= no {
		return 0, false
	}
	for no = min(max(no, 0), len(r.Form.Pages)) + 1; no <= len(r.Form.Pages); no++ {
		if r.Shows(no) {
			return no, true
		}
	}
	return 0, false
}

// Prev is the number of the page shown before page no; false means that there is none.
func (r *Run) Prev(no int) (int, bool) {
	for no = min(no, len(r.Form.Pages)+1) - 1; no >= 1; no-- {
		if r.Shows(no) {
			return no, true
		}
	}
	return 0, false
}

// Case is the case that applies now, or nil when the form has none.
func (r *Run) Case() *Case { return r.state().caseOf }

// Visible is what is filed: the answers to what is asked, with facts, defaults and
// computed values, without what is hidden or unanswered.
func (r *Run) Visible() Answers {
	s := r.state()
	out := Answers{}
	s.each(func(a asked, c *cell) {
		if a.q.Kind != Group {
			if !blank(c.answer) {
				out[a.q.ID] = c.answer
			}
			return
		}
		rows := c.filed(a.q)
		if len(rows) > 0 {
			out[a.q.ID] = rows
		}
	})
	return out
}

// filed are the rows of a group in which something is answered.
func (c *cell) filed(group *Question) []any {
	var rows []any
	for _, r := range c.rows {
		if r.blank {
			continue
		}
		values := map[string]any{}
		for i, q := range group.Questions {
			cell := &r.cells[i]
			switch {
			case !cell.shown:
			case q.Kind != Group:
				if !blank(cell.answer) {
					values[q.ID] = cell.answer
				}
			default:
				if inner := cell.filed(q); len(inner) > 0 {
					values[q.ID] = inner
				}
			}
		}
		rows = append(rows, values)
	}
	return rows
}

// each visits the questions that are shown, groups as a whole.
func (s *state) each(visit func(a asked, c *cell)) {
	for i, p := range s.run.Form.Pages {
		if !s.pages[i] {
			continue
		}
		for _, q := range p.Questions {
			if c := &s.cells[q.seq]; c.shown {
				visit(asked{s: s, q: q, name: q.ID}, c)
			}
		}
	}
}

// Quantities are the whole numbers that fee rules may count, by question. Of a repeated
// group they are how many rows it has, and those of its rows as GROUP.N.QUESTION: N counts
// from 0 over the rows in which something is answered.
func (r *Run) Quantities() map[string]int64 {
	out := map[string]int64{}
	keep := func(name string, q *Question, c *cell) {
		switch q.Kind {
		case Integer, Money, Computed:
			if n, ok := whole(c.value); ok {
				out[name] = n
			}
		}
	}
	var count func(name string, q *Question, c *cell)
	count = func(name string, q *Question, c *cell) {
		keep(name, q, c)
		if q.Kind != Group {
			return
		}
		n := 0
		for _, row := range c.rows {
			if row.blank {
				continue
			}
			for i, child := range q.Questions {
				if cell := &row.cells[i]; cell.shown {
					count(name+"."+strconv.Itoa(n)+"."+child.ID, child, cell)
				}
			}
			n++
		}
		out[name] = int64(n)
	}
	r.state().each(func(a asked, c *cell) { count(a.q.ID, a.q, c) })
	return out
}

// Components are the papers that are asked for now.
func (r *Run) Components() []Component {
	var out []Component
	r.state().each(func(a asked, _ *cell) {
		if a.q.Kind == Attachment {
			out = append(out, a.component())
		}
	})
	return append(out, r.Extra...)
}
