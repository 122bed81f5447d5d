package convert

import (
	"encoding/json"
	"fmt"

	"motcua/locales"
)

// component is a component of Form.io, of whatever type.
type component struct {
	Type   string `json:"type"`
	Key    string `json:"key"`
	Label  string `json:"label"`
	Title  string `json:"title"`  // of a panel
	Legend string `json:"legend"` // of a fieldset

	Description  string          `json:"description"`
	Tooltip      string          `json:"tooltip"`
	Content      string          `json:"content"` // of a piece of text
	HTML         string          `json:"html"`
	Prefix       string          `json:"prefix"`
	Suffix       string          `json:"suffix"`
	Hidden       loose           `json:"hidden"`
	Multiple     loose           `json:"multiple"`
	DefaultValue any             `json:"defaultValue"`
	DecimalLimit *float64        `json:"decimalLimit"`
	EnableDate   *loose          `json:"enableDate"`
	EnableTime   *loose          `json:"enableTime"`
	InputMask    string          `json:"inputMask"`
	DataSrc      string          `json:"dataSrc"`
	Values       []value         `json:"values"`
	Data         json.RawMessage `json:"data"`
	Questions    []value         `json:"questions"` // of a survey
	Validate     validate        `json:"validate"`

	Conditional       conditional     `json:"conditional"`
	CustomConditional string          `json:"customConditional"`
	CalculateValue    json.RawMessage `json:"calculateValue"`
	CustomDefault     json.RawMessage `json:"customDefaultValue"`
	Logic             json.RawMessage `json:"logic"`
	Components        []*component    `json:"components"`
	Columns           []*component    `json:"columns"`
	Rows              json.RawMessage `json:"rows"` // of a table; of a text area a number
}

type value struct {
	Label       string `json:"label"`
	Value       word   `json:"value"`
	Description string `json:"description"`
}

type validate struct {
	Required  loose   `json:"required"`
	Integer   loose   `json:"integer"`
	MinLength *amount `json:"minLength"`
	MaxLength *amount `json:"maxLength"`
	Min       *amount `json:"min"`
	Max       *amount `json:"max"`
	Pattern   string  `json:"pattern"`
	Custom    string  `json:"custom"`
	JSON      any     `json:"json"`
}

type conditional struct {
	Show        any             `json:"show"`
	When        string          `json:"when"`
	Eq          any             `json:"eq"`
	JSON        any             `json:"json"`
	Conjunction string          `json:"conjunction"`
	Conditions  []conditionPart `json:"conditions"`
}

type conditionPart struct {
	Component string `json:"component"`
	Operator  string `json:"operator"`
	Value     any    `json:"value"`
}

// FormIO reads a form that Form.io exported.
func FormIO(data []byte, o Options) (Result, error) {
	if len(data) > maxBytes {
		return Result{}, ErrTooLarge
	}
	var source struct {
		Title      string       `json:"title"`
		Name       string       `json:"name"`
		Display    string       `json:"display"`
		Components []*component `json:"components"`
	}
	if err := unmarshal(data, &source); err != nil {
		return Result{}, err
	}
	r := &formio{maker: newMaker(o), known: map[string]*taken{}}
	r.form.Title = r.textOr(source.Title, source.Name, o.ID)
	r.top(source.Components)
	if r.count > maxComponents {
		return Result{}, ErrTooLarge
	}
	r.conditions()
	r.drop()
	return r.result()
}

// formio reads one form. Questions come first, conditions after: they may look ahead.
type formio struct {
	*maker
	count  int
	known  map[string]*taken // components by key
	owners []owner
	names  int
}

// taken is a component that has become a question.
type taken struct {
	*question
	group *question
	line  *Line
}

// owner is something with a condition that is still to be read: a page, or a question with
// those of the boxes around it.
type owner struct {
	line  *Line
	from  []*component
	group *question // that it stands in
	put   func(condition any)
}

// place is where components are being put.
type place struct {
	add    func(q *question)
	group  *question
	around []*component // the boxes around, whose conditions count for all within
	deep   int
}

// perPage is how many questions a page gets of those that stand in no panel.
const perPage = 6

// top makes pages: one of each panel, and one of each few components between panels.
func (r *formio) top(all []*component) {
	var loosePage *page
	for _, c := range all {
		if c == nil {
			continue
		}
		if c.Type == "panel" {
			loosePage = nil
			r.panel(c)
			continue
		}
		into := place{add: func(q *question) {
			if loosePage == nil || len(loosePage.Questions) >= perPage {
				loosePage = r.page("", r.form.Title)
			}
			loosePage.Questions = append(loosePage.Questions, q)
		}}
		r.component(c, into)
	}
}

func (r *formio) page(key string, title locales.Text) *page {
	r.names++
	p := &page{ID: r.id(key, fmt.Sprintf("page_%d", r.names)), Title: title}
	r.form.Pages = append(r.form.Pages, p)
	return p
}

func (r *formio) panel(c *component) {
	title := r.textOr(c.Title, c.Label, r.form.Title.VI)
	line := r.line(c.Key, c.Type, title.VI)
	p := r.page(c.Key, title)
	line.As = p.ID
	r.owners = append(r.owners, owner{line: line, from: []*component{c}, put: func(e any) { p.ShowIf = e }})
	r.code(c, line)
	for _, child := range c.Components {
		r.component(child, place{add: func(q *question) { p.Questions = append(p.Questions, q) }, deep: 1})
	}
	const most = 100
	for len(p.Questions) > most { // more than a page may have
		rest := p.Questions[most:]
		p.Questions = p.Questions[:most:most]
		p = r.page(c.Key, title)
		p.Questions = rest
		r.owners = append(r.owners, owner{line: line, from: []*component{c}, put: func(e any) { p.ShowIf = e }})
	}
}

// component puts one component, or those within it, to its place.
func (r *formio) component(c *component, at place) {
	r.count++
	if c == nil || r.count > maxComponents {
		return
	}
	if at.deep > maxNesting {
		r.line(c.Key, c.Type, c.Label).remark(locales.M("convert.nested"))
		return
	}
	at.deep++
	if within, ok := c.layout(); ok {
		at.around = append(at.around[:len(at.around):len(at.around)], c)
		r.box(c)
		for _, child := range within {
			r.component(child, at)
		}
		return
	}
	switch c.Type {
	case "button":
		return // every page of ours has its own
	case "datagrid", "editgrid":
		r.group(c, at)
	case "survey":
		r.survey(c, at)
	default:
		r.question(c, at)
	}
}

// box tells of a box whose words are lost: only pages have titles.
func (r *formio) box(c *component) {
	words := r.text(c.Title + c.Legend)
	if c.Type == "container" || words.Empty() {
		return
	}
	line := r.line(c.Key, c.Type, words.VI)
	line.remark(locales.M("convert.box"))
}

// put adds a question where it belongs and remembers its condition.
func (r *formio) put(c *component, q *question, line *Line, at place) {
	at.add(line.became(q))
	t := &taken{question: q, group: at.group, line: line}
	if _, twice := r.known[c.Key]; !twice {
		r.known[c.Key] = t
	}
	r.owners = append(r.owners, owner{line, append(at.around[:len(at.around):len(at.around)], c), at.group, func(e any) { q.ShowIf = e }})
	r.code(c, line)
}

// code tells of what only a program can say.
func (r *formio) code(c *component, line *Line) {
	if c.CustomConditional != "" || written(c.CalculateValue) || written(c.CustomDefault) || written(c.Logic) ||
		c.Validate.Custom != "" || c.Validate.JSON != nil && c.Validate.JSON != "" {
		line.remark(locales.M("convert.code"))
	}
}

// written says whether there is anything in a value that may be a text, a list or an object.
func written(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", `""`, "[]", "{}", "false":
		return false
	}
	return true
}

// drop takes out pages on which nothing is left.
func (r *formio) drop() {
	var kept []*page
	for _, p := range r.form.Pages {
		if len(p.Questions) > 0 {
			kept = append(kept, p)
		}
	}
	r.form.Pages = kept
}
