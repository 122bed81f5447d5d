package staff

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
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

// control is a field on the page.
type control struct {
	editorial.Field
	Place  string // the name of its inputs
	ID     string
	Label  web.Words
	Hint   web.Words
	Words  locales.Text
	Value  string
	On     bool
	Values []choice
	Datas  string // id of the list to choose from
	Inner  []control
	Rows   []controlRow
	Used   int // characters, of a text that should stay short
	Fault  *locales.Message
}

// Short says whether all that it holds is short enough to stand side by side.
func (k control) Short() bool {
	return !slices.ContainsFunc(k.Inner, func(c control) bool {
		return !slices.Contains([]editorial.Sort{editorial.Line, editorial.Whole, editorial.Money, editorial.Day, editorial.Choice}, c.Sort)
	})
}

// controlRow is a row of a list.
type controlRow struct {
	No          int // from 1
	Place, ID   string
	Title       web.Words
	First, Last bool
	Inner       []control
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

// drawing makes controls of a document, or of what was typed.
type drawing struct {
	doc    *editorial.Doc
	typed  url.Values
	faults []editorial.Fault
	lists  sheetLists
}

func (d drawing) control(f editorial.Field, place, label string) control {
	k := control{Field: f, Place: place, ID: editorial.Anchor(place), Label: locales.M("editorial.at." + label)}
	if hint := "editorial.hint." + label; locales.Has(hint) {
		k.Hint = locales.M(hint)
	}
	if i := slices.IndexFunc(d.faults, func(x editorial.Fault) bool { return x.Place == place }); i >= 0 {
		k.Fault = &d.faults[i].Message
	}
	switch f.Sort {
	case editorial.Object:
		k.Inner = d.inner(f.Fields, place, label)
	case editorial.Rows:
		for i := range d.doc.Len(place) {
			at := place + "/" + strconv.Itoa(i)
			row := controlRow{No: i + 1, Place: at, ID: editorial.Anchor(at), First: i == 0, Last: i == d.doc.Len(place)-1, Inner: d.inner(f.Fields, at, label)}
			row.Title = d.title(at)
			k.Rows = append(k.Rows, row)
		}
	case editorial.Named:
		for _, name := range d.names(f, place) {
			inner := d.control(editorial.Field{Name: name, Sort: editorial.Long, Most: 300}, place+"/"+name, "notices.text")
			inner.Label = noticeName(name)
			k.Inner = append(k.Inner, inner)
		}
	case editorial.Words, editorial.Long:
		k.Words = d.words(place)
		k.Used = utf8.RuneCountInString(k.Words.VI)
	case editorial.Flag:
		k.On = d.doc.At(place) == true
		if d.typed != nil {
			k.On = d.typed.Has(place)
		}
	case editorial.Many:
		chosen := d.doc.Values(place)
		if d.typed != nil {
			chosen = d.typed[place]
		}
		k.Values = d.lists.choices(f, chosen)
	case editorial.Day:
		k.Value = d.value(place, web.Day(d.doc.Value(place)))
	case editorial.Choice:
		k.Value = d.value(place, d.doc.Value(place))
		k.Values = d.lists.choices(f, []string{k.Value})
	default:
		k.Value = d.value(place, d.doc.Value(place))
		if f.List != "" {
			k.Datas = "l-" + f.List
		}
	}
	return k
}

func (d drawing) inner(fields []editorial.Field, place, label string) []control {
	var all []control
	for _, f := range fields {
		at, key := place, label+".text"
		if f.Name != "" {
			at, key = place+"/"+f.Name, label+"."+f.Name
		}
		all = append(all, d.control(f, at, key))
	}
	return all
}

// value is what was typed, or else what is stored.
func (d drawing) value(name, stored string) string {
	if d.typed != nil && d.typed.Has(name) {
		return d.typed.Get(name)
	}
	return stored
}

func (d drawing) words(place string) locales.Text {
	t := d.doc.Text(place)
	return locales.Text{VI: d.value(place+".vi", t.VI), EN: d.value(place+".en", t.EN), KM: d.value(place+".km", t.KM)}
}

// names are the members that a list of named texts has or may have.
func (d drawing) names(f editorial.Field, place string) []string {
	all := slices.Clone(f.Values)
	if m, ok := d.doc.At(place).(map[string]any); ok {
		for name := range m {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
		slices.Sort(all[len(f.Values):])
	}
	return all
}

// noticeName is by what people know a notice.
func noticeName(kind string) web.Words {
	if key := "editorial.notice." + kind; locales.Has(key) {
		return locales.M(key)
	}
	return kind
}

// title is by what a row is known: its name, its case, or its way to file.
func (d drawing) title(row string) web.Words {
	for _, name := range []string{"name", "case"} {
		if t := d.doc.Text(row + "/" + name); !t.Empty() {
			return t
		}
	}
	if channel := d.doc.Value(row + "/channel"); slices.Contains(catalogue.Channels, channel) {
		return locales.M("public.channel." + channel)
	}
	return nil
}

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
	if press := body.Get("lam"); press != "" {
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
