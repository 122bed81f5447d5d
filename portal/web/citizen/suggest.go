package citizen

import (
	"github.com/gofiber/fiber/v2"

	"motcua/portal/draft"
)

// suggestion is an option that fits what is being typed into a search.
type suggestion struct {
	Value string `json:"value"`
	Label string `json:"label"`
}

// suggest answers a search field of the page while one types: ?goi-y=<field>&tim=<words>.
// Nothing is saved, and a field that is not there has no suggestions.
func (h *Filing) suggest(c *fiber.Ctx, d draft.Draft, no int) error {
	found := []suggestion{}
	for _, o := range d.Run(h.Drafts.Now()).Suggest(no, c.Query("goi-y"), c.Query("tim")) {
		label, _ := o.Label.In(h.Lang(c))
		found = append(found, suggestion{o.Value, label})
	}
	return c.JSON(found)
}
