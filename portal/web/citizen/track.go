package citizen

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/dossier"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// trackPage is the look-up without sign-in: status and dates only (ux TRACK-1).
type trackPage struct {
	Code  string
	Found *dossier.Tracked
}

func (h *Filing) tracking(c *fiber.Ctx) error {
	return h.showTrack(c, fiber.StatusOK, trackPage{Code: c.Query("ma")}, nil)
}

func (h *Filing) showTrack(c *fiber.Ctx, status int, d trackPage, faults []web.ErrorLink) error {
	return h.Show(c, status, "citizen/track", web.Page{Title: locales.M("track.title"), Errors: faults, Data: d})
}

func (h *Filing) track(c *fiber.Ctx) error {
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	found, err := h.Dossiers.Track(c.UserContext(), form.Get("ma"), strings.TrimSpace(form.Get("so")), h.IP(c))
	if problem.Is(err, problem.NotFound) {
		return h.showTrack(c, fiber.StatusUnprocessableEntity, trackPage{Code: form.Get("ma")}, []web.ErrorLink{{Field: "ma", Message: locales.M("track.unknown")}})
	}
	if err != nil {
		return err
	}
	return h.showTrack(c, fiber.StatusOK, trackPage{Code: found.Code, Found: &found}, nil)
}

// verifyPage says whether a printed paper is ours (ux P8).
type verifyPage struct {
	Lookup string
	Found  *dossier.Verified
	Asked  bool
}

func (h *Filing) verify(c *fiber.Ctx) error {
	d := verifyPage{Lookup: strings.ToUpper(strings.TrimSpace(c.Query("ma")))}
	if d.Lookup != "" && len(d.Lookup) <= 40 {
		d.Asked = true
		found, err := h.Dossiers.Verify(c.UserContext(), d.Lookup)
		if problem.Is(err, problem.NotFound) {
			found, err = h.Dossiers.VerifyReceipt(c.UserContext(), d.Lookup)
		}
		if err == nil {
			d.Found = &found
		} else if !problem.Is(err, problem.NotFound) {
			return err
		}
	}
	return h.Show(c, fiber.StatusOK, "citizen/verify", web.Page{Title: locales.M("verify.title"), Data: d})
}
