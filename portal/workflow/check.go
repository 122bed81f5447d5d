package workflow

import (
	"slices"

	"motcua/locales"
)

// Fault is something wrong with a drawn workflow: at a step, or at the whole when Step is
// empty.
type Fault struct {
	Step    string          `json:"step,omitempty"`
	Message locales.Message `json:"message"`
}

var deeds = []string{File, Intake, Process, Archive, Return, Receive}

// Check returns everything that keeps a workflow from being used: a step without role or
// time, a way that leads nowhere or never ends, a step no way leads to.
func (w Workflow) Check() []Fault {
	if len(w.Steps) == 0 {
		return []Fault{{Message: locales.M("workflow.empty")}}
	}
	var all []Fault
	if w.Kind != Within && w.Kind != Across {
		all = append(all, Fault{Message: locales.M("workflow.kind_unknown", locales.S("kind", w.Kind))})
	}
	if w.Steps[0].Does != File {
		all = append(all, at(w.Steps[0], "workflow.begins_otherwise"))
	}
	count := map[string]int{}
	for _, s := range w.Steps {
		if count[s.ID]++; count[s.ID] == 2 {
			all = append(all, at(s, "workflow.id_twice", locales.S("id", s.ID)))
		}
		all = append(all, w.checkStep(s)...)
	}
	return append(all, w.checkWays()...)
}

func (w Workflow) checkStep(s Step) []Fault {
	var all []Fault
	add := func(key string, args ...locales.Arg) { all = append(all, at(s, key, args...)) }
	if s.ID == "" {
		add("workflow.no_id")
	}
	if s.Name.VI == "" {
		add("workflow.no_name")
	}
	if !slices.Contains(deeds, s.Does) {
		add("workflow.deed_unknown", locales.S("does", s.Does))
	}
	if s.Role == "" {
		add("workflow.no_role")
	}
	// People may take the time they need; an agency may not.
	if s.Role != Applicant && !s.Within.Valid() {
		add("workflow.no_time")
	}
	if s.At != "" && (s.At != Partner || w.Kind != Across) {
		add("workflow.agency_unknown", locales.S("at", s.At))
	}
	for _, id := range s.Next {
		if _, ok := w.Step(id); !ok {
			add("workflow.next_unknown", locales.S("next", id))
		}
	}
	return all
}

// checkWays follows the drawing from its first step, and back from its ends. Going round
// is allowed (a supplement comes back to intake) as long as a way leads out.
func (w Workflow) checkWays() []Fault {
	var all []Fault
	reached := w.reach([]string{w.Steps[0].ID}, func(s Step) []string { return s.Next })
	ends := w.reach(w.ends(), w.before)
	for _, s := range w.Steps {
		switch {
		case !reached[s.ID]:
			all = append(all, at(s, "workflow.unreached"))
		case len(s.Next) == 0 && s.Does != Receive:
			all = append(all, at(s, "workflow.no_end"))
		case !ends[s.ID] && w.goesRound(s):
			all = append(all, at(s, "workflow.endless"))
		}
	}
	return all
}

// ends are the steps where a dossier may stop. A step that stops wrongly counts too, so
// that it is named once, not with everything that leads to it.
func (w Workflow) ends() []string {
	var ids []string
	for _, s := range w.Steps {
		if len(s.Next) == 0 {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func (w Workflow) before(of Step) []string {
	var ids []string
	for _, s := range w.Steps {
		if slices.Contains(s.Next, of.ID) {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// goesRound says whether every way from s comes back to it. Steps that merely lead into
// such a loop are not named.
func (w Workflow) goesRound(s Step) bool {
	after := w.reach(s.Next, func(s Step) []string { return s.Next })
	back := w.reach([]string{s.ID}, w.before)
	for id := range after {
		if !back[id] {
			return false
		}
	}
	return after[s.ID]
}

func (w Workflow) reach(from []string, next func(Step) []string) map[string]bool {
	seen := map[string]bool{}
	for queue := slices.Clone(from); len(queue) > 0; queue = queue[1:] {
		s, ok := w.Step(queue[0])
		if !ok || seen[s.ID] {
			continue
		}
		seen[s.ID] = true
		queue = append(queue, next(s)...)
	}
	return seen
}

func at(s Step, key string, args ...locales.Arg) Fault {
	return Fault{s.ID, locales.M(key, append([]locales.Arg{locales.T("step", s.Name)}, args...)...)}
}
