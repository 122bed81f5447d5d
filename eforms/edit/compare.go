package edit

import (
	"slices"

	"motcua/eforms"
)

// Difference is what a new form means for answers that were given in the old one: they are
// carried by the ids of questions.
type Difference struct {
	Carried int                // questions whose answers are carried
	Lost    []*eforms.Question // of the old form: not asked any more
	Recast  []*eforms.Question // of the new form: asked in another way, the answer must be given anew
	New     []*eforms.Question // of the new form
}

// Compare holds two forms against each other. There need not be an old one.
func Compare(before, after *eforms.Form) Difference {
	var d Difference
	if before == nil {
		d.New = asked(after)
		return d
	}
	for _, q := range asked(before) {
		now, there := after.Question(q.ID)
		switch {
		case !there || groupOf(now) != groupOf(q):
			d.Lost = append(d.Lost, q)
		case now.Kind != q.Kind:
			d.Recast = append(d.Recast, now)
		default:
			d.Carried++
		}
	}
	for _, q := range asked(after) {
		if old, there := before.Question(q.ID); !there || groupOf(old) != groupOf(q) {
			d.New = append(d.New, q)
		}
	}
	return d
}

func groupOf(q *eforms.Question) string {
	if g := q.Group(); g != nil {
		return g.ID
	}
	return ""
}

// asked are the questions that have answers.
func asked(f *eforms.Form) []*eforms.Question {
	return slices.DeleteFunc(slices.Clone(f.All()), func(q *eforms.Question) bool {
		return q.Kind == eforms.Note || q.Kind == eforms.Computed || q.Kind == eforms.Group
	})
}
