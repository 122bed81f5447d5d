package staff

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/problem"
	"motcua/portal/registry"
	"motcua/portal/signin"
	"motcua/portal/web"
)

const connectionsAddress = "/can-bo/ket-noi"

// connections are the page on which an administrator sees how each register is, and says
// that one is out (ux A7).
func (h *Pages) connections(app fiber.Router) {
	app.Get(connectionsAddress, h.connection)
	app.Post(connectionsAddress, h.declare)
}

// administrator is who keeps the connections. To any other officer the page does not exist.
func (h *Pages) administrator(c *fiber.Ctx) (signin.Session, agency.Officer, error) {
	s, o, err := h.officer(c)
	if err == nil && !administers(o) {
		err = problem.New(problem.NotFound, "dossier.not_found")
	}
	return s, o, err
}

type connectionsPage struct {
	Registers []register
	Bars      []answersBar
	Widest    int // of the bars
	InForce   []registry.PastOutage
	Past      []registry.PastOutage
	Values    url.Values
}

// register is how one is.
type register struct {
	registry.SourceStatus
	Name     locales.Text
	Answered int // of the last hour's questions
	Asked    int
}

// answersBar is how often a register gave one outcome in the last hour.
type answersBar struct {
	Name    locales.Text
	Outcome registry.Outcome
	Count   int
}

// State is the word for how the register is.
func (r register) State() string {
	switch {
	case r.Outage != nil:
		return "outage"
	case !r.Connected:
		return "none"
	case r.Resting:
		return "resting"
	case r.Failing():
		return "failing"
	}
	return "works"
}

// Slow is how many milliseconds 95 of 100 answers stayed under.
func (r register) Slow() int64 { return r.Slowest.Milliseconds() }

// NameOf is a register as people read it.
func (d connectionsPage) NameOf(register string) locales.Text { return registry.NameOf(register) }

// Bar is the length of a bar in percent of the drawing; what is left is for the number.
func (d connectionsPage) Bar(n int) int { return n * 85 / max(1, d.Widest) }

// Line is where something of the i-th bar stands, from the top; each has 56.
func (d connectionsPage) Line(i, down int) int { return i*56 + down }

// Height is that of all bars.
func (d connectionsPage) Height() int { return len(d.Bars) * 56 }

// outcomes in the order of the bars.
var outcomes = []registry.Outcome{registry.Found, registry.NotFound, registry.Refused, registry.Unavailable, registry.Outage}

func (d *connectionsPage) add(st registry.SourceStatus) {
	r := register{SourceStatus: st, Name: registry.NameOf(st.Register)}
	for _, o := range outcomes {
		n := st.Hour[o]
		if n == 0 {
			continue
		}
		if o != registry.Outage { // then nobody was asked
			r.Asked += n
		}
		if o == registry.Found || o == registry.NotFound {
			r.Answered += n
		}
		d.Bars, d.Widest = append(d.Bars, answersBar{r.Name, o, n}), max(d.Widest, n)
	}
	d.Registers = append(d.Registers, r)
}

func (h *Pages) connection(c *fiber.Ctx) error {
	_, o, err := h.administrator(c)
	if err != nil {
		return err
	}
	return h.showConnections(c, o, fiber.StatusOK, url.Values{}, nil)
}

func (h *Pages) showConnections(c *fiber.Ctx, o agency.Officer, status int, form url.Values, fault *problem.Error) error {
	d := connectionsPage{Values: form}
	all, err := h.Registry.Status(c.UserContext())
	if err != nil {
		return err
	}
	for _, st := range all {
		d.add(st)
	}
	outages, err := h.Registry.History(c.UserContext())
	if err != nil {
		return err
	}
	for _, one := range outages {
		if one.Ended == nil {
			d.InForce = append(d.InForce, one)
		} else {
			d.Past = append(d.Past, one)
		}
	}
	p := web.Page{Title: locales.M("connection.title"), Frame: web.FrameStaff, Menu: menu(o), Data: d}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Field: outageField(fault.Message.Key), Message: fault.Message}}
	}
	return h.Show(c, status, "staff/connections", p)
}

// outageField is the field of the form that a fault is about.
func outageField(key string) string {
	switch key {
	case "connection.choose":
		return "so"
	case "registry.outage_reason":
		return "ly-do"
	}
	return "den"
}

// declare says that a register is out until a time, or that it works again.
func (h *Pages) declare(c *fiber.Ctx) error {
	s, o, err := h.administrator(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	by, key := registry.Declarer{Officer: o.ID}, h.Key(c, fmt.Sprintf("person:%d", s.ID))
	for _, r := range o.Roles {
		if r.Role == agency.Admin {
			by.AgencyID = r.AgencyID
		}
	}
	if form.Get("lam") == "mo" {
		err = h.Registry.EndOutage(c.UserContext(), by, form.Get("so"), key)
	} else {
		var until time.Time
		switch until, err = momentOf(form.Get("den")); {
		case registry.NameOf(form.Get("so")).Empty():
			err = problem.New(problem.Invalid, "connection.choose")
		case err == nil:
			err = h.Registry.DeclareOutage(c.UserContext(), by, form.Get("so"), until, strings.TrimSpace(form.Get("ly-do")), key)
		}
	}
	var fault *problem.Error
	if errors.As(err, &fault) && fault.Kind == problem.Invalid {
		return h.showConnections(c, o, fiber.StatusUnprocessableEntity, form, fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, connectionsAddress)
}
