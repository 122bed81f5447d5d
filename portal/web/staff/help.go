package staff

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// helpRoutes are the pages on which an officer, or a community helper, fills for a person
// who is present (ux HELP-4, K4). The form itself is the one that people fill.
func (h *Pages) helpRoutes(app fiber.Router) {
	app.Get("/can-bo/nop-thay", h.help)
	app.Post("/can-bo/nop-thay", h.startHelp)
	app.Get("/can-bo/nop-thay/:id", h.helped)
	app.Get("/can-bo/nop-thay/:id/to-khai.pdf", h.helpedForm)
	app.Get("/can-bo/nop-thay/:id/giay-xac-nhan-nop.pdf", h.helpedSlip)
	app.Post("/can-bo/nop-thay/:id/ma", h.sendCode)
	app.Post("/can-bo/nop-thay/:id/nop", h.fileHelped)
	app.Post("/can-bo/nop-thay/:id/ket-thuc", h.endHelp)
}

// helper is who may fill for others today.
func (h *Pages) helper(c *fiber.Ctx) (signin.Session, agency.Officer, error) {
	s, o, err := h.officer(c)
	if err != nil {
		return s, o, err
	}
	if _, may := draft.HelpsAs(o); !may {
		return s, o, problem.New(problem.NotFound, "agency.no_officer")
	}
	return s, o, nil
}

func key(h *Pages, c *fiber.Ctx, s signin.Session) once.Key {
	return h.Key(c, fmt.Sprintf("person:%d", s.ID))
}

// helpPage asks whom the officer helps and with what.
type helpPage struct {
	Values     url.Values
	Procedures []*catalogue.Revision
	Identities []string
	Today      []draft.Helped
	Texting    bool
	Over       bool // a help has just been ended
}

func (h *Pages) help(c *fiber.Ctx) error {
	s, o, err := h.helper(c)
	if err != nil {
		return err
	}
	return h.showHelp(c, s, o, fiber.StatusOK, url.Values{}, nil)
}

func (h *Pages) showHelp(c *fiber.Ctx, s signin.Session, o agency.Officer, status int, form url.Values, fault *problem.Error) error {
	d := helpPage{Values: form, Identities: draft.Identities, Texting: h.Drafts.Notices.CanText(), Over: c.Query("xong") != ""}
	all, err := h.Catalogue.All(c.UserContext())
	if err != nil {
		return err
	}
	for _, rev := range all {
		if rev.Form != nil && slices.Contains(draft.Kinds(rev), applicant.Self) {
			d.Procedures = append(d.Procedures, rev)
		}
	}
	slices.SortFunc(d.Procedures, func(a, b *catalogue.Revision) int { return strings.Compare(a.Code, b.Code) })
	if d.Today, err = h.Drafts.HelpedBy(c.UserContext(), s.Person); err != nil {
		return err
	}
	p := web.Page{Title: locales.M("assist.title"), Frame: web.FrameStaff, Menu: menu(o), Data: d}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Field: helpField(fault.Message.Key), Message: fault.Message}}
	}
	return h.Show(c, status, "staff/help", p)
}

// helpField is the field of the first page that a fault is about.
func helpField(key string) string {
	fields := map[string]string{"assist.number": "so-dinh-danh", "assist.self": "so-dinh-danh", "assist.name": "ho-ten", "assist.other_name": "ho-ten",
		"sms.not_mobile": "dien-thoai", "assist.identity": "giay", "assist.procedure": "thu-tuc"}
	if field, known := fields[key]; known {
		return field
	}
	return "so-dinh-danh"
}

func (h *Pages) startHelp(c *fiber.Ctx) error {
	s, o, err := h.helper(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	id, err := h.Drafts.StartHelp(c.UserContext(), s.Person, o, draft.Asked{
		Present:  signin.Present{IDNumber: strings.Join(strings.Fields(form.Get("so-dinh-danh")), ""), Name: form.Get("ho-ten"), Phone: strings.TrimSpace(form.Get("dien-thoai"))},
		Identity: form.Get("giay"), Procedure: form.Get("thu-tuc"),
	}, key(h, c, s))
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		return h.showHelp(c, s, o, fiber.StatusUnprocessableEntity, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, "/ho-so/"+id+"/buoc/1")
}

// helpedPage is one help: what is left to do, and how the person confirms it.
type helpedPage struct {
	Draft   draft.Draft
	Masked  string
	Missing int // faults that are left
	Declare locales.Text
	CanCode bool
	Texting bool
	Waits   bool // a code is on its way for what is in the draft
	Text    notification.SMSState
	Signed  []draft.File
	Filed   *dossier.Dossier
	Slip    string
}

func (h *Pages) helped(c *fiber.Ctx) error {
	s, o, err := h.helper(c)
	if err != nil {
		return err
	}
	return h.showHelped(c, s, o, fiber.StatusOK, nil)
}

func (h *Pages) showHelped(c *fiber.Ctx, s signin.Session, o agency.Officer, status int, fault *problem.Error) error {
	ctx, id := c.UserContext(), c.Params("id")
	p := web.Page{Frame: web.FrameStaff, Menu: menu(o), Crumbs: []web.Crumb{{Path: "/can-bo/nop-thay", Name: locales.M("assist.title")}}}
	entry := h.seen(c)
	entry.Deed = "assist.see"
	if help, err := h.Drafts.Helping(ctx, s.Person, id, entry); err != nil {
		return err
	} else if help == nil {
		filed, err := h.Desk.Dossiers.HelpedDossier(ctx, s.Person, id)
		if err != nil {
			return err
		}
		p.Title = locales.M("assist.filed")
		p.Data = helpedPage{Filed: &filed, Slip: "/can-bo/nop-thay/" + id + "/giay-xac-nhan-nop.pdf"}
		return h.Show(c, status, "staff/helped", p)
	}
	d, err := h.Drafts.Load(ctx, s.Person, id)
	if err != nil {
		return err
	}
	now := h.Drafts.Now()
	data := helpedPage{Draft: d, Masked: masked(d.Help.For.IDNumber), Missing: len(d.Run(now).Faults()), Declare: d.Revision.Form.Declaration,
		CanCode: h.Drafts.CanCode(*d.Help), Texting: h.Drafts.Notices.CanText(), Waits: d.Waits(now), Signed: d.FilesOf(draft.SignedForm)}
	if data.Text, err = h.Drafts.Notices.LastSMS(ctx, "draft:"+id); err != nil {
		return err
	}
	p.Title, p.Data = locales.M("assist.for", locales.S("name", d.Help.For.Name)), data
	if fault != nil {
		p.Errors = []web.ErrorLink{{Field: helpedField(fault.Message.Key), Message: fault.Message}}
	}
	return h.Show(c, status, "staff/helped", p)
}

// helpedField is where on the page of a help a fault lies.
func helpedField(key string) string {
	switch key {
	case "assist.print_changed", "assist.not_signed":
		return "da-ky"
	case "assist.incomplete":
		return "to-khai"
	case "dossier.declare":
		return "cam-doan"
	}
	return "ma"
}

// again shows the page of the help once more with what is wrong, or passes the error on.
func (h *Pages) again(c *fiber.Ctx, s signin.Session, o agency.Officer, err error) error {
	var fault *problem.Error
	if !errors.As(err, &fault) || fault.Kind != problem.Invalid && fault.Kind != problem.Conflict && fault.Kind != problem.TooMany {
		return err
	}
	return h.showHelped(c, s, o, fiber.StatusUnprocessableEntity, fault)
}

func (h *Pages) sendCode(c *fiber.Ctx) error {
	s, o, err := h.helper(c)
	if err != nil {
		return err
	}
	if _, err := h.Form(c); err != nil {
		return err
	}
	if err := h.Drafts.SendCode(c.UserContext(), s.Person, c.Params("id"), key(h, c, s)); err != nil {
		return h.again(c, s, o, err)
	}
	return h.Redirect(c, "/can-bo/nop-thay/"+c.Params("id")+"#xac-nhan")
}

// fileHelped takes the person's confirmation and files. A second press ends at the same
// dossier.
func (h *Pages) fileHelped(c *fiber.Ctx) error {
	s, o, err := h.helper(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	ctx, id := c.UserContext(), c.Params("id")
	if _, err := h.Desk.Dossiers.HelpedDossier(ctx, s.Person, id); err == nil {
		return h.Redirect(c, "/can-bo/nop-thay/"+id)
	}
	if form.Get("cam-doan") == "" {
		return h.again(c, s, o, problem.New(problem.Invalid, "dossier.declare"))
	}
	if form.Get("da-ky") != "" {
		err = h.Drafts.ConfirmSigned(ctx, s.Person, id)
	} else {
		err = h.Drafts.Confirm(ctx, s.Person, id, form.Get("ma"))
	}
	if err != nil {
		return h.again(c, s, o, err)
	}
	seen, _ := strconv.Atoi(form.Get("_ban"))
	_, err = h.Desk.Dossiers.FileSeen(ctx, s.Person, id, true, seen, key(h, c, s))
	var faulty *dossier.Faulty
	if errors.As(err, &faulty) {
		err = problem.New(problem.Conflict, "assist.incomplete")
	}
	if err != nil {
		return h.again(c, s, o, err)
	}
	return h.Redirect(c, "/can-bo/nop-thay/"+id)
}

func (h *Pages) endHelp(c *fiber.Ctx) error {
	s, _, err := h.helper(c)
	if err != nil {
		return err
	}
	if _, err := h.Form(c); err != nil {
		return err
	}
	if err := h.Drafts.EndHelp(c.UserContext(), s.Person, c.Params("id")); err != nil {
		return err
	}
	return h.Redirect(c, "/can-bo/nop-thay?xong=1")
}

func (h *Pages) helpedForm(c *fiber.Ctx) error {
	s, o, err := h.helper(c)
	if err != nil {
		return err
	}
	pdf, err := h.Desk.Dossiers.HelpedForm(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return h.again(c, s, o, err)
	}
	return h.Send(c, web.Download{Name: "to-khai-de-ky.pdf", Media: "application/pdf", Size: int64(len(pdf))}, strings.NewReader(string(pdf)))
}

func (h *Pages) helpedSlip(c *fiber.Ctx) error {
	s, _, err := h.helper(c)
	if err != nil {
		return err
	}
	code, pdf, err := h.Desk.Dossiers.HelpedSlip(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	return h.Send(c, web.Download{Name: code + "-giay-xac-nhan-nop.pdf", Media: "application/pdf", Size: int64(len(pdf))}, strings.NewReader(string(pdf)))
}
