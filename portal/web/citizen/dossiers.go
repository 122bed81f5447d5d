package citizen

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/applicant"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/postal"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// minePage lists drafts and dossiers (ux C1, C3).
type minePage struct {
	Firm     applicant.Business // as whom the person acts, empty for themself
	Heaps    []heap
	Waiting  int    // invitations and requests to answer
	Saved    string // id of the draft just left
	Deleted  string // id of the draft just put away, to bring back
	Restored bool
	Away     []draftLine // put away, and to be had back
	Unread   int
}

type draftLine struct {
	draft.Summary
	Days   int       // left
	At     web.Words // the page to go on at
	Resume string
}

func (h *Filing) draftLines(all []draft.Summary) []draftLine {
	now := h.Drafts.Now()
	lines := make([]draftLine, len(all))
	for i, one := range all {
		lines[i] = draftLine{one, one.DaysLeft(now), pageName(one), resume(one.ID, one.Page)}
	}
	return lines
}

// pageName is what the page is called that a draft goes on at.
func pageName(d draft.Summary) web.Words {
	kind, which, _ := strings.Cut(d.Page, "/")
	form := d.Revision.Form
	switch no, _ := strconv.Atoi(which); {
	case kind == "kiem-tra":
		return locales.M("check.title")
	case kind == "giay-to":
		if q, found := form.Question(which); found {
			return q.Label
		}
	case kind == "buoc" && no >= 1 && no <= len(form.Pages):
		return form.Pages[no-1].Title
	}
	return form.Pages[0].Title
}

func (h *Filing) mine(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	firms, err := h.Applicant.Businesses(c.UserContext(), s.ID)
	if err != nil {
		return err
	}
	acting := actingFor(firms, s.Acting)
	d := minePage{Saved: c.Query("da-luu"), Deleted: c.Query("da-xoa"), Restored: c.Query("khoi-phuc") != "", Firm: acting}
	drafts, err := h.Drafts.ListOf(c.UserContext(), s.Person, acting.TaxCode)
	if err != nil {
		return err
	}
	away, err := h.Drafts.Deleted(c.UserContext(), s.Person, acting.TaxCode)
	if err != nil {
		return err
	}
	filed, err := h.Dossiers.MineOf(c.UserContext(), s.Person, acting.TaxCode)
	if err != nil {
		return err
	}
	who, err := h.Dossiers.ActorOf(c.UserContext(), s.Person)
	if err != nil {
		return err
	}
	d.Away, d.Heaps = h.draftLines(away), heaps(firms, acting, h.draftLines(drafts), filed, who)
	if d.Waiting, err = h.Applicant.Waiting(c.UserContext(), s.Person); err != nil {
		return err
	}
	if d.Unread, err = h.Notices.Unread(c.UserContext(), s.ID); err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "citizen/mine", web.Page{Title: locales.M("mine.title"), Data: d})
}

// resume is where a person goes on with a draft.
func resume(id, page string) string {
	if page == "" {
		page = "buoc/1"
	}
	return "/ho-so/" + id + "/" + page
}

// onePage is a dossier with its timeline (ux C14, C15).
type onePage struct {
	dossier.Whole
	Justfiled bool
	Left      leftDays
	Order     *payments.Order
	Receipt   *payments.Receipt
	Parcel    *postal.Order
	Outline   []eforms.Section
	Tracking  string
	CanRate   bool
	MayFile   bool
	MayPay    bool
	Basis     *dossier.Basis
}

// leftDays is how many working days are left, or over.
type leftDays struct {
	Days int
	Over bool
}

// one is a dossier's page; the address of a draft goes on where the person was.
func (h *Filing) one(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	if d, err := h.Drafts.Load(c.UserContext(), s.Person, c.Params("id")); err == nil {
		return h.Redirect(c, resume(d.ID, d.Page))
	} else if !problem.Is(err, problem.NotFound) {
		return err
	}
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	d, err := h.dossierPage(c, w)
	if err != nil {
		return err
	}
	if err := h.addRights(c, s, &d); err != nil {
		return err
	}
	p := web.Page{Of: ofWhom(w.Capacity, w.OwnerName), Title: locales.M("dossier.title", locales.S("code", w.Code)), Data: d, Crumbs: []web.Crumb{{Path: "/ho-so", Name: locales.M("mine.title")}}}
	if d.Justfiled {
		p.Title = locales.M("dossier.filed.title")
	}
	return h.Show(c, fiber.StatusOK, "citizen/dossier", p)
}

func (h *Filing) dossierPage(c *fiber.Ctx, w dossier.Whole) (onePage, error) {
	d := onePage{Whole: w, Justfiled: c.Query("da-nop") != "", Tracking: h.Address("/tra-cuu?ma=" + w.Code), CanRate: dossier.Can(dossier.Rate, w.Dossier)}
	cal, err := h.Agency.Calendar(c.UserContext())
	if err != nil {
		return d, err
	}
	d.Left.Days, d.Left.Over = cal.Left(h.Dossiers.Now(), w.Deadline())
	lists, err := h.Drafts.Lists(c.UserContext(), w.Revision)
	if err != nil {
		return d, err
	}
	d.Outline = w.Run(lists).Outline()
	if err := h.addMoney(c, &d); err != nil {
		return d, err
	}
	if w.ReturnBy == "post" {
		parcels, err := h.Postal.OfDossier(c.UserContext(), w.ID)
		if err != nil {
			return d, err
		}
		if len(parcels) > 0 {
			d.Parcel = &parcels[0]
			slices.Reverse(d.Parcel.Events) // newest first, as on the dossier's own timeline
		}
	}
	return d, nil
}

// addRights says what the person may do with the dossier that they see, and by what right
// it was filed.
func (h *Filing) addRights(c *fiber.Ctx, s signin.Session, d *onePage) error {
	who, err := h.Dossiers.ActorOf(c.UserContext(), s.Person)
	if err != nil {
		return err
	}
	d.MayFile, d.MayPay = dossier.May(who, dossier.Supply, d.Dossier), dossier.May(who, dossier.PayFee, d.Dossier)
	d.CanRate = d.CanRate && d.MayFile
	d.Basis, err = h.Dossiers.Basis(c.UserContext(), d.Dossier)
	return err
}

func (h *Filing) addMoney(c *fiber.Ctx, d *onePage) error {
	if d.Money == "none" {
		return nil
	}
	order, err := h.Payments.OfSubject(c.UserContext(), "dossier:"+d.ID)
	if err != nil {
		return err
	}
	d.Order = &order
	if order.State != payments.OrderPaid {
		return nil
	}
	receipt, err := h.Payments.ReceiptOf(c.UserContext(), order.ID)
	d.Receipt = &receipt
	return err
}

// attachment gives a filed file back, byte for byte as it was received.
func (h *Filing) attachment(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	a, body, err := h.Dossiers.Attachment(c.UserContext(), s.Person, c.Params("id"), c.Params("file"))
	if err != nil {
		return err
	}
	return h.Send(c, web.Download{Name: a.Name, Media: a.Media, Size: a.Size}, body)
}

func (h *Filing) sendPDF(c *fiber.Ctx, name string, pdf []byte) error {
	return h.Send(c, web.Download{Name: name, Media: "application/pdf", Size: int64(len(pdf))}, bytes.NewReader(pdf))
}

func (h *Filing) slip(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	code, pdf, err := h.Dossiers.Slip(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	return h.sendPDF(c, code+"-giay-xac-nhan-nop.pdf", pdf)
}

// paper gives the latest paper of a kind: not there until an officer has made it.
func (h *Filing) paper(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		s, err := h.Need(c)
		if err != nil {
			return err
		}
		p, pdf, err := h.Dossiers.OwnPaper(c.UserContext(), s.Person, c.Params("id"), kind)
		if err != nil {
			return err
		}
		return h.sendPDF(c, p.Kind+".pdf", pdf)
	}
}

// result gives the result paper, once it has been returned.
func (h *Filing) result(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	p, pdf, err := h.Dossiers.OwnResult(c.UserContext(), s.Person, c.Params("id"), strings.TrimSuffix(c.Params("file"), ".pdf"))
	if err != nil {
		return err
	}
	return h.sendPDF(c, "ket-qua-"+strings.ReplaceAll(p.Number, "/", "-")+".pdf", pdf)
}

// stillTheirs leaves out what was told of dossiers that the person may not see any more.
func (h *Filing) stillTheirs(c *fiber.Ctx, s signin.Session, items []notification.Item) ([]notification.Item, error) {
	ids := []string{}
	for _, n := range items {
		if n.Dossier != "" {
			ids = append(ids, n.Dossier)
		}
	}
	visible, err := h.Dossiers.Visible(c.UserContext(), s.Person, ids)
	return slices.DeleteFunc(items, func(n notification.Item) bool { return n.Dossier != "" && !visible[n.Dossier] }), err
}

func (h *Filing) notices(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	items, err := h.Notices.Inbox(c.UserContext(), s.ID, 50)
	if err != nil {
		return err
	}
	if items, err = h.stillTheirs(c, s, items); err != nil {
		return err
	}
	if err := h.Notices.Seen(c.UserContext(), s.ID, h.Drafts.Now()); err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "citizen/notices", web.Page{Title: locales.M("notices.title"), Data: struct{ Items []notification.Item }{items}})
}
