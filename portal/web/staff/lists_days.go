package staff

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/web"
)

type daysPage struct {
	Year         int
	Before, Next int
	Days         []specialDay
	Values       url.Values
}

// specialDay is a day with how many due dates were counted over it.
type specialDay struct {
	agency.Day
	Counted int // open dossiers that were promised a day on the other side of it
}

// At is the day's beginning.
func (d specialDay) At() time.Time { return d.Day.Day.At(0) }

func (h *Pages) dayList(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showDays(c, by.Officer, fiber.StatusOK, url.Values{}, nil)
}

func (h *Pages) showDays(c *fiber.Ctx, o agency.Officer, status int, form url.Values, faults []web.ErrorLink) error {
	d := daysPage{Values: form}
	d.Year, _ = strconv.Atoi(c.Query("nam"))
	if d.Year < 2000 || d.Year > 2200 {
		d.Year = h.Now().In(locales.ICT).Year()
	}
	d.Before, d.Next = d.Year-1, d.Year+1
	days, err := h.Agency.Days(c.UserContext(), d.Year)
	if err != nil {
		return err
	}
	list := make([]calendar.Day, len(days))
	for i, one := range days {
		list[i] = one.Day
	}
	counted, err := h.Desk.Dossiers.Spanning(c.UserContext(), list)
	if err != nil {
		return err
	}
	for _, one := range days {
		d.Days = append(d.Days, specialDay{one, counted[one.Day]})
	}
	return h.listPage(c, o, status, "list-days", locales.M("list.days"), faults, d)
}

// dayDo sets a day or makes it as its weekday again.
func (h *Pages) dayDo(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	day, bad := calendar.ParseDay(keptDay(body.Get("ngay")))
	if body.Get("lam") == "bo" && bad == nil {
		err = h.Agency.WithdrawDay(c.UserContext(), press(by), day)
	} else {
		err = h.Agency.SetDay(c.UserContext(), press(by), agency.Day{Day: day, Working: body.Get("loai") == "lam-bu", Name: trimmed(body, "ten"), Ground: trimmed(body, "can-cu")})
	}
	if links, ok := wrong(err); ok {
		return h.showDays(c, by.Officer, fiber.StatusUnprocessableEntity, body, links)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, daysAt+"?nam="+strconv.Itoa(day.Y))
}

type unitsPage struct {
	Text  string
	Rows  []unitRow
	All   int
	Pages pages
}

// unitRow is a place with what it was before.
type unitRow struct {
	agency.Unit
	Province string
	Over     bool
	Was      []agency.Change
}

// unitList shows the places of the country: the province's own, or those that are searched,
// by the names of before too.
func (h *Pages) unitList(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	all, err := h.Agency.Units(ctx, "", h.Now())
	if err != nil {
		return err
	}
	standing, err := h.Agency.Standing(ctx, h.Now())
	if err != nil {
		return err
	}
	changes, err := h.Agency.Changes(ctx)
	if err != nil {
		return err
	}
	province, err := h.Agency.Province(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, u := range all {
		names[u.Code] = u.Name
	}
	was := map[string][]agency.Change{}
	for _, ch := range changes {
		was[ch.New] = append(was[ch.New], ch)
	}
	d := unitsPage{Text: strings.TrimSpace(c.Query("q"))}
	var rows []unitRow
	for _, u := range standing {
		row := unitRow{Unit: u, Province: names[u.Parent], Was: was[u.Code]}
		if d.Text == "" && (u.Parent == province.Code || u.Code == province.Code) || d.Text != "" && row.has(d.Text) {
			rows = append(rows, row)
		}
	}
	d.All = len(rows)
	d.Rows, d.Pages = cutList(c, rows)
	return h.listPage(c, by.Officer, fiber.StatusOK, "list-units", locales.M("list.units"), nil, d)
}

func (r unitRow) has(text string) bool {
	return catalogue.SaysIn(text, r.Code+" "+r.Name) || slices.ContainsFunc(r.Was, func(ch agency.Change) bool { return catalogue.SaysIn(text, ch.Code+" "+ch.Name+" "+ch.Within) })
}
