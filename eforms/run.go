package eforms

import (
	"net/url"
	"time"
)

// Run is a form being filled: its answers so far, what registers said, and the day. Its
// fields are set once; after new answers make the next one with With.
type Run struct {
	Form     *Form
	Answers  Answers
	Facts    []Fact
	Lists    map[string][]Option // given by the portal: agencies, provinces, communes
	Today    time.Time
	Attached map[string]int // files by component; nil leaves papers unchecked
}

// With is the same run with other answers.
func (r *Run) With(a Answers) *Run {
	return &Run{Form: r.Form, Answers: a, Facts: r.Facts, Lists: r.Lists, Today: r.Today, Attached: r.Attached}
}

// Pages returns the pages that are shown, in order.
func (r *Run) Pages() []*Page { return nil }

// Next is the number of the page after page no; false means that check is next.
func (r *Run) Next(no int) (int, bool) { return 0, false }

// Prev is the number of the page before page no.
func (r *Run) Prev(no int) (int, bool) { return 0, false }

// Model is page no as a template draws it, with the faults that are to be shown.
func (r *Run) Model(no int, faults Faults) PageModel { return PageModel{} }

// Read takes page no as it was sent: the answers with the page merged over the old ones,
// and what is wrong on it. Again means that the same page is to be shown once more without
// faults: a row was added or removed, a list depends on what was just chosen, or the
// answers opened a question that was not on the page.
func (r *Run) Read(no int, body url.Values) (answers Answers, faults Faults, again bool) {
	return r.Answers, nil, false
}

// Faults are those of the whole form.
func (r *Run) Faults() Faults { return nil }

// Outline is every visible answer, by page.
func (r *Run) Outline() []Section { return nil }

// Visible is what is filed: the answers to what is asked, with facts, defaults and
// computed values, without what is hidden.
func (r *Run) Visible() Answers { return nil }

// Quantities are the whole numbers that fee rules may count.
func (r *Run) Quantities() map[string]int64 { return nil }

// Components are the papers that are asked for now.
func (r *Run) Components() []Component { return nil }

// Case is the case that applies now, or nil when the form has none.
func (r *Run) Case() *Case { return nil }
