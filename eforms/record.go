package eforms

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"motcua/locales"
)

// Recording is a form filled once, with what came of it. Replayed, it shows whether the
// form as it is now still asks, computes and says the same.
type Recording struct {
	Name     locales.Text        `json:"name"`
	Today    string              `json:"today"`           // the day it was filled: 2026-11-23
	Facts    map[string]any      `json:"facts,omitempty"` // what registers said, by name
	Lists    map[string][]Option `json:"lists,omitempty"` // of the portal's lists, what the answers use
	Answers  Answers             `json:"answers"`
	Attached map[string]int      `json:"attached,omitempty"` // files by component
	Expect   Expect              `json:"expect"`
}

// Expect is what came of a recording.
type Expect struct {
	Case       string           `json:"case,omitempty"`
	Pages      []string         `json:"pages"`                // as they were visited
	Summary    []string         `json:"summary"`              // of the check page: "Section / Label: value"
	Components []string         `json:"components,omitempty"` // a star behind those required
	Quantities map[string]int64 `json:"quantities,omitempty"`
	Fee        *int64           `json:"fee,omitempty"` // by whoever knows the rules; Replay leaves it alone
	End        string           `json:"end,omitempty"` // the end page that was come to
}

// Difference is one thing that is not as it was recorded.
type Difference struct {
	Place   string // JSON pointer into the recording
	Message locales.Message
}

func (d Difference) String() string {
	words, _ := locales.Say(locales.EN, d.Message)
	return d.Place + ": " + words
}

// Replay fills the form page by page as a person without scripts would, with the recorded
// answers, and returns what came of it and where that differs from what was recorded. The
// portal's lists are those given, those of the recording, and a stand-in option for each
// value that neither has: a commune that was renamed is not the form's affair.
func (f *Form) Replay(rec Recording, lists map[string][]Option) (Expect, []Difference, error) {
	day, err := time.ParseInLocation(time.DateOnly, rec.Today, locales.ICT)
	if err != nil {
		return Expect{}, nil, fmt.Errorf("recording's day: %w", err)
	}
	w := &replay{written: inFinalForm(map[string]any(rec.Answers)).(map[string]any)}
	w.run = &Run{
		Form: f, Facts: rec.facts(day), Today: day.Add(9 * time.Hour), Attached: map[string]int{},
		Lists: f.listsOf(rec, w.written, lists),
	}
	maps.Copy(w.run.Attached, rec.Attached)
	w.pages()
	w.unasked(rec.Attached)
	w.look()
	w.compare(rec.Expect)
	return w.seen, w.differences, nil
}

// facts are in the order of their names, so that a replay is the same each time.
func (rec Recording) facts(day time.Time) []Fact {
	var out []Fact
	for _, name := range slices.Sorted(maps.Keys(rec.Facts)) {
		out = append(out, Fact{Name: name, Value: rec.Facts[name], At: day})
	}
	return out
}

// replay is a person going through the form.
type replay struct {
	run         *Run
	written     map[string]any // what the person answers, by question
	seen        Expect
	differences []Difference
	told        map[string]bool // faults that were met
}

func (w *replay) differ(place string, m locales.Message) {
	w.differences = append(w.differences, Difference{place, m})
}

// pages goes from the first page to the check page, or to where the form stops.
func (w *replay) pages() {
	no, more := w.run.Next(0)
	for more {
		w.seen.Pages = append(w.seen.Pages, w.run.Form.Pages[no-1].ID)
		w.page(no)
		if end := w.run.End(); end != nil {
			w.seen.End = end.ID
			return
		}
		no, more = w.run.Next(no)
	}
	w.faults(w.run.Faults())
}

// page answers a page, again as long as the answers open another question on it.
func (w *replay) page(no int) {
	page := w.run.Form.Pages[no-1]
	for range len(page.Questions) + 2 {
		answers, faults, again := w.run.Read(no, w.fill(no).Body())
		w.run = w.run.With(answers)
		if !again {
			w.faults(faults)
			return
		}
	}
	w.differ("/answers", locales.M("eforms.replay.again", locales.T("page", page.Title)))
}

// fill is the page with the recorded answers put into what it asks now.
func (w *replay) fill(no int) PageModel {
	answers := Answers{}
	maps.Copy(answers, w.run.Answers)
	asked := map[string]bool{}
	for _, f := range w.run.Model(no, nil).Fields {
		asked[f.Name] = true
		if answer, ok := w.written[f.Name]; ok {
			answers[f.Name] = answer
		}
	}
	m := w.run.With(answers).Model(no, nil)
	m.Fields = slices.DeleteFunc(m.Fields, func(f Field) bool { return !asked[f.Name] })
	return m
}

// faults are told once, be they met on the page or on the check page.
func (w *replay) faults(all Faults) {
	for _, fault := range all {
		if w.told[fault.Field] {
			continue
		}
		if w.told == nil {
			w.told = map[string]bool{}
		}
		w.told[fault.Field] = true
		w.differ("/answers/"+fault.Field, locales.M("eforms.replay.fault", locales.T("page", w.run.Form.Pages[fault.Page-1].Title), locales.Sub("fault", fault.Message)))
	}
}

// look notes what the check page says. Where the form stops there is none, only what was
// asked until then.
func (w *replay) look() {
	w.seen.Case, w.seen.Summary = w.run.caseID(), w.run.summary(w.seen.Pages)
	if w.seen.End != "" {
		return
	}
	for _, c := range w.run.Components() {
		w.seen.Components = append(w.seen.Components, c.starred())
	}
	w.seen.Quantities = w.run.Quantities()
}

// unasked tells of what was recorded and went nowhere.
func (w *replay) unasked(attached map[string]int) {
	s := w.run.state()
	met := map[string]*cell{}
	s.each(func(a asked, c *cell) {
		if slices.Contains(w.seen.Pages, a.q.page.ID) {
			met[a.q.ID] = c
		}
	})
	for _, id := range slices.Sorted(maps.Keys(w.written)) {
		place := "/answers/" + id
		switch c := met[id]; {
		case blank(w.written[id]):
		case c == nil || c.locked:
			w.differ(place, locales.M("eforms.replay.unasked", locales.S("id", id)))
		case !kept(w.written[id], w.run.Answers[id]):
			w.differ(place, locales.M("eforms.replay.changed", locales.S("id", id)))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(attached)) {
		if met[id] == nil || w.run.Form.byID[id].Kind != Attachment {
			w.differ("/attached/"+id, locales.M("eforms.replay.unasked", locales.S("id", id)))
		}
	}
}
