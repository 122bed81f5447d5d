package citizen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/payments"
	"motcua/payments/vnpay"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/postal"
	"motcua/portal/privacy"
	"motcua/portal/signin"
	"motcua/portal/vault"
	"motcua/portal/web"
)

// Filing are the pages of a person who files: sign-in, drafts, dossiers, payment.
type Filing struct {
	*web.Web
	Signin    *signin.Service
	Catalogue *catalogue.Service
	Agency    *agency.Service
	Applicant *applicant.Service
	Drafts    *draft.Service
	Dossiers  *dossier.Service
	Payments  *payments.Service
	VNPay     *vnpay.Client
	Postal    *postal.Service
	Notices   *notification.Service
	Privacy   *privacy.Service
	Vault     *vault.Service
}

// Routes puts the pages at their addresses.
func (h *Filing) Routes(app fiber.Router) {
	app.Get("/dang-nhap", h.signIn)
	app.Get("/dang-nhap/tra-ve", h.signedIn)
	app.Get("/dang-nhap/nang-muc", h.stepUp)
	app.Get(signin.NotStepped, h.notStepped)
	app.Post("/dang-xuat", h.signOut)

	h.guideRoutes(app)
	app.Use("/ho-so/:id", h.helping)

	app.Get("/thu-tuc/:code/bat-dau", h.start)
	app.Post("/thu-tuc/:code/ho-so", h.open)

	app.Get("/ho-so", h.mine)
	app.Get(unsavedAddress, h.unsaved)
	app.Post(unsavedAddress, h.seenUnsaved)
	app.Get("/ho-so/:id", h.one)
	app.Post("/ho-so/:id/xoa", h.putAway)
	app.Post("/ho-so/:id/khoi-phuc", h.bringBack)
	app.Get("/ho-so/:id/lay-du-lieu", h.askForData)
	app.Post("/ho-so/:id/lay-du-lieu", h.askAgain)
	app.Get("/ho-so/:id/buoc/:no", h.page)
	app.Post("/ho-so/:id/buoc/:no", h.save)
	app.Get("/ho-so/:id/chon-ban", h.choose)
	app.Post("/ho-so/:id/chon-ban", h.chosen)
	app.Get("/ho-so/:id/thay-doi", h.changes)
	app.Post("/ho-so/:id/thay-doi", h.seen)
	app.Get("/ho-so/:id/phan-viec", h.tasks)
	app.Get("/ho-so/:id/khong-thuoc-dien", h.end)
	h.paperRoutes(app, "/ho-so/:id/giay-to/:component", h.ownPaper)
	h.phoneRoutes(app)
	app.Get("/ho-so/:id/kiem-tra", h.check)
	app.Post("/ho-so/:id/kiem-tra", h.file)

	app.Get("/ho-so/:id/phi", h.fee)
	app.Post("/ho-so/:id/phi", h.pay)
	app.Get("/thanh-toan/vnpay/ipn", h.vnpayNotice)
	app.Get("/thanh-toan/vnpay/ket-qua", h.vnpayReturn)
	app.Get("/bien-lai/:file", h.receipt)

	app.Get("/ho-so/:id/tep/:file", h.attachment)
	app.Get("/thu-tuc/:code/to-khai.pdf", h.blankForm)
	app.Get("/ho-so/:id/to-khai.pdf", h.formPaper)
	app.Get("/ho-so/:id/du-lieu.json", h.record)
	app.Get("/ho-so/:id/giay-xac-nhan-nop.pdf", h.slip)
	app.Get("/ho-so/:id/giay-tiep-nhan.pdf", h.paper(dossier.Acknowledgement))
	app.Get("/ho-so/:id/phieu-bo-sung.pdf", h.paper(dossier.SupplementRequest))
	app.Get("/ho-so/:id/phieu-tu-choi.pdf", h.paper(dossier.Refusal))
	app.Get("/ho-so/:id/ket-qua/:file", h.result)
	app.Get("/ho-so/:id/bo-sung", h.supplement)
	app.Post("/ho-so/:id/bo-sung", h.sendSupplement)
	app.Get("/ho-so/:id/bo-sung/buoc/:no", h.copied)
	app.Post("/ho-so/:id/bo-sung/buoc/:no", h.saveCopied)
	app.Get("/ho-so/:id/lan-nop/:no", h.filing)
	app.Get("/ho-so/:id/rut", h.withdrawal)
	app.Post("/ho-so/:id/rut", h.withdraw)
	app.Get("/ho-so/:id/danh-gia", h.rating)
	app.Post("/ho-so/:id/danh-gia", h.rate)

	app.Get("/tra-cuu", h.tracking)
	app.Post("/tra-cuu", h.track)
	app.Get("/xac-thuc", h.verify)
	app.Get("/tai-khoan/thong-bao", h.notices)
	h.accountRoutes(app)
	h.reportRoutes(app)
	h.lookRoutes(app)
	h.vaultRoutes(app)
}

// key is the one-time key of the form that was just read, for the signed-in person.
func (h *Filing) key(c *fiber.Ctx, s signin.Session) once.Key {
	return h.keyOf(c, s.Person)
}

func (h *Filing) keyOf(c *fiber.Ctx, p signin.Person) once.Key {
	return h.Key(c, fmt.Sprintf("person:%d", p.ID))
}

func (h *Filing) signIn(c *fiber.Ctx) error {
	to, err := h.Signin.Begin(c.UserContext(), h.Browser(c), h.IP(c), signin.SafeNext(c.Query("tiep")))
	if err != nil {
		return err
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}

// signedIn ends a sign-in. The language chosen before it goes on.
func (h *Filing) signedIn(c *fiber.Ctx) error {
	s, next, err := h.Signin.Complete(c.UserContext(), h.Browser(c), c.Query("state"), c.Query("code"), c.Query("iss"))
	if err != nil {
		return err
	}
	h.SetSession(c, s)
	if lang := h.Lang(c); lang != s.Lang {
		if err := h.Signin.Speak(c.UserContext(), s.ID, lang); err != nil {
			return err
		}
	}
	if next, err = h.bringIn(c, s, next); err != nil {
		return err
	}
	if s.Staff && next == "/" {
		next = "/can-bo"
	}
	return h.Redirect(c, next)
}

// helping marks what an officer does on a draft that they fill for somebody: on the page and
// in the record, before anything is shown.
func (h *Filing) helping(c *fiber.Ctx) error {
	s, err := h.Session(c)
	if err != nil {
		return err
	}
	if s == nil {
		return c.Next()
	}
	help, err := h.Drafts.Helping(c.UserContext(), s.Person, c.Params("id"), audit.Entry{Deed: "assist." + strings.ToLower(c.Method()),
		Args: map[string]any{"page": strings.TrimPrefix(c.Path(), "/ho-so/"+c.Params("id"))}, IP: h.IP(c), Request: web.RequestID(c)})
	if err != nil {
		return err
	}
	if help != nil {
		web.SetHelping(c, web.Helping{Name: help.For.Name, Path: "/can-bo/nop-thay/" + c.Params("id")})
	}
	return c.Next()
}

func (h *Filing) signOut(c *fiber.Ctx) error {
	if _, err := h.Form(c); err != nil {
		return err
	}
	_, err := h.Signin.End(c.UserContext(), h.Token(c))
	if err != nil {
		return err
	}
	h.EndSession(c)
	return h.Redirect(c, "/")
}

// page numbers and ids come from the address; what is no number is nowhere.
func number(c *fiber.Ctx, name string) (int, error) {
	n, err := strconv.Atoi(c.Params(name))
	if err != nil || n < 1 {
		return 0, fiber.ErrNotFound
	}
	return n, nil
}
