package staff

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// trialEnd is what a trial came to: what the check page would say, how long it took, and
// what had better be changed on the pages that were seen.
type trialEnd struct {
	work
	State      string
	Person     locales.Text
	Sections   []eforms.Section
	Papers     []eforms.Component
	Files      map[string]int
	Case       locales.Text
	End        *eforms.End
	Fee        feeTried
	Faults     []finding
	Pages      int
	Asked      int
	Minutes    int
	Warnings   []finding
	Run        string // what it is to be called
	Recordable bool
}

type feeTried struct {
	Lines []payments.Line
	Total int64
}

func (h *Pages) showTrialEnd(c *fiber.Ctx, t *tried, status int, faults []web.ErrorLink) error {
	run := t.run
	p := trialEnd{work: t.work, Person: t.person.Name, Files: t.state.Papers, End: run.End(), Run: t.name}
	if of := run.Case(); of != nil {
		p.Case = of.Name
	}
	last := len(run.Form.Pages)
	if p.End != nil {
		last = p.End.Page().No
	}
	var m measure
	for _, page := range run.Pages() {
		if page.No > last {
			break
		}
		m.page(run.Model(page.No, nil))
		for _, w := range t.Doc.Warnings() {
			if at := fmt.Sprintf("/pages/%d", page.No-1); w.Pointer == at || strings.HasPrefix(w.Pointer, at+"/") {
				p.Warnings = append(p.Warnings, finding{t.linkTo(w.Pointer), w.Label, w.Message})
			}
		}
	}
	p.Pages, p.Asked, p.Minutes = m.pages, m.asked, m.minutes()
	for _, s := range run.Outline() {
		if s.Page <= last {
			p.Sections = append(p.Sections, s)
		}
	}
	if p.End == nil {
		p.Papers = run.Components()
		for _, f := range run.Faults() {
			p.Faults = append(p.Faults, finding{Label: run.Form.Pages[f.Page-1].Title, Message: f.Message})
		}
		if err := p.fee(t); err != nil {
			return err
		}
	}
	p.Recordable = t.Edit.Open() && len(p.Faults) == 0
	var err error
	if p.State, err = t.written(); err != nil {
		return err
	}
	return h.showTried(c, status, "builder-trial-end", t.work, locales.M("builder.trial.end"), faults, p)
}

// fee is what would have to be paid; a fault of the quantities is one of the trial.
func (p *trialEnd) fee(t *tried) error {
	lines, total, err := payments.Due(t.candidate.Revision.Fees, t.run.Quantities(), t.run.Today)
	if fault, ok := errors.AsType[*problem.Error](err); ok {
		p.Faults = append(p.Faults, finding{Message: fault.Message})
		return nil
	}
	p.Fee = feeTried{lines, total}
	return err
}

// longestName is how long the name of a run may be, in bytes.
const longestName = 500

// keepTrial keeps the run with the edit.
func (h *Pages) keepTrial(c *fiber.Ctx, t *tried) error {
	fault := func(m locales.Message) error {
		return h.showTrialEnd(c, t, fiber.StatusUnprocessableEntity, []web.ErrorLink{{Field: "_ten", Message: m}})
	}
	if t.name == "" || len(t.name) > longestName {
		return fault(locales.M("builder.run.fault.name"))
	}
	_, err := h.Catalogue.KeepRun(c.UserContext(), t.by, t.Edit.ID, t.run.Record(locales.V(t.name)))
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Kind == problem.Invalid {
		return fault(p.Message)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, t.At("bai-chay"))
}

// runsPage are the recorded runs with how each replays.
type runsPage struct {
	work
	Runs   []catalogue.FormRun
	Ready  bool
	Missed []locales.Text // cases of which no run is recorded
}

func (h *Pages) runs(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.work(c, by, "bai-chay")
	if err != nil {
		return err
	}
	p := runsPage{work: w}
	all, candidate, err := h.Catalogue.FormRuns(c.UserContext(), by.Officer, w.Edit.ID)
	if err != nil {
		return err
	}
	p.Runs, p.Ready = all, candidate.Revision != nil
	if p.Ready {
		p.Missed = missed(candidate.Revision.Form, all)
	}
	return h.showWork(c, fiber.StatusOK, "builder-runs", w, locales.M("builder.tab.bai-chay"), nil, p)
}

// missed are the cases of a form that no run comes to.
func missed(form *eforms.Form, runs []catalogue.FormRun) []locales.Text {
	seen := map[string]bool{}
	for _, r := range runs {
		seen[r.Seen.Case] = seen[r.Seen.Case] || r.Seen.End == ""
	}
	var out []locales.Text
	for _, of := range form.Cases {
		if !seen[of.ID] {
			out = append(out, of.Name)
		}
	}
	return out
}

func (h *Pages) runDeed(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	id := c.Params("id")
	word, name, _ := strings.Cut(body.Get("lam"), " ")
	switch word {
	case "ghi-lai":
		err = h.Catalogue.RenewRun(c.UserContext(), by, id, name)
	case "xoa":
		err = h.Catalogue.DropRun(c.UserContext(), by, id, name)
	default:
		return fiber.ErrNotFound
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, builderAt+"/"+id+"/bai-chay")
}
