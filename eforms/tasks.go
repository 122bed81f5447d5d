package eforms

// Progress is where one task of a long form stands.
type Progress struct {
	Task  *Task
	Page  int // where to go on: the first page with something left, else its first
	State string
}

// The states of a task.
const (
	Todo  = "todo"
	Doing = "doing"
	Done  = "done"
	Wrong = "wrong" // a page was filled and has faults
)

// Tasks are the tasks that have a page now, with where each stands.
func (r *Run) Tasks() []Progress {
	s := r.state()
	var out []Progress
	for _, t := range r.Form.Tasks {
		p := Progress{Task: t}
		pages, touched, faulty, open := 0, 0, 0, 0
		for i, page := range r.Form.Pages {
			if page.Task != t.ID || !s.pages[i] {
				continue
			}
			pages++
			visited, faults := s.visited(page), len(s.pageFaults(page)) > 0
			touched += count(visited)
			faulty += count(visited && faults)
			if left := faults || !visited; left && open == 0 {
				open = page.No
			}
			if p.Page == 0 {
				p.Page = page.No
			}
		}
		switch {
		case pages == 0:
			continue
		case faulty > 0:
			p.State = Wrong
		case open == 0:
			p.State = Done
		case touched > 0:
			p.State = Doing
		default:
			p.State = Todo
		}
		if open > 0 {
			p.Page = open
		}
		out = append(out, p)
	}
	return out
}

// visited says whether a page was sent once: then each of its questions has an answer,
// even if it is an empty one. A page that only shows facts has nothing to send.
func (s *state) visited(page *Page) bool {
	for _, q := range page.Questions {
		c := &s.cells[q.seq]
		if !c.shown || c.locked || q.Kind == Note || q.Kind == Computed {
			continue
		}
		if _, answered := s.run.Answers[q.ID]; answered {
			return true
		}
		if q.Kind == Attachment && s.run.Attached[q.ID] > 0 {
			return true
		}
		return false
	}
	return true
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}
