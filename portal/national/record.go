// Package national exchanges the catalogue in the names of the national procedure record:
// files of other systems are read, reported on by row and column, kept as the national list,
// compared with what is in force, and taken over as drafts.
package national

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// The kinds of what a field holds.
const (
	codeKind    = "code"    // of a procedure
	textKind    = "text"    // words of no language: a number, a symbol
	wordsKind   = "words"   // a locales.Text; other languages under the name with _EN, _KM
	numberKind  = "number"  // whole, not negative
	moneyKind   = "money"   // đồng
	dayKind     = "day"     // 2006-01-02
	flagKind    = "flag"    // yes or no
	codedKind   = "coded"   // one of Values
	levelKind   = "level"   // one of Values that is a number
	codesKind   = "codes"   // several of Values
	stringsKind = "strings" // several texts
	groupKind   = "group"   // other fields
)

// Field is a field of the national record and where the sheet has it: record.json. A field
// of ours has no place in the national record and is there so that nothing is lost between
// two portals.
type Field struct {
	Name   string   `json:"name"`
	Path   string   `json:"path"` // in the JSON of the sheet, from the field around it
	Kind   string   `json:"kind"`
	Many   bool     `json:"many"`
	Main   string   `json:"main"` // of a group: the field that a bare text stands for
	Keys   []string `json:"keys"` // of a repeated group: by what its rows are found again
	Unit   string   `json:"unit"` // of a number: the field beside it that takes the unit behind the number
	Also   []string `json:"also"` // other titles
	Ours   bool     `json:"ours"`
	Values []Value  `json:"values"`
	Inner  []*Field `json:"inner"`

	inside index
	known  map[string]Value // by what they are called
}

// Value is one that a field may have, as the sheet, a table and the national services write
// it. One without a word of ours exists, but not in a province.
type Value struct {
	Ours     string   `json:"ours"`
	Word     string   `json:"word"`
	National string   `json:"national"`
	Also     []string `json:"also"`
}

//go:embed record.json
var recordJSON []byte

// Fields are all that the record has, in the order of the sheet.
var Fields = mustFields()

func mustFields() []*Field {
	var all []*Field
	if err := json.Unmarshal(recordJSON, &all); err != nil {
		panic("record.json: " + err.Error()) // part of the program
	}
	return all
}

// index finds the fields of a list by their names and other titles, as fold writes them.
type index map[string]*Field

func indexOf(fields []*Field) index {
	all := index{}
	for _, f := range fields {
		for _, name := range append([]string{f.Name}, f.Also...) {
			if name = fold(name); all[name] == nil {
				all[name] = f
			}
		}
		f.inside = indexOf(f.Inner)
		f.known = map[string]Value{}
		for _, v := range f.Values {
			for _, word := range append([]string{v.Ours, v.Word, v.National}, v.Also...) {
				if word = fold(word); word != "" {
					f.known[word] = v
				}
			}
		}
	}
	return all
}

// nested says whether a repeated group holds lists of its own: its rows are then numbered,
// as some of them go on over several lines of a table.
func (f *Field) nested() bool {
	for _, in := range f.Inner {
		if in.Many || in.Kind == groupKind && in.nested() {
			return true
		}
	}
	return false
}

// fold writes a name so that titles compare however they are typed: no marks, no spaces,
// small letters.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// languages are the endings of a name by which words in other languages stand.
var languages = []struct{ ending, lang string }{{"", "vi"}, {"_EN", "en"}, {"_KM", "km"}}

// leaf is a column of a table.
type leaf struct {
	name  string
	chain []*Field // from the top to the one whose values stand in it
	lang  string   // of words
}

func (l leaf) field() *Field { return l.chain[len(l.chain)-1] }

// leaves are the columns of a table with everything in it.
func leaves() []leaf { return leavesOf(Fields, nil, "") }

func leavesOf(fields []*Field, chain []*Field, prefix string) []leaf {
	var all []leaf
	for _, f := range fields {
		at := append(append([]*Field{}, chain...), f)
		switch f.Kind {
		case groupKind:
			all = append(all, leavesOf(f.Inner, at, prefix+f.Name+".")...)
		case wordsKind:
			for _, l := range languages {
				all = append(all, leaf{prefix + f.Name + l.ending, at, l.lang})
			}
		default:
			all = append(all, leaf{prefix + f.Name, at, ""})
		}
	}
	return all
}

// titles finds columns by what stands above them: the whole name, with any signs between
// its parts; its end where only one has it; and what people call it.
type titles map[string]*leaf

func allTitles() titles {
	t, all := titles{}, leaves()
	ends := map[string][]*leaf{}
	for i := range all {
		l := &all[i]
		t[fold(l.name)] = l
		parts := strings.Split(l.name, ".")
		for j := 1; j < len(parts); j++ {
			end := fold(strings.Join(parts[j:], ""))
			ends[end] = append(ends[end], l)
		}
		if l.lang == "" || l.lang == "vi" {
			for _, a := range l.field().Also {
				ends[fold(a)] = append(ends[fold(a)], l)
			}
		}
	}
	for i := range all { // a group's own name is its main column
		l := &all[i]
		around := len(l.chain) - 2
		if around >= 0 && (l.lang == "" || l.lang == "vi") && l.chain[around].mainIs(l.field()) {
			for _, a := range append([]string{l.chain[around].Name}, l.chain[around].Also...) {
				ends[fold(a)] = append(ends[fold(a)], l)
			}
		}
	}
	for end, ls := range ends {
		if _, taken := t[end]; !taken && len(slices.Compact(ls)) == 1 {
			t[end] = ls[0]
		}
	}
	return t
}

func (f *Field) mainIs(in *Field) bool { return f.Kind == groupKind && f.Main == in.Name }

var (
	top       = indexOf(Fields)
	codeField = Fields[0]
)

// Columns are the titles of a table with everything in it.
func Columns() []string {
	var all []string
	for _, l := range leaves() {
		all = append(all, l.name)
	}
	return all
}

// Label is what people call a field of the record.
func Label(name string) locales.Message {
	for _, f := range Fields {
		if f.Name == name {
			return locales.M("national.field." + strings.ReplaceAll(f.Path, ".", "_"))
		}
	}
	return locales.M("national.field.other")
}
