package citizen

import (
	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/web"
)

// tasksPage is the task list of a long form (ux TASK): its parts can be filled in any order.
type tasksPage struct {
	Draft draft.Draft
	Tasks []eforms.Progress
	Done  int
}

func (h *Filing) tasks(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	d, err := h.draftOf(c, s)
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	run := d.Run(h.Drafts.Now())
	data := tasksPage{Draft: d, Tasks: run.Tasks()}
	if len(data.Tasks) == 0 {
		return fiber.ErrNotFound
	}
	data.Done, _ = tasksDone(run)
	return h.Show(c, fiber.StatusOK, "citizen/tasks", web.Page{Title: locales.M("tasks.title"), Frame: web.FrameForm,
		Service: d.Revision.Sheet.Name, Back: resume(d.ID, d.Page), Data: data})
}

// tasksDone is how many tasks of a form are done, and how many there are.
func tasksDone(run *eforms.Run) (done, all int) {
	tasks := run.Tasks()
	for _, t := range tasks {
		if t.State == eforms.Done {
			done++
		}
	}
	return done, len(tasks)
}
