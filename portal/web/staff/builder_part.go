package staff

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms/edit"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/web"
)

// partPage is one part of a form with all that can be set of it.
type partPage struct {
	work
	Part   edit.Part
	Main   []field
	More   []field // for whoever knows what they are for
	Kinds  []string
	Homes  []edit.Part
	Facts  []string
	Search string
}

// field is a setting as its page shows it.
type field struct {
	edit.Setting
	Name, ID string
	Place    string // JSON pointer, for its logic's own page
	Label    web.Words
	Hint     web.Words
	Words    locales.Text
	Value    string
	On       bool
	Choices  []choice
	Options  []optionRow
	Says     *locales.Message
	Fault    *locales.Message
	Long     bool
}

// choice is a value of a select or a box.
type choice struct {
	Value string
	Label web.Words
	On    bool
}

// optionRow is one option of a question.
type optionRow struct {
	No    int
	Place string // "" for a row that is still empty
	Value string
	Label locales.Text
	Says  *locales.Message
}

// expert are settings that few editors need.
var expert = []string{"id", "national", "national_parts", "fact_if", "autocomplete", "from", "width", "parent", "same", "task", "audience", "print", "lists", "$schema"}

func (h *Pages) partPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showPart(c, by, fiber.StatusOK, c.Query("o"), nil, nil)
}

// showPart draws the page of a part; typed is what was sent, when it was not taken.
func (h *Pages) showPart(c *fiber.Ctx, by catalogue.Editing, status int, pointer string, typed url.Values, faults []edit.Fault) error {
	w, err := h.work(c, by, "")
	if err != nil {
		return err
	}
	part, there := w.Doc.Part(pointer)
	if !there {
		return fiber.ErrNotFound
	}
	p := partPage{work: w, Part: part, Homes: w.Doc.Homes(pointer), Facts: h.Catalogue.Facts(c.UserContext())}
	if part.Kind != "" {
		parent, _ := edit.Split(pointer)
		p.Kinds = w.Doc.KindsFor(parent)
	}
	for _, s := range w.Doc.Settings(pointer) {
		if s.Type == edit.Children || s.Type == edit.Kind {
			continue
		}
		f := p.field(s, typed, faults)
		if slices.Contains(expert, s.Name) && f.Fault == nil {
			p.More = append(p.More, f)
		} else {
			p.Main = append(p.Main, f)
		}
	}
	return h.showWork(c, status, "builder-part", w, part.Label, faults, p)
}

// field is one setting with its value, or with what was typed for it.
func (p *partPage) field(s edit.Setting, typed url.Values, faults []edit.Fault) field {
	at := p.Doc.At(p.Part.Pointer).Get(s.Name)
	f := field{Setting: s, Name: s.Name, ID: "s-" + s.Name, Place: p.Part.Pointer + "/" + s.Name, Label: labelOf(s.Name), Hint: hintOf(s)}
	value := func(name, stored string) string {
		if typed != nil {
			return typed.Get(name)
		}
		return stored
	}
	for i := range faults {
		if faults[i].Field == s.Name || strings.HasPrefix(faults[i].Field, s.Name+".") {
			f.Fault = &faults[i].Message
			faults[i].Field = f.ID
		}
	}
	switch s.Type {
	case edit.Words:
		stored := edit.TextOf(at)
		f.Words = locales.Text{VI: value(s.Name+".vi", stored.VI), EN: value(s.Name+".en", stored.EN), KM: value(s.Name+".km", stored.KM)}
		f.Long = slices.Contains([]string{"text", "intro", "declaration", "sample", "message"}, s.Name)
	case edit.Flag:
		f.On = at.Flag()
		if typed != nil {
			f.On = typed.Has(s.Name)
		}
	case edit.Whole, edit.Number:
		f.Value = value(s.Name, at.Raw())
	case edit.Line, edit.ID, edit.Limit:
		f.Value = value(s.Name, at.Str())
	case edit.Fact:
		f.Value = value(s.Name, strings.Join(at.Strings(), ", "))
	case edit.Choice, edit.Ref:
		f.Value = value(s.Name, at.Str())
		f.Choices = p.choices(s, []string{f.Value})
	case edit.Many, edit.Cases:
		chosen := at.Strings()
		if typed != nil {
			chosen = typed[s.Name]
		}
		f.Choices = p.choices(s, chosen)
	case edit.Logic, edit.Value:
		if at != nil {
			says := p.Doc.Say(f.Place)
			f.Says = &says
		}
	case edit.Options:
		f.Options = p.options(at, f.Place, typed)
	default:
		f.Value = value(s.Name, at.Pretty())
	}
	return f
}

// labelOf is what a setting is called; one that has no words yet is called as in the schema.
func labelOf(name string) web.Words {
	if key := "builder.set." + name; locales.Has(key) {
		return locales.M(key)
	}
	return name
}

func hintOf(s edit.Setting) web.Words {
	if key := "builder.hint." + s.Name; locales.Has(key) {
		return locales.M(key)
	}
	return nil
}

// wordFor is a word of the schema in people's words, where there are any.
func wordFor(setting, value string) web.Words {
	if key := "builder.choice." + setting + "." + value; locales.Has(key) {
		return locales.M(key)
	}
	return value
}

// choices are what a setting can be, with what it is marked.
func (p *partPage) choices(s edit.Setting, chosen []string) []choice {
	var all []choice
	add := func(value string, label web.Words) {
		all = append(all, choice{value, label, slices.Contains(chosen, value)})
	}
	switch {
	case s.Type == edit.Cases:
		for _, o := range p.Doc.OptionsOf(p.Part.Pointer, "case") {
			add(o.Value, o.Label)
		}
	case s.Type == edit.Ref:
		for _, o := range p.Doc.Candidates(p.Part.Pointer, s.Name) {
			add(o.Value, o.Label)
		}
	default:
		for _, v := range s.Choices {
			add(v, wordFor(s.Name, v))
		}
	}
	for _, v := range chosen { // what nothing here knows is kept all the same
		if v != "" && !slices.ContainsFunc(all, func(c choice) bool { return c.Value == v }) {
			add(v, v)
		}
	}
	return all
}

func (p *partPage) options(at *edit.Node, place string, typed url.Values) []optionRow {
	var all []optionRow
	for i, o := range at.Items() {
		row := optionRow{No: i, Place: place + "/" + strconv.Itoa(i), Value: o.Get("value").Str(), Label: edit.TextOf(o.Get("label"))}
		if o.Get("show_if") != nil {
			says := p.Doc.Say(row.Place + "/show_if")
			row.Says = &says
		}
		all = append(all, row)
	}
	for range edit.Spare {
		all = append(all, optionRow{No: len(all)})
	}
	for i := range all {
		if name := "options." + strconv.Itoa(i); typed != nil {
			all[i].Value = typed.Get(name + ".value")
			all[i].Label = locales.Text{VI: typed.Get(name + ".label.vi"), EN: typed.Get(name + ".label.en"), KM: typed.Get(name + ".label.km")}
		}
	}
	return all
}

// partDeeds are the buttons of a part's page beside "save".
func (h *Pages) part(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	pointer := body.Get("o")
	deed, apply := partDeed(body, pointer)
	place, err := h.change(c, by, body, deed, apply)
	if all, ours := err.(faults); ours {
		return h.showPart(c, by, fiber.StatusUnprocessableEntity, pointer, body, all)
	}
	if one, ours := faultsOf(err); ours {
		return h.showPart(c, by, fiber.StatusUnprocessableEntity, pointer, body, one)
	}
	at := builderAt + "/" + c.Params("id")
	if deed == "recast" || body.Get("o-lai") != "" {
		return h.answer(c, by, gone(err), at+"/muc?o="+url.QueryEscape(place))
	}
	return h.answer(c, by, gone(err), treeAt(at, place, body.Get("lam")))
}

// faults are all that was wrong with a page.
type faults []edit.Fault

func (f faults) Error() string { return f[0].Error() }

// partDeed is what the pressed button does to the part.
func partDeed(body url.Values, pointer string) (string, func(d *edit.Doc) (string, error)) {
	word, place, _ := strings.Cut(body.Get("lam"), " ")
	if do, known := outlineDeeds[word]; known { // an option's buttons name their own place
		if place == "" {
			place = pointer
		}
		return deedNames[word], func(d *edit.Doc) (string, error) {
			to, err := do(d, place)
			if place != pointer {
				to = pointer
			}
			return to, err
		}
	}
	switch word {
	case "chuyen":
		return "move", func(d *edit.Doc) (string, error) { return d.MoveTo(pointer, body.Get("sang")) }
	case "doi-loai":
		return "recast", func(d *edit.Doc) (string, error) { return pointer, d.Recast(pointer, body.Get("loai")) }
	}
	return "set", func(d *edit.Doc) (string, error) {
		if _, there := d.Part(pointer); !there {
			return "", &edit.Fault{Message: locales.M("builder.fault.gone")}
		}
		if all := d.Fill(pointer, body); len(all) > 0 {
			return pointer, faults(all)
		}
		return pointer, nil
	}
}
