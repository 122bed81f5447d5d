package citizen

import (
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/web"
)

// checkPage is everything before filing (ux CHK).
type checkPage struct {
	Draft    draft.Draft
	Sections []eforms.Section
	Papers   []attachedPaper
	Fee      feeTable
	Agency   *locales.Text
	Term     locales.Message
	Expected time.Time
	Sources  []sourceLine
	Declared bool
	Declare  locales.Text
}

// attachedPaper is a component with its files.
type attachedPaper struct {
	eforms.Component
	Files []draft.File
}

func (h *Filing) check(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	d, err := h.draftOf(c, s)
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	if err := h.Drafts.At(c.UserContext(), s.Person, d.ID, "kiem-tra"); err != nil {
		return err
	}
	return h.showCheck(c, fiber.StatusOK, d, nil)
}

func (h *Filing) showCheck(c *fiber.Ctx, status int, d draft.Draft, faulty *dossier.Faulty) error {
	now := h.Drafts.Now()
	run := d.Run(now)
	data := checkPage{Draft: d, Sections: run.Outline(), Sources: sources(d), Declare: d.Revision.Form.Declaration,
		Term: locales.M("calendar.rule."+d.Revision.Deadline.Unit, locales.N("n", int64(d.Revision.Deadline.Amount)))}
	for _, component := range run.Components() {
		data.Papers = append(data.Papers, attachedPaper{component, d.FilesOf(component.ID)})
	}
	var err error
	if data.Fee, err = dueTable(d.Revision, run, now); err != nil {
		return err
	}
	data.Agency = chosenAgency(d)
	cal, err := h.Agency.Calendar(c.UserContext())
	if err != nil {
		return err
	}
	data.Expected, _ = cal.Due(now, d.Revision.Deadline)
	p := web.Page{Title: locales.M("check.title"), Frame: web.FrameForm, Service: d.Revision.Sheet.Name, Data: data}
	if pages := run.Pages(); len(pages) > 0 {
		p.Back = fmt.Sprintf("/ho-so/%s/buoc/%d", d.ID, pages[len(pages)-1].No)
	}
	if faulty != nil {
		p.Errors = h.faultLinks(d, faulty)
	}
	return h.Show(c, status, "citizen/check", p)
}

// faultLinks lead from the check page to the pages where the faults are.
func (h *Filing) faultLinks(d draft.Draft, f *dossier.Faulty) []web.ErrorLink {
	var links []web.ErrorLink
	for _, fault := range f.Faults {
		links = append(links, web.ErrorLink{Path: fmt.Sprintf("/ho-so/%s/buoc/%d?sua=1", d.ID, fault.Page), Field: fault.Field, Message: fault.Message})
	}
	if f.Undeclared {
		links = append(links, web.ErrorLink{Field: "cam-doan", Message: locales.M("dossier.declare")})
	}
	return links
}

// chosenAgency is the name of the agency that will receive the dossier.
func chosenAgency(d draft.Draft) *locales.Text {
	code, _ := d.Answers["agency"].(string)
	for _, option := range d.Lists["agencies"] {
		if option.Value == code || len(d.Lists["agencies"]) == 1 {
			return &option.Label
		}
	}
	return nil
}

// file turns the draft into a dossier. A second press ends at the same dossier.
func (h *Filing) file(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	id, err := h.Dossiers.File(c.UserContext(), s.Person, c.Params("id"), form.Get("cam-doan") != "", h.key(c, s))
	var faulty *dossier.Faulty
	if errors.As(err, &faulty) {
		d, err := h.draftOf(c, s)
		if err != nil {
			return err
		}
		return h.showCheck(c, fiber.StatusUnprocessableEntity, d, faulty)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, "/ho-so/"+id+"?da-nop=1")
}
