package draft

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/eforms"
	"motcua/portal/problem"
)

// Stamp says when a field was saved last, from which browser and page, and by which save of
// that page.
type Stamp struct {
	At  time.Time `json:"at"`
	By  string    `json:"by,omitempty"`
	Tab string    `json:"tab,omitempty"`
	Seq int       `json:"seq,omitempty"`
}

// Overtaken is a text that came after another page had changed its field. It waits beside
// the answers until the person has chosen.
type Overtaken struct {
	ID    string    `json:"id"`
	Field string    `json:"field"`
	Value any       `json:"value"`
	At    time.Time `json:"at"`
	By    string    `json:"by,omitempty"`
	Tab   string    `json:"tab,omitempty"`
}

// maxOvertaken bounds what waits to be chosen from.
const maxOvertaken = 40

// Sent is a page of a draft as it came.
type Sent struct {
	No    int
	Body  url.Values
	Shown Shown  // what the page showed when it was drawn
	By    string // the browser, to tell a person's devices apart
	Seq   int    // which of the page's saves this is: an older one may arrive after a newer
	Auto  bool   // saved by the script while the person goes on typing
}

// merge lays what was typed over the answers of now. A field that was changed elsewhere
// since the page was drawn is taken over only if this page did not touch it; if it did, the
// stored text stays and the typed one is put beside it. It gives the fields overtaken.
func (d *Draft) merge(typed eforms.Answers, no int, in Sent, now time.Time) ([]string, error) {
	var overtaken []string
	next := maps.Clone(d.Answers)
	for _, q := range d.Revision.Form.Pages[no-1].Questions {
		id := q.ID
		switch in.weigh(id, d.Stamps[id], digest(d.Answers[id]), digest(typed[id])) {
		case take:
			if v, there := typed[id]; there {
				next[id] = v
			}
			if digest(typed[id]) != digest(d.Answers[id]) {
				d.Stamps[id] = Stamp{now, in.By, in.Shown.Page, in.Seq}
			}
			d.settle(id, in.Shown.Page)
		case overtake:
			overtaken = append(overtaken, id)
			d.settle(id, in.Shown.Page) // what this tab had typed before
			d.Overtaken = append(d.Overtaken, Overtaken{ID: short([]byte(in.Shown.Page + id + digest(typed[id]))), Field: id, Value: typed[id], At: now, By: in.By, Tab: in.Shown.Page})
		}
	}
	if len(d.Overtaken) > maxOvertaken {
		return nil, problem.New(problem.Conflict, "draft.choose_first")
	}
	d.Answers = next
	return overtaken, nil
}

// settle forgets what a tab had typed into a field before: it has been typed over.
func (d *Draft) settle(field, tab string) {
	if tab != "" {
		d.Overtaken = slices.DeleteFunc(d.Overtaken, func(o Overtaken) bool { return o.Field == field && o.Tab == tab })
	}
}

// pages are the pages that the body is read as: the one it was, or when the form has become
// a newer one since, all that ask what the page asked.
func (in Sent) pages(d Draft) []int {
	if in.Shown.Revision == "" || in.Shown.Revision == strconv.FormatInt(d.Revision.ID, 10) {
		return []int{in.No}
	}
	var all []int
	for _, page := range d.Revision.Form.Pages {
		if slices.ContainsFunc(page.Questions, func(q *eforms.Question) bool { return in.Shown.asked(q.ID) }) {
			all = append(all, page.No)
		}
	}
	return all
}

func (s Shown) asked(field string) bool {
	_, there := s.Fields[field]
	return there
}

type verdict int

const (
	keep verdict = iota
	take
	overtake
)

// weigh decides on one field: stored and typed are traces of its answers, last is who
// saved the stored one.
func (in Sent) weigh(field string, last Stamp, stored, typed string) verdict {
	if in.Shown.Fields == nil {
		return take
	}
	sent := sentOf(field, in.Body)
	was, drawn := in.Shown.Fields[field]
	own := in.Shown.Page != "" && last.Tab == in.Shown.Page
	switch {
	case !drawn && sent == "", own && in.Seq < last.Seq:
		return keep
	case stored == was.answer, stored == typed, own: // own: the page never heard that its save had come through
		return take
	case sent == was.sent && !in.pressed(field):
		return keep
	}
	return overtake
}

// pressed says whether a button of that field was: its rows are not as they were sent.
func (in Sent) pressed(field string) bool {
	for _, button := range []string{"them", "bo"} {
		if id, _, _ := strings.Cut(in.Body.Get(button), "."); id == field {
			return true
		}
	}
	return false
}

// left is what the page shows after the save, for a script that leaves it as it is: what
// was taken is the answer now, the rest still stands against what it showed before.
func (s Saved) left(in Sent) Shown {
	after := in.Shown
	after.Fields = maps.Clone(after.Fields)
	for id := range after.Fields {
		if stored := digest(s.Draft.Answers[id]); stored == digest(s.typed[id]) {
			after.Fields[id] = trace{stored, sentOf(id, in.Body)}
		}
	}
	return after
}
