package staff

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// sheetProcedure is a procedure with all its revisions.
type sheetProcedure struct {
	Code    string
	Name    locales.Text
	Now     *catalogue.Revision // in force; nil: not yet, or over
	Over    *catalogue.End
	Waiting *catalogue.Revision
	End     *catalogue.End // to come
	Edit    *editorial.Edit
	State   string
	History []editorial.Published
	Gaps    []string
}

func (h *Pages) sheetProcedure(c *fiber.Ctx) error {
	code := c.Params("code")
	if !catalogue.ProcedureCode(code) {
		return c.Next()
	}
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	p := sheetProcedure{Code: code}
	if p.History, err = h.Editorial.History(c.UserContext(), by.Officer, code); err != nil {
		return err
	}
	e, open, err := h.Editorial.OpenEdit(c.UserContext(), by.Officer, code)
	if err != nil {
		return err
	}
	if open {
		p.Edit, p.State, p.Name = &e, stateOf(e), e.Name
	}
	if len(p.History) == 0 && !open {
		return problem.New(problem.NotFound, "catalogue.not_found")
	}
	if err := h.standing(c, &p); err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "staff/sheet-procedure", web.Page{Title: p.Name, Frame: web.FrameStaff, Menu: menu(by.Officer), Data: p,
		Crumbs: []web.Crumb{{Path: sheetsAt, Name: locales.M("editorial.title")}}})
}

// standing is what of the procedure is in force, waits, or ends.
func (h *Pages) standing(c *fiber.Ctx, p *sheetProcedure) error {
	ctx := c.UserContext()
	rev, err := h.Catalogue.InForce(ctx, p.Code)
	switch {
	case err == nil:
		p.Now, p.Name, p.Gaps = rev, rev.Sheet.Name, editorial.Gaps(rev.Sheet)
	case !problem.Is(err, problem.NotFound):
		return err
	default:
		if rev, end, err := h.Catalogue.Ended(ctx, p.Code); err == nil {
			p.Over, p.Name = &end, rev.Sheet.Name
		} else if !problem.Is(err, problem.NotFound) {
			return err
		}
	}
	waiting, err := h.Catalogue.Waiting(ctx)
	if err != nil {
		return err
	}
	for _, r := range waiting {
		if r.Code == p.Code {
			p.Waiting = r
			if p.Name.Empty() {
				p.Name = r.Sheet.Name
			}
		}
	}
	ends, err := h.Catalogue.Ends(ctx)
	for i, e := range ends {
		if e.Code == p.Code {
			p.End = &ends[i]
		}
	}
	return err
}

// sheetRevision shows an older revision as people saw it, to editors only.
func (h *Pages) sheetRevision(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	all, err := h.Editorial.History(c.UserContext(), by.Officer, c.Params("code"))
	if err != nil {
		return err
	}
	for _, p := range all {
		if strconv.Itoa(p.No) == c.Params("no") {
			rev, err := h.Catalogue.ByID(c.UserContext(), p.ID)
			if err != nil {
				return err
			}
			return h.Preview(c, rev, locales.M("editorial.preview.revision", locales.N("no", int64(p.No)), locales.D("from", p.From)))
		}
	}
	return problem.New(problem.NotFound, "catalogue.not_found")
}

// sheetPreview shows an edit as people would see it, at the width of a phone, in each
// language (ux CAT-4).
func (h *Pages) sheetPreview(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.sheetWork(c, by, "xem")
	if err != nil {
		return err
	}
	p := previewPage{w, locales.VI}
	if l, known := locales.ParseLang(c.Query("tieng")); known {
		p.In = l
	}
	return h.showSheet(c, fiber.StatusOK, "sheet-preview", w, locales.M("editorial.tab.xem"), nil, p)
}

// previewPage is the page around a preview.
type previewPage struct {
	sheetWork
	In locales.Lang
}

// Langs are the languages to look at it in.
func (p previewPage) Langs() []locales.Lang { return locales.Langs }

// sheetPreviewed is the procedure's page as the edit would make it.
func (h *Pages) sheetPreviewed(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.sheetWork(c, by, "xem")
	if err != nil {
		return err
	}
	k, err := h.Editorial.Candidate(c.UserContext(), w.Edit)
	if err != nil {
		return err
	}
	if l, known := locales.ParseLang(c.Query("tieng")); known {
		h.Speak(c, l)
	}
	h.Framed(c)
	return h.Preview(c, k.Revision, locales.M("editorial.preview.draft"))
}
