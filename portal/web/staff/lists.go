package staff

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

const (
	listsAt    = "/can-bo/danh-muc/danh-sach"
	agenciesAt = listsAt + "/co-quan"
	fieldsAt   = listsAt + "/linh-vuc"
	daysAt     = listsAt + "/ngay-nghi"
	unitsAt    = listsAt + "/don-vi"
)

// sharedLists are the lists that the whole portal works with: bodies, fields, days, places.
func (h *Pages) sharedLists(app fiber.Router) {
	app.Get(agenciesAt, h.agencyList)
	app.Get(agenciesAt+"/:id", h.agencyPage)
	app.Post(agenciesAt+"/:id", h.agencyDescribe)
	app.Get(fieldsAt, h.fieldList)
	app.Get(fieldsAt+"/:code", h.fieldPage)
	app.Post(fieldsAt+"/:code", h.fieldPut)
	app.Get(daysAt, h.dayList)
	app.Post(daysAt, h.dayDo)
	app.Get(unitsAt, h.unitList)
}

// perList is how many rows a page of a list has.
const perList = 50

// pages part a list; Of is the address of its n-th page.
type pages struct {
	Now, Last     int
	Before, After string
}

// cutList is the page of a list that the address asks for.
func cutList[T any](c *fiber.Ctx, all []T) ([]T, pages) {
	p := pages{Last: max(1, (len(all)+perList-1)/perList)}
	p.Now, _ = strconv.Atoi(c.Query("trang"))
	p.Now = min(max(p.Now, 1), p.Last)
	at := func(n int) string {
		q, _ := url.ParseQuery(string(c.Context().URI().QueryString()))
		q.Del("lang")
		q.Set("trang", strconv.Itoa(n))
		return c.Path() + "?" + q.Encode()
	}
	if p.Now > 1 {
		p.Before = at(p.Now - 1)
	}
	if p.Now < p.Last {
		p.After = at(p.Now + 1)
	}
	from := (p.Now - 1) * perList
	return all[from:min(from+perList, len(all))], p
}

// listPage is a page of the shared lists in the officers' frame.
func (h *Pages) listPage(c *fiber.Ctx, o agency.Officer, status int, name string, title web.Words, faults []web.ErrorLink, data any, crumbs ...web.Crumb) error {
	crumbs = append([]web.Crumb{{Path: listsAt, Name: locales.M("list.title")}}, crumbs...)
	return h.Show(c, status, "staff/"+name, web.Page{Title: title, Frame: web.FrameStaff, Menu: menu(o), Crumbs: crumbs, Errors: faults, Data: data})
}

// wrong are the faults of a row as links to their fields; false when it is another error.
func wrong(err error) ([]web.ErrorLink, bool) {
	w, ok := errors.AsType[agency.Wrong](err)
	var links []web.ErrorLink
	for field, m := range w {
		links = append(links, web.ErrorLink{Field: field, Message: m})
	}
	slices.SortFunc(links, func(a, b web.ErrorLink) int { return strings.Compare(a.Field, b.Field) })
	return links, ok
}

func press(by catalogue.Editing) agency.Press {
	return agency.Press{Officer: by.Officer, Key: by.Key, IP: by.IP, Request: by.Request}
}

// keptDay is a day as people write it here, in the form that days are kept in; what is no
// day stays as it is, for the fault.
func keptDay(s string) string {
	s = strings.TrimSpace(s)
	if t, err := time.Parse("2/1/2006", s); err == nil {
		return t.Format(time.DateOnly)
	}
	return s
}

type agenciesPage struct {
	Text  string
	State string // "" of today, cu: of before, het: all
	Rows  []agency.Former
	All   int
	Pages pages
}

func (h *Pages) agencyList(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	all, err := h.Agency.Everything(c.UserContext())
	if err != nil {
		return err
	}
	d := agenciesPage{Text: strings.TrimSpace(c.Query("q")), State: c.Query("xem")}
	today := h.Now().In(locales.ICT).Format(time.DateOnly)
	var rows []agency.Former
	for _, a := range all {
		before := a.To != "" && a.To < today
		if d.State == "" && before || d.State == "cu" && !before {
			continue
		}
		if catalogue.SaysIn(d.Text, a.Code+" "+a.Name.VI+" "+a.Name.EN+" "+strings.Join(a.Before, " ")) {
			rows = append(rows, a)
		}
	}
	d.All = len(rows)
	d.Rows, d.Pages = cutList(c, rows)
	return h.listPage(c, by.Officer, fiber.StatusOK, "list-agencies", locales.M("list.agencies"), nil, d)
}

type agencyPage struct {
	Agency   agency.Agency
	Codes    string // of before, a line each
	Over     bool
	Heirs    []agency.Heir
	Names    map[string]locales.Text // of agencies by code
	Fields   map[string]locales.Text
	Officers []agency.Officer
	Took     []agency.Former // whose work it has
}

func (h *Pages) agencyPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	a, err := h.agencyOf(c)
	if err != nil {
		return err
	}
	return h.showAgency(c, by.Officer, fiber.StatusOK, a, nil)
}

func (h *Pages) agencyOf(c *fiber.Ctx) (agency.Agency, error) {
	id, err := strconv.ParseInt(c.Params("id"), 10, 64)
	if err != nil {
		return agency.Agency{}, problem.New(problem.NotFound, "agency.not_found")
	}
	return h.Agency.ByID(c.UserContext(), id)
}

func (h *Pages) showAgency(c *fiber.Ctx, o agency.Officer, status int, a agency.Agency, faults []web.ErrorLink) error {
	all, err := h.Agency.Everything(c.UserContext())
	if err != nil {
		return err
	}
	fields, err := h.Catalogue.FieldList(c.UserContext())
	if err != nil {
		return err
	}
	d := agencyPage{Agency: a, Codes: strings.Join(a.Before, "\n"), Names: map[string]locales.Text{}, Fields: map[string]locales.Text{},
		Over: a.To != "" && a.To < h.Now().In(locales.ICT).Format(time.DateOnly)}
	for _, f := range fields {
		d.Fields[f.Code] = f.Name
	}
	for _, f := range all {
		d.Names[f.Code] = f.Name
		if f.ID == a.ID {
			d.Heirs = f.Heirs
		}
		if slices.ContainsFunc(f.Heirs, func(x agency.Heir) bool { return x.New == a.Code && a.On(x.Day) }) {
			d.Took = append(d.Took, f)
		}
	}
	if d.Officers, err = h.Agency.Officers(c.UserContext(), a.ID); err != nil {
		return err
	}
	return h.listPage(c, o, status, "list-agency", a.Name, faults, d, web.Crumb{Path: agenciesAt, Name: locales.M("list.agencies")})
}

func (h *Pages) agencyDescribe(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	a, err := h.agencyOf(c)
	if err != nil {
		return err
	}
	a.Name.VI, a.Name.EN, a.Name.KM = trimmed(body, "ten-vi"), trimmed(body, "ten-en"), trimmed(body, "ten-km")
	a.Address, a.Phone, a.Email, a.TaxCode, a.Postal, a.Source = trimmed(body, "dia-chi"), trimmed(body, "dien-thoai"), trimmed(body, "thu"),
		trimmed(body, "ma-so-thue"), trimmed(body, "ma-buu-chinh"), trimmed(body, "can-cu")
	a.Before = strings.Fields(body.Get("ma-cu"))
	err = h.Agency.Describe(c.UserContext(), press(by), a)
	if links, ok := wrong(err); ok {
		return h.showAgency(c, by.Officer, fiber.StatusUnprocessableEntity, a, links)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, agenciesAt+"/"+c.Params("id"))
}

func trimmed(body url.Values, name string) string { return strings.TrimSpace(body.Get(name)) }
