package citizen

import (
	"cmp"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/portal/draft"
	"motcua/portal/web"
)

// endPage tells a person why the procedure is not for them, and what they can do.
type endPage struct {
	Draft  draft.Draft
	End    *eforms.End
	Change string // the page whose answers led here
}

func endOf(id string) string { return "/ho-so/" + id + "/khong-thuoc-dien" }

// end is where a form stops. Who comes here without such answers goes on where they were.
func (h *Filing) end(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	d, err := h.draftOf(c, s)
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	end := d.Run(h.Drafts.Now()).End()
	if end == nil {
		return h.Redirect(c, "/ho-so/"+d.ID+"/"+cmp.Or(d.Page, "buoc/1"))
	}
	data := endPage{d, end, fmt.Sprintf("/ho-so/%s/buoc/%d", d.ID, end.Page().No)}
	return h.Show(c, fiber.StatusOK, "citizen/end", web.Page{Title: end.Title, Frame: web.FrameForm, Service: d.Revision.Sheet.Name, Back: data.Change, Data: data})
}
