package eforms

import (
	"maps"
	"strconv"
)

// unit is one thing to evaluate: the case, a page's visibility, or a question.
type unit struct {
	page     *Page
	question *Question // neither: the case
}

// cell is a question as it stands now.
type cell struct {
	shown  bool
	answer any   // a locked fact, else what was answered, else a fact, else the default
	value  any   // what logic sees
	locked bool  // the answer is a fact that cannot be changed here
	source *Fact // where the answer comes from, when it is a fact
	odd    bool  // computed, but no whole quantity
	rows   []*row
	parts  []cell // of a question whose parts are questions
}

// row is one row of a group.
type row struct {
	index int
	name  string // what the names of its controls begin with: prizes.0
	outer *row   // the row that its group is in, if any
	raw   map[string]any
	cells []cell
	blank bool // nothing is answered in it
}

// state is a run evaluated: what is shown, answered and computed.
type state struct {
	machine
	run    *Run
	facts  map[string]*Fact
	caseOf *Case
	pages  []bool // shown, by place
	cells  []cell // of the questions of pages, by seq
	row    *row   // the row being looked at by logic
}

func (r *Run) state() *state {
	if r.evaluated == nil {
		r.evaluated = r.evaluate()
	}
	return r.evaluated
}

func (r *Run) evaluate() *state {
	f := r.Form
	if r.folded == nil {
		r.folded = map[*Option][]searchable{}
	}
	s := &state{
		run: r, facts: make(map[string]*Fact, len(r.Facts)),
		pages: make([]bool, len(f.Pages)), cells: make([]cell, f.count),
	}
	s.machine = machine{look: s.look, today: dayOf(r.Today).iso(), steps: budget}
	for i := range r.Facts {
		s.facts[r.Facts[i].Name] = &r.Facts[i]
	}
	for _, u := range f.order {
		switch {
		case u.question != nil:
			s.ask(u.question)
		case u.page != nil:
			s.pages[u.page.No-1] = s.inCase(u.page.Cases) && (u.page.show == nil || s.holds(u.page.show, nil))
		default:
			s.decideCase()
		}
	}
	s.emptyPages()
	return s
}

func (s *state) decideCase() {
	for _, c := range s.run.Form.Cases {
		if c.when == nil || s.holds(c.when, nil) {
			s.caseOf = c
			return
		}
	}
}

func (s *state) inCase(cases []string) bool {
	if len(cases) == 0 {
		return true
	}
	for _, id := range cases {
		if s.caseOf != nil && s.caseOf.ID == id {
			return true
		}
	}
	return false
}

// emptyPages hides the pages on which nothing is left to show.
func (s *state) emptyPages() {
	for i, p := range s.run.Form.Pages {
		any := false
		for _, q := range p.Questions {
			any = any || s.cells[q.seq].shown
		}
		s.pages[i] = s.pages[i] && any
	}
}

// holds evaluates a condition as seen from a row, or from a page.
func (s *state) holds(e *expr, from *row) bool { return truthy(s.work(e, from)) }

func (s *state) work(e *expr, from *row) any {
	outer := s.row
	s.row = from
	v := s.machine.value(e)
	s.row = outer
	return v
}

// ask evaluates a question of a page.
func (s *state) ask(q *Question) {
	c := &s.cells[q.seq]
	a := asked{s: s, q: q, name: q.ID}
	c.shown = s.pages[q.page.No-1] && s.inCase(q.Cases) && (q.show == nil || s.holds(q.show, nil))
	if !c.shown {
		return
	}
	typed, answered := s.run.Answers[q.ID]
	if q.Kind == Group {
		s.askRows(a, c, typed)
		return
	}
	s.answer(a, c, typed, answered)
}

// askRows evaluates the rows of a group, which may be a group in a row itself.
func (s *state) askRows(a asked, c *cell, typed any) {
	list, _ := typed.([]any)
	n := max(min(len(list), a.q.MaxRows), a.q.MinRows)
	values := make([]any, 0, n)
	c.rows = make([]*row, n)
	for i := range n {
		var raw map[string]any
		if i < len(list) {
			raw, _ = list[i].(map[string]any)
		}
		r := s.askRow(a, i, raw)
		if c.rows[i] = r; !r.blank {
			values = append(values, r.value(a.q))
		}
	}
	c.answer, c.value = typed, values
}

// value is a row as logic sees it.
func (r *row) value(group *Question) map[string]any {
	value := make(map[string]any, len(r.cells))
	for i, q := range group.Questions {
		if v := r.cells[i].value; v != nil {
			value[q.ID] = v
		}
	}
	return value
}

func (s *state) askRow(a asked, index int, raw map[string]any) *row {
	r := &row{
		index: index, name: a.name + "." + strconv.Itoa(index), outer: a.row,
		raw: raw, cells: make([]cell, len(a.q.Questions)), blank: true,
	}
	for _, q := range a.q.Questions {
		r.blank = r.blank && blank(raw[q.ID])
	}
	for _, q := range a.q.order {
		c := &r.cells[q.at]
		if c.shown = s.inCase(q.Cases) && (q.show == nil || s.holds(q.show, r)); !c.shown {
			continue
		}
		typed, answered := raw[q.ID]
		if q.Kind == Group {
			s.askRows(s.child(r, q), c, typed)
		} else {
			s.answer(s.child(r, q), c, typed, answered)
		}
	}
	return r
}

// child is a question in a row.
func (s *state) child(r *row, q *Question) asked {
	return asked{s: s, q: q, row: r, name: r.name + "." + q.ID}
}

// answer decides what a question's answer is and what logic sees of it.
func (s *state) answer(a asked, c *cell, typed any, answered bool) {
	if a.q.Kind == Computed {
		s.compute(a, c)
		return
	}
	if len(a.q.inner) > 0 {
		s.answerParts(a, c, typed, answered)
		return
	}
	fact, source := a.fact()
	switch {
	case fact != nil && a.q.Locked:
		c.answer, c.source, c.locked = fact, source, true
	case answered:
		c.answer = typed
		if fact != nil && equal(fact, typed) {
			c.source = source
		}
	case fact != nil:
		c.answer, c.source = fact, source
	case a.q.preset != nil:
		c.answer = a.preset()
	}
	value := a.q.does().value
	switch {
	case value == nil || blank(c.answer):
	case c.locked && a.q.Kind != Integer && a.q.Kind != Decimal && a.q.Kind != Money:
		c.value = c.answer // what a register says is not judged
	default:
		c.value = value(a, c.answer)
	}
}

func (s *state) compute(a asked, c *cell) {
	v := s.work(a.q.compute, a.row)
	n, ok := whole(v)
	if c.odd = v != nil && !ok; ok {
		c.answer, c.value = n, v
	}
}

// preset is the default as an answer.
func (a asked) preset() any {
	switch v := a.s.work(a.q.preset, a.row).(type) {
	case float64:
		if n, ok := whole(v); ok {
			return asString(float64(n))
		}
	case string, bool, []any:
		return v
	case map[string]any: // another address
		return maps.Clone(v)
	}
	return nil
}

// look is how logic finds a variable.
func (s *state) look(r *ref) any {
	switch r.base {
	case atQuestion:
		if c := &s.cells[r.q.seq]; c.shown {
			return s.dig(c.value, r.path)
		}
	case atRow:
		return s.inRow(s.row, r)
	case atOuter:
		return s.inRow(s.row.around(), r)
	case atRowNo:
		return s.row.no()
	case atOuterNo:
		return s.row.around().no()
	case atToday:
		return s.dig(s.today, r.path)
	case atCase:
		if s.caseOf != nil {
			return s.caseOf.ID
		}
	case atFact:
		return s.lookFact(r.fact)
	}
	return nil
}

func (s *state) inRow(row *row, r *ref) any {
	if row == nil || !row.cells[r.q.at].shown {
		return nil
	}
	return s.dig(row.cells[r.q.at].value, r.path)
}

// around is the row that a row of an inner group is in.
func (r *row) around() *row {
	if r == nil {
		return nil
	}
	return r.outer
}

// no is the row's number as people count.
func (r *row) no() any {
	if r == nil {
		return nil
	}
	return float64(r.index + 1)
}
