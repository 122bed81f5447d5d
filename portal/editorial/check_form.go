package editorial

import (
	"fmt"
	"slices"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/workflow"
)

// papers wants a page of the form for every paper that must be handed in. A declaration is
// the form itself; what is only shown is not sent.
func (c *checking) papers() {
	if c.rev.Form == nil {
		return
	}
	for i, set := range c.rev.Sheet.Components {
		for j, p := range set.Papers {
			if p.Optional || p.Type == catalogue.Shown || p.Type == catalogue.Declaration || !p.Form.Empty() {
				continue
			}
			if q, asked := c.rev.Form.Question(p.Code); !asked || q.Kind != eforms.Attachment {
				c.refuse("sheet", fmt.Sprintf("/components/%d/papers/%d/code", i, j), "finding.paper", locales.T("paper", p.Name))
			}
		}
	}
}

// workflow wants the steps and the ways to file to say the same: what is filed online is
// done in the time that is promised there, and what is done can be handed over.
func (c *checking) workflow() {
	w := c.rev.Workflow
	if w == nil || len(w.Steps) == 0 {
		return
	}
	if i := slices.IndexFunc(c.rev.Sheet.Channels, func(ch catalogue.Channel) bool { return ch.Channel == catalogue.Online }); i >= 0 {
		if t := c.rev.Sheet.Channels[i].Time; (t.Amount != c.rev.Deadline.Amount || t.Unit != c.rev.Deadline.Unit) && c.rev.Deadline.Valid() {
			c.refuse("sheet", fmt.Sprintf("/channels/%d/time/amount", i), "finding.workflow.deadline", term("promised", calendar.Rule{Amount: t.Amount, Unit: t.Unit}), term("computed", c.rev.Deadline))
		}
	}
	if _, ok := w.After(w.Steps[0].ID, workflow.Return); !ok {
		c.refuse("workflow", "", "finding.workflow.no_return")
	}
	needs := hours(c.rev)
	for i, ch := range c.rev.Sheet.Channels {
		t := calendar.Rule{Amount: ch.Time.Amount, Unit: ch.Time.Unit}
		if t.Valid() && needs > within(t) {
			c.refuse("sheet", fmt.Sprintf("/channels/%d/time/amount", i), "finding.workflow.longer", locales.S("channel", ch.Channel), locales.N("hours", needs), term("promised", t))
		}
	}
}

// dayHours are the working hours of a day.
const dayHours = 8

// within is a term in working hours; one in calendar days is counted as if all were worked,
// so that nothing is refused that might be kept.
func within(t calendar.Rule) int64 {
	switch t.Unit {
	case calendar.WorkingHour:
		return int64(t.Amount)
	case calendar.SameDay:
		return dayHours
	}
	return int64(t.Amount) * dayHours
}

// hours are what the officers' steps take on the usual way.
func hours(rev *catalogue.Revision) int64 {
	var sum int64
	seen := map[string]bool{}
	for step, ok := rev.Workflow.First(); ok && !seen[step.ID]; {
		seen[step.ID] = true
		if step.Role != workflow.Applicant && step.Within.Valid() {
			sum += within(step.Within)
		}
		if len(step.Next) == 0 {
			break
		}
		step, ok = rev.Workflow.Step(step.Next[0])
	}
	return sum
}

// term is a deadline as a message says it.
func term(name string, r calendar.Rule) locales.Arg {
	return locales.Sub(name, locales.M("finding.term."+r.Unit, locales.N("n", int64(r.Amount))))
}
