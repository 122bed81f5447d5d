package eforms

import "maps"

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

func (s *state) askRows(a asked, c *cell, typed any) {
	list, _ := typed.([]any)
	for i := 0; i < len(list) && i < a.q.MaxRows; i++ {
		raw, _ := list[i].(map[string]any)
		c.rows = append(c.rows, s.askRow(a.q, i, raw))
	}
	for i := len(c.rows); i < a.q.MinRows; i++ {
		c.rows = append(c.rows, s.askRow(a.q, i, nil))
	}
	values := []any{}
	for _, r := range c.rows {
		if r.blank {
			continue
		}
		value := make(map[string]any, len(r.cells))
		for i, q := range a.q.Questions {
			if v := r.cells[i].value; v != nil {
				value[q.ID] = v
			}
		}
		values = append(values, value)
	}
	c.answer, c.value = typed, values
}

func (s *state) askRow(group *Question, index int, raw map[string]any) *row {
	r := &row{index: index, raw: raw, cells: make([]cell, len(group.Questions)), blank: true}
	for _, q := range group.Questions {
		r.blank = r.blank && blank(raw[q.ID])
	}
	for _, q := range group.order {
		c := &r.cells[q.at]
		if c.shown = s.inCase(q.Cases) && (q.show == nil || s.holds(q.show, r)); c.shown {
			typed, answered := raw[q.ID]
			s.answer(asked{s: s, q: q, row: r, name: rowName(group, index, q)}, c, typed, answered)
		}
	}
	return r
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
		if s.row != nil && s.row.cells[r.q.at].shown {
			return s.dig(s.row.cells[r.q.at].value, r.path)
		}
	case atRowNo:
		if s.row != nil {
			return float64(s.row.index + 1)
		}
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
