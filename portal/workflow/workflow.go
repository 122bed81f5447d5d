// Package workflow holds the steps a dossier goes through, as a procedure's revision
// draws them, and finds what is wrong with a drawn one.
package workflow

import (
	"motcua/locales"
	"motcua/portal/calendar"
)

// The two kinds of the Đồng Nai model (decision of 30/12/2016, III.1): one agency does it
// all, or a second one takes part of the process.
const (
	Within = "within"
	Across = "across"
)

// What is done in a step.
const (
	File    = "file"    // the applicant prepares and files
	Intake  = "intake"  // received and checked; incomplete goes back for a supplement
	Process = "process" // appraised and decided
	Archive = "archive" // the dossier is put on record
	Return  = "return"  // the result is handed over, as appointed
	Receive = "receive" // the applicant has the result: the end
)

// Applicant is the role of the person the dossier belongs to. The others are roles of
// officers, as the agency gives them.
const Applicant = "applicant"

// Partner marks a step of the second agency.
const Partner = "partner"

// Workflow is the way of a dossier. The first step is where it begins.
type Workflow struct {
	ID    string       `json:"id"`
	Name  locales.Text `json:"name"`
	Kind  string       `json:"kind"` // within, across
	Steps []Step       `json:"steps"`
}

// Step is one stretch of the way: who does what, how long it may take, what may follow.
type Step struct {
	ID     string        `json:"id"`
	Name   locales.Text  `json:"name"`
	Does   string        `json:"does"` // file, intake, process, archive, return, receive
	Role   string        `json:"role"`
	At     string        `json:"at,omitempty"` // partner: a step of the second agency
	Within calendar.Rule `json:"within,omitzero"`
	Next   []string      `json:"next,omitempty"` // the usual one first
}

// Step is the step with that id.
func (w Workflow) Step(id string) (Step, bool) {
	for _, s := range w.Steps {
		if s.ID == id {
			return s, true
		}
	}
	return Step{}, false
}

// First is where a dossier begins; false when nothing is drawn.
func (w Workflow) First() (Step, bool) {
	if len(w.Steps) == 0 {
		return Step{}, false
	}
	return w.Steps[0], true
}

// After is the nearest step on a way from id that does the given thing, the usual way
// first; a step does not come after itself unless a way leads back to it.
func (w Workflow) After(id, does string) (Step, bool) {
	seen := map[string]bool{}
	for queue := w.next(id); len(queue) > 0; queue = queue[1:] {
		s, ok := w.Step(queue[0])
		if !ok || seen[s.ID] {
			continue
		}
		if s.Does == does {
			return s, true
		}
		seen[s.ID] = true
		queue = append(queue, s.Next...)
	}
	return Step{}, false
}

func (w Workflow) next(id string) []string {
	s, _ := w.Step(id)
	return append([]string(nil), s.Next...)
}
