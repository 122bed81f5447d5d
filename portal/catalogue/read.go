package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/calendar"
)

// The files of a catalogue's folder. Each procedure that can be filed has a folder of its
// own under procedures; the many that are only described are rows of one list.
const (
	fieldsFile      = "fields.json"
	synonymsFile    = "synonyms.json"
	informationFile = "information.json"
	paperTypesFile  = "paper_types.json"
	proceduresDir   = "procedures"
)

// entry is one procedure that was read and found right.
type entry struct {
	code string
	from string // the sheet's date
	doc  []byte // canonical
	sha  []byte
}

// Synonym is what people say for what the sheets say. Without a meaning it is a word that
// says nothing ("thủ tục", "xin").
type Synonym struct {
	Say   string   `json:"say"`
	Means []string `json:"means,omitempty"`
}

// folder is everything that was read.
type folder struct {
	entries  []entry
	fields   []Field
	synonyms []Synonym
	faults   Faults
	presets  map[string][]byte
	types    map[string]PaperType
	lists    map[string][]Entry

	seen    map[string]string // file by procedure code
	byField map[string]Field
	wide    fieldsDoc
}

// fieldsDoc is fields.json: the fields, and the words that sheets made of rows use.
type fieldsDoc struct {
	Source  string                  `json:"source"`
	Origin  string                  `json:"origin,omitempty"` // the decision that a field with a "from" stood in
	Offices map[string]locales.Text `json:"offices"`          // names, by agency code or level
	Free    Price                   `json:"free"`
	Fields  []fieldRow              `json:"fields"`
}

type fieldRow struct {
	Code    string       `json:"code"`
	Name    locales.Text `json:"name"`
	Agency  string       `json:"agency"`
	Source  string       `json:"source,omitempty"`
	Since   string       `json:"valid_from,omitempty"`
	Until   string       `json:"valid_to,omitempty"`
	Tier    string       `json:"tier"`
	Commune locales.Text `json:"commune,omitzero"` // who does it in a commune, when that is not its People's Committee
	From    []origin     `json:"from"`
}

// source is where the field comes from.
func (r fieldRow) source(doc fieldsDoc) string {
	if r.Source == "" && len(r.From) > 0 {
		return doc.Origin
	}
	return r.Source
}

// origin is where a field stood in the decision that the list was parted from.
type origin struct {
	Agency string `json:"agency"`
	Name   string `json:"name"`
}

// read reads a catalogue's folder. What is wrong is a fault and leaves its procedure out;
// only a folder that cannot be read at all is an error.
func read(fsys fs.FS) (*folder, error) {
	f := &folder{seen: map[string]string{}, byField: map[string]Field{}}
	f.readFields(fsys)
	f.readSynonyms(fsys)
	var types paperTypesDoc
	if f.file(fsys, paperTypesFile, &types) {
		f.readPaperTypes(types)
	}
	f.readLists(func(name string, into any) bool { return f.file(fsys, name, into) })
	if err := f.readPresets(fsys); err != nil {
		return nil, err
	}
	if err := f.readProcedures(fsys); err != nil {
		return nil, err
	}
	return f, f.readInformation(fsys)
}

func (f *folder) readFields(fsys fs.FS) {
	f.file(fsys, fieldsFile, &f.wide)
	for i, row := range f.wide.Fields {
		c := check{fieldsFile, &f.faults}
		place := fmt.Sprintf("fields[%d] %s", i, row.Code)
		c.need(row.Code != "" && row.Name.VI != "", place)
		if _, twice := f.byField[row.Code]; twice {
			c.fault(place, "catalogue.import.twice", locales.S("value", row.Code))
		}
		f.byField[row.Code] = Field{Code: row.Code, Name: row.Name, Agency: row.Agency, Source: row.source(f.wide), From: row.Since, To: row.Until}
		f.fields = append(f.fields, f.byField[row.Code])
	}
}

func (f *folder) readSynonyms(fsys fs.FS) {
	var doc struct {
		Note     string    `json:"note"`
		Synonyms []Synonym `json:"synonyms"`
	}
	if f.file(fsys, synonymsFile, &doc) {
		f.synonyms = doc.Synonyms
	}
}

func (f *folder) readPresets(fsys fs.FS) error {
	presets, faults, err := Presets(fsys)
	f.presets, f.faults = presets, append(f.faults, faults...)
	return err
}

// file reads a file that may be missing; false when there is nothing to use.
func (f *folder) file(fsys fs.FS, name string, into any) bool {
	b, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err == nil {
		var place string
		if place, err = decode(b, into); err == nil {
			return true
		}
		f.faults.add(name, place, "catalogue.import.unreadable", locales.S("why", err.Error()))
		return false
	}
	f.faults.add(name, "", "catalogue.import.unreadable", locales.S("why", err.Error()))
	return false
}

// decode reads one file strictly and says, where it can, at which line it stopped.
func decode(b []byte, into any) (place string, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err = d.Decode(into); err == nil {
		if _, err = d.Token(); err == io.EOF {
			return "", nil
		}
		err = errors.New("more than one value")
	}
	line := func(at int64) string { return strconv.Itoa(1 + bytes.Count(b[:min(int(at), len(b))], []byte("\n"))) }
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return line(e.Offset), err
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return line(e.Offset), err
	}
	return "", err // an unknown name: the error says which
}

func (f *folder) readProcedures(fsys fs.FS) error {
	dirs, err := fs.ReadDir(fsys, proceduresDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	for _, d := range dirs {
		if err := f.readProcedure(fsys, path.Join(proceduresDir, d.Name()), d.Name()); err != nil {
			return err
		}
	}
	return nil
}

// parts are the files of a procedure's folder. sheet.json is needed, the others may be missing.
var parts = []string{"sheet.json", "form.json", "fees.json", "workflow.json", "papers.json", "notices.json", "terms.json"}

type terms struct {
	Deadline     calendar.Rule `json:"deadline"`
	AnswerWithin calendar.Rule `json:"answer_within"`
}

func (f *folder) readProcedure(fsys fs.FS, dir, code string) error {
	before := len(f.faults)
	c := check{dir, &f.faults}
	raw, err := c.files(fsys)
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	r, doc := f.assemble(c, raw)
	if r.Code != code {
		c.fault("sheet.json code", "catalogue.import.folder", locales.S("code", r.Code))
	}
	c.sheet(r.Sheet, f.byField)
	c.complete(r.Sheet)
	c.engines(r)
	c.fileable(r)
	if f.types != nil { // a folder without its own names those that are there
		c.papers(r, f.types)
	}
	c.replays(r, doc)
	if len(f.faults) == before {
		f.add(c, r.Sheet, doc)
	}
	return nil
}

// files are the parts of a procedure's folder and its recordings, by name.
func (c check) files(fsys fs.FS) (map[string][]byte, error) {
	files, err := fs.ReadDir(fsys, c.file)
	if err != nil {
		return nil, err
	}
	raw := map[string][]byte{}
	for _, e := range files {
		switch {
		case e.IsDir() && e.Name() == recordingsDir:
			err = c.recordingFiles(fsys, raw)
		case !slices.Contains(parts, e.Name()):
			c.fault(e.Name(), "catalogue.import.file") // a misspelt name must not pass for a missing part
		default:
			raw[e.Name()], err = fs.ReadFile(fsys, path.Join(c.file, e.Name()))
		}
		if err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// assemble reads the parts, each into the type that will read it again from the database.
func (f *folder) assemble(c check, raw map[string][]byte) (*Revision, document) {
	r, t := &Revision{}, terms{}
	for _, p := range []struct {
		name string
		into any
	}{{"sheet.json", &r.Sheet}, {"fees.json", &r.Fees}, {"workflow.json", &r.Workflow}, {"papers.json", &r.Papers},
		{"notices.json", &r.Notices}, {"terms.json", &t}} {
		b, ok := raw[p.name]
		if !ok {
			c.need(p.name != "sheet.json", p.name)
			continue
		}
		if line, err := decode(b, p.into); err != nil {
			c.fault(p.name+":"+line, "catalogue.import.unreadable", locales.S("why", err.Error()))
		}
	}
	if b, ok := raw["form.json"]; ok {
		raw["form.json"] = f.form(c, b, r)
	}
	r.Code, r.Deadline, r.AnswerWithin = r.Sheet.Code, t.Deadline, t.AnswerWithin
	doc := document{Sheet: raw["sheet.json"], Form: raw["form.json"], Fees: raw["fees.json"], Workflow: raw["workflow.json"],
		Deadline: t.Deadline, AnswerWithin: t.AnswerWithin, Papers: raw["papers.json"], Notices: raw["notices.json"]}
	c.recordings(raw, r, &doc)
	return r, doc
}

// form reads a form with the presets that it refers to put in: that is what is published.
func (f *folder) form(c check, b []byte, r *Revision) []byte {
	expanded, err := eforms.Expand(b, f.presets)
	if err == nil {
		r.Form, err = loadForm(expanded)
	}
	if err != nil {
		f.faults.mistakes(c.file, "form.json", err)
	}
	return expanded
}

// add takes a procedure in, unless another file has it too.
func (f *folder) add(c check, s Sheet, doc document) {
	if other, twice := f.seen[s.Code]; twice {
		c.fault(s.Code, "catalogue.import.twice", locales.S("value", other))
		return
	}
	f.seen[s.Code] = c.file
	canon, sha, err := sum(doc)
	if err != nil {
		c.fault(s.Code, "catalogue.import.unreadable", locales.S("why", err.Error()))
		return
	}
	f.entries = append(f.entries, entry{code: s.Code, from: s.From, doc: canon, sha: sha})
}
