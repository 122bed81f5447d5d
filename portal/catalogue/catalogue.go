// Package catalogue holds the procedures of the province: what is published about each,
// in immutable revisions, and how people find theirs.
package catalogue

import (
	"encoding/json"
	"fmt"
	"time"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/calendar"
	"motcua/portal/workflow"
)

// Revision is a procedure as it was published at one time. It is never changed: a dossier
// keeps the one it was filed under.
type Revision struct {
	ID           int64
	Code         string
	No           int
	SHA256       []byte // of the canonical document
	InForceFrom  time.Time
	Sheet        Sheet
	Field        Field        // as it is called today
	Form         *eforms.Form // nil: nothing can be filed here, information only
	Fees         []payments.Rule
	Workflow     *workflow.Workflow
	Deadline     calendar.Rule
	AnswerWithin calendar.Rule // how soon an online filing is answered (NĐ 45/2020 Điều 11: 8 working hours)
	Papers       Papers
	Notices      map[string]locales.Text     // what the procedure adds to a notice, by its kind
	Recordings   map[string]eforms.Recording // runs of the form that every publishing replays, by name
}

// Field is a field of state management (lĩnh vực) with the agency that answers for it.
type Field struct {
	Code   string       `json:"code"`
	Name   locales.Text `json:"name"`
	Agency string       `json:"agency"`               // code
	Source string       `json:"source,omitempty"`     // the decision that made it
	From   string       `json:"valid_from,omitempty"` // first day, empty: of old
	To     string       `json:"valid_to,omitempty"`   // last day; procedures that are under it stay
}

// Papers is what the procedure puts on the papers that are made for it.
type Papers struct {
	Result Layout `json:"result"`
}

// Layout is the result paper in the frame of NĐ 30/2020.
type Layout struct {
	Symbol       string         `json:"symbol"`        // of the number: TL-UBND
	DenialSymbol string         `json:"denial_symbol"` // of the number of a refusal
	Title        locales.Text   `json:"title"`
	Abstract     locales.Text   `json:"abstract,omitzero"`
	Opening      []locales.Text `json:"opening,omitempty"`
	Fields       []string       `json:"fields,omitempty"`    // questions of the form whose answers it shows
	Authority    []string       `json:"authority,omitempty"` // TM. ỦY BAN NHÂN DÂN, KT. CHỦ TỊCH …: one a line; empty: by the agency
}

// document is a revision as it is stored: the words of whoever published it, not what this
// program made of them.
type document struct {
	Sheet        json.RawMessage `json:"sheet"`
	Form         json.RawMessage `json:"form,omitempty"`
	Fees         json.RawMessage `json:"fees,omitempty"`
	Workflow     json.RawMessage `json:"workflow,omitempty"`
	Deadline     calendar.Rule   `json:"deadline"`
	AnswerWithin calendar.Rule   `json:"answer_within"`
	Papers       json.RawMessage `json:"papers,omitempty"`
	Notices      json.RawMessage `json:"notices,omitempty"`

	Recordings map[string]json.RawMessage `json:"tests,omitempty"`
}

// open makes a revision of a stored document.
func (d document) open() (*Revision, error) {
	r := &Revision{Deadline: d.Deadline, AnswerWithin: d.AnswerWithin}
	for _, part := range []struct {
		name string
		from json.RawMessage
		into any
	}{{"sheet", d.Sheet, &r.Sheet}, {"fees", d.Fees, &r.Fees}, {"workflow", d.Workflow, &r.Workflow},
		{"papers", d.Papers, &r.Papers}, {"notices", d.Notices, &r.Notices}} {
		if len(part.from) == 0 {
			continue
		}
		if err := json.Unmarshal(part.from, part.into); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	r.Code = r.Sheet.Code
	for id, raw := range d.Recordings {
		var rec eforms.Recording
		if err := json.Unmarshal(raw, &rec); err != nil {
			return nil, fmt.Errorf("recording %s: %w", id, err)
		}
		if r.Recordings == nil {
			r.Recordings = make(map[string]eforms.Recording, len(d.Recordings))
		}
		r.Recordings[id] = rec
	}
	if len(d.Form) == 0 {
		return r, nil
	}
	form, err := loadForm(d.Form)
	if err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	r.Form = form
	return r, nil
}
