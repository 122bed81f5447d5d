package citizen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// copyPage is a page of the form as a supplement will file it; what is filed stays.
type copyPage struct {
	Dossier   dossier.Whole
	Model     eforms.PageModel
	Proof     string
	Shown     draft.Shown
	Kept      bool
	Overtaken []dossier.Changed // stored elsewhere since, beside what the page still shows
	Items     []dossier.Item    // what the agency asks for on this page
}

func copyAddress(id string, no int) string { return fmt.Sprintf("/ho-so/%s/bo-sung/buoc/%d", id, no) }

func (h *Filing) copied(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	no, err := number(c, "no")
	if err != nil {
		return err
	}
	return h.showCopy(c, s, fiber.StatusOK, no, draft.Saved{})
}

// showCopy draws the page of the copy. After a save that was overtaken it shows what was
// typed and says what is stored.
func (h *Filing) showCopy(c *fiber.Ctx, s signin.Session, status, no int, saved draft.Saved) error {
	w, lists, err := h.supplementOf(c, s)
	if err != nil {
		return err
	}
	d := w.Copy(lists)
	if !slices.Contains(w.Editable(d), no) {
		return fiber.ErrNotFound
	}
	run := d.Run(w.Last().At)
	data := copyPage{Dossier: w, Proof: h.Proof(c, draftThing(w.ID)), Shown: d.Shown(run, no, newTab()), Kept: c.Query("giu") != ""}
	if len(saved.Overtaken) > 0 {
		typed := run.With(saved.Typed())
		for _, changed := range dossier.Differences(run, typed) {
			if slices.Contains(saved.Overtaken, changed.Before.ID) {
				data.Overtaken = append(data.Overtaken, changed)
			}
		}
		run = typed
	}
	data.Model = run.Model(no, saved.Faults)
	data.Model.Fields = slices.DeleteFunc(data.Model.Fields, func(f eforms.Field) bool { return f.Kind == eforms.Attachment })
	for _, item := range w.Request.Items {
		if q, found := w.Revision.Form.Question(item.Field); found && q.Page().No == no {
			data.Items = append(data.Items, item)
		}
	}
	return h.Show(c, status, "citizen/copy", web.Page{Title: data.Model.Title, Frame: web.FrameForm, Service: w.Revision.Sheet.Name,
		Back: "/ho-so/" + w.ID + "/bo-sung", Errors: web.Faults(saved.Faults), Data: data})
}

// supplementOf is a dossier of the person's that waits for a supplement.
func (h *Filing) supplementOf(c *fiber.Ctx, s signin.Session) (dossier.Whole, map[string][]eforms.Option, error) {
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return w, nil, err
	}
	if w.Request == nil || w.State != dossier.Supplement {
		return w, nil, problem.New(problem.Conflict, "dossier.not_now")
	}
	lists, err := h.Drafts.Lists(c.UserContext(), w.Revision)
	return w, lists, err
}

// saveCopied keeps the page in the copy, right or wrong, and goes back to the request.
func (h *Filing) saveCopied(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if problem.Is(err, problem.SignIn) {
		return h.hold(c, err)
	}
	if err != nil {
		return err
	}
	no, err := number(c, "no")
	if err != nil {
		return err
	}
	id := c.Params("id")
	form, _, err := h.FormOf(c, draftThing(id))
	if err != nil {
		return err
	}
	saved, err := h.Dossiers.SaveCopy(c.UserContext(), s.Person, id, h.sent(c, no, form), h.key(c, s))
	if err != nil {
		return h.giveBack(c, s, form, err)
	}
	switch {
	case form.Has("tu-luu"):
		answer := saveAnswer{At: h.Drafts.Now().In(locales.ICT).Format("15:04"), Shown: saved.Left.String()}
		if len(saved.Overtaken) > 0 {
			answer.Choose = copyAddress(id, no)
		}
		return c.JSON(answer)
	case len(saved.Overtaken) > 0:
		return h.showCopy(c, s, fiber.StatusConflict, no, saved)
	case saved.Again:
		return h.Redirect(c, copyAddress(id, no))
	case len(saved.Faults) > 0:
		return h.showCopy(c, s, fiber.StatusUnprocessableEntity, no, saved)
	}
	return h.Redirect(c, "/ho-so/"+id+"/bo-sung")
}

// copyFaults lead from the request to the pages of the copy where the faults are.
func copyFaults(id string, f *dossier.Faulty) []web.ErrorLink {
	var links []web.ErrorLink
	for _, fault := range f.Faults {
		links = append(links, web.ErrorLink{Path: copyAddress(id, fault.Page), Field: fault.Field, Message: fault.Message})
	}
	return links
}

// filingPage is one of a dossier's filings, with what it changed.
type filingPage struct {
	Dossier dossier.Whole
	Filing  dossier.Filing
	Outline []eforms.Section
	Changed []dossier.Changed
}

// filing shows what was filed in one round, as it was.
func (h *Filing) filing(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	no, err := number(c, "no")
	if err != nil {
		return err
	}
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	if no > len(w.Filings) {
		return fiber.ErrNotFound
	}
	lists, err := h.Drafts.Lists(c.UserContext(), w.Revision)
	if err != nil {
		return err
	}
	d := filingPage{w, w.Filings[no-1], w.RunOf(no-1, lists).Outline(), w.History(lists)[no-1]}
	return h.Show(c, fiber.StatusOK, "citizen/filing", web.Page{Title: filingName(no), Data: d,
		Crumbs: []web.Crumb{{Path: "/ho-so", Name: locales.M("mine.title")}, {Path: "/ho-so/" + w.ID, Name: w.Code}}})
}

// filingName is what a round is called.
func filingName(no int) locales.Message {
	if no == 1 {
		return locales.M("filing.first")
	}
	return locales.M("filing.supplement", locales.N("n", int64(no-1)))
}

// isCopy says whether the path of a held page is one of a supplement's copy.
func isCopy(path string) bool { return strings.Contains(path, "/bo-sung/") }
