package eforms

import (
	"maps"
	"net/url"
	"slices"
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
	groups := b.groups(page)
	next := maps.Clone(r.Answers)
	if next == nil {
		next = Answers{}
	}
	for _, q := range page.Questions {
		a := asked{s: before, q: q, name: q.ID}
		if q.Kind == Group {
			if rows := groups.rows(a, next[q.ID], a.cell().shown); len(rows) > 0 || a.cell().shown {
				next[q.ID] = rows
			}
		} else if v, ok := b.question(a, a.cell()); ok {
			next[q.ID] = v
		}
	}
	acted := b.act(page, next)
	after := r.With(next)
	if acted || after.opened(page, b, before) {
		return next, nil, true
	}
	dropped := false
	for _, q := range page.Questions {
		if rows, ok := next[q.ID].([]any); ok && q.Kind == Group {
			kept, fewer := trimmed(q, rows)
			next[q.ID], dropped = kept, dropped || fewer
		}
	}
	if dropped { // else it is evaluated already
		after = r.With(next)
	}
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

// opened says whether the page must be shown again before it can be judged: it now asks
// something that it did not ask before, or a list that depends on a choice just made.
func (r *Run) opened(page *Page, b sent, before *state) bool {
	now := r.state()
	for _, q := range page.Questions {
		a := asked{s: now, q: q, name: q.ID}
		if a.newlyAsked(asked{s: before, q: q, name: q.ID}, b) {
			return true
		}
		if a.openedRows(before, before.cells[q.seq].rows, b) {
			return true
		}
	}
	return false
}

// newlyAsked: it is shown now, was not before, and the person has said nothing to it, a
// default being no answer of theirs until they have seen it; or it is a list
// that depends on a choice which has changed, and nothing of the new list is chosen.
func (a asked) newlyAsked(old asked, b sent) bool {
	now, was := a.cell(), &cell{}
	if a.q.group == nil || old.row != nil {
		was = old.cell()
	}
	if a.q.Kind == Group {
		return now.shown && !was.shown && blank(now.answer)
	}
	if !now.shown || now.locked || a.q.does().read == nil || a.q.Kind == Attachment {
		return false
	}
	if !was.shown && (blank(now.answer) || a.defaulted()) && !b.came(a.controlNames()) {
		return true
	}
	if a.q.Kind == Address {
		if elsewhere := abroad(now.answer); elsewhere != abroad(was.answer) && a.q.Abroad {
			return elsewhere && part(now.answer, "country") == "" || !elsewhere && part(now.answer, "province") == ""
		}
		province := part(now.answer, "province")
		// a page that was drawn without communes cannot have one chosen, however often it was saved meanwhile
		fresh := province != part(was.answer, "province") || !b.came([]string{a.name + ".commune"})
		return province != "" && fresh && part(now.answer, "commune") == "" && part(now.answer, "other") == ""
	}
	chosen := a.parent()
	return chosen != "" && chosen != old.parent() && now.value == nil
}

// defaulted says whether nobody has answered and the default stands in.
func (a asked) defaulted() bool {
	given := a.s.run.Answers[a.q.ID]
	if a.row != nil {
		given = a.row.raw[a.q.ID]
	}
	return a.q.preset != nil && blank(given) && a.cell().source == nil
}

// parent is the choice that this question's list depends on.
func (a asked) parent() string {
	other, ok := a.sibling(a.q.Within)
	if a.q.Within == "" || !ok {
		return ""
	}
	return text(other.cell().answer)
}
