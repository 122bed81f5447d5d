package staff

import (
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/review"
	"motcua/portal/web"
)

const (
	sheetsAt = "/can-bo/danh-muc"
	editsAt  = sheetsAt + "/sua"
)

// sheetRoutes are the pages where editors change what is published about procedures. A word
// that is neither a procedure's code nor a section is another page's.
func (h *Pages) sheetRoutes(app fiber.Router) {
	app.Get(sheetsAt, h.sheetList)
	app.Post(sheetsAt, h.openSheet)
	app.Get(editsAt+"/:id", h.sheetOverview)
	app.Post(editsAt+"/:id", h.sheetDeed)
	app.Get(editsAt+"/:id/xem", h.sheetPreview)
	app.Get(editsAt+"/:id/xem/trang", h.sheetPreviewed)
	app.Get(editsAt+"/:id/:section", h.sheetSection)
	app.Post(editsAt+"/:id/:section", h.saveSection)
	app.Get(sheetsAt+"/:code", h.sheetProcedure)
	app.Get(sheetsAt+"/:code/ban/:no", h.sheetRevision)
}

// sheetWork is an edit on the screen: what all its pages know.
type sheetWork struct {
	Edit   editorial.Edit
	Name   locales.Text // of the procedure
	Tab    string       // which of the edit's pages it is
	Editor agency.Officer
}

// Tabs are the pages of an edit, by the last word of their address.
func (w sheetWork) Tabs() []string {
	if w.Edit.Ends {
		return []string{"", "so-sanh", "cong-bo"}
	}
	return []string{"", "xem", "kiem-tra", "so-sanh", "cong-bo"}
}

// At is the address of one of its pages.
func (w sheetWork) At(tab string) string {
	switch {
	case tab == "":
		return editsAt + "/" + w.Edit.ID
	case w.Edit.Batch != "" && (tab == "so-sanh" || tab == "cong-bo"): // its edits go one way
		return sheetsAt + "/loat/" + w.Edit.Batch
	}
	return editsAt + "/" + w.Edit.ID + "/" + tab
}

// sheetWork opens an edit for an editor.
func (h *Pages) sheetWork(c *fiber.Ctx, by catalogue.Editing, tab string) (sheetWork, error) {
	e, err := h.Editorial.Edit(c.UserContext(), by.Officer, c.Params("id"))
	if err != nil {
		return sheetWork{}, err
	}
	return sheetWork{Edit: e, Name: e.Sheet().Name, Tab: tab, Editor: by.Officer}, nil
}

// showSheet draws a page of an edit.
func (h *Pages) showSheet(c *fiber.Ctx, status int, page string, w sheetWork, title web.Words, errs []web.ErrorLink, data any) error {
	p := web.Page{Title: title, Frame: web.FrameStaff, Menu: menu(w.Editor), Data: data, Errors: errs,
		Crumbs: []web.Crumb{{Path: sheetsAt, Name: locales.M("editorial.title")}, {Path: sheetsAt + "/" + w.Edit.Code, Name: w.Edit.Code}}}
	if w.Tab != "" || page != "sheet-overview" {
		p.Crumbs = append(p.Crumbs, web.Crumb{Path: w.At(""), Name: locales.M("editorial.tab.overview")})
	}
	return h.Show(c, status, "staff/"+page, p)
}

// editedSection is a section as the overview lists it.
type editedSection struct {
	Word    string
	EN, KM  int  // texts without a translation
	Changed bool // is other than in the revision that the edit began from
}

// sheetOverview is an edit with its sections and what was done.
type sheetOverview struct {
	sheetWork
	Sections []editedSection
	Versions []editorial.Saved
	Revision *catalogue.Revision // that the edit began from
	KM       bool                // Khmer is promised
}

func (h *Pages) sheetOverview(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.sheetWork(c, by, "")
	if err != nil {
		return err
	}
	p := sheetOverview{sheetWork: w}
	if p.Versions, err = h.Editorial.Versions(c.UserContext(), by.Officer, w.Edit.ID); err != nil {
		return err
	}
	if w.Edit.BaseID.Valid {
		if p.Revision, err = h.Catalogue.ByID(c.UserContext(), w.Edit.BaseID.Int64); err != nil {
			return err
		}
	}
	doc, err := editorial.NewDoc(w.Edit.Parts)
	if err != nil {
		return err
	}
	base, err := editorial.NewDoc(w.Edit.Base())
	if err != nil {
		return err
	}
	for _, s := range editorial.Sections {
		p.Sections = append(p.Sections, editedSection{s.Word, doc.Missing(s, locales.EN), doc.Missing(s, locales.KM), !doc.Same(base, s)})
	}
	return h.showSheet(c, fiber.StatusOK, "sheet-overview", w, locales.M("editorial.edit_title"), nil, p)
}

// sheetDeed are the buttons of the overview: undo, take the newest revision for its base,
// give up.
func (h *Pages) sheetDeed(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	id := c.Params("id")
	version, _ := strconv.Atoi(body.Get("ban"))
	next := editsAt + "/" + id
	switch body.Get("lam") {
	case "hoan-tac":
		err = h.Editorial.Undo(c.UserContext(), by, id, version)
	case "goc":
		err = h.Editorial.Rebase(c.UserContext(), by, id, version)
	case "bo":
		next = sheetsAt
		err = h.Editorial.Discard(c.UserContext(), by, id, version)
	default:
		err = fiber.ErrBadRequest
	}
	return h.sheetAnswer(c, by, err, next)
}

// sheetAnswer ends a deed: on with the next page, or with who was faster.
func (h *Pages) sheetAnswer(c *fiber.Ctx, by catalogue.Editing, err error, next string) error {
	if err == nil {
		return h.Redirect(c, next)
	}
	o, overtaken := errors.AsType[*editorial.Overtaken](err)
	if !overtaken {
		return err
	}
	w, loadErr := h.sheetWork(c, by, "")
	if loadErr != nil {
		return loadErr
	}
	return h.showSheet(c, fiber.StatusConflict, "sheet-conflict", w, locales.M("editorial.conflict"), nil, sheetConflict{sheetWork: w, Since: o.Since})
}

// sheetConflict says who was faster. Nothing was saved.
type sheetConflict struct {
	sheetWork
	Since []editorial.Saved
	Mine  []typedText // what was entered in fields that say something else now
	Back  string      // the page to enter it on
}

// typedText is what was entered in one field beside what it says now.
type typedText struct {
	Label     web.Words
	Mine, Now string
}

// State is where an edit stands, for its tag.
func (w sheetWork) State() string { return stateOf(w.Edit) }

// stateOf is where an edit stands: open, sent, returned, approved, published or given up. A
// version that nobody has seen is open again.
func stateOf(e editorial.Edit) string {
	switch {
	case !e.Open() && (e.RevisionID.Valid || e.Ends && e.Note != ""):
		return "published"
	case !e.Open():
		return "given_up"
	case e.Review.State == "":
		return "open"
	case e.Batch == "" && e.Review.Version != e.Version && e.Review.State != review.StateReturned:
		return "changed"
	}
	return e.Review.State
}
