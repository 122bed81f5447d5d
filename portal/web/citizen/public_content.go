package citizen

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/web"
)

// ContentAt is under which address texts of a kind are.
var ContentAt = map[string]string{content.Event: "/su-kien", content.Guide: "/huong-dan", content.Question: "/hoi-dap", content.News: "/tin"}

// content puts the pages of what the portal says besides procedures at their addresses
// (ux P3, P16).
func (h *Pages) contentRoutes(app fiber.Router) {
	for kind, at := range ContentAt {
		app.Get(at, h.contentList(kind))
		app.Get(at+"/:slug", h.contentItem(kind))
		if content.Rated(kind) {
			app.Get(at+"/:slug/gop-y", h.votePage(kind))
			app.Post(at+"/:slug/gop-y", h.vote(kind))
		}
	}
}

// contentPage is a list of texts in groups.
type contentPage struct {
	Kind   string
	At     string // its address
	Text   string // what was looked for
	Found  int
	Groups []contentGroup
}

type contentGroup struct {
	Name  web.Words // none: there is but one
	ID    string
	Items []*content.Item
}

func (h *Pages) contentList(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		version, err := h.contentEdition(c)
		if err != nil {
			return err
		}
		return h.Web.Public(c, version, func() (string, web.Page, error) {
			p := contentPage{Kind: kind, At: ContentAt[kind], Text: strings.TrimSpace(c.Query("q"))}
			if r := []rune(p.Text); len(r) > longestText {
				p.Text = string(r[:longestText])
			}
			all, err := h.Content.Find(c.UserContext(), kind, p.Text)
			p.Found, p.Groups = len(all), grouped(kind, all)
			return "public/content-list", web.Page{Title: locales.M("content.list." + kind), Crumbs: crumbs(), Data: p}, err
		})
	}
}

// contentEdition is what pages made of texts and of the procedures that they name depend on.
func (h *Pages) contentEdition(c *fiber.Ctx) (string, error) {
	print, err := h.edition(c.UserContext())
	if err != nil {
		return "", err
	}
	said, err := h.Content.Edition(c.UserContext())
	return print + " " + said, err
}

// grouped sorts texts into the groups of their kind; announcements have none.
func grouped(kind string, all []*content.Item) []contentGroup {
	names := content.GroupsOf(kind)
	if names == nil {
		if len(all) == 0 {
			return nil
		}
		return []contentGroup{{Items: all}}
	}
	var groups []contentGroup
	for _, name := range names {
		g := contentGroup{Name: locales.M("content.group." + name), ID: name}
		for _, i := range all {
			if i.Group == name {
				g.Items = append(g.Items, i)
			}
		}
		if len(g.Items) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}

// ContentItem is a text with the procedures that it names, for its page.
type ContentItem struct {
	*content.Item
	At      string // address of its list
	Steps   []contentStep
	See     []searchRow
	Others  []*content.Item // of the same group
	Preview bool
}

// contentStep is a step with the procedures by which it is done.
type contentStep struct {
	content.Step
	Rows []searchRow
}

func (h *Pages) contentItem(kind string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		item, err := h.Content.One(c.UserContext(), kind, c.Params("slug"))
		if err != nil {
			return err
		}
		version, err := h.contentEdition(c)
		if err != nil {
			return err
		}
		return h.Web.Public(c, version, func() (string, web.Page, error) {
			p, err := h.contentPage(c, item)
			if err != nil {
				return "", web.Page{}, err
			}
			same, err := h.Content.All(c.UserContext(), kind)
			d := p.Data.(ContentItem)
			for _, i := range same {
				if i.Slug != item.Slug && i.Group == item.Group && len(d.Others) < mostOthers {
					d.Others = append(d.Others, i)
				}
			}
			p.Data = d
			return "public/content", p, err
		})
	}
}

// mostOthers bounds what else of a group a page leads to.
const mostOthers = 6

// contentPage is the page of a text, also of one that is not published.
func (h *Pages) contentPage(c *fiber.Ctx, item *content.Item) (web.Page, error) {
	all, err := h.Catalogue.All(c.UserContext())
	if err != nil {
		return web.Page{}, err
	}
	p := ContentItem{Item: item, At: ContentAt[item.Kind], See: named(all, item.Doc.See)}
	for _, s := range item.Doc.Steps {
		p.Steps = append(p.Steps, contentStep{s, named(all, s.Procedures)})
	}
	return web.Page{Title: item.Title, Crumbs: crumbs(web.Crumb{Path: p.At, Name: locales.M("content.list." + item.Kind)}), Data: p}, nil
}

// named are the procedures of these codes that are in force, in the order of the codes.
func named(all []*catalogue.Revision, codes []string) []searchRow {
	var found []*catalogue.Revision
	for _, code := range codes {
		if i := slices.IndexFunc(all, func(r *catalogue.Revision) bool { return r.Code == code }); i >= 0 {
			found = append(found, all[i])
		}
	}
	return rowsOf(found)
}

// PreviewContent shows a text that is not published as people would read it, marked as a
// draft. Whoever calls has asked who may.
func (h *Pages) PreviewContent(c *fiber.Ctx, item *content.Item) error {
	p, err := h.contentPage(c, item)
	if err != nil {
		return err
	}
	d := p.Data.(ContentItem)
	d.Preview = true
	p.Data = d
	return h.Show(c, fiber.StatusOK, "public/content", p)
}
