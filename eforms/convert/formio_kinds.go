package convert

import (
	"fmt"
	"math"
	"strconv"

	"motcua/eforms"
	"motcua/locales"
)

// kindOf are the types of Form.io that have a kind of ours.
var kindOf = map[string]eforms.Kind{
	"textfield": eforms.TextKind, "textarea": eforms.LongText, "url": eforms.TextKind, "tags": eforms.TextKind,
	"number": eforms.Decimal, "currency": eforms.Money, "email": eforms.Email, "phoneNumber": eforms.Phone,
	"checkbox": eforms.YesNo, "selectboxes": eforms.Checkboxes, "radio": eforms.Radios, "select": eforms.Select,
	"datetime": eforms.NearDate, "day": eforms.Date, "time": eforms.Time, "address": eforms.Address, "file": eforms.Attachment,
	"content": eforms.Note, "htmlelement": eforms.Note,
}

// changed are the types that become something near.
var changed = map[string]locales.Message{
	"url": locales.M("convert.as_text"), "tags": locales.M("convert.as_text"), "address": locales.M("convert.address"),
}

// question makes a question of a component, or says why there is none.
func (r *formio) question(c *component, at place) {
	label := r.textOr(c.Label, c.Title, c.Key)
	line := r.line(c.Key, c.Type, label.VI)
	kind, known := kindOf[c.Type]
	switch {
	case !known:
		line.remark(locales.M("convert.unknown"))
		return
	case bool(c.Hidden):
		line.remark(locales.M("convert.hidden"))
		return
	case at.group != nil && kind == eforms.Attachment:
		line.remark(locales.M("convert.in_rows"))
		return
	}
	q := &question{ID: "", Kind: kind, Label: label, Hint: r.hint(c), Optional: bool(!c.Validate.Required)}
	if m, ok := changed[c.Type]; ok {
		line.remark(m)
	}
	if !r.detail(c, q, line, at) {
		return
	}
	q.ID = r.id(c.Key, "question")
	if q.Kind != eforms.Note {
		q.Short = r.short(q.Label)
	}
	r.preset(c, q, line)
	r.put(c, q, line, at)
}

// hint are the words beside a component, in one place or the other.
func (r *formio) hint(c *component) locales.Text {
	if t := r.text(c.Description); !t.Empty() {
		return t
	}
	return r.text(c.Tooltip)
}

// detail sets what is particular to a kind; false when nothing can be made of it.
func (r *formio) detail(c *component, q *question, line *Line, at place) bool {
	if c.Validate.Pattern != "" || c.InputMask != "" {
		line.remark(locales.M("convert.pattern"))
	}
	switch q.Kind {
	case eforms.TextKind, eforms.LongText:
		q.Prefix, q.Suffix = r.text(c.Prefix), r.text(c.Suffix)
		if n := c.Validate.MaxLength; n != nil && *n >= 1 {
			q.MaxLength = int(min(*n, 5000))
		}
		if n := c.Validate.MinLength; n != nil && *n > 1 {
			line.remark(locales.M("convert.min_length"))
		}
	case eforms.Decimal, eforms.Money:
		r.number(c, q)
	case eforms.YesNo:
		if !q.Optional && at.group == nil { // a box that must be ticked
			q.Kind, q.Text = eforms.Declaration, q.Label
		}
	case eforms.Radios, eforms.Select, eforms.Checkboxes:
		return r.choice(c, q, line)
	case eforms.NearDate:
		if c.EnableDate != nil && !*c.EnableDate {
			q.Kind = eforms.Time
		} else if c.EnableTime == nil || bool(*c.EnableTime) {
			line.remark(locales.M("convert.time"))
		}
	case eforms.Attachment:
		q.MaxFiles = 1
		if c.Multiple {
			q.MaxFiles = 10
		}
	case eforms.Note:
		q.Text, q.Label, q.Hint, q.Optional = r.text(c.HTML+c.Content), locales.Text{}, locales.Text{}, false
		if q.Text.Empty() {
			line.remark(locales.M("convert.unknown"))
			return false
		}
	}
	if bool(c.Multiple) && q.Kind != eforms.Attachment {
		line.remark(locales.M("convert.multiple"))
	}
	return true
}

func (r *formio) number(c *component, q *question) {
	q.Prefix, q.Suffix = r.text(c.Prefix), r.text(c.Suffix)
	switch d := c.DecimalLimit; {
	case q.Kind == eforms.Money:
		q.Prefix, q.Suffix = locales.Text{}, locales.Text{}
	case bool(c.Validate.Integer) || d != nil && *d <= 0:
		q.Kind = eforms.Integer
	case d != nil:
		q.Decimals = int(min(*d, 6))
	}
	q.Min, q.Max = bound(c.Validate.Min, q.Kind), bound(c.Validate.Max, q.Kind)
}

// bound is a limit that a number of that kind can have, or nil.
func bound(a *amount, k eforms.Kind) *float64 {
	const most = 999_999_999_999_999
	if a == nil {
		return nil
	}
	f := float64(*a)
	if math.IsNaN(f) || math.Abs(f) > most || k != eforms.Decimal && f != math.Trunc(f) || f != 0 && math.Abs(f) < 1e-6 {
		return nil
	}
	return &f
}

// choice sets the options; without any of its own a choice is a line to write in.
func (r *formio) choice(c *component, q *question, line *Line) bool {
	all, ok := c.choices()
	if !ok {
		q.Kind = eforms.TextKind
		line.remark(locales.M("convert.options_outside"))
		return true
	}
	if c.Multiple {
		q.Kind = eforms.Checkboxes
	}
	q.Options = r.options(all, line)
	return true
}

// maxOptions is how many a question may have.
const maxOptions = 1000

func (m *maker) options(all []value, line *Line) []option {
	if len(all) > maxOptions {
		all = all[:maxOptions]
		line.remark(locales.M("convert.options_many"))
	}
	used := map[string]bool{"none": true}
	var out []option
	for i, v := range all {
		name := optionValue(string(v.Value))
		if name == "" {
			name = optionValue(slug(v.Label))
		}
		if name == "" {
			name = fmt.Sprintf("o%d", i+1)
		}
		for n := 2; used[name]; n++ {
			name = fmt.Sprintf("o%d_%d", i+1, n)
		}
		used[name] = true
		out = append(out, option{Value: name, Label: m.textOr(v.Label, string(v.Value), strconv.Itoa(i+1)), Hint: m.text(v.Description), was: string(v.Value)})
	}
	return out
}

// optionValue is a value that an option may have as it is, or made of its letters.
func optionValue(s string) string {
	fits := s != "" && len(s) <= 60
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		fits = fits && (letter || i > 0 && (r == '_' || r == '.' || r == '-'))
	}
	if fits {
		return s
	}
	return slug(s)
}

// preset takes over a value that stands there from the start.
func (r *formio) preset(c *component, q *question, line *Line) {
	s := plain(wordOf(c.DefaultValue))
	switch {
	case s == "" || s == "false" || q.Kind == eforms.Declaration || q.Kind == eforms.Note || q.Kind == eforms.Attachment:
		return
	case q.chooses():
		if v, ok := q.value(s); ok {
			q.Default = v
			return
		}
	case q.Kind == eforms.TextKind || q.Kind == eforms.LongText:
		q.Default = cut(s, 200)
		return
	case q.Kind == eforms.YesNo:
		q.Default = s == "true"
		return
	case q.Kind == eforms.Integer || q.Kind == eforms.Decimal:
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			a := amount(f)
			if b := bound(&a, q.Kind); b != nil {
				q.Default = *b
				return
			}
		}
	}
	line.remark(locales.M("convert.preset"))
}

// group makes a repeated group of a grid.
func (r *formio) group(c *component, at place) {
	label := r.textOr(c.Label, c.Key, c.Type)
	line := r.line(c.Key, c.Type, label.VI)
	if at.group != nil {
		line.remark(locales.M("convert.in_rows"))
		return
	}
	q := &question{Kind: eforms.Group, Label: label, Short: r.short(label), Hint: r.text(c.Description), Item: label, MaxRows: 20}
	if n := c.Validate.MinLength; n != nil && *n > 0 {
		q.MinRows = int(min(*n, 50))
	} else if c.Validate.Required {
		q.MinRows = 1
	}
	if n := c.Validate.MaxLength; n != nil && *n >= 1 {
		q.MaxRows = int(min(*n, 200))
	}
	q.MaxRows = max(q.MaxRows, q.MinRows)
	q.ID = r.id(c.Key, "rows")
	within := place{group: q, deep: at.deep, add: func(child *question) { q.Questions = append(q.Questions, child) }}
	for _, child := range c.Components {
		r.component(child, within)
	}
	const most = 50
	if len(q.Questions) > most {
		q.Questions = q.Questions[:most]
		line.remark(locales.M("convert.rows_many"))
	}
	if len(q.Questions) == 0 {
		line.remark(locales.M("convert.empty"))
		return
	}
	r.put(c, q, line, at)
}

// survey makes a choice of each question of a survey.
func (r *formio) survey(c *component, at place) {
	for _, one := range c.Questions {
		single := *c
		single.Type, single.Key, single.Label, single.DefaultValue = "radio", string(one.Value), one.Label, nil
		r.component(&single, at)
	}
	if len(c.Questions) == 0 {
		r.line(c.Key, c.Type, c.Label).remark(locales.M("convert.empty"))
	}
}
