package citizen

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/problem"
	"motcua/portal/vault"
	"motcua/portal/web"
)

// sharedCode is a code that was made now: it stands on this page and nowhere else.
type sharedCode struct {
	Paper   string
	Code    string
	Address string // with the code, for the QR
	Short   string // to be typed
	EndsAt  time.Time
}

func (h *Filing) sharePaper(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	id := c.Params("paper")
	code, ends, err := h.Vault.Share(c.UserContext(), s.Person, id, termValues[form.Get("thoi-han")], h.key(c, s))
	if fault, invalid := asInvalid(err); invalid {
		return h.showVaultPaper(c, s, fiber.StatusUnprocessableEntity, []web.ErrorLink{{Field: "thoi-han", Message: fault.Message}})
	}
	if err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "citizen/vault-code", web.Page{Title: locales.M("vault.code.title"), Back: vaultAddress + "/" + id,
		Data: sharedCode{id, vault.Grouped(code), h.Address(sharedAddress + "?ma=" + code), h.Address(sharedAddress), ends}})
}

func (h *Filing) unshare(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	if _, err := h.Form(c); err != nil {
		return err
	}
	id := c.Params("paper")
	if err := h.Vault.Revoke(c.UserContext(), s.Person, id, c.Params("share")); err != nil {
		return err
	}
	return h.Redirect(c, vaultAddress+"/"+id)
}

// sharedPage asks for a code, and shows the paper that it opens.
type sharedPage struct {
	Code  string
	Found *vault.Shared
	State string
}

func (h *Filing) askCode(c *fiber.Ctx) error {
	return h.showCode(c, fiber.StatusOK, sharedPage{Code: short(c.Query("ma"))}, nil)
}

// short keeps what can be a code.
func short(code string) string {
	if len(code) > 40 {
		return ""
	}
	return code
}

func (h *Filing) showCode(c *fiber.Ctx, status int, d sharedPage, faults []web.ErrorLink) error {
	return h.Show(c, status, "citizen/shared", web.Page{Title: locales.M("shared.title"), Errors: faults, Data: d})
}

// showShared shows the paper of a code, or one of its files (tep=). The code is in no
// address that the page leads to.
func (h *Filing) showShared(c *fiber.Ctx) error {
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	code, seen := short(form.Get("ma")), audit.Entry{IP: h.IP(c), Request: web.RequestID(c)}
	if no, numbered := strconv.Atoi(form.Get("tep")); numbered == nil {
		f, size, body, err := h.Vault.OpenShared(c.UserContext(), code, no, seen)
		if err == nil {
			return h.Send(c, web.Download{Name: f.Name, Media: f.Media, Size: size}, body)
		}
		return h.codeFault(c, code, err)
	}
	found, err := h.Vault.Shown(c.UserContext(), code, seen)
	if err != nil {
		return h.codeFault(c, code, err)
	}
	return h.showCode(c, fiber.StatusOK, sharedPage{Code: code, Found: &found, State: found.State(h.Vault.Now())}, nil)
}

// codeFault says beside the field that a code opens nothing.
func (h *Filing) codeFault(c *fiber.Ctx, code string, err error) error {
	if !problem.Is(err, problem.NotFound) {
		return err
	}
	return h.showCode(c, fiber.StatusUnprocessableEntity, sharedPage{Code: code}, []web.ErrorLink{{Field: "ma", Message: locales.M("vault.share_unknown")}})
}
