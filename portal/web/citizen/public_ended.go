package citizen

import (
	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// endedPage is a procedure that is over, and what takes its place.
type endedPage struct {
	Code string
	End  catalogue.End
	Next *catalogue.Revision // nil for nothing that is in force
}

// ended is the page of a procedure that is over: it says so with status 410 and leads to what
// takes its place. For a code that never was it is the fault it came with.
func (h *Pages) ended(c *fiber.Ctx, missing error) error {
	if !problem.Is(missing, problem.NotFound) {
		return missing
	}
	rev, end, err := h.Catalogue.Ended(c.UserContext(), c.Params("code"))
	if err != nil {
		return missing
	}
	d := endedPage{Code: rev.Code, End: end}
	if next, err := h.Catalogue.InForce(c.UserContext(), end.ReplacedBy); err == nil {
		d.Next = next
	}
	return h.Show(c, fiber.StatusGone, "public/ended", web.Page{Title: rev.Sheet.Name, Data: d,
		Crumbs: crumbs(web.Crumb{Path: "/thu-tuc", Name: locales.M("web.menu.procedures")})})
}
