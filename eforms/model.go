package eforms

import "motcua/locales"

// PageModel is a page as a template draws it.
type PageModel struct {
	No     int
	ID     string
	Title  locales.Text
	Intro  locales.Text
	Task   *Task
	Step   int // which of the pages shown it is
	Steps  int // how many there are; 0 while an answer still to come may change that
	Fields []Field
	Faults Faults // of this page, for the summary
}

// Field is a question as a template draws it.
type Field struct {
	ID           string // of the first control: where a fault's link goes
	Name         string
	Kind         Kind
	Label        locales.Text
	Hint         locales.Text
	Text         locales.Text // of a note or a declaration
	Prefix       locales.Text
	Suffix       locales.Text
	Autocomplete string
	InputMode    string
	Width        int // in characters, 0 = full
	MaxLength    int
	Value        string // of a single control, as typed
	Checked      bool   // of a declaration
	Choices      []Choice
	Parts        []Part // of a date or an address
	Optional     bool
	Fault        *locales.Message
	Warning      *locales.Message
	Locked       bool
	Shown        locales.Text // the value in words, for a summary row
	Source       *Fact        // where the value shown comes from
	Rows         []GroupRow
	Item         locales.Text // what a row is called
	Add          string       // the value of the button "them", "" when no row may be added
	Choose       string       // the value of the button "chon" that fetches a dependent list, or ""
	Component    *Component
	Files        int // how many files are attached
}

// Choice is one radio button, tick box or option.
type Choice struct {
	ID      string
	Value   string
	Label   locales.Text
	Hint    locales.Text
	Checked bool
	None    bool // "none of these"
}

// Part is one control of a question that has several.
type Part struct {
	ID           string
	Name         string
	Part         string // day, month, year, province, commune, detail, old
	Label        locales.Text
	Hint         locales.Text
	Value        string
	Autocomplete string
	InputMode    string
	Width        int
	Choices      []Choice // of a select; nil for an input
	Optional     bool
	Wrong        bool
}

// GroupRow is one row of a repeated group.
type GroupRow struct {
	Index  int
	Title  locales.Text
	Fields []Field
	Remove string // the value of the button "bo", "" when the row must stay
}

// Section is a page of the outline: what the check page, papers and officers see.
type Section struct {
	Page  int
	ID    string
	Title locales.Text
	Rows  []Row
}

// Row is one answer of the outline.
type Row struct {
	ID       string
	Kind     Kind
	Label    locales.Text
	Value    locales.Text
	Empty    bool // left unanswered
	Locked   bool
	Source   *Fact
	Warning  *locales.Message
	National string
	Groups   []RowGroup // the rows of a repeated group
}

// RowGroup is one row of a repeated group in the outline.
type RowGroup struct {
	Title locales.Text
	Rows  []Row
}
