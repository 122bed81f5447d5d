package staff

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
	"motcua/portal/vault"
)

// dated is a paper of a dossier that holds for a time: the officer reads a day off it.
type dated struct {
	Field  string // of the form
	Name   locales.Text
	Stated bool // the last day, else the day of issue
	Value  string
}

// datedPapers are those papers among what was filed, each once.
func (h *Pages) datedPapers(c *fiber.Ctx, d casePage, form url.Values) ([]dated, error) {
	types, err := h.Catalogue.PaperTypes(c.UserContext())
	if err != nil {
		return nil, err
	}
	var all []dated
	for _, q := range d.Revision.Form.All() {
		kind := types[q.PaperType()]
		if q.Kind != eforms.Attachment || !d.has(q.ID) || kind.Event {
			continue
		}
		if one, asked := datedAs(kind, q, d.FiledAt); asked {
			one.Value = form.Get(one.Field)
			all = append(all, one)
		}
	}
	return all, nil
}

func datedAs(kind catalogue.PaperType, q *eforms.Question, day time.Time) (dated, bool) {
	switch {
	case kind.Stated(day):
		return dated{Field: "han-" + q.ID, Name: q.Label, Stated: true}, true
	case kind.Dated(day):
		return dated{Field: "cap-" + q.ID, Name: q.Label}, true
	}
	return dated{}, false
}

// has says whether files of the component were filed, first or for an item of a supplement
// request, that are not of an earlier paper.
func (d casePage) has(component string) bool {
	for _, a := range d.Attachments {
		of := a.Component
		if a.Filing > 1 && d.Request != nil {
			of = vault.Named(d.Request.Items, of)
		}
		if of == component && a.VaultID == "" {
			return true
		}
	}
	return false
}

// readDates are the days of a form, by component. A day is written as people write it.
func readDates(form url.Values) (map[string]vault.Dates, error) {
	read := map[string]vault.Dates{}
	for field := range form {
		kind, component, _ := strings.Cut(field, "-")
		if kind != "cap" && kind != "han" || component == "" {
			continue
		}
		day, err := dayOf(form.Get(field))
		if err != nil {
			return nil, err
		}
		one := read[component]
		if kind == "cap" {
			one.IssuedOn = day
		} else {
			one.ValidTo = day
		}
		if !day.IsZero() {
			read[component] = one
		}
	}
	return read, nil
}

// dayOf reads 31/12/2026; an empty field is no day.
func dayOf(typed string) (time.Time, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return time.Time{}, nil
	}
	day, err := time.ParseInLocation("2/1/2006", typed, locales.ICT)
	if err != nil || day.Year() < 1900 || day.Year() > 2200 {
		return time.Time{}, problem.New(problem.Invalid, "staff.bad_day", locales.S("day", typed))
	}
	return day, nil
}

// momentOf reads 17:00 31/12/2026, the day first or last, also as pages write it, with a
// comma; an empty field is no moment.
func momentOf(typed string) (time.Time, error) {
	words := strings.Join(strings.Fields(strings.ReplaceAll(typed, ",", " ")), " ")
	if words == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"15:04 2/1/2006", "2/1/2006 15:04"} {
		at, err := time.ParseInLocation(layout, words, locales.ICT)
		if err == nil && at.Year() >= 1900 && at.Year() <= 2200 {
			return at, nil
		}
	}
	return time.Time{}, problem.New(problem.Invalid, "connection.bad_time", locales.S("time", typed))
}
