package staff

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/content"
	"motcua/portal/problem"
	"motcua/portal/web"
)

const contentAt = "/can-bo/noi-dung"

// contentWords are the kinds of content as addresses say them.
var contentWords = map[string]string{content.News: "tin", content.Guide: "huong-dan", content.Question: "hoi-dap", content.Event: "su-kien", content.Words: "tu-tim-kiem"}

// contentKind is the kind of a word in an address, "" for none.
func contentKind(word string) string {
	for kind, w := range contentWords {
		if w == word {
			return kind
		}
	}
	return ""
}

// contentRoutes are the pages where editors write what the portal says besides procedures.
func (h *Pages) contentRoutes(app fiber.Router) {
	app.Get(contentAt, h.contents)
	app.Post(contentAt, h.newContent)
	app.Get(contentAt+"/sua/:id", h.contentEdit)
	app.Post(contentAt+"/sua/:id", h.contentDeed)
	app.Get(contentAt+"/sua/:id/xem", h.contentPreview)
	app.Get(contentAt+"/sua/:id/so-sanh", h.contentReview)
	app.Post(contentAt+"/sua/:id/so-sanh", h.contentReviewDeed)
	app.Get(contentAt+"/sua/:id/cong-bo", h.contentPublishPage)
	app.Post(contentAt+"/sua/:id/cong-bo", h.contentPublish)
	app.Get(contentAt+"/:loai/:slug", h.contentHistory)
	app.Post(contentAt+"/:loai/:slug", h.contentHistoryDeed)
}

// contentsPage is the list of texts.
type contentsPage struct {
	Kind   string // looked at alone, "" for all
	Text   string
	Kinds  []string // that can be written anew
	Rows   []contentRow
	Total  int
	Now    int
	Last   int
	Before string
	After  string
	Title  string // typed for a new one
	NewOf  string
}

// Word is a kind as addresses have it.
func (contentsPage) Word(kind string) string { return contentWords[kind] }

// contentRow is a text in the list.
type contentRow struct {
	content.Listed
	At string
}

// contentsShown is how many rows a page of the list has.
const contentsShown = 40

func (h *Pages) contents(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showContents(c, by.Officer, fiber.StatusOK, contentsPage{}, nil)
}

func (h *Pages) showContents(c *fiber.Ctx, o agency.Officer, status int, p contentsPage, faults []web.ErrorLink) error {
	p.Kind, p.Text, p.Kinds = contentKind(c.Query("loai")), strings.TrimSpace(c.Query("q")), content.Kinds[:4]
	all, err := h.Content.List(c.UserContext(), o, p.Kind, p.Text)
	if err != nil {
		return err
	}
	p.Total, p.Last = len(all), max(1, (len(all)+contentsShown-1)/contentsShown)
	p.Now, _ = strconv.Atoi(c.Query("trang"))
	p.Now = min(max(p.Now, 1), p.Last)
	for _, l := range all[(p.Now-1)*contentsShown : min(p.Now*contentsShown, len(all))] {
		p.Rows = append(p.Rows, contentRow{l, contentAt + "/" + contentWords[l.Kind] + "/" + l.Slug})
	}
	page := func(n int) string {
		v := url.Values{"trang": {strconv.Itoa(n)}}
		if p.Kind != "" {
			v.Set("loai", contentWords[p.Kind])
		}
		if p.Text != "" {
			v.Set("q", p.Text)
		}
		return contentAt + "?" + v.Encode()
	}
	if p.Now > 1 {
		p.Before = page(p.Now - 1)
	}
	if p.Now < p.Last {
		p.After = page(p.Now + 1)
	}
	return h.Show(c, status, "staff/contents", web.Page{Title: locales.M("content.staff.title"), Frame: web.FrameStaff, Menu: menu(o), Errors: faults, Data: p})
}

// newContent opens an edit of a new text, or of the words of the search.
func (h *Pages) newContent(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	var id string
	if kind := contentKind(body.Get("loai")); kind == content.Words {
		id, err = h.Content.Open(c.UserContext(), by, kind, content.TheWords)
	} else {
		title := strings.TrimSpace(body.Get("ten"))
		id, err = h.Content.OpenNew(c.UserContext(), by, kind, title)
		if problem.Is(err, problem.Invalid) || problem.Is(err, problem.Conflict) {
			return h.showContents(c, by.Officer, fiber.StatusUnprocessableEntity, contentsPage{Title: title, NewOf: kind}, contentFaults(err, "ten"))
		}
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, contentAt+"/sua/"+id)
}

// contentFaults is a fault that people may see, at a field of the page.
func contentFaults(err error, field string) []web.ErrorLink {
	if p, ok := asFault(err); ok {
		return []web.ErrorLink{{Field: field, Message: p.Message}}
	}
	return nil
}

// contentHistoryPage is a text with all that was published of it.
type contentHistoryPage struct {
	content.History
	At     string
	Public string // where people read it, "" where it is not shown
	Name   locales.Text
	Why    string
}

func (h *Pages) contentHistory(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showContentHistory(c, by.Officer, fiber.StatusOK, "", nil)
}

func (h *Pages) showContentHistory(c *fiber.Ctx, o agency.Officer, status int, why string, faults []web.ErrorLink) error {
	kind := contentKind(c.Params("loai"))
	all, err := h.Content.History(c.UserContext(), o, kind, c.Params("slug"))
	if err != nil {
		return err
	}
	p := contentHistoryPage{History: all, At: contentAt + "/" + c.Params("loai") + "/" + all.Slug, Why: why}
	if p.Shown > 0 && kind != content.Words {
		p.Public = "/" + contentWords[kind] + "/" + all.Slug
	}
	switch {
	case len(p.Revisions) > 0:
		p.Name = p.Revisions[0].Doc.V.Title
	case p.Edit != nil:
		p.Name = p.Edit.Doc.V.Title
	}
	return h.Show(c, status, "staff/content-history", web.Page{Title: locales.M("content.staff.history"), Frame: web.FrameStaff, Menu: menu(o), Errors: faults,
		Crumbs: []web.Crumb{{Path: contentAt, Name: locales.M("content.staff.title")}}, Data: p})
}

func (h *Pages) contentHistoryDeed(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	kind, slug := contentKind(c.Params("loai")), c.Params("slug")
	no, _ := strconv.Atoi(body.Get("so"))
	var id string
	switch body.Get("lam") {
	case "sua":
		id, err = h.Content.Open(c.UserContext(), by, kind, slug)
	case "khoi-phuc":
		id, err = h.Content.Restore(c.UserContext(), by, kind, slug, no)
	case "go":
		err = h.Content.Withdraw(c.UserContext(), by, kind, slug, no, body.Get("ly-do"))
		if problem.Is(err, problem.Invalid) {
			return h.showContentHistory(c, by.Officer, fiber.StatusUnprocessableEntity, body.Get("ly-do"), contentFaults(err, fmt.Sprintf("ly-do-%d", no)))
		}
	default:
		err = problem.New(problem.Invalid, "content.staff.no_deed")
	}
	if err != nil {
		return err
	}
	if id != "" {
		return h.Redirect(c, contentAt+"/sua/"+id)
	}
	return h.Redirect(c, contentAt+"/"+c.Params("loai")+"/"+slug)
}
