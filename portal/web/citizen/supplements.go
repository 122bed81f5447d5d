package citizen

import (
	"errors"
	"slices"
	"strconv"
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

// supplementPage lists what is asked for, each with its own answer (ux MSG-1).
type supplementPage struct {
	dossier.Whole
	Items   []supplementItem
	Changes []dossier.Changed // answers that will be filed otherwise
	Pages   []*eforms.Page    // whose answers may be changed
}

type supplementItem struct {
	dossier.Item
	No    int
	Name  string // of its fields
	Note  string
	Files []draft.File
	Page  int // where the answer it names is changed, 0 for none
}

func (h *Filing) supplement(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	return h.showSupplement(c, s, fiber.StatusOK, nil)
}

func (h *Filing) showSupplement(c *fiber.Ctx, s signin.Session, status int, faults []web.ErrorLink) error {
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	if w.Request == nil || w.State != dossier.Supplement {
		return problem.New(problem.Conflict, "dossier.not_now")
	}
	lists, err := h.Drafts.Lists(c.UserContext(), w.Revision)
	if err != nil {
		return err
	}
	d := supplementPage{Whole: w, Changes: w.CopyChanges(lists)}
	pages := w.Editable(w.Copy(lists))
	for _, no := range pages {
		d.Pages = append(d.Pages, w.Revision.Form.Pages[no-1])
	}
	for i, item := range w.Request.Items {
		name := dossier.ItemComponent(i)
		one := supplementItem{Item: item, No: i + 1, Name: name, Note: w.Request.Answers[name], Files: w.Request.FilesOf(i)}
		if q, found := w.Revision.Form.Question(item.Field); found && slices.Contains(pages, q.Page().No) {
			one.Page = q.Page().No
		}
		d.Items = append(d.Items, one)
	}
	return h.Show(c, status, "citizen/supplement", web.Page{Title: locales.M("supplement.title"), Frame: web.FrameForm,
		Service: w.Revision.Sheet.Name, Back: "/ho-so/" + w.ID, Errors: faults, Data: d})
}

// sendSupplement takes files and notes in (multipart); gui=1 sends it all to the agency.
func (h *Filing) sendSupplement(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	parts, err := h.Parts(c)
	if err != nil {
		return err
	}
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	faults, err := h.storeSupplement(c, s, parts, w)
	if err != nil {
		return err
	}
	notes := map[string]string{}
	for i := 0; w.Request != nil && i < len(w.Request.Items); i++ {
		if name := dossier.ItemComponent(i); parts.Values.Has(name) {
			notes[name] = strings.TrimSpace(parts.Values.Get(name))
		}
	}
	switch {
	case parts.Values.Get("bo") != "":
		component, fileID, _ := strings.Cut(parts.Values.Get("bo"), ":")
		err = h.Drafts.Remove(c.UserContext(), s.Person, w.ID, w.Supplements, component, fileID)
	case parts.Values.Get("gui") != "" && len(faults) == 0:
		err = h.Dossiers.SendSupplement(c.UserContext(), s.Person, w.ID, notes, h.key(c, s))
		if err == nil {
			return h.Redirect(c, "/ho-so/"+w.ID+"?da-gui=1")
		}
	default:
		err = h.Dossiers.NoteSupplement(c.UserContext(), s.Person, w.ID, notes)
	}
	var faulty *dossier.Faulty
	if errors.As(err, &faulty) {
		faults = append(faults, copyFaults(w.ID, faulty)...)
	} else if fault, invalid := asInvalid(err); invalid {
		faults = append(faults, web.ErrorLink{Field: faultyItem(w, fault.Message), Message: fault.Message})
	} else if err != nil {
		return err
	}
	if len(faults) > 0 {
		return h.showSupplement(c, s, statusOf(faults), faults)
	}
	return h.Redirect(c, "/ho-so/"+w.ID+"/bo-sung")
}

// faultyItem is the field of the item that a fault names, or the form.
func faultyItem(w dossier.Whole, fault locales.Message) string {
	for i, item := range w.Request.Items {
		if len(fault.Args) == 1 && fault.Args[0].Value == item.Name {
			return "ghi-" + itoa(i+1)
		}
	}
	return "bieu-mau"
}

// storeSupplement attaches the files of the form: each field tep-<n> answers item n.
func (h *Filing) storeSupplement(c *fiber.Ctx, s signin.Session, parts *web.Parts, w dossier.Whole) ([]web.ErrorLink, error) {
	byItem := func(field string) (string, bool) {
		no, err := strconv.Atoi(strings.TrimPrefix(field, "tep-"))
		ok := err == nil && w.Request != nil && no >= 1 && no <= len(w.Request.Items)
		return dossier.ItemComponent(no - 1), ok
	}
	return h.storeBy(c, s, parts, w.ID, w.Supplements, byItem)
}
