package citizen

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// levelPage asks for the second level of identity.
type levelPage struct {
	Next  string // where the person goes on afterwards
	Again string // the address that asks the provider
	Still bool   // came back from there with the first level
}

// showLevel explains what is missing and leads to the provider and back to next.
func (h *Filing) showLevel(c *fiber.Ctx, status int, next string, still bool) error {
	next = signin.SafeNext(next)
	d := levelPage{Next: next, Again: "/dang-nhap/nang-muc?tiep=" + url.QueryEscape(next), Still: still}
	return h.Show(c, status, "citizen/level", web.Page{Title: locales.M("level.title"), Data: d})
}

// leveled shows that page for a fault that says so, and leaves every other as it is.
func (h *Filing) leveled(c *fiber.Ctx, next string, err error) error {
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Message.Key == signin.LevelNeeded {
		return h.showLevel(c, fiber.StatusForbidden, next, false)
	}
	return err
}

// stepUp goes to the provider for the second level. Nothing is kept here for the return:
// what was typed lies in the draft.
func (h *Filing) stepUp(c *fiber.Ctx) error {
	to, err := h.Signin.StepUp(c.UserContext(), h.Browser(c), h.IP(c), signin.SafeNext(c.Query("tiep")))
	if err != nil {
		return err
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}

// notStepped tells who came back with the first level. Whoever has the second by now goes on.
func (h *Filing) notStepped(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	next := signin.SafeNext(c.Query("tiep"))
	if s.Proves(2) == nil {
		return h.Redirect(c, next)
	}
	return h.showLevel(c, fiber.StatusOK, next, true)
}
