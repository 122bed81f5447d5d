package eforms

import (
	"maps"
	"slices"
	"time"

	"motcua/locales"
)

// Record is the run as a recording: what was answered of what is asked, with the facts and
// the options that it used, so that it replays the same wherever and whenever.
func (r *Run) Record(name locales.Text) Recording {
	rec := Recording{Name: name, Today: r.Today.In(locales.ICT).Format(time.DateOnly), Facts: map[string]any{}, Answers: Answers{}, Attached: map[string]int{}}
	for _, f := range r.Facts {
		if slices.Contains(r.Form.Sources(), SourceOf(f.Name)) {
			rec.Facts[f.Name] = f.Value
		}
	}
	r.state().each(func(a asked, c *cell) {
		answer, answered := r.Answers[a.q.ID]
		if answered && !blank(answer) && !c.locked && a.q.does().read != nil || a.q.Kind == Group && !blank(answer) {
			rec.Answers[a.q.ID] = answer
		}
		if n := r.Attached[a.q.ID]; a.q.Kind == Attachment && n > 0 {
			rec.Attached[a.q.ID] = n
		}
	})
	rec.Lists = r.used(rec)
	return rec
}

// used are the options of the portal's lists that a recording holds, as they are called.
func (r *Run) used(rec Recording) map[string][]Option {
	lists := r.Form.listsOf(rec, rec.Answers, nil)
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		for i, o := range lists[name] {
			if known := find(r.Lists[name], o.Value); known != nil {
				lists[name][i] = Option{Value: known.Value, Label: known.Label, Parent: known.Parent}
			}
		}
	}
	return lists
}
