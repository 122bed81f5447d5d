package staff

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/editorial"
)

// sheetChecks is the page that says what stands in the way of publishing an edit.
func (h *Pages) sheetChecks(app fiber.Router) {
	app.Get(editsAt+"/:id/kiem-tra", h.sheetCheck)
}

type sheetCheckPage struct {
	sheetWork
	Refusals []finding
	Warnings []finding
}

func (h *Pages) sheetCheck(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.sheetWork(c, by, "kiem-tra")
	if err != nil {
		return err
	}
	p := sheetCheckPage{sheetWork: w}
	if w.Edit.Open() {
		candidate, err := h.Editorial.Candidate(c.UserContext(), w.Edit)
		if err != nil {
			return err
		}
		all, err := h.Editorial.Check(c.UserContext(), candidate)
		if err != nil {
			return err
		}
		for _, f := range all {
			shown := finding{editorial.Link(w.Edit, f), whereFound(f), f.Message}
			if f.Refusal {
				p.Refusals = append(p.Refusals, shown)
			} else {
				p.Warnings = append(p.Warnings, shown)
			}
		}
	}
	return h.showSheet(c, fiber.StatusOK, "sheet-check", w, locales.M("finding.title"), nil, p)
}

// whereFound is the section and field of a finding in words, with the numbers of the rows
// that it lies in.
func whereFound(f editorial.Finding) locales.Message {
	switch f.Part {
	case "form", "tests":
		return locales.M("builder.title")
	case "workflow":
		return locales.M("finding.workflow")
	}
	section := locales.M("editorial.section." + editorial.PlaceIn(f.Part, f.Place))
	var names, rows []string
	for _, step := range strings.Split(f.Place, "/") {
		if n, err := strconv.Atoi(step); err == nil {
			rows = append(rows, strconv.Itoa(n+1))
		} else if step != "" {
			names = append(names, step)
		}
	}
	if n := len(names); n > 0 {
		if _, lang := locales.ParseLang(names[n-1]); lang {
			names = names[:n-1]
		}
	}
	if f.Part != "sheet" {
		names = append([]string{f.Part}, names...)
	}
	key := "editorial.at." + strings.Join(names, ".")
	switch {
	case !locales.Has(key):
		return section
	case len(rows) == 0:
		return locales.M("finding.at", locales.Sub("section", section), locales.Sub("field", locales.M(key)))
	}
	return locales.M("finding.at_row", locales.Sub("section", section), locales.Sub("field", locales.M(key)), locales.S("row", strings.Join(rows, ".")))
}
