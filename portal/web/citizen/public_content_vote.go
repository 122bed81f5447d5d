package citizen

import (
	"fmt"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/content"
	"motcua/portal/web"
)

// votePage asks whether a text helped (ux RATE-2). It is a page of its own because the
// text's page is kept for everybody and holds no form.
type votePage struct {
	*content.Item
	At     string
	Chosen string
	Done   bool
}

func (h *Pages) votePage(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return h.showVote(c, kind, fiber.StatusOK, votePage{Chosen: c.Query("tra-loi"), Done: c.Query("xong") != ""}, nil)
	}
}

func (h *Pages) showVote(c *fiber.Ctx, kind string, status int, p votePage, faults []web.ErrorLink) error {
	var err error
	if p.Item, err = h.Content.One(c.UserContext(), kind, c.Params("slug")); err != nil {
		return err
	}
	p.At = ContentAt[kind] + "/" + p.Slug
	return h.Show(c, status, "public/content-vote", web.Page{Title: locales.M("content.vote"), Errors: faults, Data: p,
		Crumbs: crumbs(web.Crumb{Path: ContentAt[kind], Name: locales.M("content.list." + kind)}, web.Crumb{Path: p.At, Name: p.Title})})
}

func (h *Pages) vote(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		form, err := h.Form(c)
		if err != nil {
			return err
		}
		said := form.Get("tra-loi")
		if said != "co" && said != "khong" {
			return h.showVote(c, kind, fiber.StatusUnprocessableEntity, votePage{}, []web.ErrorLink{{Field: "tra-loi", Message: locales.M("content.vote.choose")}})
		}
		key := h.Key(c, fmt.Sprintf("browser:%x", h.BrowserMark(c)[:16]))
		if err := h.Content.Vote(c.UserContext(), key, h.IP(c), kind, c.Params("slug"), said == "co"); err != nil {
			return err
		}
		return h.Redirect(c, ContentAt[kind]+"/"+c.Params("slug")+"/gop-y?xong=1")
	}
}
