package staff

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/desk"
	"motcua/portal/dossier"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// addresses of the deeds: the word after the dossier's id.
var addresses = map[string]dossier.Deed{
	"tiep-nhan":  dossier.Receive,
	"bo-sung":    dossier.AskSupplement,
	"tu-choi":    dossier.Refuse,
	"chuyen":     dossier.Forward,
	"quyet-dinh": dossier.Decide,
	"luu":        dossier.Archive,
	"tra":        dossier.Return,
}

// word is a deed's word in addresses.
func word(deed dossier.Deed) string {
	for w, d := range addresses {
		if d == deed {
			return w
		}
	}
	return ""
}

// deedPage is the form of a deed: what it needs, and what the applicant will see.
type deedPage struct {
	casePage
	Deed   dossier.Deed
	Word   string
	Items  []item // what may be defective
	Values url.Values
	Dated  []dated // papers that hold for a time, of a dossier to be received
}

// item is a paper or an answer that a supplement request may name.
type item struct {
	No        int
	Head      web.Words // above the first of its group
	Component string
	Field     string // the question, of an answer
	Name      locales.Text
	Chosen    bool
	What      string
	How       string
}

func (h *Pages) deedPage(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	return h.showDeed(c, o, fiber.StatusOK, nil, nil)
}

func (h *Pages) showDeed(c *fiber.Ctx, o agency.Officer, status int, form url.Values, fault *problem.Error) error {
	d, err := h.caseOf(c, o)
	if err != nil {
		return err
	}
	deed, known := addresses[c.Params("deed")]
	if !known {
		return fiber.ErrNotFound
	}
	if !slices.Contains(d.Deeds, deed) && fault == nil {
		return problem.New(problem.Conflict, "dossier.not_now")
	}
	p := deedPage{casePage: d, Deed: deed, Word: c.Params("deed"), Values: form}
	if deed == dossier.AskSupplement {
		p.Items = items(d, form)
	}
	if deed == dossier.Receive {
		if p.Dated, err = h.datedPapers(c, d, form); err != nil {
			return err
		}
	}
	page := web.Page{Title: locales.M("staff.deed." + string(deed)), Frame: web.FrameStaff, Menu: menu(o), Data: p,
		Crumbs: []web.Crumb{{Path: "/can-bo/ho-so", Name: locales.M("staff.inbox")}, {Path: "/can-bo/ho-so/" + d.ID, Name: d.Code}}}
	if fault != nil {
		page.Errors = []web.ErrorLink{{Field: faultyField(p, fault.Message), Message: fault.Message}}
	}
	return h.Show(c, status, "staff/deed", page)
}

// fields are where on a deed's form a fault lies.
var fields = map[string]string{
	"desk.no_items":     "muc-1",
	"desk.no_reason":    "ly-do",
	"desk.no_ground":    "can-cu",
	"desk.no_colleague": "nguoi",
	"desk.no_receiver":  "nguoi-nhan",
}

// faultyField is the field that a fault is about, or the form when it is about none.
func faultyField(p deedPage, fault locales.Message) string {
	if field, known := fields[fault.Key]; known {
		return field
	}
	for field := range p.Values {
		if len(fault.Args) == 1 && fault.Key == "staff.bad_day" && strings.TrimSpace(p.Values.Get(field)) == fault.Args[0].Value {
			return field
		}
	}
	for _, i := range p.Items {
		if len(fault.Args) == 1 && fault.Args[0].Value == i.Name.VI {
			return "sai-" + strconv.Itoa(i.No)
		}
	}
	return "bieu-mau"
}

// items are all papers and all answers, with what the officer has typed so far.
func items(d casePage, form url.Values) []item {
	var all []item
	var head web.Words = locales.M("staff.files")
	add := func(component, field string, name locales.Text) {
		no := len(all) + 1
		key := strconv.Itoa(no)
		all = append(all, item{No: no, Head: head, Component: component, Field: field, Name: name, Chosen: form.Has("muc-" + key), What: form.Get("sai-" + key), How: form.Get("sua-" + key)})
		head = nil
	}
	for _, q := range d.Revision.Form.All() {
		if q.Kind == eforms.Attachment {
			add(q.ID, "", q.Label)
		}
	}
	for _, section := range d.Outline {
		head = section.Title
		for _, row := range section.Rows {
			if row.Kind != eforms.Attachment {
				add("", row.ID, row.Label)
			}
		}
	}
	return all
}

func (h *Pages) do(c *fiber.Ctx) error {
	s, o, err := h.officer(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	version, _ := strconv.Atoi(form.Get("ban"))
	press := desk.Press{Officer: o, Dossier: c.Params("id"), Version: version, Key: h.Key(c, fmt.Sprintf("person:%d", s.ID))}
	err = h.carryOut(c, press, form)
	var fault *problem.Error
	if errors.As(err, &fault) && (fault.Kind == problem.Invalid || fault.Kind == problem.Conflict && fault.Message.Key == "desk.fee_unpaid") {
		return h.showDeed(c, o, fiber.StatusUnprocessableEntity, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, "/can-bo/ho-so/"+c.Params("id"))
}

func (h *Pages) carryOut(c *fiber.Ctx, p desk.Press, form url.Values) error {
	ctx := c.UserContext()
	switch addresses[c.Params("deed")] {
	case dossier.Receive:
		read, err := readDates(form)
		if err != nil {
			return err
		}
		return h.Desk.ReceiveRead(ctx, p, read)
	case dossier.AskSupplement:
		chosen, err := h.chosen(c, p.Officer, form)
		if err != nil {
			return err
		}
		return h.Desk.AskSupplement(ctx, p, chosen)
	case dossier.Refuse:
		return h.Desk.Refuse(ctx, p, form.Get("ly-do"), form.Get("can-cu"))
	case dossier.Forward:
		to, _ := strconv.ParseInt(form.Get("nguoi"), 10, 64)
		return h.Desk.Forward(ctx, p, to)
	case dossier.Decide:
		until, err := dayOf(form.Get("gia-tri-den"))
		if err != nil {
			return err
		}
		return h.Desk.Decide(ctx, p, desk.Decision{Granted: form.Get("ket-qua") != "khong", Reason: form.Get("ly-do"), Ground: form.Get("can-cu"),
			Text: form.Get("noi-dung"), ValidTo: until})
	case dossier.Archive:
		return h.Desk.Archive(ctx, p)
	case dossier.Return:
		return h.Desk.Return(ctx, p, desk.Handing{Receiver: form.Get("nguoi-nhan"), Evidence: form.Get("chung-cu")})
	}
	return fiber.ErrNotFound
}

// chosen are the defects that the officer ticked.
func (h *Pages) chosen(c *fiber.Ctx, o agency.Officer, form url.Values) ([]dossier.Item, error) {
	d, err := h.caseOf(c, o)
	if err != nil {
		return nil, err
	}
	var chosen []dossier.Item
	for _, i := range items(d, form) {
		if i.Chosen {
			chosen = append(chosen, dossier.Item{Component: i.Component, Field: i.Field, Name: i.Name.VI, What: i.What, How: i.How})
		}
	}
	return chosen, nil
}
