package citizen

import (
	"bytes"
	"context"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/national"
	"motcua/portal/web"
)

// The catalogue as open data (NĐ 47/2020/NĐ-CP): every procedure in force in the names of
// the national record, for anybody to take and use again.

// dataMedia are the formats of the open data.
var dataMedia = map[string]string{"json": "application/json; charset=utf-8", "csv": "text/csv; charset=utf-8"}

// dataPage says what there is, with its count and the names that it uses.
type dataPage struct {
	Total int
	Names []string // of the national record, at its first level
	Ours  []string // that only portals like this one have
}

func (h *Pages) openData(c *fiber.Ctx) error {
	version, err := h.edition(c.UserContext())
	if err != nil {
		return err
	}
	return h.Web.Public(c, version, func() (string, web.Page, error) {
		all, err := h.Catalogue.All(c.UserContext())
		page := dataPage{Total: len(all)}
		for _, f := range national.Fields {
			if f.Ours {
				page.Ours = append(page.Ours, f.Name)
			} else {
				page.Names = append(page.Names, f.Name)
			}
		}
		title := locales.M("public.data.title")
		return "public/data", web.Page{Title: title, Crumbs: crumbs(), Linked: h.linkedData(c, title), Data: page}, err
	})
}

// openFile is the whole catalogue in force, prepared once for each edition.
func (h *Pages) openFile(format string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		version, err := h.Catalogue.Edition(c.UserContext())
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderAccessControlAllowOrigin, "*") // programs in other sites' pages may read it
		return h.Prepared(c, version, dataMedia[format], func() ([]byte, error) { return h.written(c.UserContext(), format) })
	}
}

func (h *Pages) written(ctx context.Context, format string) ([]byte, error) {
	all, err := h.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	var sheets []catalogue.Sheet
	var lists national.Lists
	seen := map[string]bool{}
	for _, rev := range all {
		sheets = append(sheets, rev.Sheet)
		if !seen[rev.Field.Code] {
			seen[rev.Field.Code] = true
			lists.Fields = append(lists.Fields, rev.Field)
		}
	}
	var b bytes.Buffer
	err = national.Write(&b, format, sheets, lists)
	return b.Bytes(), err
}

// linkedData is the open data as a Dataset.
func (h *Pages) linkedData(c *fiber.Ctx, title locales.Message) thing {
	name, _ := locales.Say(h.Lang(c), title)
	publisher, _ := h.Web.Site(c.UserContext()).Name.In(h.Lang(c))
	files := []thing{}
	for _, format := range []string{"json", "csv"} {
		files = append(files, thing{"@type": "DataDownload", "encodingFormat": format, "contentUrl": h.Address("/du-lieu-mo/thu-tuc." + format)})
	}
	return thing{"@context": schemaOrg, "@type": "Dataset", "name": name, "license": dataLicence, "url": h.Address("/du-lieu-mo"),
		"creator": thing{"@type": "GovernmentOrganization", "name": publisher}, "distribution": files}
}

// dataLicence is what anybody may do with the open data.
const dataLicence = "https://creativecommons.org/licenses/by/4.0/"
