package staff

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms/edit"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

const builderAt = "/can-bo/bieu-mau"

// builder are the pages where editors make forms.
func (h *Pages) builder(app fiber.Router) {
	app.Get(builderAt, h.forms)
	app.Post(builderAt, h.startForm)
	app.Get(builderAt+"/:id", h.outline)
	app.Post(builderAt+"/:id", h.outlineDeed)
	app.Get(builderAt+"/:id/them", h.addPage)
	app.Post(builderAt+"/:id/them", h.add)
	app.Get(builderAt+"/:id/muc", h.partPage)
	app.Post(builderAt+"/:id/muc", h.part)
	app.Get(builderAt+"/:id/dieu-kien", h.logicPage)
	app.Post(builderAt+"/:id/dieu-kien", h.logic)
	app.Get(builderAt+"/:id/kiem-tra", h.review)
	app.Get(builderAt+"/:id/lich-su", h.history)
	app.Get(builderAt+"/:id/tep.json", h.export)
	app.Post(builderAt+"/:id/nhap", h.importFile)
	app.Get(builderAt+"/:id/cong-bo", h.publishPage)
	app.Post(builderAt+"/:id/cong-bo", h.publish)
	app.Get(builderAt+"/:id/chay-thu", h.trialBegin)
	app.Post(builderAt+"/:id/chay-thu", h.trial)
	app.Get(builderAt+"/:id/bai-chay", h.runs)
	app.Post(builderAt+"/:id/bai-chay", h.runDeed)
	app.Get(builderAt+"/:id/chuyen-doi", h.convertPage)
	app.Post(builderAt+"/:id/chuyen-doi", h.convert)
}

// editor is an officer who makes forms. To all others these pages do not exist.
func (h *Pages) editor(c *fiber.Ctx) (catalogue.Editing, error) {
	s, o, err := h.officer(c)
	if err == nil {
		err = catalogue.MayEdit(o)
	}
	return catalogue.Editing{Officer: o, IP: h.IP(c), Request: web.RequestID(c), Key: h.Key(c, fmt.Sprintf("person:%d", s.ID))}, err
}

// sent is an editor with the form that was sent. It is asked who they are first.
func (h *Pages) sent(c *fiber.Ctx) (catalogue.Editing, url.Values, error) {
	if _, err := h.editor(c); err != nil {
		return catalogue.Editing{}, nil, err
	}
	body, err := h.Form(c)
	if err != nil {
		return catalogue.Editing{}, nil, err
	}
	by, err := h.editor(c) // now with the form's key
	return by, body, err
}

// formsPage is the list of forms.
type formsPage struct {
	Text  string
	Forms []catalogue.Form
	Shown int
	All   int
}

// formsShown is how many rows the list has at once; a search finds the others.
const formsShown = 60

func (h *Pages) forms(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	all, err := h.Catalogue.Forms(c.UserContext(), by.Officer)
	if err != nil {
		return err
	}
	p := formsPage{Text: strings.TrimSpace(c.Query("q"))}
	for _, f := range all {
		if catalogue.Says(p.Text, f.Revision) {
			p.All++
			if len(p.Forms) < formsShown {
				p.Forms = append(p.Forms, f)
			}
		}
	}
	p.Shown = len(p.Forms)
	return h.Show(c, fiber.StatusOK, "staff/builder-list", web.Page{Title: locales.M("builder.title"), Frame: web.FrameStaff, Menu: menu(by.Officer), Data: p})
}

func (h *Pages) startForm(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	id, err := h.Catalogue.StartEdit(c.UserContext(), by, body.Get("ma"))
	if err != nil {
		return err
	}
	return h.Redirect(c, builderAt+"/"+id)
}

// work is an edit on the screen: what all its pages know.
type work struct {
	Edit   catalogue.FormEdit
	Name   locales.Text // of the procedure
	Doc    *edit.Doc
	Tab    string // which of the edit's pages it is
	Editor agency.Officer
}

// Tabs are the pages of an edit, by the last word of their address.
func (w work) Tabs() []string {
	return []string{"", "kiem-tra", "chay-thu", "bai-chay", "lich-su", "so-sanh", "cong-bo"}
}

// At is the address of one of its pages.
func (w work) At(tab string) string {
	if tab == "" {
		return builderAt + "/" + w.Edit.ID
	}
	return builderAt + "/" + w.Edit.ID + "/" + tab
}

// Link is a page of the edit about one place of the form.
func (w work) Link(tab, pointer string) string { return w.At(tab) + "?o=" + url.QueryEscape(pointer) }

// Anchor is the html id of a part.
func (w work) Anchor(pointer string) string { return anchor(pointer) }

func anchor(pointer string) string { return "o" + strings.ReplaceAll(pointer, "/", "-") }

// TitleOf is by what people know the part nearest to a place.
func (w work) TitleOf(pointer string) locales.Text { return w.Doc.TitleOf(w.Doc.PartOf(pointer)) }

// work opens an edit for an editor.
func (h *Pages) work(c *fiber.Ctx, by catalogue.Editing, tab string) (work, error) {
	e, err := h.Catalogue.FormEdit(c.UserContext(), by.Officer, c.Params("id"))
	if err != nil {
		return work{}, err
	}
	w := work{Edit: e, Tab: tab, Editor: by.Officer}
	if w.Doc, err = edit.Parse([]byte(e.Definition)); err != nil {
		return w, fmt.Errorf("form edit %s: %w", e.ID, err)
	}
	rev, err := h.Catalogue.ByID(c.UserContext(), e.BaseID)
	if err != nil {
		return w, err
	}
	w.Name = rev.Sheet.Name
	return w, nil
}

// showWork draws a page of an edit.
func (h *Pages) showWork(c *fiber.Ctx, status int, page string, w work, title web.Words, faults []edit.Fault, data any) error {
	p := web.Page{Title: title, Frame: web.FrameStaff, Menu: menu(w.Editor), Data: data, Crumbs: []web.Crumb{{Path: builderAt, Name: locales.M("builder.title")}}}
	if w.Tab != "" || page != "builder-outline" {
		p.Crumbs = append(p.Crumbs, web.Crumb{Path: w.At(""), Name: w.Name})
	}
	for _, f := range faults {
		p.Errors = append(p.Errors, web.ErrorLink{Field: f.Field, Message: f.Message})
	}
	return h.Show(c, status, "staff/"+page, p)
}

// change carries out one change of a form. It is made on the version that the sent page was
// made of, so that a late one can be shown beside what came meanwhile. apply says which
// place it was about.
func (h *Pages) change(c *fiber.Ctx, by catalogue.Editing, body url.Values, deed string, apply func(d *edit.Doc) (string, error)) (string, error) {
	version, _ := strconv.Atoi(body.Get("ban"))
	base, err := h.Catalogue.FormAt(c.UserContext(), by.Officer, c.Params("id"), version)
	if err != nil {
		return "", err
	}
	d, err := edit.Parse([]byte(base))
	if err != nil {
		return "", fmt.Errorf("form edit %s: %w", c.Params("id"), err)
	}
	place, err := apply(d)
	if err != nil {
		return place, err
	}
	mine := d.Bytes()
	_, err = h.Catalogue.SaveEdit(c.UserContext(), by, c.Params("id"), version, catalogue.Change{Definition: mine, Deed: deed, Place: place})
	if o, overtaken := errors.AsType[*catalogue.Overtaken](err); overtaken {
		return place, &collision{o, base, string(mine)}
	}
	return place, err
}

// collision is a change that came too late, with the three texts.
type collision struct {
	*catalogue.Overtaken
	base, mine string
}

func (x *collision) Unwrap() error { return x.Overtaken }

// conflictPage says who was faster, and shows both changes. Nothing was saved.
type conflictPage struct {
	work
	Since  []catalogue.FormVersion
	Theirs []edit.DiffLine
	Mine   []edit.DiffLine
}

// answer ends a change: on with the next page, or with what stood in its way.
func (h *Pages) answer(c *fiber.Ctx, by catalogue.Editing, err error, next string) error {
	if err == nil {
		return h.Redirect(c, next)
	}
	var o *catalogue.Overtaken
	if !errors.As(err, &o) {
		return err
	}
	w, loadErr := h.work(c, by, "")
	if loadErr != nil {
		return loadErr
	}
	p := conflictPage{work: w, Since: o.Since}
	if x, full := errors.AsType[*collision](err); full {
		p.Theirs, p.Mine = edit.Diff(x.base, w.Edit.Definition), edit.Diff(x.base, x.mine)
	}
	return h.showWork(c, fiber.StatusConflict, "builder-conflict", w, locales.M("builder.conflict"), nil, p)
}

// faultsOf are faults of the page itself; false when the error is another one.
func faultsOf(err error) ([]edit.Fault, bool) {
	if f, ok := errors.AsType[*edit.Fault](err); ok && f.Field != "" {
		return []edit.Fault{*f}, true
	}
	return nil, false
}

// gone is a fault that no page can show: the part is not there any more.
func gone(err error) error {
	if f, ok := errors.AsType[*edit.Fault](err); ok {
		return &problem.Error{Kind: problem.Conflict, Message: f.Message}
	}
	return err
}
