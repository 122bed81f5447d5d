package convert

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"motcua/eforms"
	"motcua/locales"
)

// govukForm is a form as GOV.UK Forms gives it: with pages, or as newer documents do with
// steps, in which a question's own properties lie one level deeper.
type govukForm struct {
	Name         phrase       `json:"name"`
	Declaration  phrase       `json:"declaration_text"`
	Declaration2 phrase       `json:"declaration_markdown"`
	Next         phrase       `json:"what_happens_next_markdown"`
	Payment      phrase       `json:"payment_url"`
	Pages        []*govukPage `json:"pages"`
	Steps        []*govukPage `json:"steps"`
	Content      *govukForm   `json:"content"` // a stored document wraps the form
}

type govukPage struct {
	ID       word `json:"id"`
	Next     word `json:"next_page"`
	NextStep word `json:"next_step_id"`
	govukQuestion
	Data   govukQuestion `json:"data"`
	Routes []route       `json:"routing_conditions"`

	no       int // its place
	line     *Line
	page     *page
	question *question
}

type govukQuestion struct {
	Text       phrase `json:"question_text"`
	Hint       phrase `json:"hint_text"`
	Type       string `json:"answer_type"`
	Optional   loose  `json:"is_optional"`
	Repeatable loose  `json:"is_repeatable"`
	Heading    phrase `json:"page_heading"`
	Guidance   phrase `json:"guidance_markdown"`
	Settings   struct {
		Input   json.RawMessage `json:"input_type"`
		Title   loose           `json:"title_needed"`
		Only    loose           `json:"only_one_option"`
		Options []struct {
			Name  phrase `json:"name"`
			Value word   `json:"value"`
		} `json:"selection_options"`
		None struct {
			Text phrase `json:"question_text"`
		} `json:"none_of_the_above_question"`
	} `json:"answer_settings"`
}

// phrase is words, or words by language.
type phrase string

func (p *phrase) UnmarshalJSON(b []byte) error {
	var by map[string]string
	if json.Unmarshal(b, &by) == nil {
		*p = phrase(by["en"])
		return nil
	}
	var s string
	if json.Unmarshal(b, &s) == nil {
		*p = phrase(s)
	}
	return nil
}

// GOVUK reads a form of GOV.UK Forms.
func GOVUK(data []byte, o Options) (Result, error) {
	if len(data) > maxBytes {
		return Result{}, ErrTooLarge
	}
	var source govukForm
	if err := unmarshal(data, &source); err != nil {
		return Result{}, err
	}
	if source.Content != nil {
		source = *source.Content
	}
	pages := slices.DeleteFunc(append(source.Pages, source.Steps...), func(p *govukPage) bool { return p == nil })
	if len(pages) > maxComponents {
		return Result{}, ErrTooLarge
	}
	g := &govuk{maker: newMaker(o), byID: map[string]*govukPage{}}
	g.form.Title = g.textOr(string(source.Name), o.ID)
	g.form.Declaration = g.text(string(source.Declaration) + markdown(string(source.Declaration2)))
	g.outside("what_happens_next_markdown", source.Next)
	g.outside("payment_url", source.Payment)
	for i, p := range pages {
		p.no = i
		if p.Type == "" {
			p.govukQuestion = p.Data
		}
		if _, twice := g.byID[string(p.ID)]; !twice {
			g.byID[string(p.ID)] = p
		}
		g.page(p)
	}
	g.pages = pages
	g.routes()
	return g.result()
}

// govuk reads one form.
type govuk struct {
	*maker
	pages []*govukPage
	byID  map[string]*govukPage
	jumps []jump
}

// outside tells of what belongs to the procedure, not to its form.
func (g *govuk) outside(name string, words phrase) {
	if words != "" {
		g.line(name, "", string(words)).remark(locales.M("convert.procedure"))
	}
}

// answers are the types of GOV.UK Forms.
var answers = map[string]eforms.Kind{
	"name": eforms.Name, "organisation_name": eforms.TextKind, "email": eforms.Email, "phone_number": eforms.Phone,
	"national_insurance_number": eforms.PersonalID, "address": eforms.Address, "date": eforms.Date, "number": eforms.Decimal,
	"selection": eforms.Radios, "text": eforms.TextKind, "file": eforms.Attachment,
}

// page makes a page of one question, as every page there is.
func (g *govuk) page(p *govukPage) {
	label := g.textOr(string(p.Text), string(p.ID))
	p.line = g.line(string(p.ID), p.Type, label.VI)
	kind, known := answers[p.Type]
	if !known {
		p.line.remark(locales.M("convert.unknown"))
		return
	}
	q := &question{Kind: kind, Label: label, Short: g.short(label), Hint: g.text(string(p.Hint)), Optional: bool(p.Optional)}
	g.detail(p, q)
	if bool(p.Repeatable) && kind != eforms.Attachment {
		q = g.repeated(p, q)
	} else {
		q.ID = g.id(label.VI, "question_"+strconv.Itoa(p.no+1))
	}
	p.question = p.line.became(q)
	p.page = &page{
		ID: g.id("page_"+strconv.Itoa(p.no+1), "page"), Title: g.textOr(string(p.Heading), label.VI),
		Intro: g.text(markdown(string(p.Guidance))), Questions: []*question{q},
	}
	g.form.Pages = append(g.form.Pages, p.page)
}

// detail sets what is particular to a type.
func (g *govuk) detail(p *govukPage, q *question) {
	var sort string
	var address struct {
		International loose `json:"international_address"`
	}
	if json.Unmarshal(p.Settings.Input, &sort) != nil {
		sort = ""
		_ = json.Unmarshal(p.Settings.Input, &address) // the two shapes of one property
	}
	switch p.Type {
	case "name":
		if sort != "" && sort != "full_name" || bool(p.Settings.Title) {
			p.line.remark(locales.M("convert.name"))
		}
	case "text":
		if sort == "long_text" {
			q.Kind = eforms.LongText
		}
	case "date":
		if sort == "date_of_birth" {
			q.NotAfter = "today"
		}
	case "address":
		q.Abroad = bool(address.International)
		p.line.remark(locales.M("convert.address"))
	case "national_insurance_number":
		p.line.remark(locales.M("convert.national_number"))
	case "file":
		q.MaxFiles = 1
	case "selection":
		g.selection(p, q)
	}
}

// manyRadios is from how many options on a list is better than buttons.
const manyRadios = 10

func (g *govuk) selection(p *govukPage, q *question) {
	var all []value
	for _, o := range p.Settings.Options {
		was := o.Value
		if was == "" {
			was = word(o.Name)
		}
		all = append(all, value{Label: string(o.Name), Value: was})
	}
	if len(all) == 0 {
		q.Kind = eforms.TextKind
		p.line.remark(locales.M("convert.options_outside"))
		return
	}
	q.Options = g.options(all, p.line)
	const none = "none_of_the_above"
	words := said(locales.M("convert.none_of_the_above"))
	switch {
	case !bool(p.Settings.Only):
		q.Kind = eforms.Checkboxes
		if p.Optional {
			q.None, q.Optional = words, false
		}
	case bool(p.Optional): // "none of the above" is one more choice there
		q.Options, q.Optional = append(q.Options, option{Value: none, Label: words, was: none}), false
		fallthrough
	default:
		if len(q.Options) > manyRadios {
			q.Kind = eforms.Select
		}
	}
	if p.Settings.None.Text != "" {
		p.line.remark(locales.M("convert.none_question"))
	}
}

// repeated makes a group of a question that may be answered several times.
func (g *govuk) repeated(p *govukPage, q *question) *question {
	group := &question{Kind: eforms.Group, Label: q.Label, Short: q.Short, Item: g.textOr(q.Short.VI, q.Label.VI), MaxRows: 20, Questions: []*question{q}}
	if !q.Optional {
		group.MinRows = 1
	}
	group.ID = g.id(q.Label.VI, fmt.Sprintf("rows_%d", p.no+1))
	q.ID = g.id(group.ID+"_one", "one")
	p.line.remark(locales.M("convert.rows_limit", locales.N("n", int64(group.MaxRows))))
	return group
}
