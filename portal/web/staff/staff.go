// Package staff are the pages of officers: the inbox, the case, and the deeds on it.
package staff

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/appointment"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/content"
	"motcua/portal/desk"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/editorial"
	"motcua/portal/national"
	"motcua/portal/privacy"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/registry"
	"motcua/portal/signin"
	"motcua/portal/succession"
	"motcua/portal/web"
)

// Pages are the officers' side of the portal.
type Pages struct {
	*web.Web
	Agency         *agency.Service
	Catalogue      *catalogue.Service
	Editorial      *editorial.Service
	National       *national.Service
	Desk           *desk.Service
	Drafts         *draft.Service
	Privacy        *privacy.Service
	Registry       *registry.Service
	Visits         *appointment.Service
	Changes        *succession.Service
	Preview        func(c *fiber.Ctx, rev *catalogue.Revision, mark locales.Message) error // draws a procedure's page as people would see it
	Content        *content.Service
	PreviewContent func(c *fiber.Ctx, item *content.Item) error // a text as people would read it
	Stuck          func(c *fiber.Ctx) ([]queue.Job, error)      // work that could not be done, for administrators
}

// Routes puts the pages at their addresses. Every one asks the record who may.
func (h *Pages) Routes(app fiber.Router) {
	app.Get("/can-bo", h.today)
	app.Get("/can-bo/ho-so", h.inbox)
	app.Get("/can-bo/ho-so/:id", h.one)
	app.Get("/can-bo/ho-so/:id/tep/:file", h.attachment)
	app.Get("/can-bo/ho-so/:id/ban-ghep/:filing/:component", h.joined)
	app.Get("/can-bo/ho-so/:id/giay/:paper", h.paper)
	app.Get("/can-bo/ho-so/:id/to-khai.pdf", h.form)
	app.Get("/can-bo/ho-so/:id/cach-tinh", h.counting)
	app.Post("/can-bo/ho-so/:id/doi-chieu", h.compare)
	app.Get("/can-bo/ho-so/:id/:deed", h.deedPage)
	app.Post("/can-bo/ho-so/:id/:deed", h.do)
	h.reports(app)
	h.connections(app)
	h.helpRoutes(app)
	h.reviews(app)
	h.builder(app)
	h.exchange(app)
	h.visits(app)
	h.sharedLists(app)
	h.successions(app)
	h.contentRoutes(app)
	h.entryLists(app)
	h.sheetChecks(app)
	h.sheetRoutes(app)
}

// officer is who works here: the signed-in person with roles in force today. To anybody
// else these pages do not exist.
func (h *Pages) officer(c *fiber.Ctx) (signin.Session, agency.Officer, error) {
	s, err := h.Need(c)
	if err != nil {
		return s, agency.Officer{}, err
	}
	o, err := h.Agency.OfficerOf(c.UserContext(), s.Person)
	if err != nil {
		return s, o, err
	}
	if len(o.Roles) == 0 {
		return s, o, problem.New(problem.NotFound, "dossier.not_found")
	}
	return s, o, nil
}

// editor says whether the officer makes forms.
func editor(o agency.Officer) bool { return catalogue.MayEdit(o) == nil }

// menu is what the officer's menu leads to besides what all have.
func menu(o agency.Officer) web.Menu {
	return web.Menu{Forms: editor(o), Visits: len(appointment.Receives(o)) > 0, Registers: administers(o)}
}

// administers says whether the officer is an administrator.
func administers(o agency.Officer) bool {
	return slices.ContainsFunc(o.Roles, func(r agency.Role) bool { return r.Role == agency.Admin })
}

// seen is the beginning of the record that an officer saw personal data.
func (h *Pages) seen(c *fiber.Ctx) audit.Entry {
	return audit.Entry{IP: h.IP(c), Request: web.RequestID(c)}
}

// todayPage is the officer's day: counts as links, and what is most urgent.
type todayPage struct {
	Officer agency.Officer
	Inbox   desk.Inbox
	Views   []view
	Stuck   []queue.Job
	Editor  bool // makes forms
	Helper  bool // may fill for people who are present
}

// view is one way to look at the inbox.
type view struct {
	Name  string // of the filter
	Count int
	Now   bool
}

func views(in desk.Inbox) []view {
	var all []view
	for _, v := range desk.Views {
		all = append(all, view{v, in.Counts[v], v == in.Filter.View})
	}
	return all
}

func (h *Pages) today(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	d := todayPage{Officer: o, Editor: editor(o)}
	_, d.Helper = draft.HelpsAs(o)
	d.Inbox, err = h.Desk.Inbox(c.UserContext(), o, desk.Filter{})
	if err != nil && !problem.Is(err, problem.NotFound) { // editors and administrators see no dossiers
		return err
	}
	if err == nil {
		d.Views = views(d.Inbox)
		d.Views[0].Now = false // this page is none of them
	}
	if len(d.Inbox.Dossiers) > 10 {
		d.Inbox.Dossiers = d.Inbox.Dossiers[:10]
	}
	if administers(o) && h.Stuck != nil {
		if d.Stuck, err = h.Stuck(c); err != nil {
			return err
		}
	}
	return h.Show(c, fiber.StatusOK, "staff/today", web.Page{Title: locales.M("staff.today"), Frame: web.FrameStaff, Menu: menu(o), Data: d})
}

// inboxPage is the list (ux STAFF-1).
type inboxPage struct {
	Officer agency.Officer
	Inbox   desk.Inbox
	Views   []view
	Before  string
	After   string
}

func (h *Pages) inbox(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	page, _ := strconv.Atoi(c.Query("trang"))
	in, err := h.Desk.Inbox(c.UserContext(), o, desk.Filter{View: c.Query("xem"), Text: c.Query("q"), Page: page})
	if err != nil {
		return err
	}
	d := inboxPage{Officer: o, Inbox: in, Views: views(in)}
	if in.Filter.Page > 1 {
		d.Before = listAt(in.Filter, in.Filter.Page-1)
	}
	if in.Pages > in.Filter.Page {
		d.After = listAt(in.Filter, in.Filter.Page+1)
	}
	return h.Show(c, fiber.StatusOK, "staff/inbox", web.Page{Title: locales.M("staff.inbox"), Frame: web.FrameStaff, Menu: menu(o), Data: d})
}

func listAt(f desk.Filter, page int) string {
	q := url.Values{}
	if f.View != "" {
		q.Set("xem", f.View)
	}
	if f.Text != "" {
		q.Set("q", f.Text)
	}
	q.Set("trang", strconv.Itoa(page))
	return "/can-bo/ho-so?" + q.Encode()
}

// casePage is a dossier on the desk: answers beside a viewer (ux STAFF-6).
type casePage struct {
	desk.Case
	Outline []eforms.Section
	Changed []dossier.Changed // what the last filing has otherwise than the one before
	Sheets  []sheet           // what there is to look at
	Viewed  *sheet            // the one in the viewer
	Next    string            // id of the next one
	Actions []action
	Masked  string // the owner's number, as a page shows it
	Basis   *dossier.Basis
	Checks  []desk.Comparison
	Reports []caseReport // that a register is wrong, newest first
	Needs   bool         // its form names registers: they can be asked anew
}

// caseReport is a report about the dossier, with the register's name.
type caseReport struct {
	privacy.Report
	Register locales.Text
	Here     bool // it is answered where the dossier is: who sees this may open it
}

// action is a deed that this officer may do now, with its address.
type action struct {
	Deed dossier.Deed
	Word string
}

func (h *Pages) one(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	d, err := h.caseOf(c, o)
	if err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "staff/case", web.Page{Title: locales.M("staff.case", locales.S("code", d.Code)), Frame: web.FrameStaff, Menu: menu(o),
		Crumbs: []web.Crumb{{Path: "/can-bo/ho-so", Name: locales.M("staff.inbox")}}, Data: d})
}

func (h *Pages) caseOf(c *fiber.Ctx, o agency.Officer) (casePage, error) {
	k, err := h.Desk.Case(c.UserContext(), o, c.Params("id"), h.seen(c))
	if err != nil {
		return casePage{}, err
	}
	lists, err := h.Drafts.Lists(c.UserContext(), k.Revision)
	if err != nil {
		return casePage{}, err
	}
	history := k.History(lists)
	d := casePage{Case: k, Outline: k.Run(lists).Outline(), Changed: history[len(history)-1], Masked: masked(k.OwnerNumber)}
	if d.Basis, err = h.Desk.Dossiers.Basis(c.UserContext(), k.Dossier); err != nil {
		return casePage{}, err
	}
	if d.Checks, err = h.Desk.Comparisons(c.UserContext(), k, lists); err != nil {
		return casePage{}, err
	}
	reports, err := h.Privacy.OfThing(c.UserContext(), k.ID)
	if err != nil {
		return casePage{}, err
	}
	for _, r := range reports {
		d.Reports = append(d.Reports, caseReport{r, registry.NameOf(r.Source), r.Agency.ID == k.AgencyID})
	}
	d.Needs = k.ClosedAt == nil && len(registry.Needed(k.Revision.Form)) > 0
	for _, deed := range k.Deeds {
		d.Actions = append(d.Actions, action{deed, word(deed)})
	}
	d.Sheets = sheets(k)
	for i := range d.Sheets {
		if d.Viewed == nil && (d.Sheets[i].ID == c.Query("tep") || c.Query("tep") == "") {
			d.Viewed = &d.Sheets[i]
			if i+1 < len(d.Sheets) {
				d.Next = d.Sheets[i+1].ID
			}
		}
	}
	return d, nil
}

// compare asks the registers anew and comes back to what they say.
func (h *Pages) compare(c *fiber.Ctx) error {
	s, o, err := h.officer(c)
	if err != nil {
		return err
	}
	if _, err := h.Form(c); err != nil {
		return err
	}
	id := c.Params("id")
	err = h.Desk.Compare(c.UserContext(), desk.Press{Officer: o, Dossier: id, Key: h.Key(c, fmt.Sprintf("person:%d", s.ID))}, h.seen(c))
	if err != nil {
		return err
	}
	return h.Redirect(c, "/can-bo/ho-so/"+id+"#doi-chieu")
}

// counting is "Cách tính": each day of the due date with why it counts or not.
func (h *Pages) counting(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	k, err := h.Desk.Case(c.UserContext(), o, c.Params("id"), h.seen(c))
	if err != nil {
		return err
	}
	d := countingPage{Case: k}
	for _, step := range k.Counting.Steps {
		d.Days = append(d.Days, countedDay{step.Day.At(0), dossier.Counted(step), step.Counted})
	}
	return h.Show(c, fiber.StatusOK, "staff/counting", web.Page{Title: locales.M("calendar.how"), Frame: web.FrameStaff, Menu: menu(o),
		Crumbs: []web.Crumb{{Path: "/can-bo/ho-so", Name: locales.M("staff.inbox")}, {Path: "/can-bo/ho-so/" + k.ID, Name: k.Code}}, Data: d})
}

// countingPage explains a due date day by day.
type countingPage struct {
	desk.Case
	Days []countedDay
}

type countedDay struct {
	Day     time.Time
	Why     locales.Message
	Counted bool
}

func (h *Pages) paper(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	p, pdf, err := h.Desk.Paper(c.UserContext(), o, c.Params("id"), strings.TrimSuffix(c.Params("paper"), ".pdf"), h.seen(c))
	if err != nil {
		return err
	}
	return h.send(c, p.Kind+".pdf", "application/pdf", int64(len(pdf)), bytes.NewReader(pdf))
}

// form is the application as it was filed, to print for the paper file.
func (h *Pages) form(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	code, pdf, err := h.Desk.Form(c.UserContext(), o, c.Params("id"), h.seen(c))
	if err != nil {
		return err
	}
	return h.send(c, code+"-to-khai.pdf", "application/pdf", int64(len(pdf)), bytes.NewReader(pdf))
}

// send is a file for the viewer beside the answers.
func (h *Pages) send(c *fiber.Ctx, name, media string, size int64, body io.Reader) error {
	return h.Send(c, web.Download{Name: name, Media: media, Size: size, Frame: true}, body)
}

// masked shows the first and last three characters of a number (ux ID-1).
func masked(number string) string {
	if len(number) < 9 {
		return number
	}
	return number[:3] + "••••••" + number[len(number)-3:]
}
