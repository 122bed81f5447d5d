package staff

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/problem"
	"motcua/portal/web"
)

func (h *Pages) saveSection(c *fiber.Ctx) error {
	s, known := editorial.SectionOf(c.Params("section"))
	if !known {
		return c.Next()
	}
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	id := c.Params("id")
	version, _ := strconv.Atoi(body.Get("ban"))
	base, err := h.Editorial.At(c.UserContext(), by.Officer, id, version)
	if err != nil {
		return err
	}
	if err := h.pickLegal(c, s, body); err != nil {
		return err
	}
	change, place, faults, err := filled(s, base, body)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return h.sectionAgain(c, by, s, base, body, faults)
	}
	_, err = h.Editorial.Save(c.UserContext(), by, id, version, change)
	if o, overtaken := errors.AsType[*editorial.Overtaken](err); overtaken {
		return h.lateSection(c, by, s, base, o, body)
	}
	return h.sheetAnswer(c, by, err, afterSaving(id, s.Word, place, body))
}

// pickedLegal is the beginning of what pickLegal puts into a form.
const pickedLegal = "chon/"

// pickLegal puts what the list knows of a chosen legal text into the form that chose it.
func (h *Pages) pickLegal(c *fiber.Ctx, s editorial.Section, body url.Values) error {
	for name := range body {
		if strings.HasPrefix(name, pickedLegal) { // nothing of it comes from outside
			body.Del(name)
		}
	}
	number := strings.TrimSpace(body.Get("chon"))
	if number == "" || s.Word != "can-cu" {
		body.Del("chon")
		return nil
	}
	body.Set(pickedLegal+"number", number)
	text, err := h.Catalogue.Entry(c.UserContext(), catalogue.LegalTexts, number)
	if problem.Is(err, problem.NotFound) {
		return nil // a text that the list does not have: the rest is typed
	}
	if err != nil {
		return err
	}
	for name, v := range map[string]string{"name": text.Name.VI, "issuer": text.Issuer, "date": text.Date, "valid_from": text.From, "valid_to": text.To, "replaced_by": text.ReplacedBy} {
		if v != "" {
			body.Set(pickedLegal+name, v)
		}
	}
	return nil
}

// afterSaving is the page after a section was saved: the row that a button was about, the
// next section, or the same again.
func afterSaving(id, section, place string, body url.Values) string {
	at := editsAt + "/" + id
	switch {
	case place != "":
		return at + "/" + section + "#" + editorial.Anchor(place)
	case body.Get("tiep") == "":
		return at + "/" + section + "?luu=1"
	case sectionAfter(section) != "":
		return at + "/" + sectionAfter(section)
	}
	return at
}

// filled is an edit's change by what was typed on a section's page and the button pressed.
func filled(s editorial.Section, e editorial.Edit, body url.Values) (editorial.Change, string, []editorial.Fault, error) {
	doc, err := editorial.NewDoc(e.Parts)
	if err != nil {
		return editorial.Change{}, "", nil, err
	}
	if faults := doc.Fill(s, body); len(faults) > 0 {
		return editorial.Change{}, "", faults, nil
	}
	deed, place := "set", ""
	if at := body.Get("chon"); at != "" && s.Word == "can-cu" { // a text of the list: its row is filled
		deed, place = "add", doc.Add("sheet/legal", -1)
		for name := range body {
			if inner, is := strings.CutPrefix(name, pickedLegal); is {
				doc.Set(place+"/"+inner, body.Get(name))
			}
		}
	} else if press := body.Get("lam"); press != "" {
		if deed, place, err = doc.Deed(s, press); err != nil {
			return editorial.Change{}, "", nil, err
		}
	}
	var names []string
	for _, b := range s.Blocks {
		names = append(names, b.Part)
	}
	parts, err := doc.Parts(names...)
	return editorial.Change{Parts: parts, Deed: deed, Place: s.Word}, place, nil, err
}

// sectionAgain shows what was typed with what is wrong about it.
func (h *Pages) sectionAgain(c *fiber.Ctx, by catalogue.Editing, s editorial.Section, base editorial.Edit, body url.Values, faults []editorial.Fault) error {
	w, err := h.sheetWork(c, by, s.Word)
	if err != nil {
		return err
	}
	w.Edit.Version = base.No // what was typed belongs to that version
	doc, err := editorial.NewDoc(base.Parts)
	if err != nil {
		return err
	}
	return h.showSection(c, fiber.StatusUnprocessableEntity, w, s, doc, body, faults)
}

// lateSection saves what was typed on an older version when nobody else touched the section,
// and shows both otherwise.
func (h *Pages) lateSection(c *fiber.Ctx, by catalogue.Editing, s editorial.Section, base editorial.Edit, o *editorial.Overtaken, body url.Values) error {
	was, err := editorial.NewDoc(base.Parts)
	if err != nil {
		return err
	}
	now, err := editorial.NewDoc(o.Edit.Parts)
	if err != nil {
		return err
	}
	if was.Same(now, s) {
		change, place, _, err := filled(s, o.Edit, body)
		if err == nil {
			_, err = h.Editorial.Save(c.UserContext(), by, o.Edit.ID, o.Edit.Version, change)
		}
		return h.sheetAnswer(c, by, err, afterSaving(o.Edit.ID, s.Word, place, body))
	}
	w, err := h.sheetWork(c, by, s.Word)
	if err != nil {
		return err
	}
	p := sheetConflict{sheetWork: w, Since: o.Since, Back: w.At(s.Word)}
	draw := drawing{was, body, nil, sheetLists{}}
	for _, b := range s.Blocks {
		for _, f := range b.Fields {
			place := strings.TrimSuffix(b.Part+"/"+f.Name, "/")
			p.Mine = append(p.Mine, draw.typedTexts(f, place, labelsOf(b.Part, f.Name), now)...)
		}
	}
	return h.showSheet(c, fiber.StatusConflict, "sheet-conflict", w, locales.M("editorial.conflict"), nil, p)
}

// typedTexts is what was entered otherwise than it was before.
func (d drawing) typedTexts(f editorial.Field, place, label string, now *editorial.Doc) []typedText {
	k := d.control(f, place, label)
	var all []typedText
	var walk func(k control)
	walk = func(k control) {
		for _, lang := range []string{"vi", "en", "km", ""} {
			name := strings.TrimSuffix(k.Place+"."+lang, ".")
			if mine := d.typed.Get(name); d.typed.Has(name) && strings.TrimSpace(mine) != wasIn(d.doc, k, lang) {
				all = append(all, typedText{k.Label, mine, wasIn(now, k, lang)})
			}
		}
		for _, inner := range k.Inner {
			walk(inner)
		}
		for _, row := range k.Rows {
			for _, inner := range row.Inner {
				walk(inner)
			}
		}
	}
	walk(k)
	return all
}

// wasIn is what a document says where a control stands, as the control shows it.
func wasIn(doc *editorial.Doc, k control, lang string) string {
	t := doc.Text(k.Place)
	switch lang {
	case "vi":
		return t.VI
	case "en":
		return t.EN
	case "km":
		return t.KM
	}
	if k.Sort == editorial.Day {
		return web.Day(doc.Value(k.Place))
	}
	return doc.Value(k.Place)
}
