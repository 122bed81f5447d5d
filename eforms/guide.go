package eforms

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Guide asks of a form only what decides: which case applies, which papers are wanted, what
// is counted for the fee, where the form stops. It reads the form's own conditions, so that
// what it ends in is what the form would.
type Guide struct {
	Form *Form

	asks  map[*Question]bool
	parts map[*Question]map[string]bool // which parts of a person are looked at
	seen  map[any]bool
}

// Guide finds what decides. The quantities are those that the fee is counted of.
func (f *Form) Guide(quantities ...string) *Guide {
	g := &Guide{Form: f, asks: map[*Question]bool{}, parts: map[*Question]map[string]bool{}, seen: map[any]bool{}}
	g.cases()
	for _, q := range f.all {
		if q.Kind == Attachment {
			g.shown(q)
			g.expr(q.require)
		}
	}
	for _, e := range f.Ends {
		g.expr(e.when)
	}
	for _, id := range quantities {
		if q := f.byID[id]; q != nil {
			g.question(q)
		}
	}
	return g
}

func (g *Guide) cases() {
	for _, c := range g.Form.Cases {
		g.expr(c.when)
	}
}

// shown follows what decides whether a question is asked.
func (g *Guide) shown(q *Question) {
	if g.seen[q] {
		return
	}
	g.seen[q] = true
	g.expr(q.page.show)
	g.expr(q.show)
	if q.group != nil {
		g.question(q.group)
	}
}

func (g *Guide) question(q *Question) {
	g.asks[q] = g.asks[q] || q.does().read != nil || q.Kind == Group
	g.shown(q)
	g.expr(q.compute)
	for _, o := range q.options {
		g.expr(o.show)
	}
}

func (g *Guide) expr(e *expr) {
	if e == nil || g.seen[e] {
		return
	}
	g.seen[e] = true
	for _, r := range e.refs {
		if r.q == nil {
			continue
		}
		part := ""
		if len(r.path) > 0 {
			part = r.path[0]
		}
		if g.parts[r.q] == nil {
			g.parts[r.q] = map[string]bool{}
		}
		g.parts[r.q][part] = true
		g.question(r.q)
	}
}

// Asks are the questions that decide, in order.
func (g *Guide) Asks() []*Question {
	return slices.DeleteFunc(slices.Clone(g.Form.all), func(q *Question) bool { return !g.asks[q] })
}

// Guided is how far a person has come.
type Guided struct {
	Run   *Run
	Page  *PageModel  // what is asked next; nil: everything is decided
	Asked []PageModel // what was asked before, with the answers
	Body  url.Values  // what those pages sent
}

// AskedNames is the control that says which questions a page had, so that one which an
// answer has opened on the same page is told from one that was left empty.
const AskedNames = "_hoi"

// Go takes the pages up to through as they were sent, and finds what is asked next. A page
// on which something is wrong is asked again, with its faults.
func (g *Guide) Go(r *Run, through int, body url.Values) Guided {
	out := Guided{Run: r, Body: url.Values{}}
	for no, more := r.Next(0); more; no, more = out.Run.Next(no) {
		m := g.model(out.Run, no, nil)
		if len(m.Fields) == 0 {
			continue
		}
		m.Step = len(out.Asked) + 1
		if no > through {
			if answers, _, _ := out.Run.Read(no, quiet(body)); sent(body).came(names(m.Fields)) { // gone back to
				m = g.model(out.Run.With(answers), no, nil)
				m.Step = len(out.Asked) + 1
			}
			out.Page = &m
			return out
		}
		next, m, done := g.read(out.Run, no, body)
		m.Step = len(out.Asked) + 1
		if out.Run = next; !done {
			out.Page = &m
			return out
		}
		out.Asked = append(out.Asked, m)
		maps.Copy(out.Body, m.Body())
		out.Body[AskedNames] = append(out.Body[AskedNames], names(m.Fields)...)
	}
	return out
}

// read takes one page. Questions of the form that the guide does not ask are left empty, and
// are no fault.
func (g *Guide) read(r *Run, no int, body url.Values) (next *Run, m PageModel, done bool) {
	if g.acted(no, body) {
		answers, _, _ := r.Read(no, body)
		r = r.With(answers)
		return r, g.model(r, no, nil), false
	}
	body = quiet(body)
	for range len(r.Form.Pages[no-1].Questions) + 2 {
		answers, faults, again := r.Read(no, body)
		if r = r.With(answers); again {
			continue
		}
		m = g.model(r, no, faults)
		for _, f := range m.Fields {
			if !slices.Contains(body[AskedNames], f.Name) {
				return r, g.model(r, no, nil), false // an answer has opened it
			}
		}
		return r, m, len(m.Faults) == 0
	}
	return r, g.model(r, no, nil), false
}

// acted says whether a button was pressed that changes the page without leaving it.
func (g *Guide) acted(no int, body url.Values) bool {
	for _, button := range []string{addRow, removeRow, fetchList} {
		id, _, _ := strings.Cut(body.Get(button), ".")
		if q := g.Form.byID[id]; q != nil && q.page.No == no {
			return true
		}
	}
	return false
}

// quiet is a body without its buttons.
func quiet(body url.Values) url.Values {
	out := maps.Clone(body)
	for _, button := range []string{addRow, removeRow, fetchList} {
		delete(out, button)
	}
	return out
}

func names(fields []Field) []string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Name)
	}
	return out
}

// model is a page with only what the guide asks on it.
func (g *Guide) model(r *Run, no int, faults Faults) PageModel {
	m := r.Model(no, faults)
	m.Fields = g.fields(m.Fields)
	m.Steps, m.Task = 0, nil
	ids := map[string]bool{}
	mark(ids, m.Fields)
	m.Faults = slices.DeleteFunc(slices.Clone(m.Faults), func(f Fault) bool { return !ids[f.Field] })
	return m
}

func (g *Guide) fields(all []Field) []Field {
	var out []Field
	for _, f := range all {
		q := g.Form.byID[f.Name[strings.LastIndexByte(f.Name, '.')+1:]]
		switch {
		case q == nil || !g.asks[q]:
			continue
		case q.Kind == Group:
			f.Rows = slices.Clone(f.Rows)
			for i := range f.Rows {
				f.Rows[i].Fields = g.inRow(f.Rows[i].Fields)
			}
		case q.Kind == Person && !g.parts[q][""]:
			f.Fields = slices.DeleteFunc(slices.Clone(f.Fields), func(p Field) bool { return !g.parts[q][p.Name[strings.LastIndexByte(p.Name, '.')+1:]] })
		}
		out = append(out, f)
	}
	return out
}

// inRow is what the guide asks in a row. Where only the number of rows decides, the first
// question stands for the row: an empty one is none.
func (g *Guide) inRow(all []Field) []Field {
	if out := g.fields(all); len(out) > 0 {
		return out
	}
	for i, f := range all {
		if !f.Locked && f.Kind != Computed && f.Kind != Note && f.Kind != Attachment {
			return all[i : i+1]
		}
	}
	return nil
}

// mark notes the ids at which faults of the fields can be.
func mark(ids map[string]bool, fields []Field) {
	for _, f := range fields {
		ids[f.ID], ids[f.Name] = true, true
		for _, p := range f.Parts {
			ids[p.ID], ids[p.Name] = true, true
		}
		for _, c := range f.Choices {
			ids[c.ID] = true
		}
		mark(ids, f.Fields)
		for _, row := range f.Rows {
			mark(ids, row.Fields)
		}
	}
}
