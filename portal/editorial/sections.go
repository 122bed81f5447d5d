package editorial

import (
	"slices"
	"strings"

	"motcua/payments"
	"motcua/portal/catalogue"
)

// Sort is how a field is filled in.
type Sort string

// The sorts of fields.
const (
	Line   Sort = "line"   // one line as it stands
	Lines  Sort = "lines"  // several, one a line
	Words  Sort = "words"  // a text in three languages
	Long   Sort = "long"   // a longer one
	Whole  Sort = "whole"  // a whole number
	Money  Sort = "money"  // đồng
	Day    Sort = "day"    // 2006-01-02, written 2/1/2006
	Choice Sort = "choice" // one of Values, or of the list
	Many   Sort = "many"   // some of them
	Flag   Sort = "flag"
	Object Sort = "object" // Fields
	Rows   Sort = "rows"   // of Fields each; of one Field without a name, of its values
	Named  Sort = "named"  // texts by name: Values
)

// The lists that fields are chosen from, which only pages know.
const (
	ListFields    = "fields"
	ListAgencies  = "agencies"
	ListUnits     = "units"
	ListLegal     = "legal" // of the country; those of the sheet are ListGrounds
	ListGrounds   = "grounds"
	ListCases     = "cases"     // of the form
	ListQuestions = "questions" // of the form
	ListPapers    = "papers"    // questions of the form that ask for one
	ListRules     = "rules"     // of the fees
	ListTypes     = "types"     // of components
	ListResults   = "results"
)

// Field is a member of a part that editors fill in.
type Field struct {
	Name   string
	Sort   Sort
	Most   int      // characters that people still read; 0: nobody minds
	Values []string // what it can be
	List   string   // from what it is chosen; one that is a Line may be something else too
	Fields []Field
	Fixed  bool // its rows come and go on another page
	Needs  bool // may not be left out when the row says anything
}

// Block is what a section has of one part.
type Block struct {
	Part   string
	Fields []Field // a field without a name is the part itself
}

// Section is a page of the editor.
type Section struct {
	Word   string // in its address
	Blocks []Block
}

func rowsField(name string, fields ...Field) Field {
	return Field{Name: name, Sort: Rows, Fields: fields}
}
func objectField(name string, fields ...Field) Field {
	return Field{Name: name, Sort: Object, Fields: fields}
}
func wordsField(name string, most int) Field { return Field{Name: name, Sort: Words, Most: most} }
func longField(name string) Field            { return Field{Name: name, Sort: Long, Most: 300} }
func choiceField(name string, values ...string) Field {
	return Field{Name: name, Sort: Choice, Values: values}
}
func listField(name, list string, sort Sort) Field { return Field{Name: name, Sort: sort, List: list} }
func plainField(name string, sort Sort) Field      { return Field{Name: name, Sort: sort} }

// Units are the units of a deadline, as portal/calendar counts them.
var timeUnits = []string{"working_day", "working_hour", "day", "same_day"}

var caseFields = []Field{listField("id", ListCases, Choice), wordsField("case", 120)}

// Sections are the pages of the editor in the order of the national record.
var Sections = []Section{
	{"chung", []Block{{"sheet", []Field{
		wordsField("name", 250), longField("summary"), listField("field", ListFields, Choice), plainField("kind", Line),
		choiceField("level", "1", "2", "3", "4"), choiceField("assurance", "1", "2"),
		{Name: "tiers", Sort: Many, Values: catalogue.Tiers}, {Name: "audience", Sort: Many, Values: catalogue.Audiences},
		{Name: "capacities", Sort: Many, Values: catalogue.Capacities}, {Name: "languages", Sort: Many, Values: []string{"en", "km"}},
		plainField("keywords", Lines), plainField("in_force_from", Day)}}}},
	{"trinh-tu", []Block{{"sheet", []Field{rowsField("steps", append(slices.Clone(caseFields), rowsField("steps", longField("")))...)}}}},
	{"cach-thuc", []Block{{"sheet", []Field{rowsField("channels", choiceField("channel", catalogue.Channels...),
		objectField("time", Field{Name: "amount", Sort: Whole, Needs: true}, choiceField("unit", timeUnits...), wordsField("note", 200)))}}}},
	{"thanh-phan", []Block{{"sheet", []Field{plainField("sets", Whole), rowsField("components", append(slices.Clone(caseFields), rowsField("papers",
		wordsField("name", 250), listField("code", ListPapers, Line), listField("type", ListTypes, Line), plainField("originals", Whole), plainField("copies", Whole), plainField("certified", Whole),
		plainField("optional", Flag), wordsField("when", 200), wordsField("form", 200), plainField("url", Line), longField("note")))...)}}}},
	{"co-quan", []Block{{"sheet", []Field{rowsField("agencies", choiceField("role", catalogue.Receives, catalogue.Decides), listField("code", ListAgencies, Choice),
		choiceField("level", "province", "department", "commune"), wordsField("name", 200)), listField("units", ListUnits, Many)}}}},
	{"ket-qua", []Block{{"sheet", []Field{rowsField("results", wordsField("name", 200), listField("code", ListResults, Line))}},
		{"papers", []Field{objectField("result", wordsField("title", 200), plainField("symbol", Line), plainField("denial_symbol", Line), wordsField("abstract", 300),
			rowsField("opening", longField("")), listField("fields", ListQuestions, Lines), plainField("authority", Lines))}},
		{"notices", []Field{{Name: "", Sort: Named, Values: []string{"filed", "received", "granted", "denied", "supplement", "returned"}}}}}},
	{"dieu-kien", []Block{{"sheet", []Field{rowsField("requirements", longField("")), rowsField("conditions", append(slices.Clone(caseFields), rowsField("conditions", longField("")))...)}}}},
	{"can-cu", []Block{{"sheet", []Field{rowsField("legal", listField("number", ListLegal, Line), wordsField("name", 300), plainField("issuer", Line), plainField("date", Day),
		plainField("valid_from", Day), plainField("valid_to", Day), plainField("replaced_by", Line)), objectField("decision", plainField("number", Line), plainField("date", Day), wordsField("issuer", 200))}}}},
	{"phi", []Block{{"sheet", []Field{{Name: "channels", Sort: Rows, Fixed: true, Fields: []Field{rowsField("fees", choiceField("kind", payments.Fee, payments.Charge),
		Field{Name: "amount", Sort: Money, Needs: true}, wordsField("unit", 60), plainField("pending", Flag), wordsField("note", 200), listField("rule", ListRules, Choice),
		listField("ground", ListGrounds, Choice), rowsField("exempt", wordsField("", 200)),
		objectField("reduction", plainField("percent", Whole), plainField("from", Day), plainField("to", Day), listField("ground", ListGrounds, Choice)))}}}},
		{"fees", []Field{rowsField("", plainField("id", Line), choiceField("kind", payments.Fee, payments.Charge), wordsField("name", 200), plainField("unit", Money), listField("per", ListQuestions, Line),
			wordsField("ground", 200), plainField("from", Day), plainField("to", Day), plainField("optional", Flag), plainField("max", Money), listField("each", ListQuestions, Line), listField("times", ListQuestions, Line),
			rowsField("tiers", plainField("to", Whole), plainField("unit", Money), wordsField("name", 120)), objectField("cap", plainField("amount", Money), wordsField("name", 120)),
			rowsField("exempt", listField("when", ListQuestions, Line), plainField("off", Whole), wordsField("name", 200)))}}}},
	{"han", []Block{{"terms", []Field{objectField("deadline", plainField("amount", Whole), choiceField("unit", timeUnits...)),
		objectField("answer_within", plainField("amount", Whole), choiceField("unit", timeUnits...))}}}},
}

// SectionOf is the section of that word.
func SectionOf(word string) (Section, bool) {
	i := slices.IndexFunc(Sections, func(s Section) bool { return s.Word == word })
	if i < 0 {
		return Section{}, false
	}
	return Sections[i], true
}

// PlaceIn is the section that a place of a part is edited in: the one that knows most of
// the way to it.
func PlaceIn(part, pointer string) string {
	names := slices.DeleteFunc(strings.Split(pointer, "/"), func(n string) bool { return n == "" || n[0] >= '0' && n[0] <= '9' })
	best, word := -1, Sections[0].Word
	for _, s := range Sections {
		for _, b := range s.Blocks {
			if b.Part != part {
				continue
			}
			if n := deep(b.Fields, names); n > best {
				best, word = n, s.Word
			}
		}
	}
	return word
}

// deep is how many names of a way the fields know.
func deep(fields []Field, names []string) int {
	if len(names) == 0 {
		return 0
	}
	for _, f := range fields {
		switch {
		case f.Name == "" && (f.Sort == Rows || f.Sort == Object):
			return deep(f.Fields, names)
		case f.Name == names[0]:
			return 1 + deep(f.Fields, names[1:])
		}
	}
	return 0
}

// Anchor is the html id of the field at a place, which begins with its part: sheet/name.
func Anchor(place string) string {
	_, pointer, _ := strings.Cut(place, "/")
	return "f-" + strings.ReplaceAll(pointer, "/", "-")
}

// Link is the address of the field that something was found at, or of the page where its
// part is edited.
func Link(e Edit, f Finding) string {
	switch f.Part {
	case "form", "tests":
		return strings.TrimSuffix(formAt, "/") + "?q=" + e.Code
	case "workflow":
		return editAt + e.ID
	}
	if f.Place == "" {
		return editAt + e.ID + "/" + PlaceIn(f.Part, "")
	}
	return editAt + e.ID + "/" + PlaceIn(f.Part, f.Place) + "#" + Anchor(f.Part+f.Place)
}
