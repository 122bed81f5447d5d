package eforms

import (
	"maps"
	"slices"
	"strings"
)

// sentRows is a body and, by a group's control name, the highest row that it speaks of.
type sentRows struct {
	sent
	last map[string]int
}

// groups looks through the names of a body once: 700 rows must not be looked for one by one.
func (b sent) groups(page *Page) sentRows {
	out := sentRows{b, map[string]int{}}
	for name := range b {
		head, rest, _ := strings.Cut(name, ".")
		for q := page.group(head); q != nil; {
			no, more, dotted := strings.Cut(rest, ".")
			i, ok := digits(no)
			if !dotted || !ok || len(no) > 4 || i >= q.MaxRows {
				break
			}
			if last, there := out.last[head]; !there || i > last {
				out.last[head] = i
			}
			id, deeper, _ := strings.Cut(more, ".")
			q, head, rest = groupIn(q.Questions, id), head+"."+no+"."+id, deeper
		}
	}
	return out
}

func (p *Page) group(id string) *Question { return groupIn(p.Questions, id) }

func groupIn(questions []*Question, id string) *Question {
	for _, q := range questions {
		if q.ID == id && q.Kind == Group {
			return q
		}
	}
	return nil
}

// rows reads the rows of a group. A row keeps what was not sent of it. Drawn says whether
// the group was on the page that was sent.
func (b sentRows) rows(a asked, old any, drawn bool) []any {
	was, _ := old.([]any)
	cell := a.cell()
	n := max(len(was), len(cell.rows))
	if last, ok := b.last[a.name]; ok {
		n = max(n, last+1)
	}
	n = min(n, a.q.MaxRows)
	out := make([]any, 0, n)
	for i := range n {
		var r *row
		there := drawn && i < len(cell.rows)
		if i < len(cell.rows) {
			r = cell.rows[i]
		} else {
			r = a.s.askRow(a, i, nil)
		}
		out = append(out, b.row(a, r, there))
	}
	return out
}

func (b sentRows) row(a asked, r *row, drawn bool) map[string]any {
	values := maps.Clone(r.raw)
	if values == nil {
		values = map[string]any{}
	}
	for _, q := range a.q.Questions {
		child := a.s.child(r, q)
		old := r.cells[q.at]
		old.shown = old.shown && drawn
		if q.Kind == Group {
			if rows := b.rows(child, values[q.ID], old.shown); len(rows) > 0 || old.shown {
				values[q.ID] = rows
			}
		} else if v, ok := b.question(child, &old); ok {
			values[q.ID] = v
		}
	}
	return values
}

// act does what a button other than "save" asks for.
func (b sent) act(page *Page, next Answers) bool {
	if _, fetch := b[fetchList]; fetch {
		return true
	}
	if edited(page.Questions, next, b.get(addRow), func(q *Question, rows []any) []any {
		if len(rows) < q.MaxRows {
			rows = append(rows, map[string]any{})
		}
		return rows
	}) {
		return true
	}
	name := b.get(removeRow)
	group, no := name, ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		group, no = name[:i], name[i+1:]
	}
	return edited(page.Questions, next, group, func(_ *Question, rows []any) []any {
		if i, ok := digits(no); ok && i < len(rows) {
			rows = slices.Delete(rows, i, i+1)
		}
		return rows
	})
}

// edited changes the rows of the group of that name: prizes, or prizes.0.winners. False
// means that there is no such group. What is changed is copied first.
func edited(questions []*Question, values map[string]any, name string, edit func(q *Question, rows []any) []any) bool {
	id, rest, deeper := strings.Cut(name, ".")
	q := groupIn(questions, id)
	if q == nil {
		return false
	}
	rows, _ := values[id].([]any)
	rows = slices.Clone(rows)
	if !deeper {
		values[id] = edit(q, rows)
		return true
	}
	no, inner, _ := strings.Cut(rest, ".")
	i, ok := digits(no)
	if !ok || i >= len(rows) {
		return false
	}
	row, _ := rows[i].(map[string]any)
	if row = maps.Clone(row); row == nil {
		row = map[string]any{}
	}
	if !edited(q.Questions, row, inner, edit) {
		return false
	}
	rows[i], values[id] = row, rows
	return true
}

// openedRows is opened for the rows of a group; was are those that were on the page.
func (a asked) openedRows(before *state, was []*row, b sent) bool {
	for i, r := range a.cell().rows {
		for _, q := range a.q.Questions {
			now, old := a.s.child(r, q), asked{s: before, q: q}
			var inner []*row
			if i < len(was) {
				old = before.child(was[i], q)
				inner = old.cell().rows
			}
			if !r.blank && now.newlyAsked(old, b) || q.Kind == Group && now.openedRows(before, inner, b) {
				return true
			}
		}
	}
	return false
}

// trimmed drops rows that were added and left empty, and says whether there were any.
func trimmed(group *Question, rows []any) (kept []any, dropped bool) {
	kept = make([]any, 0, len(rows))
	for i, r := range rows {
		if len(rows)-i+len(kept) > group.MinRows && blank(r) {
			dropped = true
			continue
		}
		row, fewer := trimmedRow(group, r)
		kept, dropped = append(kept, row), dropped || fewer
	}
	return kept, dropped
}

// trimmedRow is a row whose own groups are trimmed.
func trimmedRow(group *Question, r any) (row any, dropped bool) {
	values, ok := r.(map[string]any)
	if !ok {
		return r, false
	}
	for _, q := range group.Questions {
		rows, there := values[q.ID].([]any)
		if q.Kind != Group || !there {
			continue
		}
		if kept, fewer := trimmed(q, rows); fewer {
			values = maps.Clone(values)
			values[q.ID], dropped = kept, true
		}
	}
	return values, dropped
}
