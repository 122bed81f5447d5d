package citizen

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/privacy"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

const looksAddress = "/tai-khoan/du-lieu"

// lookRoutes are the pages on which a person reads who has looked at their data (ux C23).
func (h *Filing) lookRoutes(app fiber.Router) {
	app.Get(looksAddress, h.looks)
	app.Get(looksAddress+"/so-xem.csv", h.looksCSV)
	app.Get(looksAddress+"/so-xem.json", h.looksJSON)
	app.Get(looksAddress+"/hoi", h.askForm)
	app.Post(looksAddress+"/hoi", h.ask)
	app.Post(looksAddress+"/rut-dong-y", h.withdrawConsent)
}

const (
	looksPerPage = 50
	looksAtOnce  = 10_000 // in an export; years of a person's life with the portal
)

// lookLine is a look in words.
type lookLine struct {
	privacy.Look
	By      web.Words // in whose name
	What    web.Words
	For     web.Words
	Outcome web.Words
	Ask     string // address of the question about it
}

// looksPage is who has seen my data.
type looksPage struct {
	Lines  []lookLine
	Months []lookMonth
	Month  string
	After  string // address of what is older
	Query  string // of the exports

	Consents []consentLine
	Gone     bool // one was taken back just now
}

// consentLine is a consent with the register's name.
type consentLine struct {
	draft.Consent
	Name locales.Text
}

type lookMonth struct {
	Value string
	Name  web.Words
	Now   bool
}

// wordsOfLooks are the looks that have a name of their own.
var wordsOfLooks = []string{"appointment", "dossier", "attachment", "paper", "form", "report", "report_file", "assist"}

func lineOf(l privacy.Look) lookLine {
	line := lookLine{Look: l, By: locales.M("look.by.portal"), For: locales.M("look.for.other"), What: locales.M("look.what.other"), Outcome: locales.M("look.outcome.seen"),
		Ask: fmt.Sprintf("%s/hoi?dong=%d-%d", looksAddress, l.At.UnixMicro(), l.ID)}
	if !l.Agency.Empty() {
		line.By = l.Agency
	} else if l.ByOwner {
		line.By = locales.M("look.by.owner")
	}
	if what := strings.TrimSuffix(l.Deed, ".see"); slices.Contains(wordsOfLooks, what) {
		line.What = locales.M("look.what." + what)
	}
	if l.Source != "" {
		line.What = locales.M("look.what.registry", locales.T("source", sourceName(l.Source)))
		line.Outcome = outcomeOf(l.Outcome)
	}
	switch {
	case !l.Procedure.Empty():
		line.For = l.Procedure
	case l.Own, strings.HasPrefix(l.Deed, "report"):
		line.For = locales.M("look.for.question")
	}
	return line
}

// outcomeOf is what came of a question to a register, in words.
func outcomeOf(outcome string) web.Words {
	switch outcome {
	case "found", "not_found", "refused", "unavailable", "outage":
		return locales.M("look.outcome." + outcome)
	}
	return locales.M("look.outcome.other")
}

// month is the part of the list that the address asks for.
func month(text string) (privacy.Window, string) {
	first, err := time.ParseInLocation("2006-01", text, locales.ICT)
	if err != nil || first.Year() < 2000 || first.Year() > 2999 {
		return privacy.Window{}, ""
	}
	return privacy.Window{From: first, To: first.AddDate(0, 1, 0)}, text
}

// cursor reads where a list goes on, and which look a question is about.
func cursor(text string) (privacy.Cursor, bool) {
	at, id, found := strings.Cut(text, "-")
	micros, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !found || micros < 0 || micros > 1<<54 {
		return privacy.Cursor{}, false
	}
	no, err := strconv.ParseInt(id, 10, 63)
	return privacy.Cursor{At: time.UnixMicro(micros), ID: no}, err == nil && no > 0
}

func (h *Filing) looks(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	w, chosen := month(c.Query("thang"))
	w.After, _ = cursor(c.Query("sau"))
	w.Most = looksPerPage + 1
	found, err := h.Privacy.Looks(c.UserContext(), s.Person, w)
	if err != nil {
		return err
	}
	d := looksPage{Month: chosen, Gone: c.Query("da-rut") != ""}
	given, err := h.Drafts.Consents(c.UserContext(), s.Person)
	if err != nil {
		return err
	}
	for _, one := range given {
		d.Consents = append(d.Consents, consentLine{one, sourceName(one.Source)})
	}
	if chosen != "" {
		d.Query = "?thang=" + chosen
	}
	if len(found) > looksPerPage {
		found = found[:looksPerPage]
		last := found[len(found)-1]
		d.After = fmt.Sprintf("%s?sau=%d-%d&thang=%s", looksAddress, last.At.UnixMicro(), last.ID, chosen)
	}
	for _, l := range found {
		d.Lines = append(d.Lines, lineOf(l))
	}
	if d.Months, err = h.lookMonths(c, s, chosen); err != nil {
		return err
	}
	return h.Show(c, fiber.StatusOK, "citizen/looks", web.Page{Title: locales.M("look.title"), Crumbs: mineCrumbs(), Data: d})
}

// lookMonths are the months from the first look on, newest first; five years at most.
func (h *Filing) lookMonths(c *fiber.Ctx, s signin.Session, chosen string) ([]lookMonth, error) {
	since, err := h.Privacy.Since(c.UserContext(), s.Person)
	if err != nil {
		return nil, err
	}
	now := h.Privacy.Now().In(locales.ICT)
	var all []lookMonth
	for m := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, locales.ICT); len(all) < 60 && m.AddDate(0, 1, 0).After(since); m = m.AddDate(0, -1, 0) {
		value := m.Format("2006-01")
		all = append(all, lookMonth{value, locales.M("look.month", locales.S("month", m.Format("1/2006"))), value == chosen})
	}
	return all, nil
}

// exported is a look in an export: the same words as on the page.
type exported struct {
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	What      string    `json:"what"`
	For       string    `json:"for"`
	Dossier   string    `json:"dossier,omitempty"`
	Outcome   string    `json:"outcome"`
	ByOfficer bool      `json:"by_officer"`
}

func (h *Filing) export(c *fiber.Ctx) ([]exported, error) {
	s, err := h.Need(c)
	if err != nil {
		return nil, err
	}
	w, _ := month(c.Query("thang"))
	w.Most = looksAtOnce
	found, err := h.Privacy.Looks(c.UserContext(), s.Person, w)
	if err != nil {
		return nil, err
	}
	lang := h.Lang(c)
	all := make([]exported, len(found))
	for i, l := range found {
		line := lineOf(l)
		all[i] = exported{l.At.In(locales.ICT), spelt(lang, line.By), spelt(lang, line.What), spelt(lang, line.For), l.Code, spelt(lang, line.Outcome), l.ByOfficer}
	}
	return all, nil
}

// spelt is words as plain text.
func spelt(lang locales.Lang, w web.Words) string {
	switch w := w.(type) {
	case locales.Message:
		text, _ := locales.Say(lang, w)
		return text
	case locales.Text:
		text, _ := w.In(lang)
		return text
	}
	return ""
}

func (h *Filing) looksJSON(c *fiber.Ctx) error {
	all, err := h.export(c)
	if err != nil {
		return err
	}
	c.Attachment("so-xem-du-lieu.json")
	return c.JSON(all)
}

func (h *Filing) looksCSV(c *fiber.Ctx) error {
	all, err := h.export(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\uFEFF") // spreadsheets take the file for UTF-8 by it
	w := csv.NewWriter(&b)
	lang := h.Lang(c)
	var head []string
	for _, key := range []string{"look.at", "look.by", "look.what", "look.for", "look.dossier", "look.outcome"} {
		head = append(head, spelt(lang, locales.M(key)))
	}
	lines := [][]string{head}
	for _, l := range all {
		lines = append(lines, []string{l.At.Format("2006-01-02 15:04:05"), l.By, l.What, l.For, l.Dossier, l.Outcome})
	}
	if err := w.WriteAll(lines); err != nil {
		return err
	}
	c.Attachment("so-xem-du-lieu.csv")
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	return c.Send(b.Bytes())
}

// askPage asks what a person would like to know about a look.
type askPage struct {
	lookLine
	At   string // which look, as it stands in the address
	Says string
}

func (h *Filing) askForm(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	return h.showAsk(c, s, fiber.StatusOK, c.Query("dong"), "", nil)
}

func (h *Filing) showAsk(c *fiber.Ctx, s signin.Session, status int, at, says string, fault *problem.Error) error {
	look, err := h.lookAt(c, s, at)
	if err != nil {
		return err
	}
	p := web.Page{Title: locales.M("look.ask.title"), Frame: web.FrameForm, Service: locales.M("look.title"), Back: looksAddress, Data: askPage{lineOf(look), at, says}}
	if fault != nil {
		p.Errors = []web.ErrorLink{{Field: "dung", Message: fault.Message}}
	}
	return h.Show(c, status, "citizen/look-ask", p)
}

func (h *Filing) lookAt(c *fiber.Ctx, s signin.Session, at string) (privacy.Look, error) {
	where, ok := cursor(at)
	if !ok {
		return privacy.Look{}, fiber.ErrNotFound
	}
	return h.Privacy.LookAt(c.UserContext(), s.Person, where)
}

// ask sends a question about a look to the agency in whose name it was.
func (h *Filing) ask(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	look, err := h.lookAt(c, s, form.Get("dong"))
	if err != nil {
		return err
	}
	id, err := h.Privacy.Ask(c.UserContext(), s.Person, look, form.Get("dung"), h.key(c, s))
	if fault, invalid := asInvalid(err); invalid {
		return h.showAsk(c, s, fiber.StatusUnprocessableEntity, form.Get("dong"), form.Get("dung"), fault)
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, "/tai-khoan/bao-sai/"+id+"?moi=1")
}
