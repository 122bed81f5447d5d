package citizen

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/problem"
	"motcua/portal/registry"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// accountRoutes are the pages about the person themself (ux C22) and as whom they act.
func (h *Filing) accountRoutes(app fiber.Router) {
	app.Get("/tai-khoan", h.account)
	app.Post("/tai-khoan", h.setContact)
	app.Post("/tai-khoan/con", h.askForWards)
	app.Get("/tai-khoan/vai", h.hats)
	app.Post("/tai-khoan/vai", h.wear)
	app.Get("/tai-khoan/uy-quyen", h.mandates)
	app.Post("/tai-khoan/uy-quyen", h.beginMandate)
	app.Post("/tai-khoan/uy-quyen/:no", h.answerMandate)
	app.Post("/tai-khoan/quyen/:no", h.answerPower)
}

// accountPage is what is known of the person, locked and editable.
type accountPage struct {
	Person  signin.Person
	Phone   string
	Email   string
	Wards   []applicant.WardOf
	Firms   []applicant.Business
	Waiting int
	Saved   bool
	Asked   string // what came of asking the register for wards
}

func (h *Filing) account(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	return h.showAccount(c, s, fiber.StatusOK, url.Values{"dien-thoai": {s.Phone}, "thu-dien-tu": {s.Email}}, nil)
}

func (h *Filing) showAccount(c *fiber.Ctx, s signin.Session, status int, sent url.Values, fault *problem.Error) error {
	d := accountPage{Person: s.Person, Phone: sent.Get("dien-thoai"), Email: sent.Get("thu-dien-tu"), Saved: c.Query("da-luu") != "", Asked: asked(c.Query("hoi"))}
	var err error
	if d.Wards, err = h.Applicant.Wards(c.UserContext(), s.Person); err != nil {
		return err
	}
	if d.Firms, err = h.Applicant.Businesses(c.UserContext(), s.ID); err != nil {
		return err
	}
	if d.Waiting, err = h.Applicant.Waiting(c.UserContext(), s.Person); err != nil {
		return err
	}
	p := web.Page{Title: locales.M("account.title"), Data: d}
	if fault != nil {
		field := "dien-thoai"
		if fault.Message.Key == "account.email" {
			field = "thu-dien-tu"
		}
		p.Errors = []web.ErrorLink{{Field: field, Message: fault.Message}}
	}
	return h.Show(c, status, "citizen/account", p)
}

// setContact keeps where the person wants to be reached.
func (h *Filing) setContact(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	err = h.Signin.SetContact(c.UserContext(), s.Person, form.Get("dien-thoai"), form.Get("thu-dien-tu"))
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		return h.showAccount(c, s, fiber.StatusUnprocessableEntity, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, "/tai-khoan?da-luu=1")
}

// asked is what came of asking a register, as an address says it; of another word nothing.
func asked(word string) string {
	switch word {
	case "found", "not_found", "unavailable", "refused":
		return word
	}
	return ""
}

// askForWards asks the civil-status register who the person's children and wards are.
func (h *Filing) askForWards(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	if _, err := h.Form(c); err != nil {
		return err
	}
	named, outcome := h.Drafts.Registry.Wards(c.UserContext(), registry.Asking{Person: s.Person, Object: fmt.Sprintf("person:%d", s.ID)})
	if outcome == registry.Found || outcome == registry.NotFound {
		all := make([]applicant.WardOf, len(named))
		for i, w := range named {
			all[i] = applicant.WardOf{Number: w.Number, Name: w.Name, Born: w.BirthDate, Relation: w.Relation}
		}
		if err := h.Applicant.KeepWards(c.UserContext(), s.Person, all); err != nil {
			return err
		}
		if len(all) == 0 {
			outcome = registry.NotFound
		}
	}
	word := asked(string(outcome))
	if word == "" {
		word = string(registry.Unavailable)
	}
	return h.Redirect(c, "/tai-khoan?hoi="+word)
}

// hatsPage is the choice as whom to act.
type hatsPage struct {
	Firms  []applicant.Business
	Acting string
	Next   string
}

func (h *Filing) hats(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	firms, err := h.Applicant.Businesses(c.UserContext(), s.ID)
	if err != nil {
		return err
	}
	d := hatsPage{Firms: firms, Acting: actingFor(firms, s.Acting).TaxCode, Next: signin.SafeNext(c.Query("tiep"))}
	return h.Show(c, fiber.StatusOK, "citizen/hats", web.Page{Title: locales.M("hat.title"), Data: d})
}

// wear changes as whom the person acts. Nothing is asked again: the session goes on.
func (h *Filing) wear(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	code := ""
	if vai := form.Get("vai"); vai != string(applicant.Self) {
		if len(vai) < 4 || vai[:3] != "dn:" {
			return problem.New(problem.Invalid, "applicant.no_capacity")
		}
		code = vai[3:]
		if err := h.Applicant.MayActFor(c.UserContext(), s.ID, code); err != nil {
			return err
		}
	}
	if err := h.Signin.Act(c.UserContext(), s, code); err != nil {
		return err
	}
	next := signin.SafeNext(form.Get("tiep"))
	if next == "/" {
		next = "/ho-so"
	}
	return h.Redirect(c, next)
}
