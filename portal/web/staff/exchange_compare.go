package staff

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/national"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// comparedList is a list beside the catalogue.
type comparedList struct {
	national.Comparison
	Filter    national.Filter
	Standings []string
	Opened    *opened
	Paging    pages
}

// Takes says whether anything on the page can be taken over.
func (p comparedList) Takes() bool {
	return p.Filter.State != national.Extra && p.Filter.State != national.Same && len(p.Rows) > 0
}

// Label is what people call a field.
func (p comparedList) Label(name string) locales.Message { return national.Label(name) }

// With is the address of the same list narrowed down to a state.
func (p comparedList) With(state string) string {
	f := p.Filter
	f.State, f.Page = state, 0
	return comparedAt + "/" + p.Upload.ID + query(f)
}

// One is the address of a procedure of it.
func (p comparedList) One(code string) string { return comparedAt + "/" + p.Upload.ID + "/" + code }

// At is the address of this very list.
func (p comparedList) At() string { return comparedAt + "/" + p.Upload.ID + query(p.Filter) }

func query(f national.Filter) string {
	q := url.Values{}
	for name, v := range map[string]string{"tt": f.State, "q": f.Query, "muc": f.Field} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if f.Page > 1 {
		q.Set("trang", strconv.Itoa(f.Page))
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func comparedFilter(c *fiber.Ctx) national.Filter {
	return national.Filter{State: c.Query("tt"), Query: strings.TrimSpace(c.Query("q")), Field: c.Query("muc"), Page: pageOf(c)}
}

func (h *Pages) comparison(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showComparison(c, by, fiber.StatusOK, nil)
}

func (h *Pages) showComparison(c *fiber.Ctx, by catalogue.Editing, status int, errs []web.ErrorLink) error {
	p := comparedList{Filter: comparedFilter(c), Standings: national.Standings, Opened: h.openedOf(c, by.Officer)}
	var err error
	if p.Comparison, err = h.National.Compare(c.UserContext(), by.Officer, c.Params("id"), p.Filter); err != nil {
		return err
	}
	p.Paging = pagesOf(p.Filter.Page, national.PerPage, p.Found, func(n int) string {
		f := p.Filter
		f.Page = n
		return comparedAt + "/" + p.Upload.ID + query(f)
	})
	return h.exchangePage(c, by.Officer, status, "exchange-compare", locales.M("exchange.compare"), errs, p, web.Crumb{Path: importAt, Name: locales.M("exchange.import")})
}

// takeOver opens drafts of the chosen procedures, or of all that the filter finds.
func (h *Pages) takeOver(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	which := national.Chosen{Codes: body["ma"]}
	if body.Get("lam") == "tat-ca" {
		which = national.Chosen{All: true, Filter: comparedFilter(c)}
	}
	taken, err := h.National.Take(c.UserContext(), by, c.Params("id"), which)
	if fault, ok := errors.AsType[*problem.Error](err); ok && fault.Kind == problem.Conflict && strings.HasPrefix(fault.Message.Key, "national.nothing") {
		return h.showComparison(c, by, fiber.StatusUnprocessableEntity, []web.ErrorLink{{Field: "danh-sach", Message: fault.Message}})
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, comparedAt+"/"+c.Params("id")+told(taken))
}

func told(t national.Taken) string {
	return "?" + url.Values{"lo": {t.Batch}, "bo-qua": {strconv.Itoa(t.Skipped)}}.Encode()
}

// comparedProcedure is one procedure as the list has it, beside the one in force.
type comparedProcedure struct {
	national.One
	Differences []editorial.Difference
}

func (h *Pages) comparedOne(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	var p comparedProcedure
	if p.One, err = h.National.One(c.UserContext(), by.Officer, c.Params("id"), c.Params("code")); err != nil {
		return err
	}
	before := &catalogue.Revision{}
	if p.Before != nil {
		before.Sheet = p.Before.Sheet
	}
	p.Differences = editorial.Differences(before, &catalogue.Revision{Sheet: p.After})
	return h.exchangePage(c, by.Officer, fiber.StatusOK, "exchange-one", p.After.Name, nil, p,
		web.Crumb{Path: importAt, Name: locales.M("exchange.import")}, web.Crumb{Path: comparedAt + "/" + p.Upload.ID, Name: locales.M("exchange.compare")})
}
