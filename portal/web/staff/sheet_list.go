package staff

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/national"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// sheetsShown is how many rows a page of the list has.
const sheetsShown = 50

// sheetStates are the states that the list is narrowed down to.
var sheetStates = []string{"open", "sent", "returned", "approved", "waiting", "ending", "new"}

// sheetFilter is how the list is narrowed down: all of it stands in the address.
type sheetFilter struct {
	Text, State, Field, Level, Gap string
	Page                           int
}

func filterOf(c *fiber.Ctx) sheetFilter {
	page, _ := strconv.Atoi(c.Query("trang"))
	return sheetFilter{strings.TrimSpace(c.Query("q")), c.Query("tt"), c.Query("linh-vuc"), c.Query("muc-do"), c.Query("thieu"), max(page, 1)}
}

// Any says whether the list is narrowed down at all.
func (f sheetFilter) Any() bool { return f.Text+f.State+f.Field+f.Level+f.Gap != "" }

// at is the address of another page of the list.
func (f sheetFilter) at(page int) string {
	q := url.Values{}
	for _, one := range [][2]string{{"q", f.Text}, {"tt", f.State}, {"linh-vuc", f.Field}, {"muc-do", f.Level}, {"thieu", f.Gap}} {
		if one[1] != "" {
			q.Set(one[0], one[1])
		}
	}
	q.Set("trang", strconv.Itoa(page))
	return sheetsAt + "?" + q.Encode()
}

// sheetRow is a procedure in the list.
type sheetRow struct {
	Code    string
	Name    locales.Text
	Field   locales.Text
	Level   int
	No      int // in force, 0: none yet
	Edit    *editorial.Edit
	State   string // of the edit
	Waiting *catalogue.Revision
	End     *catalogue.End
	Gaps    int

	gaps []string
	rev  *catalogue.Revision
}

// sheetList is the list of procedures for editors.
type sheetList struct {
	Filter sheetFilter
	Rows   []sheetRow
	All    int // that the filter lets through
	Total  int
	States []choice
	Fields []choice
	Levels []choice
	Gaps   []choice
	Before string
	After  string
	New    *newSheet // a procedure that could not be begun

	Formats []string // that what is published can be taken home in
}

// newSheet is what was typed for a new procedure.
type newSheet struct{ Code, Name string }

func (h *Pages) sheetList(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showSheets(c, by.Officer, fiber.StatusOK, newSheet{}, nil)
}

func (h *Pages) showSheets(c *fiber.Ctx, o agency.Officer, status int, begun newSheet, errs []web.ErrorLink) error {
	all, err := h.sheetRows(c, o)
	if err != nil {
		return err
	}
	f := filterOf(c)
	p := sheetList{Filter: f, Total: len(all), New: &begun, Formats: national.Formats}
	p.count(all)
	fields, err := h.Catalogue.FieldsNow(c.UserContext())
	if err != nil {
		return err
	}
	for _, code := range slices.Sorted(maps.Keys(fields)) {
		p.Fields = append(p.Fields, choice{code, fields[code].Name, code == f.Field})
	}
	kept := slices.DeleteFunc(all, func(r sheetRow) bool { return !f.lets(r) })
	p.All = len(kept)
	from := min((f.Page-1)*sheetsShown, len(kept))
	p.Rows = kept[from:min(from+sheetsShown, len(kept))]
	if f.Page > 1 {
		p.Before = f.at(f.Page - 1)
	}
	if from+sheetsShown < len(kept) {
		p.After = f.at(f.Page + 1)
	}
	return h.Show(c, status, "staff/sheet-list", web.Page{Title: locales.M("editorial.title"), Frame: web.FrameStaff, Menu: menu(o), Errors: errs, Data: p})
}

// sheetRows are all procedures: those in force, those that wait for their first day, and
// new ones that are being written. What is being edited comes first.
func (h *Pages) sheetRows(c *fiber.Ctx, o agency.Officer) ([]sheetRow, error) {
	ctx := c.UserContext()
	revisions, err := h.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := h.Catalogue.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	ends, err := h.Catalogue.Ends(ctx)
	if err != nil {
		return nil, err
	}
	open, err := h.Editorial.OpenEdits(ctx, o)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]*sheetRow, len(revisions))
	for _, r := range revisions {
		rows[r.Code] = &sheetRow{Code: r.Code, Name: r.Sheet.Name, Field: r.Field.Name, Level: r.Sheet.Level, No: r.No, rev: r}
	}
	for _, r := range waiting {
		if rows[r.Code] == nil {
			rows[r.Code] = &sheetRow{Code: r.Code, Name: r.Sheet.Name, Field: r.Field.Name, Level: r.Sheet.Level, rev: r}
		}
		rows[r.Code].Waiting = r
	}
	for i, e := range ends {
		if rows[e.Code] != nil {
			rows[e.Code].End = &ends[i]
		}
	}
	for code, e := range open {
		if rows[code] == nil {
			rows[code] = &sheetRow{Code: code, Name: e.Name}
		}
		rows[code].Edit, rows[code].State = &e, stateOf(e)
	}
	all := make([]sheetRow, 0, len(rows))
	for _, r := range rows {
		if r.rev != nil {
			r.gaps = editorial.Gaps(r.rev.Sheet)
			r.Gaps = len(r.gaps)
		}
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b sheetRow) int { return cmp.Or(a.rank()-b.rank(), cmp.Compare(a.Code, b.Code)) })
	return all, nil
}

func (r sheetRow) rank() int {
	switch {
	case r.Edit != nil:
		return 0
	case r.Waiting != nil || r.End != nil:
		return 1
	}
	return 2
}

// is says whether a row is in a state that the list can be narrowed down to.
func (r sheetRow) is(state string) bool {
	switch state {
	case "waiting":
		return r.Waiting != nil
	case "ending":
		return r.End != nil || r.Edit != nil && r.Edit.Ends
	case "new":
		return r.No == 0
	case "open":
		return r.State == "open" || r.State == "changed"
	}
	return r.State == state
}

func (f sheetFilter) lets(r sheetRow) bool {
	switch {
	case f.State != "" && !r.is(f.State), f.Level != "" && strconv.Itoa(r.Level) != f.Level, f.Gap != "" && !slices.Contains(r.gaps, f.Gap),
		f.Field != "" && (r.rev == nil || r.rev.Sheet.Field != f.Field):
		return false
	}
	return f.Text == "" || catalogue.Says(f.Text, r.searched())
}

// searched is what a search looks at.
func (r sheetRow) searched() *catalogue.Revision {
	if r.rev != nil {
		return r.rev
	}
	return &catalogue.Revision{Code: r.Code, Sheet: catalogue.Sheet{Name: r.Name}}
}

// count fills the filters with how many rows each leaves of all.
func (p *sheetList) count(all []sheetRow) {
	counts := map[string]int{}
	for _, r := range all {
		for _, s := range sheetStates {
			if r.is(s) {
				counts["tt"+s]++
			}
		}
		counts["level"+strconv.Itoa(r.Level)]++
		for _, g := range r.gaps {
			counts["gap"+g]++
		}
	}
	counted := func(key, value string, n int, on bool) choice {
		return choice{value, locales.M("editorial.counted", locales.Sub("what", locales.M(key)), locales.N("n", int64(n))), on}
	}
	for _, s := range sheetStates {
		p.States = append(p.States, counted("editorial.state."+s, s, counts["tt"+s], s == p.Filter.State))
	}
	for _, l := range []string{"1", "2", "3", "4"} {
		p.Levels = append(p.Levels, counted("editorial.choice.level."+l, l, counts["level"+l], l == p.Filter.Level))
	}
	for _, g := range editorial.GapNames {
		p.Gaps = append(p.Gaps, counted("editorial.gap."+g, g, counts["gap"+g], g == p.Filter.Gap))
	}
}

// saidBy is what a fault says to people.
func saidBy(err error) locales.Message {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Message
	}
	return locales.Message{}
}

// openSheet begins an edit: of a procedure, of its end, of an older revision, of a new one.
func (h *Pages) openSheet(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	ctx, code := c.UserContext(), strings.TrimSpace(body.Get("ma"))
	var id string
	switch body.Get("lam") {
	case "moi":
		begun := newSheet{code, strings.TrimSpace(body.Get("ten"))}
		id, err = h.Editorial.OpenNew(ctx, by, begun.Code, begun.Name)
		if k := problem.KindOf(err); err != nil && (k == problem.Invalid || k == problem.Conflict) {
			return h.showSheets(c, by.Officer, fiber.StatusUnprocessableEntity, begun, []web.ErrorLink{{Field: "ma-moi", Message: saidBy(err)}})
		}
	case "khoi-phuc":
		revision, _ := strconv.ParseInt(body.Get("ban"), 10, 64)
		id, err = h.Editorial.Restore(ctx, by, code, revision)
	case "bai-bo":
		id, err = h.Editorial.OpenEnd(ctx, by, code, strings.TrimSpace(body.Get("thay")))
	default:
		id, err = h.Editorial.Open(ctx, by, code)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, editsAt+"/"+id)
}
