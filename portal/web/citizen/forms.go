package citizen

import (
	"encoding/hex"

	"github.com/gofiber/fiber/v2"
)

// blankForm is a procedure's form to print and fill by hand.
func (h *Filing) blankForm(c *fiber.Ctx) error {
	rev, err := h.Catalogue.InForce(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	pdf, err := h.Dossiers.Blank(rev)
	if err != nil {
		return err
	}
	etag := `"` + hex.EncodeToString(rev.SHA256[:8]) + `"`
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderETag, etag)
	if c.Get(fiber.HeaderIfNoneMatch) == etag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	return h.sendPDF(c, rev.Code+"-to-khai.pdf", pdf)
}

// formPaper is the application as it was filed.
func (h *Filing) formPaper(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	code, pdf, err := h.Dossiers.Form(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	return h.sendPDF(c, code+"-to-khai.pdf", pdf)
}

// record is what was filed, for the person's own programs (ux.md, an export of one's data).
func (h *Filing) record(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	r, err := h.Dossiers.OwnRecord(c.UserContext(), s.Person, c.Params("id"))
	if err != nil {
		return err
	}
	c.Attachment(r.Code + ".json")
	return c.JSON(r)
}
