package citizen

import (
	"errors"
	"io"
	"net/url"
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
	"motcua/portal/vault"
	"motcua/portal/web"
)

// supplementPage lists what is asked for, each with its own answer (ux MSG-1).
type supplementPage struct {
	dossier.Whole
	Items   []supplementItem
	Proof   string
	Kept    bool              // notes sent when the session was over, saved now
	Changes []dossier.Changed // answers that will be filed otherwise
	Pages   []*eforms.Page    // whose answers may be changed
}

type supplementItem struct {
	dossier.Item
	No     int
	Name   string // of its fields
	Note   string
	Files  []draft.File
	Offers []vault.Paper // earlier papers that may answer it
	Page   int           // where the answer it names is changed, 0 for none
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
	d := supplementPage{Whole: w, Changes: w.CopyChanges(lists), Proof: h.Proof(c, draftThing(w.ID)), Kept: c.Query("giu") != ""}
	pages := w.Editable(w.Copy(lists))
	for _, no := range pages {
		d.Pages = append(d.Pages, w.Revision.Form.Pages[no-1])
	}
	known, err := h.Drafts.Known(c.UserContext(), s.Person, w.ID)
	if err != nil {
		return err
	}
	offers, err := h.Vault.Offers(c.UserContext(), s.Person, known, vault.ItemWants(w))
	if err != nil {
		return err
	}
	for i, item := range w.Request.Items {
		name := dossier.ItemComponent(i)
		one := supplementItem{Item: item, No: i + 1, Name: name, Note: w.Request.Answers[name], Files: w.Request.FilesOf(i)}
		one.Offers = slices.DeleteFunc(offers[name], func(p vault.Paper) bool {
			return slices.ContainsFunc(one.Files, func(f draft.File) bool { return f.VaultID == p.ID })
		})
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
	if problem.Is(err, problem.SignIn) {
		return h.holdNotes(c, err)
	}
	if err != nil {
		return err
	}
	parts, err := h.PartsOf(c, draftThing(c.Params("id")))
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
	notes := notesOf(parts.Values)
	switch {
	case parts.Values.Get("bo") != "":
		component, fileID, _ := strings.Cut(parts.Values.Get("bo"), ":")
		err = h.Drafts.Remove(c.UserContext(), s.Person, w.ID, w.Supplements, component, fileID)
	case parts.Values.Get("kho") != "" && len(faults) == 0:
		component, paper, _ := strings.Cut(parts.Values.Get("kho"), ":")
		if err = h.Dossiers.NoteSupplement(c.UserContext(), s.Person, w.ID, notes); err == nil {
			err = h.Vault.Use(c.UserContext(), s.Person, w.ID, w.Supplements, map[string]string{component: paper}, h.key(c, s))
		}
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
		return h.giveBack(c, s, parts.Values, err)
	}
	if len(faults) > 0 {
		return h.showSupplement(c, s, statusOf(faults), faults)
	}
	return h.Redirect(c, "/ho-so/"+w.ID+"/bo-sung")
}

// mostItems is more than any request asks for.
const mostItems = 100

// notesOf is what was written to each item.
func notesOf(form url.Values) map[string]string {
	notes := map[string]string{}
	for i := range mostItems {
		if name := dossier.ItemComponent(i); form.Has(name) {
			notes[name] = strings.TrimSpace(form.Get(name))
		}
	}
	return notes
}

// holdNotes keeps what was written to the items when the session was over; files are
// chosen anew.
func (h *Filing) holdNotes(c *fiber.Ctx, signIn error) error {
	parts, err := h.PartsOf(c, draftThing(c.Params("id")))
	if err != nil || !parts.Proven {
		return signIn
	}
	for err == nil { // fields may stand behind files
		_, err = parts.Next()
	}
	if !errors.Is(err, io.EOF) {
		return signIn
	}
	return h.keepHeld(c, parts.Values, signIn)
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
