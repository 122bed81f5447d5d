package citizen

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/web"
)

// searchPage is what was found, and how it can be narrowed down (ux P2, FIND-1, FIND-2).
type searchPage struct {
	catalogue.Results
	Rows      []searchRow
	Suggested []searchRow
	Corrected string
	Chips     []chip
	Kept      []field // the filters, for the search field's form
	Asked     []field // text and filters, for the forms of more filters
	Filters   []filter
	Plain     string // the address without any filter
	Paging    paging
	Events    []contentGroup // when nothing was found
}

// searchRow is a procedure in a list.
type searchRow struct {
	Code    string
	Name    locales.Text
	Summary locales.Text
	Service string
	Online  bool
	Who     []web.Words
	Time    web.Words
	Cost    web.Words
	Agency  locales.Text
}

// chip is a filter that is on, with the address without it.
type chip struct {
	Name    web.Words
	Without string
}

type field struct{ Name, Value string }

// filter is one way to narrow down; Rest are the values behind "more".
type filter struct {
	Name          locales.Message
	Param         string
	Choices, Rest []choice
}

type choice struct {
	Name  web.Words
	Value string
	Count int
	With  string
}

type paging struct {
	Now, Last     int
	Before, After string
}

// The parameters of the address, which stay (DESIGN 4).
const (
	byText     = "q"
	byField    = "linh-vuc"
	byAgency   = "co-quan"
	byAudience = "doi-tuong"
	byLevel    = "muc-do"
	byPage     = "trang"
)

// longestText is more than any name of a procedure; what is longer is no search.
const longestText = 200

// shownChoices is how many values of a filter stand before "more".
const shownChoices = 7

func (h *Pages) search(c *fiber.Ctx) error {
	query := queryOf(c)
	var err error
	if query.Hat, err = h.hat(c); err != nil {
		return err
	}
	found, err := h.Catalogue.Search(c.UserContext(), query)
	if err != nil {
		return err
	}
	p := searchPage{Results: found, Corrected: found.Corrected, Rows: rowsOf(found.Hits), Plain: address(catalogue.Query{Text: query.Text})}
	p.filter(found)
	p.Paging = paging{Now: found.Query.Page, Last: found.Pages}
	if found.Query.Page > 1 {
		p.Paging.Before = pageOf(found.Query, found.Query.Page-1)
	}
	if found.Query.Page < found.Pages {
		p.Paging.After = pageOf(found.Query, found.Query.Page+1)
	}
	if found.Total == 0 {
		p.Suggested = rowsOf(found.Suggestions)
		if p.Events, err = h.events(c.UserContext()); err != nil {
			return err
		}
	}
	title := locales.M("public.search.title")
	if query.Text != "" {
		title = locales.M("public.search.title.text", locales.S("text", query.Text))
	}
	return h.Show(c, fiber.StatusOK, "public/search", web.Page{Title: title, Crumbs: crumbs(), Data: p})
}

// suggestProcedures answers the search fields of the site while one types, as the search
// itself would. Who opens the address sees the search.
func (h *Pages) suggestProcedures(c *fiber.Ctx) error {
	text := typedIn(c)
	if c.Accepts(fiber.MIMEApplicationJSON, fiber.MIMETextHTML) == fiber.MIMETextHTML {
		return c.Redirect(address(catalogue.Query{Text: text}), fiber.StatusSeeOther)
	}
	hat, err := h.hat(c)
	if err != nil {
		return err
	}
	revs, err := h.Catalogue.Suggest(c.UserContext(), text, hat)
	if err != nil {
		return err
	}
	found := []suggestion{}
	for _, rev := range revs {
		label, _ := rev.Sheet.Name.In(h.Lang(c))
		found = append(found, suggestion{rev.Code, label})
	}
	return c.JSON(found)
}

// hat is as whom the person acts, as an audience; none for who is not signed in.
func (h *Pages) hat(c *fiber.Ctx) (string, error) {
	s, err := h.Session(c)
	switch {
	case err != nil || s == nil:
		return "", err
	case s.Acting != "":
		return catalogue.Business, nil
	}
	return catalogue.Citizen, nil
}

// typedIn is what was typed, in one line and not longer than any name.
func typedIn(c *fiber.Ctx) string {
	text := strings.Join(strings.Fields(c.Query(byText)), " ")
	if utf8.RuneCountInString(text) > longestText {
		text = string([]rune(text)[:longestText])
	}
	return text
}

func queryOf(c *fiber.Ctx) catalogue.Query {
	text := typedIn(c)
	page, err := strconv.Atoi(c.Query(byPage, "1"))
	if err != nil {
		page = 1
	}
	return catalogue.Query{Text: text, Field: c.Query(byField), Agency: c.Query(byAgency), Audience: c.Query(byAudience), Level: c.Query(byLevel), Page: page}
}

// address is where a search is found; the first page of it.
func address(q catalogue.Query) string {
	v := url.Values{}
	for _, p := range []field{{byText, q.Text}, {byField, q.Field}, {byAgency, q.Agency}, {byAudience, q.Audience}, {byLevel, q.Level}} {
		if p.Value != "" {
			v.Set(p.Name, p.Value)
		}
	}
	if len(v) == 0 {
		return "/thu-tuc"
	}
	return "/thu-tuc?" + v.Encode()
}

func pageOf(q catalogue.Query, page int) string {
	a := address(q)
	if page == 1 {
		return a
	}
	sep := "?"
	if strings.Contains(a, "?") {
		sep = "&"
	}
	return a + sep + byPage + "=" + strconv.Itoa(page)
}

func rowsOf(revs []*catalogue.Revision) []searchRow {
	rows := make([]searchRow, len(revs))
	for i, rev := range revs {
		s := rev.Sheet
		rows[i] = searchRow{
			Code: rev.Code, Name: s.Name, Summary: s.Summary, Service: s.Service(), Online: rev.Form != nil,
			Who: wordsOf("public.audience.", s.Audience), Time: timeOf(s), Cost: shortCost(s), Agency: receiver(s),
		}
	}
	return rows
}

// filter fills chips, kept fields and the lists of values.
func (p *searchPage) filter(found catalogue.Results) {
	for _, f := range []struct {
		title, words, name string
		counts             []catalogue.Count
		set                func(q *catalogue.Query, value string)
	}{
		{"public.search.filter.audience", "public.audience.", byAudience, found.Audiences, func(q *catalogue.Query, v string) { q.Audience = v }},
		{"public.search.filter.level", "public.level.", byLevel, found.Levels, func(q *catalogue.Query, v string) { q.Level = v }},
		{"public.search.filter.agency", "", byAgency, found.Agencies, func(q *catalogue.Query, v string) { q.Agency = v }},
		{"public.search.filter.field", "", byField, found.Fields, func(q *catalogue.Query, v string) { q.Field = v }},
	} {
		list, chosen := filter{Name: locales.M(f.title), Param: f.name}, false
		for _, n := range f.counts {
			var name web.Words = n.Name
			if n.Name.Empty() {
				name = n.Value
				if key := f.words + n.Value; f.words != "" && locales.Has(key) {
					name = locales.M(key)
				}
			}
			q := found.Query
			if n.Chosen {
				chosen = true
				f.set(&q, "")
				p.Chips = append(p.Chips, chip{name, address(q)})
				p.Kept = append(p.Kept, field{f.name, n.Value})
				continue
			}
			f.set(&q, n.Value)
			list.Choices = append(list.Choices, choice{name, n.Value, n.N, address(q)})
		}
		if chosen || len(list.Choices) == 0 {
			continue
		}
		if len(list.Choices) > shownChoices+1 {
			list.Choices, list.Rest = list.Choices[:shownChoices], list.Choices[shownChoices:]
		}
		p.Filters = append(p.Filters, list)
	}
	p.Asked = p.Kept
	if found.Query.Text != "" {
		p.Asked = append([]field{{byText, found.Query.Text}}, p.Kept...)
	}
}
