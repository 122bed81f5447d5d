package staff

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/editorial"
	"motcua/portal/web"
)

// sectionPage is one section of an edit with all its fields.
type sectionPage struct {
	sheetWork
	Section  string
	Sections []string
	Before   string
	After    string // "" at the last one
	Blocks   []sectionBlock
	Lists    []datalist
	Saved    bool
}

// sectionBlock are the fields of one part.
type sectionBlock struct {
	Part     string
	Controls []control
}

// datalist are values that may be chosen for a line.
type datalist struct {
	ID     string
	Values []choice
}

func (h *Pages) sheetSection(c *fiber.Ctx) error {
	s, known := editorial.SectionOf(c.Params("section"))
	if !known {
		return c.Next()
	}
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	w, err := h.sheetWork(c, by, s.Word)
	if err != nil {
		return err
	}
	doc, err := editorial.NewDoc(w.Edit.Parts)
	if err != nil {
		return err
	}
	return h.showSection(c, fiber.StatusOK, w, s, doc, nil, nil)
}

// showSection draws a section; typed is what was sent, when it was not taken.
func (h *Pages) showSection(c *fiber.Ctx, status int, w sheetWork, s editorial.Section, doc *editorial.Doc, typed url.Values, faults []editorial.Fault) error {
	p := sectionPage{sheetWork: w, Section: s.Word, Saved: c.Query("luu") != "" && status == fiber.StatusOK}
	for i, one := range editorial.Sections {
		p.Sections = append(p.Sections, one.Word)
		if one.Word == s.Word && i > 0 {
			p.Before = editorial.Sections[i-1].Word
		}
	}
	p.After = sectionAfter(s.Word)
	lists, err := h.sheetLists(c, w.Edit, doc)
	if err != nil {
		return err
	}
	draw := drawing{doc, typed, faults, lists}
	for _, b := range s.Blocks {
		block := sectionBlock{Part: b.Part}
		for _, f := range b.Fields {
			place := b.Part
			if f.Name != "" {
				place += "/" + f.Name
			}
			block.Controls = append(block.Controls, draw.control(f, place, labelsOf(b.Part, f.Name)))
		}
		p.Blocks = append(p.Blocks, block)
	}
	p.Lists = lists.datalists(s)
	var errs []web.ErrorLink
	for _, f := range faults {
		errs = append(errs, web.ErrorLink{Field: editorial.Anchor(f.Place), Message: f.Message})
	}
	return h.showSheet(c, status, "sheet-section", w, locales.M("editorial.section."+s.Word), errs, p)
}

// sectionAfter is the section after one, "" for none.
func sectionAfter(word string) string {
	i := slices.IndexFunc(editorial.Sections, func(s editorial.Section) bool { return s.Word == word })
	if i+1 < len(editorial.Sections) {
		return editorial.Sections[i+1].Word
	}
	return ""
}

// labelsOf is the beginning of the keys of a field's words.
func labelsOf(part, name string) string {
	if part == "sheet" {
		return name
	}
	return strings.TrimSuffix(part+"."+name, ".")
}
