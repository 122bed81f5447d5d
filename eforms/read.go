package eforms

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The names of the buttons that change a page without leaving it.
const (
	addRow    = "them" // value: the group's id
	removeRow = "bo"   // value: the group's id and the row's number, with a dot between
	fetchList = "chon" // value: the question whose list depends on another
)

// sent is a page's body. Of a name that came several times only tick boxes take more than
// the first.
type sent url.Values

func (b sent) get(name string) string { return url.Values(b).Get(name) }

func (b sent) came(names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { _, ok := b[n]; return ok })
}

// has says whether a box was ticked.
func (b sent) has(name, value string) bool { return slices.Contains(b[name], value) }

// Read takes page no as it was sent: the answers with the page merged over the old ones,
// and what is wrong on it. What cannot be right is kept as it was typed. Again means that
// the same page is to be shown once more without faults: a row was added or removed, a
// list depends on what was just chosen, or the answers opened a question that was not on
// the page. A page that does not exist, or is not shown, changes nothing.
func (r *Run) Read(no int, body url.Values) (answers Answers, faults Faults, again bool) {
	before := r.state()
	if !r.Shows(no) {
		return r.Answers, nil, false
	}
	page, b := r.Form.Pages[no-1], sent(body)
	next := maps.Clone(r.Answers)
	if next == nil {
		next = Answers{}
	}
	for _, q := range page.Questions {
		a := asked{s: before, q: q, name: q.ID}
		if q.Kind == Group {
			if rows := b.rows(a, next[q.ID]); len(rows) > 0 || a.cell().shown {
				next[q.ID] = rows
			}
		} else if v, ok := b.question(a, a.cell()); ok {
			next[q.ID] = v
		}
	}
	acted := b.act(page, before, next)
	after := r.With(next)
	if acted || after.opened(page, b, before) {
		return next, nil, true
	}
	trimRows(page, next)
	after = r.With(next)
	return next, after.state().pageFaults(page), false
}

// question reads one question; false leaves the old answer.
func (b sent) question(a asked, old *cell) (any, bool) {
	does := a.q.does()
	if fact, _ := a.fact(); does.read == nil || fact != nil && a.q.Locked {
		return nil, false // not the person's to say
	}
	switch {
	case b.came(a.controlNames()), does.ticks && old.shown:
		return does.read(b, a), true
	case old.shown && blank(old.answer):
		return "", true // asked and left unanswered
	}
	return nil, false
}

// rows reads the rows of a group. A row keeps what was not sent of it.
func (b sent) rows(a asked, old any) []any {
	was, _ := old.([]any)
	cells := a.cell()
	n := min(max(len(was), len(cells.rows), b.lastRow(a.q)+1), a.q.MaxRows)
	out := make([]any, 0, n)
	for i := range n {
		var r *row
		if i < len(cells.rows) {
			r = cells.rows[i]
		} else {
			r = a.s.askRow(a.q, i, nil)
		}
		values := maps.Clone(r.raw)
		if values == nil {
			values = map[string]any{}
		}
		for _, q := range a.q.Questions {
			child := asked{s: a.s, q: q, row: r, name: rowName(a.q, i, q)}
			old := r.cells[q.at]
			old.shown = old.shown && i < len(cells.rows) && cells.shown
			if v, ok := b.question(child, &old); ok {
				values[q.ID] = v
			}
		}
		out = append(out, values)
	}
	return out
}

// lastRow is the highest row that the body speaks of, -1 when none.
func (b sent) lastRow(group *Question) int {
	last := -1
	for name := range b {
		rest, ok := strings.CutPrefix(name, group.ID+".")
		if !ok {
			continue
		}
		no, _, _ := strings.Cut(rest, ".")
		if i, ok := digits(no); ok && len(no) <= 4 && i < group.MaxRows {
			last = max(last, i)
		}
	}
	return last
}

// act does what a button other than "save" asks for.
func (b sent) act(page *Page, s *state, next Answers) bool {
	if _, fetch := b[fetchList]; fetch {
		return true
	}
	if q := page.group(b.get(addRow)); q != nil {
		if rows, _ := next[q.ID].([]any); len(rows) < q.MaxRows {
			next[q.ID] = append(rows, map[string]any{})
		}
		return true
	}
	id, no, _ := strings.Cut(b.get(removeRow), ".")
	q := page.group(id)
	if q == nil {
		return false
	}
	rows, _ := next[q.ID].([]any)
	if i, ok := digits(no); ok && i < len(rows) {
		next[q.ID] = slices.Delete(slices.Clone(rows), i, i+1)
	}
	return true
}

func (p *Page) group(id string) *Question {
	for _, q := range p.Questions {
		if q.ID == id && q.Kind == Group {
			return q
		}
	}
	return nil
}

// opened says whether the page must be shown again before it can be judged: it now asks
// something that it did not ask before, or a list that depends on a choice just made.
func (r *Run) opened(page *Page, b sent, before *state) bool {
	now := r.state()
	for _, q := range page.Questions {
		a := asked{s: now, q: q, name: q.ID}
		if a.newlyAsked(asked{s: before, q: q, name: q.ID}, b) {
			return true
		}
		was := before.cells[q.seq].rows
		for i, row := range now.cells[q.seq].rows {
			for _, child := range q.Questions {
				a := asked{s: now, q: child, row: row, name: rowName(q, i, child)}
				old := asked{s: before, q: child, name: a.name}
				if i < len(was) {
					old.row = was[i]
				}
				if !row.blank && a.newlyAsked(old, b) {
					return true
				}
			}
		}
	}
	return false
}

// newlyAsked: it is shown now, was not before, and nothing came for it; or it is a list
// that depends on a choice which has changed, and nothing of the new list is chosen.
func (a asked) newlyAsked(old asked, b sent) bool {
	now, was := a.cell(), &cell{}
	if a.q.group == nil || old.row != nil {
		was = old.cell()
	}
	if !now.shown || now.locked || a.q.does().read == nil || a.q.Kind == Attachment {
		return false
	}
	if !was.shown && blank(now.answer) && !b.came(a.controlNames()) {
		return true
	}
	if a.q.Kind == Address {
		if elsewhere := abroad(now.answer); elsewhere != abroad(was.answer) && a.q.Abroad {
			return elsewhere && part(now.answer, "country") == "" || !elsewhere && part(now.answer, "province") == ""
		}
		province := part(now.answer, "province")
		return province != "" && province != part(was.answer, "province") && part(now.answer, "commune") == ""
	}
	chosen := a.parent()
	return chosen != "" && chosen != old.parent() && now.value == nil
}

// parent is the choice that this question's list depends on.
func (a asked) parent() string {
	other, ok := a.sibling(a.q.Within)
	if a.q.Within == "" || !ok {
		return ""
	}
	return text(other.cell().answer)
}

// trimRows drops rows that were added and left empty.
func trimRows(page *Page, next Answers) {
	for _, q := range page.Questions {
		rows, ok := next[q.ID].([]any)
		if q.Kind != Group || !ok {
			continue
		}
		kept := make([]any, 0, len(rows))
		for i, r := range rows {
			if len(rows)-i+len(kept) <= q.MinRows || !blank(r) {
				kept = append(kept, r)
			}
		}
		next[q.ID] = kept
	}
}

func rowName(group *Question, index int, q *Question) string {
	return group.ID + "." + strconv.Itoa(index) + "." + q.ID
}
