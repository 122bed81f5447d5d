package staff

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/appointment"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

const countersAddress = visitsAddress + "/quay"

// setter is who sets counters. To others these pages do not exist.
func (h *Pages) setter(c *fiber.Ctx) (person int64, o agency.Officer, err error) {
	s, o, err := h.officer(c)
	if err == nil && !editor(o) {
		err = problem.New(problem.NotFound, "counter.not_found")
	}
	return s.ID, o, err
}

// countersPage is every counter.
type countersPage struct {
	Counters []counterLine
}

type counterLine struct {
	appointment.Counter
	Place agency.Agency
	Over  bool
}

func (h *Pages) counters(c *fiber.Ctx) error {
	_, o, err := h.setter(c)
	if err != nil {
		return err
	}
	all, err := h.Visits.AllCounters(c.UserContext())
	if err != nil {
		return err
	}
	var d countersPage
	today := calendar.DayOf(h.Now()).String()
	for _, k := range all {
		at, err := h.Agency.ByID(c.UserContext(), k.AgencyID) // from memory
		if err != nil {
			return err
		}
		d.Counters = append(d.Counters, counterLine{k, at, k.To != "" && k.To < today})
	}
	page := web.Page{Title: locales.M("counters.title"), Frame: web.FrameStaff, Menu: menu(o), Data: d}
	if len(appointment.Receives(o)) > 0 { // the others have no list of the day
		page.Crumbs = []web.Crumb{{Path: visitsAddress, Name: locales.M("visits.title")}}
	}
	return h.Show(c, fiber.StatusOK, "staff/counters", page)
}

// counterPage is one counter as it is set.
type counterPage struct {
	Action   string
	New      bool
	Agencies []agency.Agency
	Place    agency.Agency // of one that is there
	Work     []catalogue.Work
	Days     []weekdayField
	Values   url.Values
}

// weekdayField is the opening hours of a weekday, as they are typed.
type weekdayField struct {
	Name  string
	Day   string // 0 is Sunday
	Value string
}

// Has says whether a field is ticked.
func (d counterPage) Has(field string) bool { return slices.Contains(d.Values["linh-vuc"], field) }

// weekdays in the order of the page.
var weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func weekdayName(d time.Weekday) string { return "thu-" + strconv.Itoa(int(d)) }

func (h *Pages) counter(c *fiber.Ctx) error {
	_, o, err := h.setter(c)
	if err != nil {
		return err
	}
	k, err := h.counterOf(c)
	if err != nil {
		return err
	}
	return h.showCounter(c, o, fiber.StatusOK, k, valuesOf(k), nil)
}

// counterOf is the counter of the address, or a new one.
func (h *Pages) counterOf(c *fiber.Ctx) (appointment.Counter, error) {
	if c.Params("no") == "" {
		return appointment.Counter{Minutes: 15, Places: 1, Ahead: 14, From: calendar.DayOf(h.Now()).String()}, nil
	}
	no, err := strconv.ParseInt(c.Params("no"), 10, 64)
	if err != nil {
		return appointment.Counter{}, problem.New(problem.NotFound, "counter.not_found")
	}
	return h.Visits.Counter(c.UserContext(), no)
}

// valuesOf is a counter as its page has it.
func valuesOf(k appointment.Counter) url.Values {
	v := url.Values{"co-quan": {k.Agency}, "ten": {k.Name.VI}, "ten-en": {k.Name.EN}, "phut": {strconv.Itoa(k.Minutes)}, "cho": {strconv.Itoa(k.Places)},
		"truoc": {strconv.Itoa(k.Ahead)}, "tu": {typedDay(k.From)}, "den": {typedDay(k.To)}, "linh-vuc": k.Fields, "ban": {strconv.Itoa(k.Version)}}
	for day, spans := range k.Week {
		var parts []string
		for _, s := range spans {
			parts = append(parts, s.From.String()+"-"+s.To.String())
		}
		v.Set(weekdayName(day), strings.Join(parts, ", "))
	}
	return v
}

// typedDay is a day as people write it.
func typedDay(day string) string {
	d, err := calendar.ParseDay(day)
	if err != nil {
		return ""
	}
	return d.At(0).Format("2/1/2006")
}

func (h *Pages) showCounter(c *fiber.Ctx, o agency.Officer, status int, k appointment.Counter, v url.Values, fault *problem.Error) error {
	d := counterPage{Action: countersAddress + "/moi", New: k.ID == 0, Values: v}
	var err error
	if d.Agencies, err = h.Agency.All(c.UserContext(), h.Now()); err != nil {
		return err
	}
	if !d.New {
		d.Action = countersAddress + "/" + strconv.FormatInt(k.ID, 10)
		if d.Place, err = h.Agency.ByID(c.UserContext(), k.AgencyID); err != nil {
			return err
		}
		if d.Work, err = h.Catalogue.TakenBy(c.UserContext(), d.Place); err != nil {
			return err
		}
	}
	for _, day := range weekdays {
		d.Days = append(d.Days, weekdayField{weekdayName(day), strconv.Itoa(int(day)), v.Get(weekdayName(day))})
	}
	p := web.Page{Title: locales.M("counter.title"), Frame: web.FrameStaff, Menu: menu(o), Crumbs: []web.Crumb{{Path: countersAddress, Name: locales.M("counters.title")}}, Data: d}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Field: counterField(fault.Message.Key), Message: fault.Message}}
	}
	return h.Show(c, status, "staff/counter", p)
}

// counterField is the field that a fault is about.
func counterField(key string) string {
	switch key {
	case "counter.name_wanted":
		return "ten"
	case "counter.minutes_wanted":
		return "phut"
	case "counter.places_wanted":
		return "cho"
	case "counter.ahead_wanted":
		return "truoc"
	case "counter.agency_wanted":
		return "co-quan"
	case "counter.hours_wanted":
		return "thu-1"
	}
	return "tu"
}

func (h *Pages) setCounter(c *fiber.Ctx) error {
	person, o, err := h.setter(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	k, err := h.counterOf(c)
	if err != nil {
		return err
	}
	typed, err := readCounter(form, k)
	if err == nil {
		_, err = h.Visits.Set(c.UserContext(), o, typed, h.Key(c, fmt.Sprintf("person:%d", person)))
	}
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		return h.showCounter(c, o, fiber.StatusUnprocessableEntity, k, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, countersAddress)
}

// readCounter is a counter as it was typed. Of one that is there the agency stays.
func readCounter(form url.Values, k appointment.Counter) (appointment.Counter, error) {
	number := func(name string) int { n, _ := strconv.Atoi(strings.TrimSpace(form.Get(name))); return n } // 0 is refused by its bounds
	if k.ID == 0 {
		k.Agency = form.Get("co-quan")
	}
	k.Name = locales.Text{VI: strings.TrimSpace(form.Get("ten")), EN: strings.TrimSpace(form.Get("ten-en"))}
	k.Minutes, k.Places, k.Ahead, k.Version, k.Fields = number("phut"), number("cho"), number("truoc"), number("ban"), form["linh-vuc"]
	for _, day := range []struct {
		name string
		into *string
	}{{"tu", &k.From}, {"den", &k.To}} {
		at, err := dayOf(form.Get(day.name))
		if err != nil {
			return k, problem.New(problem.Invalid, "counter.dates_wanted")
		}
		if *day.into = ""; !at.IsZero() {
			*day.into = calendar.DayOf(at).String()
		}
	}
	k.Week = appointment.Week{}
	for _, day := range weekdays {
		spans, err := readSpans(form.Get(weekdayName(day)))
		if err != nil {
			return k, err
		}
		if len(spans) > 0 {
			k.Week[day] = spans
		}
	}
	return k, nil
}

// readSpans reads 07:30-11:30, 13:30-16:30.
func readSpans(typed string) ([]calendar.Span, error) {
	var all []calendar.Span
	for part := range strings.SplitSeq(typed, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		from, to, _ := strings.Cut(strings.ReplaceAll(part, "–", "-"), "-")
		var s calendar.Span
		if s.From.UnmarshalText([]byte(clockTyped(from))) != nil || s.To.UnmarshalText([]byte(clockTyped(to))) != nil {
			return nil, problem.New(problem.Invalid, "counter.hours_wanted")
		}
		all = append(all, s)
	}
	return all, nil
}

// clockTyped makes 7:30, 7h30 and 7h one way of writing.
func clockTyped(s string) string {
	hour, minute, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), "h", ":"), ":")
	if len(hour) == 1 {
		hour = "0" + hour
	}
	if minute == "" {
		minute = "00"
	}
	return hour + ":" + minute
}
