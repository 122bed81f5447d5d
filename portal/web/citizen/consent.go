package citizen

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/web"
)

// sourcesPage is what a person is told before registers are asked (ux PRE-1, P21).
type sourcesPage struct {
	Notices []draft.Notice
	Consent bool         // one of them needs it
	For     locales.Text // the purpose: the procedure
}

func sourcesOf(rev *catalogue.Revision) sourcesPage {
	p := sourcesPage{Notices: draft.Notices(rev.Form), For: rev.Sheet.Name}
	p.Consent = draft.AsksConsent(p.Notices)
	return p
}

// takeOf is what the person said to the notice.
func takeOf(form url.Values) draft.Take {
	switch take := draft.Take(form.Get("du-lieu")); take {
	case draft.TakeAll, draft.TakeNone:
		return take
	}
	return draft.TakeLawful
}

// leftPage is the notice again, for who wanted to type and would now have the data fetched.
type leftPage struct {
	sourcesPage
	Draft draft.Draft
	Page  int
}

func (h *Filing) askForData(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	d, err := h.draftOf(c, s)
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	p := leftPage{sourcesPage: sourcesOf(d.Revision), Draft: d, Page: atLeastOne(c.Query("trang"))}
	left := d.Left()
	p.Notices = slices.DeleteFunc(p.Notices, func(n draft.Notice) bool { return !slices.Contains(left, n.Key) })
	p.Consent = draft.AsksConsent(p.Notices)
	back := fmt.Sprintf("/ho-so/%s/buoc/%d", d.ID, p.Page)
	if len(p.Notices) == 0 {
		return h.Redirect(c, back)
	}
	return h.Show(c, fiber.StatusOK, "citizen/sources", web.Page{Title: locales.M("form.ask_now"), Frame: web.FrameForm, Service: d.Revision.Sheet.Name, Back: back, Data: p})
}

// askAgain asks the registries once more, after an outage; du-lieu=co is a late yes to
// those that the person had not wanted asked.
func (h *Filing) askAgain(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	switch takeOf(form) {
	case draft.TakeAll:
		err = h.Drafts.Agree(c.UserContext(), s.Person, c.Params("id"), h.key(c, s))
	case draft.TakeNone: // it stays as it is
	default:
		err = h.Drafts.Prefill(c.UserContext(), s.Person, c.Params("id"))
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, fmt.Sprintf("/ho-so/%s/buoc/%d", c.Params("id"), atLeastOne(form.Get("trang"))))
}

func atLeastOne(s string) int {
	n, _ := strconv.Atoi(s)
	return max(1, n)
}

// withdraw takes a consent back.
func (h *Filing) withdrawConsent(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	if err := h.Drafts.Withdraw(c.UserContext(), s.Person, form.Get("nguon"), h.key(c, s)); err != nil {
		return err
	}
	return h.Redirect(c, looksAddress+"?da-rut=1#dong-y")
}
