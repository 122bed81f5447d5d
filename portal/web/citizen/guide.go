package citizen

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/catalogue"
	"motcua/portal/web"
)

const guideAddress = "/can-giay-gi"

func guideOf(code string) string { return "/thu-tuc/" + code + guideAddress }

// The fields of a guide that are no answers.
const (
	guideThrough = "_sau"       // number of the page that was sent
	guideCase    = "truong-hop" // of a procedure without a form: which set of papers
	longestGuide = 6000         // of all answers together: an address is no longer
)

// guideRoutes are "Tôi cần giấy gì?" (ux P5): for which procedure, then its questions. All
// answers are in the address; nothing is kept.
func (h *Filing) guideRoutes(app fiber.Router) {
	app.Get(guideAddress, h.guides)
	app.Get("/thu-tuc/:code"+guideAddress, h.guide)
}

// guidesPage is the choice of a procedure.
type guidesPage struct {
	Text string
	Rows []searchRow
	More string // the search, with all that was found
}

func (h *Filing) guides(c *fiber.Ctx) error {
	q := queryOf(c)
	q = catalogue.Query{Text: q.Text, Page: 1}
	if q.Text == "" {
		q.Level = catalogue.Full
	}
	found, err := h.Catalogue.Search(c.UserContext(), q)
	if err != nil {
		return err
	}
	d := guidesPage{Text: q.Text, Rows: rowsOf(found.Hits)}
	if found.Pages > 1 {
		d.More = address(q)
	}
	return h.Show(c, fiber.StatusOK, "public/guides", web.Page{Title: locales.M("guide.title"), Crumbs: crumbs(), Data: d})
}

// guidePage is a step of the guide.
type guidePage struct {
	Code  string
	Name  locales.Text
	Page  eforms.PageModel
	Kept  []field // answers of the pages before
	Sets  []locales.Text
	Asked []guideAnswer
}

// guideAnswer is what was answered before, with the address where it can be changed.
type guideAnswer struct {
	Label, Said locales.Text
	Change      string
}

// guideEnd is what the answers lead to.
type guideEnd struct {
	procedurePage
	Asked   []guideAnswer
	Case    locales.Text
	End     *eforms.End
	Papers  []guidePaper
	Counter *paperCase // what is taken along to the counter in this case, where the record says it
	Fee     feeTable
	Known   bool // the fee could be worked out
	Print   string
	Again   string
}

// guidePaper is a paper of the case with how many of it are handed in at the counter.
type guidePaper struct {
	eforms.Component
	Counts []locales.Message
}

func (h *Filing) guide(c *fiber.Ctx) error {
	rev, err := h.Catalogue.InForce(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	if rev.Form == nil {
		return h.guideSheet(c, rev)
	}
	lists, err := h.Drafts.Lists(c.UserContext(), rev)
	if err != nil {
		return err
	}
	body, err := guideBody(c)
	if err != nil {
		return err
	}
	through, _ := strconv.Atoi(body.Get(guideThrough)) // none: the beginning
	g := rev.Form.Guide(payments.Counted(rev.Fees)...)
	at := g.Go(&eforms.Run{Form: rev.Form, Today: h.Now(), Lists: lists}, through, body)
	asked := answersOf(rev.Code, at)
	if at.Page == nil {
		return h.showGuideEnd(c, rev, at, asked)
	}
	p := h.guideFrame(rev, at.Page.Title)
	p.Step = locales.M("guide.step", locales.N("n", int64(at.Page.Step)))
	p.Errors = web.Faults(at.Page.Faults)
	if n := len(at.Asked); n > 0 {
		p.Back = guideBack(rev.Code, at, at.Asked[n-1].No)
	}
	p.Data = guidePage{Code: rev.Code, Name: rev.Sheet.Name, Page: *at.Page, Kept: keptOf(at.Body), Asked: asked}
	status := fiber.StatusOK
	if len(at.Page.Faults) > 0 {
		status = fiber.StatusUnprocessableEntity
	}
	return h.Show(c, status, "public/guide", p)
}

// guideFrame is the page around a step.
func (h *Filing) guideFrame(rev *catalogue.Revision, title locales.Text) web.Page {
	return web.Page{Title: title, Service: rev.Sheet.Name, Back: "/thu-tuc/" + rev.Code}
}

// guideBody are the answers in the address, bounded and of letters that can be.
func guideBody(c *fiber.Ctx) (url.Values, error) {
	raw := string(c.Context().QueryArgs().QueryString())
	if len(raw) > longestGuide {
		return nil, fiber.ErrRequestURITooLong
	}
	body, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fiber.ErrBadRequest
	}
	for name, all := range body {
		for i, v := range all {
			all[i] = strings.ToValidUTF8(v, "")
		}
		if name == "lang" {
			delete(body, name)
		}
	}
	return body, nil
}

// keptOf are the answers of the pages before, for the form's hidden fields.
func keptOf(body url.Values) []field {
	var all []field
	names := make([]string, 0, len(body))
	for name := range body {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range body[name] {
			all = append(all, field{name, v})
		}
	}
	return all
}

// guideBack is where a page is asked anew, with what was answered on it.
func guideBack(code string, at eforms.Guided, no int) string {
	v := url.Values{}
	for name, all := range at.Body {
		v[name] = all
	}
	v.Set(guideThrough, strconv.Itoa(no-1))
	return guideOf(code) + "?" + v.Encode()
}

// answersOf are what was answered before.
func answersOf(code string, at eforms.Guided) []guideAnswer {
	var all []guideAnswer
	for _, p := range at.Asked {
		change := guideBack(code, at, p.No)
		for _, f := range p.Fields {
			said := f.Shown
			if f.Kind == eforms.Group {
				said = textOf(locales.M("guide.rows", locales.N("n", int64(len(f.Rows)))))
			}
			for _, part := range f.Fields {
				if said.Empty() {
					said = part.Shown
				}
			}
			all = append(all, guideAnswer{f.Label, said, change})
		}
	}
	return all
}

func (h *Filing) showGuideEnd(c *fiber.Ctx, rev *catalogue.Revision, at eforms.Guided, asked []guideAnswer) error {
	d := guideEnd{procedurePage: procedureOf(rev), Asked: asked, End: at.Run.End(), Again: guideOf(rev.Code)}
	d.Print = c.Path() + "?" + string(c.Context().QueryArgs().QueryString()) + "&in=1"
	title := locales.M("guide.end")
	if d.End != nil {
		title = locales.M("guide.not_for")
	} else {
		d.fill(rev, at.Run)
		lines, total, err := payments.Due(rev.Fees, at.Run.Quantities(), h.Now())
		d.Fee, d.Known = feeTable{lines, total}, err == nil && len(rev.Fees) > 0
	}
	p := web.Page{Title: title, Service: rev.Sheet.Name, Print: c.Query("in") != "", Back: "/thu-tuc/" + rev.Code, Data: d}
	if n := len(at.Asked); n > 0 {
		p.Back = guideBack(rev.Code, at, at.Asked[n-1].No)
	}
	return h.Show(c, fiber.StatusOK, "public/guide-end", p)
}

// fill is the case with its papers.
func (d *guideEnd) fill(rev *catalogue.Revision, run *eforms.Run) {
	id := ""
	if k := run.Case(); k != nil {
		id, d.Case = k.ID, k.Name
	}
	for _, p := range run.Components() {
		d.Papers = append(d.Papers, guidePaper{p, countsOf(rev.Sheet, p)})
	}
	for _, set := range rev.Sheet.Components {
		if id != "" && set.ID == id {
			papers := papersOf(set)
			d.Counter = &papers
		}
	}
}

// countsOf is how many of a paper the record wants: of the paper of its type, or of its name.
func countsOf(s catalogue.Sheet, p eforms.Component) []locales.Message {
	for _, set := range s.Components {
		for _, paper := range set.Papers {
			if p.Paper != "" && paper.Type == p.Paper || strings.EqualFold(paper.Name.VI, p.Name.VI) {
				return papersOf(catalogue.Components{Papers: []catalogue.Component{paper}}).Papers[0].Counts
			}
		}
	}
	return nil
}

// guideSheet is the guide of a procedure without a form: the record says the cases.
func (h *Filing) guideSheet(c *fiber.Ctx, rev *catalogue.Revision) error {
	sets := rev.Sheet.Components
	chosen, err := strconv.Atoi(c.Query(guideCase))
	if len(sets) > 1 && (err != nil || chosen < 1 || chosen > len(sets)) {
		p := h.guideFrame(rev, textOf(locales.M("guide.which_case")))
		d := guidePage{Code: rev.Code, Name: rev.Sheet.Name}
		choices := eforms.Field{ID: guideCase, Name: guideCase, Kind: eforms.Radios, Label: textOf(locales.M("guide.case"))}
		for i, set := range sets {
			id := guideCase
			if i > 0 {
				id += "-" + strconv.Itoa(i+1)
			}
			choices.Choices = append(choices.Choices, eforms.Choice{ID: id, Value: strconv.Itoa(i + 1), Label: set.Case})
		}
		d.Page.Fields = []eforms.Field{choices}
		p.Data = d
		return h.Show(c, fiber.StatusOK, "public/guide", p)
	}
	d := guideEnd{procedurePage: procedureOf(rev), Again: guideOf(rev.Code), Print: guideOf(rev.Code) + "?in=1&" + guideCase + "=" + strconv.Itoa(max(1, chosen))}
	if len(sets) > 0 {
		set := sets[max(1, chosen)-1]
		papers := papersOf(set)
		d.Counter, d.Case = &papers, set.Case
	}
	return h.Show(c, fiber.StatusOK, "public/guide-end", web.Page{Title: locales.M("guide.end"), Service: rev.Sheet.Name, Print: c.Query("in") != "",
		Back: "/thu-tuc/" + rev.Code, Data: d})
}
