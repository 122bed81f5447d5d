package national

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
)

// The limits of a file.
const (
	MaxBytes   = 48 << 20
	MaxRecords = 20_000

	mostCells  = 600     // in a line
	mostRows   = 400_000 // of a table
	mostUnzip  = 512 << 20
	mostFaults = 200 // that are told of one procedure
)

// Lists are what the names in a file are looked up in.
type Lists struct {
	Fields   []catalogue.Field
	Agencies []agency.Agency
}

// Record is a procedure as a file has it.
type Record struct {
	Line   int // on which it begins; of JSON the number of the record
	Lines  int
	Code   string         // "" when it has none that can be used
	Said   map[string]any // in the JSON of the sheet, only what the file says
	Faults []Fault
}

// Wrong says whether the record cannot be taken.
func (r Record) Wrong() bool {
	return slices.ContainsFunc(r.Faults, func(f Fault) bool { return !f.Note })
}

// About is how a file was read, said aloud: whoever gave it sees what was guessed.
type About struct {
	Format    string // csv, xlsx, json
	Encoding  string // of text: utf-8, utf-8-bom, utf-16le, utf-16be, windows-1258
	Separator string // of CSV
	Sheet     string // of a workbook
	Head      int    // the line with the titles
	Columns   []string
	Unknown   []string // titles that nothing is known about
	Records   int
}

// EncodingName is the encoding as a word of a key.
func (a About) EncodingName() string { return strings.ReplaceAll(a.Encoding, "-", "_") }

// Read takes a file apart and gives each procedure as it comes. A file that cannot be read
// at all is Invalid with the reason; what is wrong with a procedure is told with it.
func Read(file []byte, lists Lists, each func(Record) error) (About, error) {
	out := &records{lists: lists, each: each, seen: map[string]int{}}
	about, err := out.read(file)
	about.Records = out.count
	if err == nil && out.count == 0 {
		err = bad("national.file.empty")
	}
	return about, err
}

func (out *records) read(file []byte) (About, error) {
	switch {
	case len(bytes.TrimSpace(file)) == 0:
		return About{}, bad("national.file.empty")
	case len(file) > MaxBytes:
		return About{}, problem.New(problem.TooLarge, "national.file.too_large", locales.N("max", MaxBytes>>20))
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return readXLSX(file, out)
	case bytes.HasPrefix(file, []byte("\xD0\xCF\x11\xE0")):
		return About{}, bad("national.file.old")
	}
	text, encoding, err := decode(file)
	if err != nil {
		return About{}, err
	}
	about := About{Encoding: encoding}
	if trimmed := strings.TrimLeftFunc(text, unicode.IsSpace); strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, "{") {
		about.Format = "json"
		return about, readJSON(text, &about, out)
	}
	about.Format = "csv"
	return about, readCSV(text, &about, out)
}

func bad(key string, args ...locales.Arg) error { return problem.New(problem.Invalid, key, args...) }

// records are the procedures of a file as they come.
type records struct {
	lists Lists
	names *names
	each  func(Record) error
	seen  map[string]int // the line on which a procedure was first
	count int
}

// add finishes a record and gives it on.
func (out *records) add(r Record) error {
	if out.count++; out.count > MaxRecords {
		return bad("national.file.too_many", locales.N("max", MaxRecords))
	}
	if out.names == nil {
		out.names = namesOf(out.lists)
	}
	if r.Said == nil {
		r.Said = map[string]any{}
	}
	if first, twice := out.seen[r.Code]; r.Code != "" && twice {
		r.Faults = append(r.Faults, fault(r.Line, "", codeField.Name, "national.row.twice", locales.S("code", r.Code), locales.N("line", int64(first))))
	} else if r.Code != "" {
		out.seen[r.Code] = r.Line
	}
	out.names.resolve(&r)
	if len(r.Faults) > mostFaults {
		r.Faults = append(r.Faults[:mostFaults], fault(r.Line, "", "", "national.row.faults", locales.N("max", mostFaults)))
	}
	return out.each(r)
}
