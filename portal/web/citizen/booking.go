package citizen

import (
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/appointment"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// The fields of a booking, in the order of the page.
const (
	fieldAbout = "linh-vuc"
	fieldDay   = "ngay"
	fieldTime  = "gio"
	fieldName  = "ho-ten"
	fieldPhone = "dien-thoai"
)

// bookingPage is the choice of a time at an agency (ux P15). Without a day chosen there are
// only days.
type bookingPage struct {
	Place    agency.Agency
	Matters  []matter // what one can come for; the first is anything else
	Field    string
	Matter   web.Words // of the field
	Chosen   bool      // what for is known
	Days     []dayChoice
	Day      *appointment.Day
	Fields   []eforms.Field // time, name, phone
	Taken    bool           // somebody else was first
	Moving   *appointment.Appointment
	Path     string // of the form
	Again    string // with another matter
	SignedIn string // name
	SignIn   string
}

type matter struct {
	Name web.Words
	Path string
}

// dayChoice is a day with its free times, and the address that chooses it.
type dayChoice struct {
	appointment.Day
	Path string
	Now  bool
}

func (h *Places) bookingAt(c *fiber.Ctx) (agency.Agency, error) {
	a, err := h.Agency.ByCode(c.UserContext(), c.Params("code"))
	if err != nil {
		return a, err
	}
	counters, err := h.Visits.Counters(c.UserContext(), a.ID)
	if err == nil && len(counters) == 0 {
		err = problem.New(problem.NotFound, "appointment.none_here")
	}
	return a, err
}

func (h *Places) slots(c *fiber.Ctx) error {
	a, err := h.bookingAt(c)
	if err != nil {
		return err
	}
	v := url.Values{fieldAbout: {c.Query(fieldAbout)}, fieldDay: {c.Query(fieldDay)}}
	return h.showBooking(c, fiber.StatusOK, bookingPage{Place: a, Chosen: c.Context().QueryArgs().Has(fieldAbout)}, v, nil)
}

// showBooking draws the page with what was chosen and typed.
func (h *Places) showBooking(c *fiber.Ctx, status int, d bookingPage, v url.Values, fault *problem.Error) error {
	d.Field = v.Get(fieldAbout)
	if d.Path == "" {
		d.Path = placesAddress + "/" + d.Place.Code + "/dat-lich"
	}
	if err := h.matters(c, &d); err != nil {
		return err
	}
	p := web.Page{Title: locales.M("appointment.book", locales.T("agency", d.Place.Name)), Back: placesAddress + "/" + d.Place.Code}
	if d.Moving != nil {
		p.Title, p.Back = locales.M("appointment.move"), visitAddress+"/"+d.Moving.ID
	}
	if d.Chosen {
		days, err := h.Visits.Free(c.UserContext(), d.Place.ID, d.Field)
		if err != nil {
			return err
		}
		d.choose(days, v.Get(fieldDay))
	}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Message: fault.Message}}
		if d.Day != nil {
			p.Errors[0].Field = fieldOf(fault.Message.Key)
		}
	}
	s, err := h.Session(c)
	if err != nil {
		return err
	}
	if s != nil {
		d.SignedIn = s.Name
	}
	d.SignIn = "/dang-nhap?tiep=" + url.QueryEscape(d.with(d.Field, v.Get(fieldDay)))
	if d.Day != nil {
		d.ask(v, fault, s == nil && d.Moving == nil)
	}
	p.Data = d
	return h.Show(c, status, "public/booking", p)
}

// fieldOf is the field of the page that a fault is about.
func fieldOf(key string) string {
	switch key {
	case "appointment.name_wanted":
		return fieldName
	case "appointment.phone_wanted":
		return fieldPhone
	}
	return fieldTime
}

// with is the page's address with a matter and a day.
func (d bookingPage) with(field, day string) string {
	v := url.Values{}
	if d.Moving == nil {
		v.Set(fieldAbout, field)
	}
	if day != "" {
		v.Set(fieldDay, day)
	}
	if len(v) == 0 {
		return d.Path
	}
	return d.Path + "?" + v.Encode()
}

// matters are the fields that the counters there are for and that the agency has work of.
// Where all counters are for everything, there is nothing to choose.
func (h *Places) matters(c *fiber.Ctx, d *bookingPage) error {
	counters, err := h.Visits.Counters(c.UserContext(), d.Place.ID)
	if err != nil {
		return err
	}
	parted := slices.ContainsFunc(counters, func(k appointment.Counter) bool { return len(k.Fields) > 0 })
	if !parted || d.Moving != nil {
		d.Chosen = true
		return nil
	}
	d.Again, d.Matter = d.Path, locales.M("appointment.other_matter")
	work, err := h.Catalogue.TakenBy(c.UserContext(), d.Place)
	if err != nil {
		return err
	}
	for _, w := range work {
		if slices.ContainsFunc(counters, func(k appointment.Counter) bool { return k.Serves(w.Field.Code) }) {
			d.Matters = append(d.Matters, matter{w.Field.Name, d.with(w.Field.Code, "")})
			if w.Field.Code == d.Field {
				d.Matter = w.Field.Name
			}
		}
	}
	if slices.ContainsFunc(counters, func(k appointment.Counter) bool { return len(k.Fields) == 0 }) {
		d.Matters = append(d.Matters, matter{locales.M("appointment.other_matter"), d.with("", "")})
	}
	return nil
}

// choose marks the day that is looked at: the one that was asked for, or the first with a
// free time.
func (d *bookingPage) choose(days []appointment.Day, asked string) {
	at := slices.IndexFunc(days, func(o appointment.Day) bool { return o.Day.String() == asked })
	if at < 0 {
		at = slices.IndexFunc(days, func(o appointment.Day) bool { return o.Free > 0 })
	}
	for i, o := range days {
		d.Days = append(d.Days, dayChoice{o, d.with(d.Field, o.Day.String()), i == at})
	}
	if at >= 0 && days[at].Free > 0 {
		d.Day = &days[at]
	}
}

// ask makes the fields of the form.
func (d *bookingPage) ask(v url.Values, fault *problem.Error, visitor bool) {
	at := func(name string) *locales.Message {
		if fault != nil && fieldOf(fault.Message.Key) == name {
			return &fault.Message
		}
		return nil
	}
	times := eforms.Field{ID: fieldTime, Name: fieldTime, Kind: eforms.Select, Label: textOf(locales.M("appointment.time")), Fault: at(fieldTime)}
	for _, s := range d.Day.Slots {
		if s.Free == 0 {
			continue
		}
		value := s.Starts.Format(time.RFC3339)
		times.Choices = append(times.Choices, eforms.Choice{Value: value, Checked: v.Get(fieldTime) == value,
			Label: locales.V(s.Starts.In(locales.ICT).Format("15:04") + " – " + s.Ends.In(locales.ICT).Format("15:04"))})
	}
	d.Fields = []eforms.Field{times}
	if visitor {
		d.Fields = append(d.Fields,
			eforms.Field{ID: fieldName, Name: fieldName, Kind: eforms.Name, Label: textOf(locales.M("appointment.name")), Value: v.Get(fieldName), Autocomplete: "name", Fault: at(fieldName)},
			eforms.Field{ID: fieldPhone, Name: fieldPhone, Kind: eforms.Phone, Label: textOf(locales.M("appointment.phone")), Hint: textOf(locales.M("appointment.phone.hint")), Value: v.Get(fieldPhone),
				InputMode: "tel", Width: 14, Autocomplete: "tel", Fault: at(fieldPhone)})
	}
}

// textOf is a text of the program where the page's parts take a text of data.
func textOf(m locales.Message) locales.Text {
	vi, _ := locales.Say(locales.VI, m)
	en, _ := locales.Say(locales.EN, m)
	return locales.Text{VI: vi, EN: en}
}

// who is the signed-in person, or else this browser.
func (h *Places) who(c *fiber.Ctx) (appointment.Who, error) {
	s, err := h.Session(c)
	if err != nil {
		return appointment.Who{}, err
	}
	w := appointment.Who{Browser: h.BrowserMark(c)}
	if s != nil {
		w.Person = s.Person
	}
	return w, nil
}

func (h *Places) book(c *fiber.Ctx) error {
	a, err := h.bookingAt(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	who, err := h.who(c)
	if err != nil {
		return err
	}
	starts, _ := time.Parse(time.RFC3339, form.Get(fieldTime)) // no time is no time that there is
	id, err := h.Visits.Book(c.UserContext(), appointment.Asked{AgencyID: a.ID, Field: form.Get(fieldAbout), Starts: starts, Who: who,
		Name: form.Get(fieldName), Phone: form.Get(fieldPhone), Lang: h.Lang(c), IP: h.IP(c)}, h.visitKey(c, who))
	if status, fault := refused(err); fault != nil {
		return h.showBooking(c, status, bookingPage{Place: a, Chosen: true, Taken: status == fiber.StatusConflict}, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, visitAddress+"/"+id+"?moi")
}

// refused is a fault that is said on the page of times, with its status.
func refused(err error) (int, *problem.Error) {
	if fault, invalid := asInvalid(err); invalid {
		return fiber.StatusUnprocessableEntity, fault
	}
	if problem.Is(err, problem.Conflict) {
		if fault, ok := asProblem(err); ok && fault.Message.Key == "appointment.taken" {
			return fiber.StatusConflict, fault
		}
	}
	return 0, nil
}
