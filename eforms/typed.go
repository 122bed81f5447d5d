package eforms

import (
	"maps"
	"net/url"
)

// Typed is what page no says as it was sent, in words, whether or not anything of it is
// asked now: for the person whose page could not be saved. What was left empty is left out.
func (r *Run) Typed(no int, body url.Values) []Row {
	if no < 1 || no > len(r.Form.Pages) {
		return nil
	}
	page, typed := r.Form.Pages[no-1], r.typed(no, sent(body))
	next := maps.Clone(r.Answers)
	if next == nil {
		next = Answers{}
	}
	maps.Copy(next, typed)
	s := r.With(next).evaluate() // not the state that others see: it is bent below
	var rows []Row
	for _, q := range page.Questions {
		if answer, said := typed[q.ID]; said && !blank(answer) {
			a := asked{s: s, q: q, name: q.ID}
			s.reveal(a, a.cell(), answer)
			rows = append(rows, a.outline())
		}
	}
	return rows
}

// typed are the answers that the body has, by question.
func (r *Run) typed(no int, b sent) Answers {
	s, page := r.state(), r.Form.Pages[no-1]
	groups, typed := b.groups(page), Answers{}
	for _, q := range page.Questions {
		a := asked{s: s, q: q, name: q.ID}
		switch does := q.does(); {
		case q.Kind == Attachment:
		case q.Kind == Group:
			typed[q.ID] = groups.rows(a, nil, false)
		case does.read != nil && b.came(a.controlNames()):
			typed[q.ID] = does.read(b, a)
		}
	}
	return typed
}

// reveal asks a question that a rule may hide, and in rows whatever was answered.
func (s *state) reveal(a asked, c *cell, answer any) {
	c.shown = true
	if a.q.Kind != Group {
		s.answer(a, c, answer, true)
		return
	}
	s.askRows(a, c, answer)
	for _, r := range c.rows {
		for _, q := range a.q.Questions {
			if !blank(r.raw[q.ID]) && (q.Kind == Group || !r.cells[q.at].shown) {
				s.reveal(s.child(r, q), &r.cells[q.at], r.raw[q.ID])
			}
		}
	}
}
