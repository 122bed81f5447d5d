package citizen

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/appointment"
	"motcua/portal/once"
	"motcua/portal/problem"
	"motcua/portal/web"
)

const visitAddress = "/lich-hen"

func asProblem(err error) (*problem.Error, bool) { return errors.AsType[*problem.Error](err) }

// visitKey is the one-time key of a deed of a person or of a browser.
func (h *Places) visitKey(c *fiber.Ctx, w appointment.Who) once.Key {
	if w.Person.ID != 0 {
		return h.Key(c, fmt.Sprintf("person:%d", w.Person.ID))
	}
	return h.Key(c, fmt.Sprintf("browser:%x", w.Browser[:16]))
}

// findPage asks for the code of an appointment, and lists a signed-in person's.
type findPage struct {
	Code  string
	Ahead []appointment.Appointment
}

func (h *Places) findVisit(c *fiber.Ctx) error {
	return h.showFind(c, fiber.StatusOK, findPage{}, nil)
}

func (h *Places) showFind(c *fiber.Ctx, status int, d findPage, faults []web.ErrorLink) error {
	s, err := h.Session(c)
	if err != nil {
		return err
	}
	if s != nil {
		if d.Ahead, err = h.Visits.Ahead(c.UserContext(), s.ID); err != nil {
			return err
		}
	}
	return h.Show(c, status, "public/visits", web.Page{Title: locales.M("appointment.find"), Errors: faults, Data: d})
}

func (h *Places) openVisit(c *fiber.Ctx) error {
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	code := short(form.Get("ma"))
	id, err := h.Visits.Find(c.UserContext(), code, h.BrowserMark(c), h.IP(c))
	if fault, invalid := asInvalid(err); invalid {
		return h.showFind(c, fiber.StatusUnprocessableEntity, findPage{Code: code}, []web.ErrorLink{{Field: "ma", Message: fault.Message}})
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, visitAddress+"/"+id)
}

// mine is the appointment of the address, if it is theirs. Who is not signed in and has not
// given the code is asked to sign in, whether it is there or not.
func (h *Places) mine(c *fiber.Ctx) (appointment.Who, appointment.Appointment, error) {
	who, err := h.who(c)
	if err != nil {
		return who, appointment.Appointment{}, err
	}
	a, err := h.Visits.Mine(c.UserContext(), who, c.Params("id"))
	if problem.Is(err, problem.NotFound) && who.Person.ID == 0 {
		_, err = h.Need(c)
	}
	return who, a, err
}

// visitPage is an appointment as its owner sees it.
type visitPage struct {
	appointment.Appointment
	Changeable bool
	New        bool // it was made just now
	Grouped    string
	Matter     locales.Text
}

func (h *Places) visit(c *fiber.Ctx) error {
	_, a, err := h.mine(c)
	if err != nil {
		return err
	}
	d := visitPage{Appointment: a, Changeable: a.Open(h.Now()), New: c.Context().QueryArgs().Has("moi") && a.State == appointment.Booked, Grouped: appointment.Grouped(a.Code)}
	fields, err := h.Catalogue.FieldNames(c.UserContext())
	if err != nil {
		return err
	}
	d.Matter = fields[a.Field].Name
	return h.Show(c, fiber.StatusOK, "public/visit", web.Page{Title: locales.M("appointment.title"), Back: placesAddress + "/" + a.Agency.Code, Data: d})
}

// calendarFile is the appointment for the person's own calendar.
func (h *Places) calendarFile(c *fiber.Ctx) error {
	_, a, err := h.mine(c)
	if err != nil {
		return err
	}
	file := a.ICS(h.Lang(c), h.Address(visitAddress+"/"+a.ID))
	return h.Send(c, web.Download{Name: "lich-hen.ics", Media: "text/calendar", Size: int64(len(file)), Save: true}, bytes.NewReader(file))
}

func (h *Places) moving(c *fiber.Ctx) error {
	_, a, err := h.mine(c)
	if err != nil {
		return err
	}
	return h.showMoving(c, fiber.StatusOK, a, url.Values{fieldDay: {c.Query(fieldDay)}}, nil)
}

func (h *Places) showMoving(c *fiber.Ctx, status int, a appointment.Appointment, v url.Values, fault *problem.Error) error {
	if !a.Open(h.Now()) {
		return h.Redirect(c, visitAddress+"/"+a.ID)
	}
	v.Set(fieldAbout, a.Field)
	return h.showBooking(c, status, bookingPage{Place: a.Agency, Chosen: true, Moving: &a, Path: visitAddress + "/" + a.ID + "/doi", Taken: status == fiber.StatusConflict}, v, fault)
}

func (h *Places) move(c *fiber.Ctx) error {
	who, a, err := h.mine(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	starts, _ := time.Parse(time.RFC3339, form.Get(fieldTime))
	err = h.Visits.Move(c.UserContext(), who, a.ID, starts, h.visitKey(c, who))
	if status, fault := refused(err); fault != nil {
		return h.showMoving(c, status, a, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, visitAddress+"/"+a.ID)
}

func (h *Places) cancel(c *fiber.Ctx) error {
	who, a, err := h.mine(c)
	if err != nil {
		return err
	}
	if _, err := h.Form(c); err != nil {
		return err
	}
	if err := h.Visits.Cancel(c.UserContext(), who, a.ID, h.visitKey(c, who)); err != nil {
		return err
	}
	return h.Redirect(c, visitAddress+"/"+a.ID)
}
