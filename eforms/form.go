// Package eforms holds interactive forms: their definition as data, what is asked when,
// what is read from a page, what is wrong with it, and what is filed in the end.
package eforms

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"motcua/locales"
)

// Form is a definition that has passed every check of Load. It is never changed
// afterwards, so one Form serves all requests at once.
type Form struct {
	Format      int                 `json:"format"`
	ID          string              `json:"id"`
	Title       locales.Text        `json:"title"`
	Audience    string              `json:"audience"`
	Declaration locales.Text        `json:"declaration"`
	Cases       []*Case             `json:"cases"`
	Tasks       []*Task             `json:"tasks"`
	Pages       []*Page             `json:"pages"`
	Rules       []*Rule             `json:"rules"`
	Lists       map[string][]Option `json:"lists"`
	Ends        []*End              `json:"ends"`
	Print       *Print              `json:"print"`

	source []byte
	count  int // of page-level questions
	byID   map[string]*Question
	all    []*Question // every question, children of groups too, in order
	looked []string    // facts that logic looks at
	order  []unit      // what to evaluate after what
}

// Case is one of the situations that the law tells apart (trường hợp). The first whose
// When holds is the dossier's; one without When always holds.
type Case struct {
	ID   string          `json:"id"`
	Name locales.Text    `json:"name"`
	When json.RawMessage `json:"when"`

	when *expr
}

// Task is a part of a long form: a row of its task list.
type Task struct {
	ID   string       `json:"id"`
	Name locales.Text `json:"name"`
	Hint locales.Text `json:"hint"`
}

// Page is what is asked at once.
type Page struct {
	No        int             `json:"-"` // 1-based place in the definition: its stable address
	ID        string          `json:"id"`
	Title     locales.Text    `json:"title"`
	Intro     locales.Text    `json:"intro"`
	Task      string          `json:"task"`
	Cases     []string        `json:"cases"`
	ShowIf    json.RawMessage `json:"show_if"`
	Questions []*Question     `json:"questions"`

	show    *expr
	decided map[int]bool // the pages whose answers decide whether this one is shown
}

// Question is one thing that is asked, computed, told or attached.
type Question struct {
	ID        string       `json:"id"`
	Kind      Kind         `json:"kind"`
	Label     locales.Text `json:"label"`
	Short     locales.Text `json:"short"` // the label as it stands inside a sentence
	Hint      locales.Text `json:"hint"`
	Text      locales.Text `json:"text"` // the words of a note or a declaration
	Optional  bool         `json:"optional"`
	National  string       `json:"national"`       // the field's name in the national message
	Parts     nationals    `json:"national_parts"` // the same for the parts of an answer that has several
	Autofill  string       `json:"autocomplete"`
	Prefix    locales.Text `json:"prefix"`
	Suffix    locales.Text `json:"suffix"`
	Width     int          `json:"width"`
	MaxLength int          `json:"max_length"`
	Min       *float64     `json:"min"`
	Max       *float64     `json:"max"`
	Decimals  int          `json:"decimals"`
	Landline  bool         `json:"landline"` // a telephone may have the 11 digits of a fixed line

	After     string `json:"after"`      // a day that this one is later than
	Before    string `json:"before"`     // a day that this one is earlier than
	NotBefore string `json:"not_before"` // the first day that it may be
	NotAfter  string `json:"not_after"`  // the last day that it may be
	Words     bool   `json:"words"`      // a day is also written in words, as civil-status papers do
	Birth     string `json:"birth"`      // the date question that an ID number is held against
	Old       bool   `json:"old"`        // an ID number may be one of nine digits, of the card before 2016
	Precision string `json:"precision"`  // of a period: day, month
	Open      bool   `json:"open"`       // a period may still go on

	Asks    []string    `json:"parts"`          // which parts of a person, a vehicle … are asked for
	Spare   []string    `json:"optional_parts"` // those that may stay empty
	Columns []*Question `json:"columns"`        // of a table
	Lines   []*Line     `json:"lines"`
	Totals  []string    `json:"totals"` // the columns that are added up

	Options []Option     `json:"options"`
	List    string       `json:"list"`
	Within  string       `json:"within"` // the choice that this list depends on
	None    locales.Text `json:"none"`
	Other   locales.Text `json:"other"` // the words of an option for what the list does not have

	Detail     string `json:"detail"`      // house and street of an address: required, optional, none
	OldAddress bool   `json:"old_address"` // an address may also be given as it was before 1/7/2025
	Abroad     bool   `json:"abroad"`      // it may also be in another country

	Tone string `json:"tone"` // of a note: info, warning

	Fact   factNames                  `json:"fact"`
	FactIf map[string]json.RawMessage `json:"fact_if"` // when the facts of a register may fill it, by the beginning of their names
	Locked bool                       `json:"locked"`

	ShowIf    json.RawMessage `json:"show_if"`
	Cases     []string        `json:"cases"`
	RequireIf json.RawMessage `json:"require_if"`
	Compute   json.RawMessage `json:"compute"`
	Default   json.RawMessage `json:"default"`
	As        string          `json:"as"` // how a computed number is shown: number, money

	Item      locales.Text `json:"item"` // what a row of a group is called
	Questions []*Question  `json:"questions"`
	Rules     []*Rule      `json:"rules"`
	MinRows   int          `json:"min_rows"`
	MaxRows   int          `json:"max_rows"`

	MaxFiles int          `json:"max_files"`
	Counter  bool         `json:"counter"` // the paper may be brought to the counter instead
	Sample   locales.Text `json:"sample"`  // what must be legible on a scan
	Paper    string       `json:"paper"`   // the type of the paper, where it is not called like the question

	From   *Origin `json:"from"`   // the preset that it was made from
	Preset string  `json:"preset"` // a reference to a preset: refused by Load, Expand comes first

	page  *Page
	group *Question   // the group that it is in, if any
	at    int         // its index in page.Questions, or in group.Questions
	seq   int         // its index among the page-level questions of the form
	held  []*Rule     // that its answer is held to
	order []*Question // of a group: its questions, what depends on others after them
	inner []*Question // the parts of a person, a period …, the cells of a table
	sex   string      // the part that an ID number is held against, beside Birth

	show, require, compute, preset *expr
	factIf                         map[string]*expr
	options                        []Option // of Options or of a list of the form; nil when the portal gives the list
}

// Origin is where a question came from when presets were expanded.
type Origin struct {
	Preset string `json:"preset"`
	Prefix string `json:"prefix"`
}

// Option is one choice of a list.
type Option struct {
	Value  string          `json:"value"`
	Label  locales.Text    `json:"label"`
	Hint   locales.Text    `json:"hint,omitzero"`
	Parent string          `json:"parent,omitempty"` // a commune's province; where a unit of before lay, in words
	Same   []string        `json:"same,omitempty"`   // how registers write this value
	Was    string          `json:"was,omitempty"`    // of a commune: what it was called and where it lay before
	Became []string        `json:"became,omitempty"` // of a unit of before: the codes of what it became
	ShowIf json.RawMessage `json:"show_if,omitempty"`

	show *expr
}

// Line is one of the fixed lines of a table.
type Line struct {
	ID       string       `json:"id"`
	Label    locales.Text `json:"label"`
	Optional bool         `json:"optional"` // it may stay empty as a whole
}

// Rule is something that must hold between answers. It is asked once all that it looks at
// is answered; its words stand beside Field.
type Rule struct {
	ID      string          `json:"id"`
	Field   string          `json:"field"`
	Check   json.RawMessage `json:"check"`
	Message locales.Text    `json:"message"`

	check *expr
}

// Kind is the kind of a question.
type Kind string

// The kinds.
const (
	TextKind    Kind = "text"
	Name        Kind = "name" // a person's name as on the card
	LongText    Kind = "longtext"
	Integer     Kind = "integer"
	Decimal     Kind = "decimal"
	Money       Kind = "money"
	Date        Kind = "date"         // a known day: three fields
	NearDate    Kind = "near_date"    // a day to choose: one field dd/mm/yyyy
	DateOrYear  Kind = "date_or_year" // three fields, day and month may stay empty
	Time        Kind = "time"
	YesNo       Kind = "yesno"
	Radios      Kind = "radios"
	Checkboxes  Kind = "checkboxes"
	Select      Kind = "select"
	PersonalID  Kind = "personal_id"
	TaxCode     Kind = "tax_code"
	Phone       Kind = "phone"
	Email       Kind = "email"
	Address     Kind = "address"
	Attachment  Kind = "attachment"
	Group       Kind = "group"
	Computed    Kind = "computed"
	Declaration Kind = "declaration"
	Note        Kind = "note"

	Period       Kind = "period"
	SearchSelect Kind = "search_select"
	Person       Kind = "person"
	BankAccount  Kind = "bank_account"
	Table        Kind = "table"
	LandParcel   Kind = "land_parcel"
	Vehicle      Kind = "vehicle"
)

// The kinds that are only parts of others.
const (
	monthKind   Kind = "month"
	accountKind Kind = "account"
	holderKind  Kind = "holder"
	plateKind   Kind = "plate"
	serialKind  Kind = "serial"
)

// The lists that the portal gives to every form.
const (
	Agencies  = "agencies"
	Provinces = "provinces"
	Communes  = "communes"
	OldUnits  = "old_units" // those that ended, with what they became
)

// nationals are the national names of an answer's parts.
type nationals map[string]string

// factNames are the facts that may fill a question, the first that is there wins.
type factNames []string

func (f *factNames) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*f = make(factNames, 1)
		return json.Unmarshal(b, &(*f)[0])
	}
	return json.Unmarshal(b, (*[]string)(f))
}

// MarshalJSON gives the definition as it was loaded.
func (f *Form) MarshalJSON() ([]byte, error) { return f.source, nil }

// UnmarshalJSON loads a definition, with every check of Load.
func (f *Form) UnmarshalJSON(b []byte) error {
	loaded, err := Load(b)
	if err != nil {
		return err
	}
	*f = *loaded
	return nil
}

// Question returns the question with that id, children of groups too.
func (f *Form) Question(id string) (*Question, bool) {
	q, ok := f.byID[id]
	return q, ok
}

// All returns every question in order, children of groups too.
func (f *Form) All() []*Question { return f.all }

// Group is the group that the question is a child of, or nil.
func (q *Question) Group() *Question { return q.group }

// PaperType is the type of the paper that an attachment question asks for.
func (q *Question) PaperType() string { return cmp.Or(q.Paper, q.ID) }

// Page is the page that the question stands on.
func (q *Question) Page() *Page { return q.page }

// Looked are the facts that the form's logic looks at; a property of a day may follow one.
func (f *Form) Looked() []string { return slices.Clone(f.looked) }

// Sources lists where the facts come from that the form names: first those of its bindings
// in order of appearance, then those that only its logic looks at.
func (f *Form) Sources() []string {
	var out []string
	add := func(name string) {
		if source := SourceOf(name); !slices.Contains(out, source) && !strings.HasPrefix(name, "applicant.") { // who files is known without asking
			out = append(out, source)
		}
	}
	for _, q := range f.all {
		for _, name := range q.Fact {
			add(name)
		}
	}
	for _, name := range f.looked {
		add(name)
	}
	return out
}
