package citizen

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/web"
)

// changesPage says what a newer revision asks otherwise than the one the draft was begun on.
type changesPage struct {
	Draft   draft.Draft
	Changes draft.Changes
}

func (h *Filing) changes(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	d, err := h.draftOf(c, s)
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	changes, err := h.Drafts.Changes(c.UserContext(), d)
	if err != nil {
		return err
	}
	if len(changes.Lines) == 0 { // seen in another tab
		return h.Redirect(c, resume(d.ID, d.Page))
	}
	return h.Show(c, fiber.StatusOK, "citizen/changes", web.Page{Title: locales.M("changes.title"), Frame: web.FrameForm,
		Service: d.Revision.Sheet.Name, Back: "/ho-so", Data: changesPage{d, changes}})
}

// seen notes that the person has read them, and goes on where they were.
func (h *Filing) seen(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, _, err := h.FormOf(c, draftThing(c.Params("id")))
	if err != nil {
		return err
	}
	id := c.Params("id")
	revision, _ := strconv.ParseInt(form.Get("ban"), 10, 64)
	if err := h.Drafts.See(c.UserContext(), s.Person, id, revision); err != nil {
		return err
	}
	return h.one(c)
}
