package citizen

import (
	"context"
	"encoding/hex"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/web"
)

// Pages are the pages for everybody: home, search, procedures, and what the portal says of
// itself.
type Pages struct {
	*web.Web
	Catalogue *catalogue.Service
	Agency    *agency.Service
	Content   *content.Service
}

// Public puts the pages at their addresses.
func (h *Pages) Public(app fiber.Router) {
	app.Get("/", h.home)
	app.Get("/thu-tuc", h.search)
	app.Get("/thu-tuc/goi-y", h.suggestProcedures) // before the codes
	app.Get("/thu-tuc/:code", h.procedure)
	app.Get("/tro-nang", h.about("public/access", "public.access.title", accessPage{Checked: accessChecked}))
	app.Get("/bao-ve-du-lieu", h.about("public/privacy", "public.privacy.title", nil))
	app.Get("/dieu-khoan", h.about("public/terms", "public.terms.title", nil))
	app.Get("/style", h.style)
	app.Get("/sitemap.xml", h.sitemap)
	app.Get("/thay-doi.atom", h.feed)
	app.Get("/du-lieu-mo", h.openData)
	app.Get("/du-lieu-mo/thu-tuc.json", h.openFile("json"))
	app.Get("/du-lieu-mo/thu-tuc.csv", h.openFile("csv"))
	h.contentRoutes(app)
}

// accessPage is the statement of accessibility (ux P18).
type accessPage struct{ Checked time.Time }

// accessChecked is when the pages were last put through the audit.
var accessChecked = time.Date(2026, 11, 21, 0, 0, 0, 0, locales.ICT)

// about shows one of the pages that only have words.
func (h *Pages) about(name, title string, data any) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return h.Web.Public(c, "", func() (string, web.Page, error) {
			return name, web.Page{Title: locales.M(title), Crumbs: crumbs(), Data: data}, nil
		})
	}
}

// crumbs are the way to a page: home, then what lies between.
func crumbs(between ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Path: "/", Name: locales.M("public.home")}}, between...)
}

// procedure is everything that is published about one procedure (ux P4, CAT-1: the same
// record that officers and the form read).
func (h *Pages) procedure(c *fiber.Ctx) error {
	rev, err := h.Catalogue.InForce(c.UserContext(), c.Params("code"))
	if err != nil {
		return h.ended(c, err)
	}
	units := h.unitNames(c.UserContext(), rev.Sheet.Units)
	page := func() (string, web.Page, error) {
		data := procedureOf(rev)
		data.Units, data.Address = units, h.Address(c.Path())
		return "public/procedure", web.Page{
			Title:  rev.Sheet.Name,
			Crumbs: crumbs(web.Crumb{Path: "/thu-tuc", Name: locales.M("web.menu.procedures")}, web.Crumb{Path: "/thu-tuc?linh-vuc=" + rev.Sheet.Field, Name: rev.Field.Name}),
			Linked: h.linkedProcedure(c, rev),
			Data:   data,
		}, nil
	}
	if c.Query("in") != "" {
		name, p, err := page()
		if err != nil {
			return err
		}
		p.Print = true
		if c.Query("in") == "giay" { // what to take along, on one sheet
			name, p.Title, p.Service = "public/checklist", locales.M("public.checklist.title"), rev.Sheet.Name
		}
		return h.Show(c, fiber.StatusOK, name, p)
	}
	return h.Web.Public(c, hex.EncodeToString(rev.SHA256)+rev.Field.Name.VI+strings.Join(units, "/"), page)
}

// Preview is a procedure's page as it would be, or was, with a mark that it is not in force.
func (h *Pages) Preview(c *fiber.Ctx, rev *catalogue.Revision, mark locales.Message) error {
	data := procedureOf(rev)
	data.Units, data.Address = h.unitNames(c.UserContext(), rev.Sheet.Units), h.Address(c.Path())
	return h.Show(c, fiber.StatusOK, "public/procedure", web.Page{Title: rev.Sheet.Name, Mark: mark, Data: data})
}

// unitNames are units by their codes, as they are called today. One that has ended since is
// left out; the others are still said.
func (h *Pages) unitNames(ctx context.Context, codes []string) []string {
	var names []string
	for _, code := range codes {
		if u, err := h.Agency.Unit(ctx, code, h.Now()); err == nil {
			names = append(names, u.Name)
		}
	}
	return names
}
