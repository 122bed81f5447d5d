package eforms

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"motcua/locales"
)

// Answers holds what was answered, by question id: a string, a bool, []any of strings, a
// map for an address (province, commune, detail, old) or for a date that cannot be right
// (day, month, year as typed), []any of maps for the rows of a group. A date that can be
// right is "2006-01-02", one of which only the year is known "2006". A paper that will be
// brought to the counter is "counter".
type Answers map[string]any

// Fact is a value that a register gave.
type Fact struct {
	Name      string       `json:"name"` // e.g. population.self.full_name
	Value     any          `json:"value"`
	Source    locales.Text `json:"source"`
	Service   string       `json:"service,omitempty"`
	RequestID string       `json:"request_id,omitempty"`
	By        string       `json:"by,omitempty"` // for whom it was asked: person:<id>, officer:<id>, system
	At        time.Time    `json:"at"`
}

// SourceOf is the source of a fact: the first two words of its name, which say the register
// and whose record it is (population.self).
func SourceOf(name string) string {
	register, rest, _ := strings.Cut(name, ".")
	whose, _, _ := strings.Cut(rest, ".")
	if whose == "" {
		return register
	}
	return register + "." + whose
}

// Fault is one thing that must be put right before filing.
type Fault struct {
	Page    int
	Field   string // the id of the HTML element to go to
	Message locales.Message
}

// Faults are all of them, in page order.
type Faults []Fault

func (f Faults) Error() string { return fmt.Sprintf("eforms: %d answers at fault", len(f)) }

// Component is a paper of the dossier that is asked for now.
type Component struct {
	ID       string
	Page     int
	Name     locales.Text
	Short    locales.Text // the name inside a sentence: giấy chứng sinh
	Hint     locales.Text
	Sample   locales.Text // what must be legible
	Paper    string       // its type
	Required bool
	MaxFiles int
	Counter  bool // the paper may be brought to the counter
	Brought  bool // and the person has chosen so
}

// Canonical writes answers as JSON that is the same for the same answers, for hashing.
func Canonical(a Answers) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(map[string]any(a)); err != nil {
		return nil, fmt.Errorf("canonical answers: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
