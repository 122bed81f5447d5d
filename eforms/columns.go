package eforms

import (
	"strings"

	"motcua/locales"
)

// Several dossiers of one form may be filled in a spreadsheet: a line each, and a column
// for every control that one cell can hold. A column's code is the name of the control on
// the page; in a group a row's number stands in it: prizes.1.prize_name.

// Need says whether a cell must be filled.
type Need string

// The needs.
const (
	Always    Need = "always"
	Sometimes Need = "sometimes" // it depends on other answers
	Never     Need = "never"
)

// Column is one cell of a line.
type Column struct {
	Code     string // without row numbers: promotion_from, prizes.prize_name
	Sheet    string // the code of its sheet, "" the form's own
	Question *Question
	Part     string // of an address: province, commune, detail, old
	Label    locales.Text
	Hint     locales.Text
	Need     Need
	Register bool     // a register gives it: the cell is for when it does not
	Several  bool     // any number of the options, with ; between
	Options  []Option // what it can say; nil for free words
	List     string   // which list they are, when several columns have the same
}

// Sheet is a table to be filled: the form's own, or that of a group, whose rows name the
// line that they belong to and, in an inner group, the row.
type Sheet struct {
	Code    string // "" or the group's: prizes, joint_traders.joint_goods
	Group   *Question
	Outer   *Question
	Columns []Column
}

// Sheets are the tables of a form: its own first. Lists are those of a run.
func (f *Form) Sheets(lists map[string][]Option) []Sheet {
	b := columns{lists: lists}
	main := b.sheet("", nil, nil)
	for _, p := range f.Pages {
		for _, q := range p.Questions {
			b.add(main, q)
		}
	}
	out := make([]Sheet, len(b.sheets))
	for i, s := range b.sheets {
		out[i] = *s
	}
	return out
}

// columns gathers the sheets of a form.
type columns struct {
	lists  map[string][]Option
	sheets []*Sheet
}

func (b *columns) sheet(code string, group, outer *Question) *Sheet {
	s := &Sheet{Code: code, Group: group, Outer: outer}
	b.sheets = append(b.sheets, s)
	return s
}

func (b *columns) add(to *Sheet, q *Question) {
	code := strings.TrimPrefix(to.Code+"."+q.ID, ".")
	switch {
	case q.Kind == Group:
		inner := b.sheet(code, q, to.Group)
		for _, child := range q.Questions {
			b.add(inner, child)
		}
	case q.Kind == Note || q.Kind == Computed || q.Kind == Attachment && !q.Counter:
	case len(q.inner) > 0:
		for _, p := range q.inner {
			c := b.column(code+"."+p.ID, p)
			if c.Label = among(p.Label, q.Label); q.Kind == Table {
				c.Label = among(p.name(), q.Label)
			}
			c.Need, c.Sheet = q.need(p.Optional), to.Code
			to.Columns = append(to.Columns, c)
		}
	case q.Kind == Address:
		b.address(to, code, q)
	default:
		c := b.column(code, q)
		c.Sheet = to.Code
		to.Columns = append(to.Columns, c)
	}
}

func (b *columns) column(code string, q *Question) Column {
	c := Column{Code: code, Question: q, Label: q.Label, Hint: q.Hint, Need: q.need(q.Optional), Register: q.Locked && len(q.Fact) > 0}
	switch {
	case q.Kind == Checkboxes:
		c.Several = true
		fallthrough
	case q.oneOf():
		c.Options, c.List = q.options, q.List
		if c.Options == nil {
			c.Options = b.lists[q.List]
		}
		if !q.None.Empty() {
			c.Options, c.List = append(c.Options[:len(c.Options):len(c.Options)], Option{Value: none, Label: q.None}), ""
		}
	case q.Kind == YesNo:
		c.Options, c.List = []Option{{Value: "yes", Label: say("eforms.yes")}, {Value: "no", Label: say("eforms.no")}}, "yesno"
	case q.Kind == Declaration:
		c.Options, c.List = []Option{{Value: "yes", Label: say("eforms.yes")}}, "yes"
	case q.Kind == Attachment:
		c.Options, c.List = []Option{{Value: "counter", Label: say("eforms.cell.counter")}}, "counter"
		c.Need = Never // a file may be attached instead
	}
	return c
}

// address is its parts; one abroad has lines of its own, which pages ask for.
func (b *columns) address(to *Sheet, code string, q *Question) {
	parts := []string{"province", "commune"}
	if q.Detail != "none" {
		parts = append(parts, "detail")
	}
	if q.OldAddress {
		parts = append(parts, "old")
	}
	for _, part := range parts {
		c := Column{Code: code + "." + part, Sheet: to.Code, Question: q, Part: part, Label: among(say("eforms.label."+part), q.Label),
			Need: q.need(q.Optional || part == "old" || part == "detail" && q.Detail == "optional"), Register: q.Locked && len(q.Fact) > 0}
		switch part {
		case "province":
			c.Options, c.List = b.lists[Provinces], Provinces
		case "commune":
			c.Options, c.List = b.lists[Communes], Communes
		default:
			c.Hint = say("eforms.hint." + part)
		}
		to.Columns = append(to.Columns, c)
	}
}

// need is whether a cell of the question must be filled, as far as that is sure before
// anything is answered.
func (q *Question) need(optional bool) Need {
	unsure := q.require != nil || q.show != nil || len(q.Cases) > 0 || len(q.Fact) > 0 || q.preset != nil
	if q.page != nil {
		unsure = unsure || q.page.show != nil || len(q.page.Cases) > 0
	}
	switch {
	case optional:
		return Never
	case unsure:
		return Sometimes
	}
	return Always
}

// unnumbered is a control's name without the numbers of its rows: the code of its column.
func (f *Form) unnumbered(name string) string {
	head, _, _ := strings.Cut(name, ".")
	if q := f.byID[head]; q != nil && q.Kind == Group && q.group == nil {
		return unnumbered([]*Question{q}, name)
	}
	return name
}

func unnumbered(questions []*Question, name string) string {
	head, rest, _ := strings.Cut(name, ".")
	q := groupIn(questions, head)
	if q == nil {
		return name
	}
	no, inner, _ := strings.Cut(rest, ".")
	if _, ok := digits(no); !ok {
		return name
	}
	return strings.TrimSuffix(head+"."+unnumbered(q.Questions, inner), ".")
}
