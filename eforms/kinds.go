package eforms

import (
	"reflect"
	"strings"

	"motcua/locales"
)

// behaviour is what a kind of question does. What is nil is not done.
type behaviour struct {
	controls []string // the ends of its controls' names, when it has several
	ticks    bool     // its controls send nothing when nothing is ticked
	enters   bool     // an answer is entered, not chosen: for the words of a missing one

	read  func(b sent, a asked) any            // what was sent: in its final form when it can be right, else as typed
	value func(a asked, answer any) any        // what logic sees; nil for none and for what cannot be right
	check func(a asked, answer any) *complaint // what is wrong with an answer that is there
	say   func(a asked, answer any) locales.Text
	draw  func(a asked, answer any, f *Field)
	fill  func(a asked, name string) any // from facts; nil = the fact's value read like an answer

	inner  func(f *Form, q *Question) []*Question  // the parts that are questions themselves
	gather func(a asked, value map[string]any) any // what logic sees, from what it sees of the parts
}

// complaint is what is wrong with an answer, and with which part of it.
type complaint struct {
	part    string
	message *locales.Message
}

// wrong makes a complaint whose message has the label as its first argument.
func wrong(a asked, key string, args ...locales.Arg) *complaint {
	args = append([]locales.Arg{locales.T("label", a.q.begin())}, args...)
	return &complaint{message: message(key, args...)}
}

var kinds map[Kind]*behaviour

func init() { // the table and its functions know one another
	kinds = map[Kind]*behaviour{
		TextKind:    textKind(200),
		Name:        nameKind(),
		LongText:    textKind(2000),
		Email:       emailKind(),
		Phone:       phoneKind(),
		PersonalID:  personalIDKind(),
		TaxCode:     taxCodeKind(),
		Integer:     integerKind(),
		Decimal:     decimalKind(),
		Money:       moneyKind(),
		Date:        dateKind(false),
		DateOrYear:  dateKind(true),
		NearDate:    nearDateKind(),
		Time:        timeKind(),
		YesNo:       yesNoKind(),
		Radios:      choiceKind(),
		Select:      choiceKind(),
		Checkboxes:  checkboxesKind(),
		Declaration: declarationKind(),
		Address:     addressKind(),
		Attachment:  attachmentKind(),
		Computed:    computedKind(),
		Group:       {},
		Note:        {},

		Period:       periodKind(),
		SearchSelect: searchSelectKind(),
		Person:       personKind(),
		BankAccount:  bankAccountKind(),
		Table:        tableKind(),
		LandParcel:   landParcelKind(),
		Vehicle:      vehicleKind(),
		monthKind:    monthBehaviour(),
		accountKind:  accountBehaviour(),
		holderKind:   holderBehaviour(),
		plateKind:    plateBehaviour(),
		serialKind:   serialBehaviour(),
	}
}

func (q *Question) does() *behaviour {
	if b := kinds[q.Kind]; b != nil {
		return b
	}
	return &behaviour{}
}

// blank says whether an answer is none at all.
func blank(answer any) bool {
	switch v := answer.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case bool:
		return false
	case []any:
		for _, e := range v {
			if !blank(e) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, e := range v {
			if !blank(e) {
				return false
			}
		}
		return true
	}
	return false
}

// text is an answer as a string; anything else is none.
func text(answer any) string {
	s, _ := answer.(string)
	return s
}

// part is one part of an answer that has several.
func part(answer any, name string) string {
	m, _ := answer.(map[string]any)
	return text(m[name])
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// asked is a question at its place: on a page, or in a row of a group.
type asked struct {
	s    *state
	q    *Question
	row  *row
	name string // of its control

	whole *asked // what it is a part of, when it is a part
	own   *cell  // its cell then
}

func (a asked) cell() *cell {
	if a.own != nil {
		return a.own
	}
	if a.row != nil {
		return &a.row.cells[a.q.at]
	}
	return &a.s.cells[a.q.seq]
}

// sibling is another question as seen from this one: of the same row, of the row around
// it, or of a page.
func (a asked) sibling(id string) (asked, bool) {
	if a.whole != nil {
		for i, p := range a.whole.q.inner {
			if p.ID == id {
				return a.whole.part(i), true
			}
		}
		return a.whole.sibling(id)
	}
	q := a.s.run.Form.byID[id]
	if q == nil {
		return asked{}, false
	}
	if q.group != nil {
		row := a.row
		if a.q.group != q.group {
			row = row.around()
		}
		if row == nil || a.q.group != q.group && a.q.group.group != q.group {
			return asked{}, false
		}
		return a.s.child(row, q), true
	}
	return asked{s: a.s, q: q, name: q.ID}, true
}

// controlNames are the names of the question's controls.
func (a asked) controlNames() []string {
	if len(a.q.inner) > 0 {
		var names []string
		for i := range a.q.inner {
			names = append(names, a.part(i).controlNames()...)
		}
		return names
	}
	ends := a.q.does().controls
	if len(ends) == 0 {
		return []string{a.name}
	}
	names := make([]string, len(ends))
	for i, end := range ends {
		names[i] = strings.TrimSuffix(a.name+"."+end, ".")
	}
	return names
}

// required says whether the question must be answered now.
func (a asked) required() bool {
	switch {
	case a.q.require != nil:
		return a.s.holds(a.q.require, a.row)
	case a.q.Kind == Group:
		return a.q.MinRows > 0
	}
	return !a.q.Optional
}
