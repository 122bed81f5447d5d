package citizen

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// membersPage are the members of a business and their powers (ux B2).
type membersPage struct {
	Firm    firm
	Members []power
	Over    []power
	Past    []pastLine
	Done    string
}

// power is a power in words.
type power struct {
	applicant.Power
	Is        string // its state
	Procedure locales.Text
}

func (h *Firm) memberRoutes(app fiber.Router) {
	app.Get("/doanh-nghiep/:tax/thanh-vien", h.members)
	app.Get("/doanh-nghiep/:tax/thanh-vien/moi", h.invitation)
	app.Post("/doanh-nghiep/:tax/thanh-vien/moi", h.invite)
	app.Get("/doanh-nghiep/:tax/thanh-vien/:power", h.member)
	app.Post("/doanh-nghiep/:tax/thanh-vien/:power", h.changeMember)
}

func (h *Firm) inWords(c *fiber.Ctx, all []applicant.Power) []power {
	today := h.today()
	list := make([]power, len(all))
	for i, one := range all {
		list[i] = power{Power: one, Is: one.State(today)}
		if one.Terms.Procedure != "" {
			list[i].Procedure = locales.V(one.Terms.Procedure)
			if rev, err := h.Catalogue.InForce(c.UserContext(), one.Terms.Procedure); err == nil {
				list[i].Procedure = rev.Sheet.Name
			}
		}
	}
	return list
}

func (h *Firm) today() string { return h.Drafts.Now().In(locales.ICT).Format(time.DateOnly) }

// legalFirm is the business of the address, for its legal representative.
func (h *Firm) legalFirm(c *fiber.Ctx) (signin.Session, firm, error) {
	s, f, err := h.firmOf(c)
	if err == nil && !f.Legal {
		err = problem.New(problem.NotFound, "applicant.no_business")
	}
	return s, f, err
}

func (h *Firm) members(c *fiber.Ctx) error {
	s, f, err := h.legalFirm(c)
	if err != nil {
		return err
	}
	all, err := h.Applicant.Members(c.UserContext(), s.Person, f.TaxCode)
	if err != nil {
		return err
	}
	d := membersPage{Firm: f, Done: c.Query("xong")}
	for _, one := range h.inWords(c, all) {
		switch one.Is {
		case "invited", "coming", "valid":
			d.Members = append(d.Members, one)
		default:
			d.Over = append(d.Over, one)
		}
	}
	past, err := h.Applicant.HistoryOfBusiness(c.UserContext(), s.Person, f.TaxCode)
	if err != nil {
		return err
	}
	for _, e := range past {
		d.Past = append(d.Past, pastLine{e, SaysOfStanding(e)})
	}
	return h.Show(c, fiber.StatusOK, "citizen/members", web.Page{Of: f.Name, Title: locales.M("member.title"), Crumbs: f.crumbs(), Data: d})
}

// memberPage gives a power or changes one.
type memberPage struct {
	Firm       firm
	Power      *power // nil: somebody is invited
	Form       url.Values
	Faults     map[string]locales.Message
	Procedures []*catalogue.Revision
}

// memberFields are where the faults of a power stand.
var memberFields = map[string]string{"power.number": "so", "power.yourself": "so", "power.name": "ten", "power.from": "tu-ngay", "power.to": "den-ngay", "power.procedure": "thu-tuc"}

func (h *Firm) invitation(c *fiber.Ctx) error {
	_, f, err := h.legalFirm(c)
	if err != nil {
		return err
	}
	return h.showMember(c, f, nil, url.Values{}, nil)
}

func (h *Firm) showMember(c *fiber.Ctx, f firm, w *power, form url.Values, fault *problem.Error) error {
	d := memberPage{Firm: f, Power: w, Form: form, Faults: map[string]locales.Message{}}
	var err error
	if d.Procedures, err = h.Bulk.Procedures(c.UserContext()); err != nil {
		return err
	}
	p := web.Page{Of: f.Name, Title: locales.M("member.invite"), Crumbs: f.crumbs(web.Crumb{Path: f.at("/thanh-vien"), Name: locales.M("member.title")})}
	if w != nil {
		p.Title = w.Member
	}
	status := fiber.StatusOK
	if fault != nil {
		status = fiber.StatusUnprocessableEntity
		field := memberFields[fault.Message.Key]
		d.Faults[field] = fault.Message
		p.Errors = []web.ErrorLink{{Field: field, Message: fault.Message}}
	}
	p.Data = d
	return h.Show(c, status, "citizen/member", p)
}

// powerTerms reads a power from its form.
func powerTerms(form url.Values) applicant.Terms {
	return applicant.Terms{Procedure: form.Get("thu-tuc"), File: form.Get("nop") != "", Sign: form.Get("ky") != "", Pay: form.Get("phi") != "",
		From: isoDay(form.Get("tu-ngay")), To: isoDay(form.Get("den-ngay"))}
}

// peopleDay is a day as people write it.
func peopleDay(iso string) string {
	if t, err := time.Parse(time.DateOnly, iso); err == nil {
		return t.Format("2/1/2006")
	}
	return iso
}

// From and To are the days of a power as people write them.
func (p power) From() string { return peopleDay(p.Terms.From) }

// To is the last day, or nothing.
func (p power) To() string { return peopleDay(p.Terms.To) }

func (h *Firm) invite(c *fiber.Ctx) error {
	s, f, err := h.legalFirm(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	in := applicant.Invitation{TaxCode: f.TaxCode, Number: strings.ReplaceAll(strings.TrimSpace(form.Get("so")), " ", ""), Name: strings.TrimSpace(form.Get("ten")), Terms: powerTerms(form)}
	_, err = h.Applicant.Invite(c.UserContext(), s.Person, in, h.key(c, s))
	if fault, refused := asInvalid(err); refused {
		return h.showMember(c, f, nil, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, f.at("/thanh-vien?xong=moi"))
}

// powerOf is the power of the address, of this business.
func (h *Firm) powerOf(c *fiber.Ctx) (signin.Session, firm, power, error) {
	s, f, err := h.legalFirm(c)
	if err != nil {
		return s, f, power{}, err
	}
	id, err := strconv.ParseInt(c.Params("power"), 10, 64)
	if err != nil {
		return s, f, power{}, fiber.ErrNotFound
	}
	w, err := h.Applicant.Power(c.UserContext(), s.Person, id)
	if err == nil && w.TaxCode != f.TaxCode {
		err = fiber.ErrNotFound
	}
	if err != nil {
		return s, f, power{}, err
	}
	return s, f, h.inWords(c, []applicant.Power{w})[0], nil
}

func (h *Firm) member(c *fiber.Ctx) error {
	_, f, w, err := h.powerOf(c)
	if err != nil {
		return err
	}
	form := url.Values{"thu-tuc": {w.Terms.Procedure}, "tu-ngay": {w.From()}, "den-ngay": {w.To()}}
	for name, may := range map[string]bool{"nop": w.File, "ky": w.Sign, "phi": w.Pay} {
		if may {
			form.Set(name, "1")
		}
	}
	return h.showMember(c, f, &w, form, nil)
}

func (h *Firm) changeMember(c *fiber.Ctx) error {
	s, f, w, err := h.powerOf(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	done := "doi"
	if form.Get("lam") == "thu-hoi" {
		done, err = "thu-hoi", h.Applicant.Revoke(c.UserContext(), s.Person, w.ID, h.key(c, s))
	} else {
		_, err = h.Applicant.ChangePower(c.UserContext(), s.Person, w.ID, powerTerms(form), h.key(c, s))
	}
	if fault, refused := asInvalid(err); refused {
		return h.showMember(c, f, &w, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, f.at("/thanh-vien?xong="+done))
}
