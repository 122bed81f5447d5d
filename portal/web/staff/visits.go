package staff

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/appointment"
	"motcua/portal/calendar"
	"motcua/portal/problem"
	"motcua/portal/web"
)

const visitsAddress = "/can-bo/lich-hen"

// visits are the pages of appointments: the day at a counter, and the counters themselves.
func (h *Pages) visits(app fiber.Router) {
	app.Get(visitsAddress, h.visitDay)
	app.Get(visitsAddress+"/quay", h.counters)
	app.Get(visitsAddress+"/quay/moi", h.counter)
	app.Post(visitsAddress+"/quay/moi", h.setCounter)
	app.Get(visitsAddress+"/quay/:no", h.counter)
	app.Post(visitsAddress+"/quay/:no", h.setCounter)
	app.Post(visitsAddress+"/:id", h.markVisit)
}

// visitDayPage is who comes on a day.
type visitDayPage struct {
	At            agency.Role
	All           []agency.Role // agencies of the officer
	Day           time.Time
	Before, After string
	Visits        []visitLine
	Waiting       appointment.Waiting
	Fault         *problem.Error
	Sets          bool // also sets counters
}

// visitLine is an appointment with what can be noted now.
type visitLine struct {
	appointment.Appointment
	Fields locales.Text
	Marks  []appointment.Mark
}

func (h *Pages) visitDay(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	return h.showVisitDay(c, o, fiber.StatusOK, nil)
}

func visitsOn(code string, day calendar.Day) string {
	return visitsAddress + "?" + url.Values{"co-quan": {code}, "ngay": {day.String()}}.Encode()
}

func (h *Pages) showVisitDay(c *fiber.Ctx, o agency.Officer, status int, fault *problem.Error) error {
	d := visitDayPage{All: appointment.Receives(o), Fault: fault, Sets: editor(o)}
	if len(d.All) == 0 {
		return problem.New(problem.NotFound, "appointment.not_found")
	}
	d.At = d.All[0]
	if i := slices.IndexFunc(d.All, func(r agency.Role) bool { return r.AgencyCode == c.Query("co-quan") }); i >= 0 {
		d.At = d.All[i]
	}
	day, err := calendar.ParseDay(c.Query("ngay"))
	if err != nil {
		day = calendar.DayOf(h.Now())
	}
	d.Day, d.Before, d.After = day.At(0), visitsOn(d.At.AgencyCode, day.Add(-1)), visitsOn(d.At.AgencyCode, day.Add(1))
	all, err := h.Visits.OfDay(c.UserContext(), o, d.At.AgencyID, day, h.seen(c))
	if err != nil {
		return err
	}
	fields, err := h.Catalogue.FieldNames(c.UserContext())
	if err != nil {
		return err
	}
	today := !day.Before(calendar.DayOf(h.Now())) // of days before everything can be noted
	for _, a := range all {
		line := visitLine{Appointment: a, Fields: fields[a.Field].Name}
		if !today || day == calendar.DayOf(h.Now()) {
			line.Marks = marksOf(a.State)
		}
		if a.Open(h.Now()) {
			line.Marks = append(line.Marks, appointment.MarkCancel)
		}
		d.Visits = append(d.Visits, line)
	}
	if d.Waiting, err = h.Visits.Waiting(c.UserContext(), d.At.AgencyID); err != nil {
		return err
	}
	p := web.Page{Title: locales.M("visits.title"), Frame: web.FrameStaff, Menu: menu(o), Data: d}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Message: fault.Message}}
	}
	return h.Show(c, status, "staff/visits", p)
}

// marksOf are what can be noted on an appointment in a state.
func marksOf(s appointment.State) []appointment.Mark {
	switch s {
	case appointment.Booked:
		return []appointment.Mark{appointment.MarkCame, appointment.MarkCalled, appointment.MarkMissed}
	case appointment.Came:
		return []appointment.Mark{appointment.MarkCalled, appointment.MarkBack}
	case appointment.Called, appointment.Missed:
		return []appointment.Mark{appointment.MarkBack}
	}
	return nil
}

func (h *Pages) markVisit(c *fiber.Ctx) error {
	s, o, err := h.officer(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	err = h.Visits.Note(c.UserContext(), o, c.Params("id"), appointment.Mark(form.Get("lam")), form.Get("ly-do"), h.Key(c, fmt.Sprintf("person:%d", s.ID)))
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		return h.showVisitDay(c, o, fiber.StatusUnprocessableEntity, fault)
	}
	if err != nil {
		return err
	}
	day, err := calendar.ParseDay(form.Get("ngay"))
	if err != nil {
		day = calendar.DayOf(h.Now())
	}
	return h.Redirect(c, visitsOn(form.Get("co-quan"), day))
}
