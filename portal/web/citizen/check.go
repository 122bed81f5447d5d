package citizen

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// checkPage is everything before filing (ux CHK).
type checkPage struct {
	Draft    draft.Draft
	Proof    string
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

// Pages is how many pages were attached.
func (p attachedPaper) Pages() int {
	n := 0
	for _, f := range p.Files {
		n += f.Pages
	}
	return n
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
	if to := unsettled(d); to != "" {
		return h.Redirect(c, to)
	}
	if d.Run(h.Drafts.Now()).End() != nil {
		return h.Redirect(c, endOf(d.ID))
	}
	if err := h.Drafts.At(c.UserContext(), s.Person, d.ID, "kiem-tra"); err != nil {
		return err
	}
	return h.showCheck(c, fiber.StatusOK, d, nil)
}

func (h *Filing) showCheck(c *fiber.Ctx, status int, d draft.Draft, faulty *dossier.Faulty) error {
	if faulty == nil {
		return h.showCheckWith(c, status, d, nil)
	}
	return h.showCheckWith(c, status, d, h.faultLinks(d, faulty))
}

func (h *Filing) showCheckWith(c *fiber.Ctx, status int, d draft.Draft, faults []web.ErrorLink) error {
	now := h.Drafts.Now()
	run := d.Run(now)
	data := checkPage{Draft: d, Proof: h.Proof(c, draftThing(d.ID)), Sections: run.Outline(), Declare: d.Revision.Form.Declaration,
		Term: locales.M("calendar.rule."+d.Revision.Deadline.Unit, locales.N("n", int64(d.Revision.Deadline.Amount)))}
	for _, component := range run.Components() {
		data.Papers = append(data.Papers, attachedPaper{component, d.FilesOf(component.ID)})
	}
	var err error
	if data.Sources, err = h.sources(c.UserContext(), d); err != nil {
		return err
	}
	if data.Fee, err = dueTable(d.Revision, run, now); err != nil {
		return err
	}
	data.Agency = chosenAgency(d)
	cal, err := h.Agency.Calendar(c.UserContext())
	if err != nil {
		return err
	}
	data.Expected, _ = cal.Due(now, d.Revision.Deadline)
	p := web.Page{Title: locales.M("check.title"), Frame: web.FrameForm, Service: d.Revision.Sheet.Name, Of: ofWhom(d.Capacity.Kind, d.Capacity.Name), Errors: faults, Data: data}
	if pages := run.Pages(); len(pages) > 0 {
		p.Back = fmt.Sprintf("/ho-so/%s/buoc/%d", d.ID, pages[len(pages)-1].No)
	}
	return h.Show(c, status, "citizen/check", p)
}

// faultLinks lead from the check page to the pages where the faults are.
func (h *Filing) faultLinks(d draft.Draft, f *dossier.Faulty) []web.ErrorLink {
	var links []web.ErrorLink
	for _, fault := range f.Faults {
		if fault.Field == draft.CapacityProof { // a paper with a page of its own, outside the form
			links = append(links, web.ErrorLink{Path: "/ho-so/" + d.ID + "/giay-to/" + fault.Field + "?sua=1", Message: fault.Message})
			continue
		}
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

// file turns the draft into a dossier. A second press ends at the same dossier; a draft that
// is not as the person has checked it is shown to them first.
func (h *Filing) file(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, _, err := h.FormOf(c, draftThing(c.Params("id")))
	if err != nil {
		return err
	}
	seen, _ := strconv.Atoi(form.Get(shownField))
	id, err := h.Dossiers.FileSeen(c.UserContext(), s.Person, c.Params("id"), form.Get("cam-doan") != "", seen, h.key(c, s))
	var faulty *dossier.Faulty
	switch {
	case err == nil:
		return h.Redirect(c, "/ho-so/"+id+"?da-nop=1")
	case errors.As(err, &faulty):
	case notConfirmed(err):
		return h.Redirect(c, "/can-bo/nop-thay/"+c.Params("id"))
	case problem.Is(err, problem.Conflict):
	default:
		return h.leveled(c, "/ho-so/"+c.Params("id")+"/kiem-tra", err)
	}
	d, loadErr := h.draftOf(c, s)
	if loadErr != nil {
		return loadErr
	}
	if to := unsettled(d); to != "" {
		return h.Redirect(c, to)
	}
	if faulty == nil {
		return h.showAgain(c, d, err)
	}
	return h.showCheck(c, fiber.StatusUnprocessableEntity, d, faulty)
}

// notConfirmed says whether an officer files what the person they help has not confirmed.
func notConfirmed(err error) bool {
	var fault *problem.Error
	return errors.As(err, &fault) && fault.Message.Key == "assist.not_confirmed"
}

// unsettled is where the person must go before the draft can be filed, "" for nowhere.
func unsettled(d draft.Draft) string {
	switch {
	case d.UnseenID != nil:
		return "/ho-so/" + d.ID + "/thay-doi"
	case len(d.Overtaken) > 0:
		return choosing(d.ID, d.Choices(d.SavedAt)[0].Page)
	}
	return ""
}

// showAgain shows the check page as it is now, and says that it was another one.
func (h *Filing) showAgain(c *fiber.Ctx, d draft.Draft, err error) error {
	var fault *problem.Error
	if !errors.As(err, &fault) || fault.Message.Key != "draft.changed_elsewhere" {
		return err
	}
	return h.showCheckWith(c, fiber.StatusConflict, d, []web.ErrorLink{{Field: "cam-doan", Message: fault.Message}})
}
