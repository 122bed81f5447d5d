// Package convert makes a start of a form out of a definition that another forms program
// wrote: what it understands of Form.io and GOV.UK Forms, and a report of what it does not.
package convert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"motcua/eforms"
	"motcua/locales"
)

// Limits of what is read. A definition beyond them is nobody's form.
const (
	maxBytes      = 2 << 20
	maxComponents = 2000
	maxNesting    = 40
)

// The faults of a source as a whole.
var (
	ErrTooLarge = errors.New("convert: more than is read of a definition")
	ErrNotForm  = errors.New("convert: not a definition of that program")
)

// Options are what the source does not say.
type Options struct {
	ID   string       // of the form: the procedure's code
	Lang locales.Lang // that the source is written in
}

// Result is the form that came of it, and what became of each part of the source.
type Result struct {
	Definition []byte
	Lines      []Line
	Mistakes   eforms.Mistakes // what must still be put right before it can be published
}

// Line is one component of the source.
type Line struct {
	At      string // how the source names it
	Sort    string // its type there
	Label   string
	As      string            // the question, page or end it has become; empty when it was left out
	Kind    eforms.Kind       // of that question
	Remarks []locales.Message // what of it was not taken, or was changed
}

// Left says whether nothing of the component was taken.
func (l Line) Left() bool { return l.As == "" }

// Counts are how many components were taken whole, taken in part, and left out.
func (r Result) Counts() (whole, part, left int) {
	for _, l := range r.Lines {
		switch {
		case l.Left():
			left++
		case len(l.Remarks) > 0:
			part++
		default:
			whole++
		}
	}
	return whole, part, left
}

// maker builds a definition and keeps the report.
type maker struct {
	lang  locales.Lang
	ids   map[string]bool
	lines []*Line
	form  form
}

func newMaker(o Options) *maker {
	m := &maker{lang: o.Lang, ids: map[string]bool{}, form: form{Format: 1, ID: o.ID, Audience: "citizen"}}
	for _, name := range reserved {
		m.ids[name] = true
	}
	return m
}

// line begins the report of a component.
func (m *maker) line(at, sort, label string) *Line {
	l := &Line{At: cut(plain(at), 200), Sort: cut(plain(sort), 60), Label: cut(plain(label), 200)}
	m.lines = append(m.lines, l)
	return l
}

func (l *Line) remark(msg locales.Message) { l.Remarks = append(l.Remarks, msg) }

// became notes which question a component is now.
func (l *Line) became(q *question) *question {
	l.As, l.Kind = q.ID, q.Kind
	return q
}

// result writes the definition and has it checked as if it were to be published.
func (m *maker) result() (Result, error) {
	if len(m.form.Pages) == 0 {
		return Result{}, fmt.Errorf("%w: nothing to ask", ErrNotForm)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m.form); err != nil {
		return Result{}, fmt.Errorf("convert: %w", err)
	}
	b := bytes.TrimSpace(out.Bytes())
	if len(b) > maxBytes {
		return Result{}, ErrTooLarge
	}
	r := Result{Definition: b}
	for _, l := range m.lines {
		r.Lines = append(r.Lines, *l)
	}
	if _, err := eforms.Load(b); err != nil {
		mistakes, ok := errors.AsType[eforms.Mistakes](err)
		if !ok {
			return Result{}, fmt.Errorf("convert: %w", err)
		}
		r.Mistakes = mistakes
	}
	return r, nil
}
