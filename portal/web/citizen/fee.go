package citizen

import (
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

// feeTable is what is owed, phí and lệ phí apart (ux FEE-1).
type feeTable struct {
	Lines []payments.Line
	Total int64
}

// dueTable is what would be owed for a form as it is now. A quantity that is not answered
// yet owes nothing yet.
func dueTable(rev *catalogue.Revision, run *eforms.Run, now time.Time) (feeTable, error) {
	lines, total, err := payments.Due(rev.Fees, run.Quantities(), now)
	if err != nil {
		return feeTable{}, nil // the faults of the form say which answer is missing
	}
	return feeTable{lines, total}, nil
}

// feePage is the fee of a filed dossier and how it stands (ux C11).
type feePage struct {
	Dossier dossier.Dossier
	Order   payments.Order
	Table   feeTable
	Receipt *payments.Receipt
	Pending bool // an attempt is under way
	MayPay  bool
}

func (h *Filing) fee(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	w, err := h.Dossiers.OfPerson(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	order, err := h.Payments.OfSubject(c.UserContext(), "dossier:"+w.ID)
	if err != nil {
		return err
	}
	data := feePage{Dossier: w.Dossier, Order: order, Table: feeTable{order.Lines, order.Total}}
	if data.MayPay, err = h.Dossiers.MayPay(c.UserContext(), s.Person, w.Dossier); err != nil {
		return err
	}
	for _, a := range order.Attempts {
		data.Pending = data.Pending || a.Open(h.Drafts.Now())
	}
	if order.State == payments.OrderPaid {
		receipt, err := h.Payments.ReceiptOf(c.UserContext(), order.ID)
		if err != nil {
			return err
		}
		data.Receipt = &receipt
	}
	return h.Show(c, fiber.StatusOK, "citizen/fee", web.Page{Title: locales.M("fee.title"), Frame: web.FrameForm,
		Service: w.Revision.Sheet.Name, Back: "/ho-so/" + w.ID, Data: data})
}

// pay starts a payment (cong=vnpay), or asks the gateway what became of one (lam=kiem-tra).
func (h *Filing) pay(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	w, err := h.Dossiers.ToPay(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	order, err := h.Payments.OfSubject(c.UserContext(), "dossier:"+w.ID)
	if err != nil {
		return err
	}
	if form.Get("lam") == "kiem-tra" {
		if _, err := h.Payments.Check(c.UserContext(), order.ID); err != nil {
			return err
		}
		return h.Redirect(c, "/ho-so/"+w.ID+"/phi")
	}
	to, _, err := h.Payments.Start(c.UserContext(), order.ID, form.Get("cong"), h.key(c, s), h.IP(c), h.Lang(c))
	if err != nil {
		return err
	}
	return c.Redirect(to, fiber.StatusSeeOther) // the gateway's page, in the same tab
}

// vnpayNotice is the gateway's word, server to server: signed, answered by its reply codes.
func (h *Filing) vnpayNotice(c *fiber.Ctx) error {
	code, message := h.VNPay.IPN(c.UserContext(), string(c.Context().URI().QueryString()))
	return c.JSON(struct{ RspCode, Message string }{code, message})
}

// returnPage is what the browser's return from the gateway shows. It changes nothing.
type returnPage struct {
	Returned vnpay.Returned
	Order    *payments.Order // only for whose it is: the address alone opens nothing
	Dossier  string
}

func (h *Filing) vnpayReturn(c *fiber.Ctx) error {
	returned, err := h.VNPay.Return(c.UserContext(), string(c.Context().URI().QueryString()))
	if err != nil {
		return err
	}
	data := returnPage{Returned: returned}
	s, err := h.Session(c)
	if err != nil {
		return err
	}
	if s != nil {
		if err := h.ownReturn(c, s.Person, &data); err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
	}
	return h.Show(c, fiber.StatusOK, "citizen/paid", web.Page{Title: locales.M("fee.return.title"), Frame: web.FrameForm, Data: data})
}

func (h *Filing) ownReturn(c *fiber.Ctx, p signin.Person, data *returnPage) error {
	order, err := h.Payments.ByID(c.UserContext(), data.Returned.Order)
	if err != nil {
		return err
	}
	id := strings.TrimPrefix(order.Subject, "dossier:")
	if _, err := h.Dossiers.OfPerson(c.UserContext(), p, id); err != nil {
		return err
	}
	data.Order, data.Dossier = &order, id
	return nil
}

// receipt is /bien-lai/{id}.pdf.
func (h *Filing) receipt(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	id, isPDF := strings.CutSuffix(c.Params("file"), ".pdf")
	if !isPDF {
		return fiber.ErrNotFound
	}
	r, pdf, err := h.Dossiers.Receipt(c.UserContext(), s.Person, id)
	if err != nil {
		return err
	}
	return h.sendPDF(c, "bien-lai-"+r.Data.Number+".pdf", pdf)
}
