package eforms

import (
	"encoding/json"
	"fmt"

	"motcua/locales"
)

// End is where a form stops for people whom the procedure is not for. It is reached when
// the page After has been filled and When holds; the answers stay, nothing can be filed.
type End struct {
	ID    string          `json:"id"`
	After string          `json:"after"` // id of a page
	When  json.RawMessage `json:"when"`
	Title locales.Text    `json:"title"`
	Text  locales.Text    `json:"text"`
	Links []Link          `json:"links"`

	page *Page
	when *expr
}

// Link is where else a person may go.
type Link struct {
	Label locales.Text `json:"label"`
	Href  string       `json:"href"`
}

// Page is the page whose answers lead to the end.
func (e *End) Page() *Page { return e.page }

// linkEnds finds the pages of the ends and compiles their conditions.
func (l *loader) linkEnds() {
	seen := map[string]bool{}
	for i, e := range l.form.Ends {
		if e == nil {
			continue
		}
		place := fmt.Sprintf("/ends/%d", i)
		l.places[e] = place
		if seen[e.ID] {
			l.report(place+"/id", "eforms.load.twice", locales.S("id", e.ID))
		}
		seen[e.ID] = true
		for _, p := range l.form.Pages {
			if p.ID == e.After {
				e.page = p
			}
		}
		if e.page == nil {
			l.report(place+"/after", "eforms.load.reference", locales.S("id", e.After))
		}
		e.when = l.expr(e.When, place+"/when", nil)
		if e.when == nil || e.page == nil {
			continue
		}
		for _, q := range e.when.looksAt() {
			if q.page.No > e.page.No {
				l.report(place+"/when", "eforms.load.end_early", locales.S("id", q.ID))
			}
		}
	}
}

// End is the first end that the answers lead to, in the order of pages, or nil.
func (r *Run) End() *End {
	s := r.state()
	var first *End
	for _, e := range r.Form.Ends {
		if !s.pages[e.page.No-1] || first != nil && first.page.No <= e.page.No {
			continue
		}
		if s.visited(e.page) && s.holds(e.when, nil) {
			first = e
		}
	}
	return first
}
