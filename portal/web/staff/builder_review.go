package staff

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms/edit"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/review"
	"motcua/portal/web"
)

// finding is something to look at, with the way to where it is.
type finding struct {
	Link    string // "" where nothing of the form is meant
	Label   web.Words
	Message locales.Message
}

// reviewPage is what stands in the way of publishing, what had better be changed, and the
// map of the form.
type reviewPage struct {
	work
	Refusals []finding
	Warnings []finding
	Branches []edit.Branch
}

func (h *Pages) review(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.work(c, by, "kiem-tra")
	if err != nil {
		return err
	}
	candidate, err := h.Catalogue.Candidate(c.UserContext(), by.Officer, w.Edit.ID)
	if err != nil {
		return err
	}
	p := reviewPage{work: w, Refusals: w.findings(candidate.Refusals), Branches: w.Doc.Branches()}
	for _, warning := range w.Doc.Warnings() {
		p.Warnings = append(p.Warnings, finding{w.linkTo(warning.Pointer), warning.Label, warning.Message})
	}
	return h.showWork(c, fiber.StatusOK, "builder-review", w, locales.M("builder.tab.kiem-tra"), nil, p)
}

// findings are refusals with the way to where they are.
func (w work) findings(refusals []catalogue.Refusal) []finding {
	var all []finding
	for _, r := range refusals {
		f := finding{Message: r.Message}
		if r.Part == "form" {
			f.Label, f.Link = w.TitleOf(r.Place), w.linkTo(r.Place)
		} else if key := "builder.file." + r.Part; locales.Has(key) {
			f.Label = locales.M(key)
		}
		all = append(all, f)
	}
	return all
}

// linkTo is the page where a place of the form is edited: its logic's own, or that of the
// nearest part.
func (w work) linkTo(pointer string) string {
	for place := pointer; place != ""; place, _ = edit.Split(place) {
		if _, logic := w.Doc.LogicAt(place); logic {
			return w.Link("dieu-kien", place)
		}
	}
	return w.Link("muc", w.Doc.PartOf(pointer))
}

// publishPage is what publishing would do.
type publishPage struct {
	work
	Candidate  *catalogue.Candidate
	Approved   review.Status
	Refusals   []finding
	Difference edit.Difference
	Drafts     int
	Disturbed  int                   // of the drafts, those in which an answer is lost or wrong, or one is missing
	Losing     map[string]int        // open drafts whose answer to a question goes or becomes wrong, by its id
	Again      []draft.FieldForecast // what their people must look at again
	Note       string
	Day, Hour  string
	Later      bool
}

func (h *Pages) publishPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showPublish(c, by, fiber.StatusOK, publishPage{}, nil)
}

func (h *Pages) showPublish(c *fiber.Ctx, by catalogue.Editing, status int, p publishPage, faults []edit.Fault) error {
	w, err := h.work(c, by, "cong-bo")
	if err != nil {
		return err
	}
	p.work = w
	if p.Candidate, err = h.Catalogue.Candidate(c.UserContext(), by.Officer, w.Edit.ID); err != nil {
		return err
	}
	if p.Approved, err = h.Editorial.Status(c.UserContext(), by.Officer, review.Subject{Kind: review.Form, ID: w.Edit.ID}); err != nil {
		return err
	}
	p.Refusals = w.findings(p.Candidate.Refusals)
	if p.Candidate.Revision != nil {
		p.Difference = edit.Compare(p.Candidate.Before.Form, p.Candidate.Revision.Form)
		if err := p.touched(c.UserContext(), h); err != nil {
			return err
		}
	}
	return h.showWork(c, status, "builder-publish", w, locales.M("builder.tab.cong-bo"), faults, p)
}

// touched reads the open drafts as they would be under the new form.
func (p *publishPage) touched(ctx context.Context, h *Pages) error {
	f, err := h.Drafts.Foresee(ctx, p.Candidate.Revision)
	if err != nil {
		return err
	}
	p.Drafts, p.Disturbed, p.Losing = f.Drafts, f.Disturbed, map[string]int{}
	for _, field := range f.Fields {
		p.Losing[field.ID] = field.Lost + field.Wrong
		if field.Wrong+field.Asked > 0 {
			p.Again = append(p.Again, field)
		}
	}
	return nil
}
