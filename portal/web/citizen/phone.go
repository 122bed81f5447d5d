package citizen

import (
	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/draft"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// handoffPage shows the link to a paper's page, to be opened on a phone.
type handoffPage struct {
	Address string
	Minutes int
}

// handOff makes the link. Its secret is nowhere but on this page, so it cannot be had again
// by loading the page anew: another one is made.
func (h *Filing) handOff(c *fiber.Ctx, at place) error {
	if at.phone { // from there it would go on for ever
		return fiber.ErrNotFound
	}
	secret, err := h.Drafts.PhoneLink(c.UserContext(), at.person, at.draft, at.component)
	if err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "citizen/handoff", web.Page{Title: locales.M("phone.title"), Frame: web.FrameForm, Back: at.at + query(c),
		Data: handoffPage{h.Address("/dien-thoai/mo/" + secret), int(draft.LinkLife.Minutes())}})
}

// phoneRoutes are the pages of a phone that a link was opened on.
func (h *Filing) phoneRoutes(app fiber.Router) {
	app.Get("/dien-thoai/mo/:secret", h.linked)
	app.Post("/dien-thoai/mo/:secret", h.openLink)
	h.paperRoutes(app, "/dien-thoai", h.phonePaper)
}

// linked asks for a press: a program that only looks at the link must not use it up.
func (h *Filing) linked(c *fiber.Ctx) error {
	if _, err := h.Drafts.Linked(c.UserContext(), c.Params("secret")); err != nil {
		return phoneOver(err)
	}
	return h.Show(c, fiber.StatusOK, "citizen/linked", web.Page{Title: locales.M("phone.open.title"), Frame: web.FrameForm, Data: c.Path()})
}

func (h *Filing) openLink(c *fiber.Ctx) error {
	if _, err := h.Form(c); err != nil {
		return err
	}
	stay, err := h.Drafts.OpenPhone(c.UserContext(), c.Params("secret"), h.Browser(c), audit.Entry{IP: h.IP(c), Request: web.RequestID(c)})
	if err != nil {
		return phoneOver(err)
	}
	h.SetPhone(c, stay)
	return h.Redirect(c, "/dien-thoai")
}

// phonePaper is the place that this phone's link was made for. Whoever is signed in on it
// does not matter here.
func (h *Filing) phonePaper(c *fiber.Ctx) (place, error) {
	p, err := h.Drafts.Stay(c.UserContext(), h.Phone(c))
	if err != nil {
		return place{}, phoneOver(err)
	}
	return place{person: p.Person(), draft: p.Draft, component: p.Component, at: "/dien-thoai", phone: true}, nil
}

// phoneOver says that a link is used or over, instead of that there is no such page: it was
// there, and another one is made with one press.
func phoneOver(err error) error {
	if problem.Is(err, problem.NotFound) {
		return problem.New(problem.Forbidden, "draft.no_phone")
	}
	return err
}
