package citizen

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/bulk"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// Firm are the pages of people who act for a business.
type Firm struct {
	*Filing
	Bulk *bulk.Service
}

// Routes puts the pages at their addresses.
func (h *Firm) Routes(app fiber.Router) {
	app.Get("/doanh-nghiep", h.firms)
	h.memberRoutes(app)
	app.Get("/doanh-nghiep/:tax/ho-so", h.dossiers)
	app.Get("/doanh-nghiep/:tax/ho-so.csv", h.exportCSV)
	app.Get("/doanh-nghiep/:tax/ho-so.xlsx", h.exportXLSX)

	app.Get("/doanh-nghiep/:tax/nop-nhieu", h.bulkStart)
	app.Get("/doanh-nghiep/:tax/nop-nhieu/lo/:id", h.batch)
	app.Post("/doanh-nghiep/:tax/nop-nhieu/lo/:id", h.changeBatch)
	app.Get("/doanh-nghiep/:tax/nop-nhieu/lo/:id/loi.xlsx", h.batchFaults)
	app.Get("/doanh-nghiep/:tax/nop-nhieu/lo/:id/giay-to/:component", h.batchPaper)
	app.Post("/doanh-nghiep/:tax/nop-nhieu/lo/:id/giay-to/:component", h.attachToBatch)
	app.Get("/doanh-nghiep/:tax/nop-nhieu/:code", h.bulkProcedure)
	app.Post("/doanh-nghiep/:tax/nop-nhieu/:code", h.startBatch)
	app.Get("/doanh-nghiep/:tax/nop-nhieu/:code/mau.xlsx", h.template)
	app.Get("/doanh-nghiep/:tax/nop-nhieu/:code/mau.csv", h.templateCSV)
}

// firm is a business with what the person may do for it.
type firm struct {
	TaxCode string
	Name    string
	Legal   bool // they represent it
	Rights  []applicant.Standing
}

// Lets says whether the person may do it in any procedure.
func (f firm) Lets(deed string) bool {
	return slices.ContainsFunc(f.Rights, func(s applicant.Standing) bool { return s.Lets(applicant.Deed(deed), s.Procedure) })
}

// firmsOf are the businesses that a person stands for, by name.
func (h *Firm) firmsOf(c *fiber.Ctx, s signin.Session) ([]firm, error) {
	st, err := h.Applicant.StandingsOf(c.UserContext(), h.Applicant.DB, s.ID)
	if err != nil {
		return nil, err
	}
	var all []firm
	for _, one := range st.All {
		if one.TaxCode == "" {
			continue
		}
		i := slices.IndexFunc(all, func(f firm) bool { return f.TaxCode == one.TaxCode })
		if i < 0 {
			i, all = len(all), append(all, firm{TaxCode: one.TaxCode, Name: one.Business})
		}
		all[i].Rights = append(all[i].Rights, one)
		all[i].Legal = all[i].Legal || one.GrantID == 0
	}
	slices.SortFunc(all, func(a, b firm) int { return compareText(a.Name+a.TaxCode, b.Name+b.TaxCode) })
	return all, nil
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// firmOf is the business of the address. One that the person does not stand for is not there.
func (h *Firm) firmOf(c *fiber.Ctx) (signin.Session, firm, error) {
	s, err := h.Need(c)
	if err != nil {
		return s, firm{}, err
	}
	all, err := h.firmsOf(c, s)
	if err != nil {
		return s, firm{}, err
	}
	i := slices.IndexFunc(all, func(f firm) bool { return f.TaxCode == c.Params("tax") })
	if i < 0 {
		return s, firm{}, problem.New(problem.NotFound, "applicant.no_business")
	}
	return s, all[i], nil
}

// at is an address of the business.
func (f firm) at(path string) string { return "/doanh-nghiep/" + f.TaxCode + path }

// crumbs lead back to the business.
func (f firm) crumbs(more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Path: "/doanh-nghiep", Name: locales.M("firm.title")}, {Path: f.at("/ho-so"), Name: f.Name}}, more...)
}

// firmsPage lists the organisations to choose from (ux B1).
type firmsPage struct {
	Firms   []firmLine
	Invited []power
}

// firmLine is a business with the powers that the person has there.
type firmLine struct {
	firm
	Powers []power // their powers there, in words
}

func (h *Firm) firms(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	all, err := h.firmsOf(c, s)
	if err != nil {
		return err
	}
	powers, err := h.Applicant.PowersOf(c.UserContext(), s.Person)
	if err != nil {
		return err
	}
	var d firmsPage
	for _, f := range all {
		d.Firms = append(d.Firms, firmLine{firm: f})
	}
	for _, w := range h.inWords(c, powers) {
		i := slices.IndexFunc(d.Firms, func(f firmLine) bool { return f.TaxCode == w.TaxCode })
		switch {
		case w.Is == "invited":
			d.Invited = append(d.Invited, w)
		case i >= 0 && (w.Is == "valid" || w.Is == "coming"):
			d.Firms[i].Powers = append(d.Firms[i].Powers, w)
		}
	}
	return h.Show(c, fiber.StatusOK, "citizen/firms", web.Page{Title: locales.M("firm.title"), Data: d})
}
