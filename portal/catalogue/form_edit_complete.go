package catalogue

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/calendar"
)

// defaultsFile is what a procedure gets that was only described and is now to be filed.
//
//go:embed defaults.json
var defaultsFile []byte

type defaultParts struct {
	Workflow     json.RawMessage `json:"workflow"`
	AnswerWithin calendar.Rule   `json:"answer_within"`
	Papers       Papers          `json:"papers"`
	Notices      json.RawMessage `json:"notices"`
	Form         json.RawMessage `json:"form"`
}

var defaults = sync.OnceValue(func() defaultParts {
	var d defaultParts
	if err := json.Unmarshal(defaultsFile, &d); err != nil {
		panic(err)
	}
	return d
})

// firstForm is what the edit of a procedure without a form begins with.
func firstForm(doc document) (json.RawMessage, error) {
	var sheet Sheet
	if err := json.Unmarshal(doc.Sheet, &sheet); err != nil {
		return nil, fmt.Errorf("sheet: %w", err)
	}
	var form map[string]json.RawMessage
	if err := json.Unmarshal(defaults().Form, &form); err != nil {
		return nil, fmt.Errorf("first form: %w", err)
	}
	var err error
	if form["id"], err = json.Marshal(sheet.Code); err != nil {
		return nil, err
	}
	if form["title"], err = json.Marshal(sheet.Name); err != nil {
		return nil, err
	}
	if !slices.Contains(sheet.Audience, Citizen) {
		form["audience"] = json.RawMessage(`"business"`)
	}
	return json.Marshal(form)
}

// complete gives the document what a procedure that can be filed must have and this one has
// not, and notes what it gave.
func (c *Candidate) complete(form *eforms.Form) error {
	var sheet Sheet
	if err := json.Unmarshal(c.doc.Sheet, &sheet); err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	add := func(what string) { c.Added = append(c.Added, what) }
	if len(c.doc.Workflow) == 0 {
		c.doc.Workflow = defaults().Workflow
		add("workflow")
	}
	if !c.doc.Deadline.Valid() && len(sheet.Channels) > 0 {
		c.doc.Deadline = calendar.Rule{Amount: sheet.Channels[0].Time.Amount, Unit: sheet.Channels[0].Time.Unit}
		add("terms")
	}
	if !c.doc.AnswerWithin.Valid() {
		c.doc.AnswerWithin = defaults().AnswerWithin
		add("terms")
	}
	if len(c.doc.Papers) == 0 {
		papers := defaults().Papers
		if len(sheet.Results) > 0 {
			papers.Result.Title = sheet.Results[0].Name
		}
		var err error
		if c.doc.Papers, err = json.Marshal(papers); err != nil {
			return err
		}
		add("papers")
	}
	c.Added = slices.Compact(c.Added)
	return c.completeSheet(sheet, form)
}

// completeSheet puts the way online and the papers that are asked for into the sheet:
// people read before they begin what they will be asked.
func (c *Candidate) completeSheet(sheet Sheet, form *eforms.Form) error {
	before := len(c.Added)
	if _, online := sheet.Channel(Online); !online && len(sheet.Channels) > 0 {
		way := sheet.Channels[0]
		way.Channel = Online
		sheet.Channels = append([]Channel{way}, sheet.Channels...)
		c.Added = append(c.Added, "online")
	}
	if sheet.Level < 3 {
		sheet.Level = 3
		c.Added = append(c.Added, "level")
	}
	if missing := unlisted(sheet, form); len(missing) > 0 {
		if len(sheet.Components) == 0 {
			sheet.Components = []Components{{}}
		}
		sheet.Components[0].Papers = append(slices.Clone(sheet.Components[0].Papers), missing...)
		c.Added = append(c.Added, "components")
	}
	if len(c.Added) == before {
		return nil // the sheet's own bytes stay
	}
	b, err := json.Marshal(sheet)
	c.doc.Sheet = b
	return err
}

// unlisted are the papers of the form that the sheet does not name.
func unlisted(sheet Sheet, form *eforms.Form) []Component {
	known := map[string]bool{}
	for _, set := range sheet.Components {
		for _, p := range set.Papers {
			known[p.Code] = true
		}
	}
	var all []Component
	for _, q := range form.All() {
		if q.Kind == eforms.Attachment && !known[q.ID] {
			all = append(all, Component{Code: q.ID, Name: q.Label, Copies: 1, Optional: q.Optional})
		}
	}
	return all
}

// pointerOf is where in a definition a question stands, by its id.
func pointerOf(definition []byte, id string) string {
	form, err := eforms.Load(definition)
	if err != nil {
		return ""
	}
	q, ok := form.Question(id)
	if !ok {
		return ""
	}
	for i, p := range form.Pages {
		for j, one := range p.Questions {
			place := "/pages/" + strconv.Itoa(i) + "/questions/" + strconv.Itoa(j)
			if one == q {
				return place
			}
			if k := slices.Index(one.Questions, q); k >= 0 {
				return place + "/questions/" + strconv.Itoa(k)
			}
		}
	}
	return ""
}

// FeeUntaken says that the sheet names a price for filing online and no rule takes it.
func (r *Revision) FeeUntaken() bool {
	online, ok := r.Sheet.Channel(Online)
	return ok && len(r.Fees) == 0 && slices.ContainsFunc(online.Fees, func(p Price) bool { return p.Amount != 0 || p.Unit == (locales.Text{}) })
}
