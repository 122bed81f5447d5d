package staff

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms/edit"
	"motcua/locales"
	"motcua/portal/catalogue"
)

// logicPage is a condition or a computation as a sentence.
type logicPage struct {
	work
	Place   string
	Setting string // show_if, check, compute …
	Part    edit.Part
	Kind    string // sentence, calc, or raw when no sentence says it
	Says    *locales.Message
	Vars    []edit.Var
	Ops     []edit.Op
	Any     bool
	Rows    []clauseRow
	Calc    edit.TypedCalc
	Calcs   []string
	Totals  []edit.Var
	Groups  []edit.Var
	JSON    string
	Whole   bool // a value may be proposed as it is
}

// clauseRow is one clause in its fields. The options of a question that is chosen from a
// list are offered once the page has come back with the question.
type clauseRow struct {
	No int
	edit.TypedRow
	Options []edit.Option
	YesNo   bool
	Several bool
}

func (h *Pages) logicPage(c *fiber.Ctx) error {
	by, err := h.editor(c)
	if err != nil {
		return err
	}
	return h.showLogic(c, by, fiber.StatusOK, c.Query("o"), nil, nil)
}

func (h *Pages) showLogic(c *fiber.Ctx, by catalogue.Editing, status int, place string, typed url.Values, faults []edit.Fault) error {
	w, err := h.work(c, by, "")
	if err != nil {
		return err
	}
	setting, there := w.Doc.LogicAt(place)
	if !there {
		return fiber.ErrNotFound
	}
	at := w.Doc.At(place)
	p := logicPage{work: w, Place: place, Setting: setting.Name, Ops: edit.Ops, Calcs: edit.Calcs, Kind: "sentence", JSON: at.Pretty()}
	p.Part, _ = w.Doc.Part(w.Doc.PartOf(place))
	for _, v := range w.Doc.Vars(place) {
		if v.Group {
			p.Groups = append(p.Groups, v)
		} else {
			p.Vars = append(p.Vars, v)
		}
	}
	p.Totals = w.Doc.Totals()
	if at.Unsaid() {
		at = nil
	}
	if at != nil {
		says := w.Doc.Say(place)
		p.Says = &says
	}
	p.fill(at, setting, typed)
	return h.showWork(c, status, "builder-logic", w, locales.M("builder.logic."+setting.Name), faults, p)
}

// fill shows the logic in fields, or what was typed.
func (p *logicPage) fill(at *edit.Node, setting edit.Setting, typed url.Values) {
	sentence, isSentence := edit.Read(at)
	calc, isCalc := edit.ReadCalc(at)
	if setting.Type == edit.Value {
		p.Kind, p.Calc = "calc", calc.Typed()
	}
	if at != nil && (setting.Type == edit.Logic && !isSentence || setting.Type == edit.Value && !isCalc) {
		p.Kind = "raw"
	}
	t := p.Doc.Typed(p.Place, sentence)
	if typed != nil {
		t, p.Calc = typedSentence(typed), typedCalc(typed)
		if typed.Has("json") {
			p.JSON = typed.Get("json")
		}
	}
	p.Any = t.Any
	for i := range edit.MaxClauses {
		row := clauseRow{No: i + 1}
		if i < len(t.Rows) {
			row.TypedRow = t.Rows[i]
			row.Options = p.Doc.OptionsOf(p.Place, row.Var)
			row.Several = edit.Op(row.Op).Several()
			row.YesNo = p.Doc.KindOf(row.Var) == "yesno"
			p.know(row.Var)
			p.know(row.Other)
		}
		p.Rows = append(p.Rows, row)
	}
	for len(p.Calc.Rows) < edit.MaxClauses {
		p.Calc.Rows = append(p.Calc.Rows, "")
	}
}

// know offers a variable that is used and not among those of the form: a fact of a register.
func (p *logicPage) know(name string) {
	if name != "" && !slices.ContainsFunc(p.Vars, func(v edit.Var) bool { return v.Name == name }) {
		p.Vars = append(p.Vars, edit.Var{Name: name, Label: locales.V(name)})
	}
}

func typedSentence(body url.Values) edit.Typed {
	t := edit.Typed{Any: body.Get("noi") == "hoac"}
	for i := 1; i <= edit.MaxClauses; i++ {
		no := strconv.Itoa(i)
		t.Rows = append(t.Rows, edit.TypedRow{Var: body.Get("cau-" + no), Op: body.Get("phep-" + no),
			Value: strings.Join(nonEmpty(body["gia-tri-"+no]), ", "), Other: body.Get("so-voi-" + no)})
	}
	return t
}

func nonEmpty(all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return strings.TrimSpace(s) == "" })
}

func typedCalc(body url.Values) edit.TypedCalc {
	t := edit.TypedCalc{Op: body.Get("phep")}
	for i := 1; i <= edit.MaxClauses; i++ {
		no := strconv.Itoa(i)
		row := body.Get("so-" + no)
		if number := strings.TrimSpace(body.Get("hang-so-" + no)); number != "" {
			row = number
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (h *Pages) logic(c *fiber.Ctx) error {
	by, body, err := h.sent(c)
	if err != nil {
		return err
	}
	place := body.Get("o")
	if body.Get("lam") == "tiep" { // only to offer the options of the chosen questions
		return h.showLogic(c, by, fiber.StatusOK, place, body, nil)
	}
	_, err = h.change(c, by, body, "rule", func(d *edit.Doc) (string, error) { return place, setLogic(d, place, body) })
	if all, ours := errors.AsType[faults](err); ours {
		return h.showLogic(c, by, fiber.StatusUnprocessableEntity, place, body, all)
	}
	if one, ours := faultsOf(err); ours {
		return h.showLogic(c, by, fiber.StatusUnprocessableEntity, place, body, one)
	}
	at := builderAt + "/" + c.Params("id")
	part := place[:max(0, strings.LastIndexByte(place, '/'))]
	if strings.Contains(part, "/options/") {
		part = part[:strings.Index(part, "/options/")]
	}
	return h.answer(c, by, gone(err), at+"/muc?o="+url.QueryEscape(part))
}

// setLogic puts in what was typed: a sentence, a computation, or JSON.
func setLogic(d *edit.Doc, place string, body url.Values) error {
	setting, there := d.LogicAt(place)
	switch {
	case !there:
		return &edit.Fault{Message: locales.M("builder.fault.gone")}
	case body.Get("lam") == "bo":
		return d.SetLogic(place, nil)
	case body.Get("lam") == "json":
		n, err := edit.ReadJSON(body.Get("json"))
		if err != nil {
			return err
		}
		return d.SetLogic(place, n)
	case setting.Type == edit.Value:
		calc, fault := d.Calc(typedCalc(body))
		if fault != nil {
			return fault
		}
		return d.SetLogic(place, calc.Logic())
	}
	t := typedSentence(body)
	s, all := d.Sentence(place, t)
	if len(all) > 0 {
		return faults(all)
	}
	if before, ok := edit.Read(d.At(place)); ok && d.At(place) != nil && before.Says(s) {
		return nil // it says the same: it stays as it is written
	}
	return d.SetLogic(place, s.Logic())
}
