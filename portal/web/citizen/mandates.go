package citizen

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/once"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// mandatesPage is who may file for the person, for whom they may, and what became of it.
type mandatesPage struct {
	Today      string
	Powers     []applicant.Power
	Given      []applicant.Authorisation
	Taken      []applicant.Authorisation
	History    []pastLine
	Procedures []*catalogue.Revision // to choose from
	Values     url.Values
	Names      map[string]locales.Text // of procedures by code
}

// pastLine is a line of the history in words.
type pastLine struct {
	applicant.Past
	Says locales.Message
}

// Name is what a procedure is called; ” is all of them.
func (p mandatesPage) Name(code string) web.Words {
	if code == "" {
		return locales.M("mandate.all")
	}
	if name, known := p.Names[code]; known {
		return name
	}
	return code
}

func (h *Filing) mandates(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	return h.showMandates(c, s, fiber.StatusOK, url.Values{}, nil)
}

func (h *Filing) showMandates(c *fiber.Ctx, s signin.Session, status int, sent url.Values, fault *problem.Error) error {
	ctx := c.UserContext()
	d := mandatesPage{Today: h.Drafts.Now().In(locales.ICT).Format(time.DateOnly), Values: sent, Names: map[string]locales.Text{}}
	var err error
	if d.Powers, err = h.Applicant.PowersOf(ctx, s.Person); err != nil {
		return err
	}
	if d.Given, err = h.Applicant.Given(ctx, s.Person); err != nil {
		return err
	}
	if d.Taken, err = h.Applicant.Taken(ctx, s.Person); err != nil {
		return err
	}
	past, err := h.Applicant.HistoryOf(ctx, s.Person)
	if err != nil {
		return err
	}
	for _, e := range past {
		d.History = append(d.History, pastLine{e, SaysOfStanding(e)})
	}
	all, err := h.Catalogue.All(ctx)
	if err != nil {
		return err
	}
	for _, rev := range all {
		if rev.Form != nil {
			d.Procedures, d.Names[rev.Code] = append(d.Procedures, rev), rev.Sheet.Name
		}
	}
	p := web.Page{Title: locales.M("mandate.title"), Data: d, Crumbs: []web.Crumb{{Path: "/tai-khoan", Name: locales.M("account.title")}}}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Field: mandateField(fault.Message.Key), Message: fault.Message}}
	}
	return h.Show(c, status, "citizen/mandates", p)
}

func mandateField(key string) string {
	switch key {
	case "power.name":
		return "ho-ten"
	case "power.from":
		return "tu-ngay"
	case "power.to":
		return "den-ngay"
	case "power.procedure":
		return "thu-tuc"
	}
	return "so-dinh-danh"
}

// SaysOfStanding is a line of the history of powers and authorisations in words.
func SaysOfStanding(e applicant.Past) locales.Message {
	kind := e.Kind
	switch kind { // what was done by it, beside what happened to it
	case "supply", "withdraw", "rate":
		kind = "used"
	}
	return locales.M("standing."+kind, locales.S("actor", e.Actor), locales.S("other", e.Other), locales.S("for", e.For), locales.S("code", e.Code))
}

// beginMandate asks somebody for an authorisation, or offers one.
func (h *Filing) beginMandate(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	m := applicant.Mandate{Name: strings.Join(strings.Fields(form.Get("ho-ten")), " "), Number: strings.ReplaceAll(form.Get("so-dinh-danh"), " ", ""),
		Procedure: form.Get("thu-tuc"), From: isoDay(form.Get("tu-ngay")), To: isoDay(form.Get("den-ngay"))}
	begin := h.Applicant.Offer
	if form.Get("lam") == "xin" {
		begin = h.Applicant.AskFor
	}
	_, err = begin(c.UserContext(), s.Person, m, h.key(c, s))
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		return h.showMandates(c, s, fiber.StatusUnprocessableEntity, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, "/tai-khoan/uy-quyen")
}

// isoDay reads a day as people write it, 22/11/2026; what is none stays as it is, for the
// fault to be said of it.
func isoDay(s string) string {
	s = strings.TrimSpace(s)
	if day, err := time.Parse("2/1/2006", s); err == nil {
		return day.Format(time.DateOnly)
	}
	return s
}

// answerMandate is what either side does about an authorisation.
func (h *Filing) answerMandate(c *fiber.Ctx) error {
	return h.answer(c, map[string]standingDeed{"dong-y": h.Applicant.Agree, "tu-choi": h.Applicant.Refuse, "ket-thuc": h.Applicant.End})
}

// answerPower is what a member does about a power of a business.
func (h *Filing) answerPower(c *fiber.Ctx) error {
	return h.answer(c, map[string]standingDeed{"dong-y": h.Applicant.Accept, "tu-choi": h.Applicant.Decline, "ket-thuc": h.Applicant.Leave})
}

type standingDeed = func(ctx context.Context, p signin.Person, id int64, key once.Key) error

func (h *Filing) answer(c *fiber.Ctx, deeds map[string]standingDeed) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	no, err := number(c, "no")
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	do, known := deeds[form.Get("lam")]
	if !known {
		return fiber.ErrNotFound
	}
	if err := do(c.UserContext(), s.Person, int64(no), h.key(c, s)); err != nil {
		return err
	}
	return h.Redirect(c, "/tai-khoan/uy-quyen")
}
