package staff

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/web"
)

// trial is a form being tried as a sample person. It lies in the page, not in a table: what
// an editor tries is nobody's dossier. Its names begin with a line below, which no question
// can have.
type trial struct {
	Person  string         `json:"nguoi"`
	Day     string         `json:"ngay"`
	Answers eforms.Answers `json:"tra_loi"`
	Papers  map[string]int `json:"giay"`
}

// trialStart is where a trial begins: as whom, and on which day.
type trialStart struct {
	work
	People []catalogue.SamplePerson
	Person string
	Day    string
	Ready  bool // the form can be loaded
}

// trialPage is a page of the form as a citizen sees it.
type trialPage struct {
	work
	Model  eforms.PageModel
	Papers []paperTried
	State  string
	First  bool
	Person locales.Text
	Day    time.Time
}

// paperTried is a paper that is asked for: in a trial it is only said to be attached.
type paperTried struct {
	eforms.Field
	There bool
}

func (h *Pages) trialBegin(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showTrialStart(c, by, fiber.StatusOK, trialStart{}, nil)
}

func (h *Pages) showTrialStart(c *fiber.Ctx, by catalogue.Editing, status int, p trialStart, faults []web.ErrorLink) error {
	var err error
	if p.work, err = h.work(c, by, "chay-thu"); err != nil {
		return err
	}
	candidate, err := h.Catalogue.Candidate(c.UserContext(), by.Officer, p.Edit.ID)
	if err != nil {
		return err
	}
	p.People, p.Ready = catalogue.SamplePeople(), candidate.Revision != nil
	if p.Day == "" {
		p.Day = h.Catalogue.Now().In(locales.ICT).Format("2/1/2006")
	}
	if p.Person == "" {
		p.Person = p.People[0].ID
	}
	return h.showTried(c, status, "builder-trial", p.work, locales.M("builder.tab.chay-thu"), faults, p)
}

// showTried draws a page of a trial, with the faults that the form itself found.
func (h *Pages) showTried(c *fiber.Ctx, status int, page string, w work, title web.Words, faults []web.ErrorLink, data any) error {
	return h.Show(c, status, "staff/"+page, web.Page{
		Title: title, Frame: web.FrameStaff, Menu: menu(w.Editor), Data: data, Errors: faults,
		Crumbs: []web.Crumb{{Path: builderAt, Name: locales.M("builder.title")}, {Path: w.At(""), Name: w.Name}},
	})
}

// tried is a trial that goes on: its state, and the form with it.
type tried struct {
	work
	by        catalogue.Editing
	candidate *catalogue.Candidate
	state     trial
	person    catalogue.SamplePerson
	run       *eforms.Run
	name      string // that the run is to be kept under
}

// trial takes a page of the form that was sent and shows the next one.
func (h *Pages) trial(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	t := &tried{by: by, state: trial{Person: body.Get("_nguoi"), Day: body.Get("_ngay")}}
	if sent := body.Get("_chay"); sent != "" && json.Unmarshal([]byte(sent), &t.state) != nil {
		return fiber.ErrBadRequest
	}
	day, err := time.ParseInLocation("2/1/2006", strings.TrimSpace(t.state.Day), locales.ICT)
	if err != nil || day.Year() < 1000 || day.Year() > 9999 {
		fault := []web.ErrorLink{{Field: "_ngay", Message: locales.M("builder.trial.fault.day")}}
		return h.showTrialStart(c, by, fiber.StatusUnprocessableEntity, trialStart{Person: t.state.Person, Day: t.state.Day}, fault)
	}
	if err := h.openTrial(c, t, day.Add(9*time.Hour)); err != nil {
		return err
	}
	no, _ := strconv.Atoi(body.Get("_trang"))
	switch body.Get("_di") {
	case "bat-dau":
		return h.showTrialNext(c, t, 0)
	case "lui":
		return h.showTrialBefore(c, t, no)
	case "ghi":
		t.name = strings.Join(strings.Fields(body.Get("_ten")), " ")
		return h.keepTrial(c, t)
	}
	return h.readTrial(c, t, no, body)
}

// openTrial is the form that would be published, as the sample person fills it.
func (h *Pages) openTrial(c *fiber.Ctx, t *tried, at time.Time) error {
	var err error
	if t.work, err = h.work(c, t.by, "chay-thu"); err != nil {
		return err
	}
	if t.candidate, err = h.Catalogue.Candidate(c.UserContext(), t.by.Officer, t.Edit.ID); err != nil {
		return err
	}
	if t.candidate.Revision == nil {
		return problem.New(problem.Conflict, "catalogue.run.no_form")
	}
	people := catalogue.SamplePeople()
	i := slices.IndexFunc(people, func(p catalogue.SamplePerson) bool { return p.ID == t.state.Person })
	t.person = people[max(i, 0)]
	lists, err := h.Drafts.Lists(c.UserContext(), t.candidate.Revision)
	if err != nil {
		return err
	}
	if t.state.Papers == nil {
		t.state.Papers = map[string]int{}
	}
	t.run = &eforms.Run{
		Form: t.candidate.Revision.Form, Answers: t.state.Answers, Facts: t.person.Facts(lists, at), Lists: lists, Today: at, Attached: t.state.Papers,
	}
	return nil
}

// readTrial takes page no and goes on, or stays where something is wrong or new.
func (h *Pages) readTrial(c *fiber.Ctx, t *tried, no int, body url.Values) error {
	if !t.run.Shows(no) {
		return h.showTrialNext(c, t, 0)
	}
	there := body["_giay"]
	for _, f := range t.run.Model(no, nil).Fields {
		if f.Kind == eforms.Attachment {
			delete(t.state.Papers, f.Name)
			if slices.Contains(there, f.Name) {
				t.state.Papers[f.Name] = 1
			}
		}
	}
	maps.DeleteFunc(body, func(name string, _ []string) bool { return strings.HasPrefix(name, "_") })
	answers, faults, again := t.run.Read(no, body)
	t.run = t.run.With(answers)
	t.state.Answers = answers
	if again || len(faults) > 0 {
		return h.showTrial(c, t, no, faults)
	}
	if t.run.End() != nil {
		return h.showTrialEnd(c, t, fiber.StatusOK, nil)
	}
	return h.showTrialNext(c, t, no)
}

func (h *Pages) showTrialNext(c *fiber.Ctx, t *tried, no int) error {
	if no, more := t.run.Next(no); more {
		return h.showTrial(c, t, no, nil)
	}
	return h.showTrialEnd(c, t, fiber.StatusOK, nil)
}

func (h *Pages) showTrialBefore(c *fiber.Ctx, t *tried, no int) error {
	if no == 0 { // from the end
		no = len(t.run.Form.Pages) + 1
		if e := t.run.End(); e != nil {
			no = e.Page().No + 1
		}
	}
	if before, ok := t.run.Prev(no); ok {
		return h.showTrial(c, t, before, nil)
	}
	return h.showTrialStart(c, t.by, fiber.StatusOK, trialStart{Person: t.state.Person, Day: t.state.Day}, nil)
}

func (h *Pages) showTrial(c *fiber.Ctx, t *tried, no int, faults eforms.Faults) error {
	p := trialPage{work: t.work, Model: t.run.Model(no, faults), Person: t.person.Name, Day: t.run.Today}
	var asked []eforms.Field
	for _, f := range p.Model.Fields {
		if f.Kind == eforms.Attachment {
			_, sent := t.state.Answers[f.Name]
			p.Papers = append(p.Papers, paperTried{f, f.Files > 0 || !sent && !f.Optional})
			continue
		}
		asked = append(asked, f)
	}
	p.Model.Fields = asked
	_, before := t.run.Prev(no)
	p.First = !before
	var err error
	if p.State, err = t.written(); err != nil {
		return err
	}
	status := fiber.StatusOK
	var links []web.ErrorLink
	for _, f := range p.Model.Faults {
		status = fiber.StatusUnprocessableEntity
		links = append(links, web.ErrorLink{Field: f.Field, Message: f.Message})
	}
	return h.showTried(c, status, "builder-trial-page", t.work, p.Model.Title, links, p)
}

// written is the state as the next page carries it.
func (t *tried) written() (string, error) {
	b, err := json.Marshal(t.state)
	return string(b), err
}
