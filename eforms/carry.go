package eforms

import "strings"

// Carry is what becomes of a run's answers under another definition, by question.
type Carry struct {
	Kept  []string // asked and right as before
	Lost  []string // no longer asked
	Wrong []string // asked, and now at fault
	Asked []string // asked anew, and must be answered
}

// Carry says what becomes of the answers when the form is replaced by another: they are
// carried by the questions' ids.
func (r *Run) Carry(to *Form) Carry {
	next := &Run{Form: to, Answers: r.Answers, Facts: r.Facts, Lists: r.Lists, Today: r.Today, Attached: r.Attached}
	before, after := r.asked(), next.asked()
	faultsBefore, faultsAfter := r.faulty(), next.faulty()
	var out Carry
	for _, q := range r.Form.all {
		if before[q.ID] == nil || !r.answered(q) {
			continue
		}
		switch {
		case after[q.ID] == nil:
			out.Lost = append(out.Lost, q.ID)
		case faultsAfter[q.ID] && !faultsBefore[q.ID]:
			out.Wrong = append(out.Wrong, q.ID)
		default:
			out.Kept = append(out.Kept, q.ID)
		}
	}
	for _, q := range to.all {
		if after[q.ID] != nil && before[q.ID] == nil && faultsAfter[q.ID] && !next.answered(q) {
			out.Asked = append(out.Asked, q.ID)
		}
	}
	return out
}

// asked are the cells of the questions on pages that are shown.
func (r *Run) asked() map[string]*cell {
	out := map[string]*cell{}
	r.state().each(func(a asked, c *cell) { out[a.q.ID] = c })
	return out
}

// answered says whether a person gave an answer, or files.
func (r *Run) answered(q *Question) bool {
	return !blank(r.Answers[q.ID]) || q.Kind == Attachment && r.Attached[q.ID] > 0
}

// faulty are the page-level questions at fault, a group for its rows too.
func (r *Run) faulty() map[string]bool {
	out := map[string]bool{}
	for _, f := range r.Faults() {
		id, _, _ := strings.Cut(f.Field, ".")
		out[id] = true
	}
	return out
}
