package national

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"motcua/locales"
)

// headWithin is how far down the line with the titles may stand: exports begin with the
// name of the office and of the list.
const headWithin = 30

// head is the line with the titles of a table.
type head struct {
	columns []*leaf // nil: nothing we know
	unknown []string
}

// headOf reads a line as titles; false when it does not name the procedure's code.
func headOf(known titles, cells []string) (head, bool) {
	var h head
	code := false
	for _, c := range cells {
		name := fold(c)
		l := known[name]
		if l != nil && slices.Contains(h.columns, l) {
			l = nil // the same again: the first counts
		}
		if l == nil && name != "" && name != "stt" && name != "tt" {
			h.unknown = append(h.unknown, shown(clean(c)))
		}
		code = code || l != nil && l.field().Kind == codeKind
		h.columns = append(h.columns, l)
	}
	return h, code
}

// names are the columns that are known.
func (h head) names() []string {
	var all []string
	for _, l := range h.columns {
		if l != nil {
			all = append(all, l.name)
		}
	}
	return all
}

// table puts the lines of a table together to procedures. A procedure has a line for each
// row of its longest list; on the second and later lines stand only the rows of lists.
type table struct {
	head head
	out  *records
	open *block
}

// block is a procedure while its lines are read.
type block struct {
	record Record
	root   *item
}

// item is a row of a repeated group on its way into the sheet.
type item struct {
	object map[string]any
	own    string // its own cells, as they stand in the file
	rows   map[*Field][]*item
	last   map[*Field]*item
}

func newItem(own string) *item {
	return &item{object: map[string]any{}, own: own, rows: map[*Field][]*item{}, last: map[*Field]*item{}}
}

// line is a line of a table by field and language.
type line struct {
	no    int
	cells map[*Field]map[string]cell
	// A later line that repeats what is said once is a product of lists, as databases write
	// it: a row that is there already is the same row.
	repeats bool
}

func (t *table) line(cells []string, no int) line {
	l := line{no: no, cells: map[*Field]map[string]cell{}}
	for i, text := range cells[:min(len(cells), len(t.head.columns))] {
		col := t.head.columns[i]
		if col == nil || strings.TrimSpace(text) == "" {
			continue
		}
		f := col.field()
		if l.cells[f] == nil {
			l.cells[f] = map[string]cell{}
		}
		l.cells[f][col.lang] = cell{text: text, line: no, at: columnName(i+1) + strconv.Itoa(no), name: col.name}
	}
	return l
}

// take reads one line.
func (t *table) take(cells []string, no int) error {
	l := t.line(cells, no)
	if len(l.cells) == 0 {
		return nil
	}
	var faults []Fault
	at, named := l.cells[codeField][""]
	code, _ := cook(codeField, at, &faults).value.(string)
	if t.open != nil && (!named || code != "" && code == t.open.record.Code) {
		l.repeats = l.once()
		t.open.record.Lines++
		return t.fill(l)
	}
	if err := t.flush(); err != nil {
		return err
	}
	t.open = &block{record: Record{Line: no, Lines: 1, Code: code, Faults: faults}, root: newItem("")}
	if code != "" {
		t.open.root.object[codeField.Path] = code
	}
	if !named {
		t.open.record.Faults = append(t.open.record.Faults, fault(no, "", codeField.Name, "national.row.no_code"))
	}
	return t.fill(l)
}

// once says whether the line has what a procedure says once.
func (l line) once() bool {
	return slices.ContainsFunc(Fields, func(f *Field) bool {
		return !f.Many && f.Kind != groupKind && f != codeField && l.cells[f] != nil
	})
}

// mostLines is how many lines one procedure may have.
const mostLines = 2000

func (t *table) fill(l line) error {
	b := t.open
	if b.record.Lines == mostLines+1 {
		b.record.Faults = append(b.record.Faults, fault(l.no, "", "", "national.row.long", locales.N("max", mostLines)))
	}
	if b.record.Lines <= mostLines {
		b.put(top, Fields, b.root, b.root.object, l)
	}
	return nil
}

// flush gives the procedure that is complete.
func (t *table) flush() error {
	if t.open == nil {
		return nil
	}
	b := t.open
	t.open = nil
	b.record.Said = b.root.said(Fields)
	return t.out.add(b.record)
}

// put takes the cells of the fields into a row.
func (b *block) put(beside index, fields []*Field, into *item, object map[string]any, l line) {
	for _, f := range fields {
		switch {
		case f.Kind == groupKind && f.Many:
			b.row(f, into, l)
		case f.Kind == groupKind:
			if l.has(f) {
				b.put(f.inside, f.Inner, into, within(object, f.Path), l)
			}
		case l.cells[f] == nil || f == codeField:
		case f.Kind == wordsKind && f.Many:
			if text := b.words(f, l); text != nil {
				list, _ := object[f.Path].([]any)
				if !l.repeats || !slices.ContainsFunc(list, func(v any) bool { return reflect.DeepEqual(v, text) }) {
					object[f.Path] = append(list, text)
				}
			}
		case f.Kind == wordsKind:
			for _, lang := range languages {
				if c, ok := l.cells[f][lang.lang]; ok {
					b.set(object, f.Path+"."+lang.lang, cook(f, c, &b.record.Faults).value, c)
				}
			}
		default:
			c := l.cells[f][""]
			got := cook(f, c, &b.record.Faults)
			b.set(object, f.Path, got.value, c)
			if unit := beside[fold(f.Unit)]; got.unit != "" && unit != nil && l.cells[unit] == nil {
				c.text = got.unit
				b.set(object, unit.Path, cook(unit, c, &b.record.Faults).value, c)
			}
		}
	}
}

// words reads one text of a list.
func (b *block) words(f *Field, l line) any {
	text := map[string]any{}
	for _, lang := range languages {
		if c, ok := l.cells[f][lang.lang]; ok {
			if s, ok := cook(f, c, &b.record.Faults).value.(string); ok {
				text[lang.lang] = s
			}
		}
	}
	if len(text) == 0 {
		return nil
	}
	return text
}

// row finds or begins the row of a group that the line belongs to, and fills it. A line
// without cells of the group's own goes on with the row before.
func (b *block) row(f *Field, into *item, l line) {
	if !l.has(f) {
		return
	}
	own, at := l.own(f), into.last[f]
	switch {
	case at != nil && own == "":
	case l.repeats:
		if i := slices.IndexFunc(into.rows[f], func(r *item) bool { return r.own == own }); i >= 0 {
			at = into.rows[f][i]
			break
		}
		at = nil
	case at != nil && f.nested() && at.own == own: // its name again on each of its lines
	default:
		at = nil
	}
	if at == nil {
		at = newItem(own)
		into.rows[f] = append(into.rows[f], at)
	}
	into.last[f] = at
	b.put(f.inside, f.Inner, at, at.object, l)
}

// said is the row as the sheet has it.
func (i *item) said(fields []*Field) map[string]any {
	for f, rows := range i.rows {
		var list []any
		for _, r := range rows {
			list = append(list, r.said(f.Inner))
		}
		i.object[f.Path] = list
	}
	return i.object
}

// set keeps a value; another one at the same place is a fault.
func (b *block) set(object map[string]any, path string, value any, c cell) {
	if value == nil {
		return
	}
	for {
		head, rest, deeper := strings.Cut(path, ".")
		if !deeper {
			break
		}
		object, path = within(object, head), rest
	}
	if before, there := object[path]; there && !reflect.DeepEqual(before, value) {
		b.record.Faults = append(b.record.Faults, c.fault("national.row.other", locales.S("value", shown(c.text)), locales.N("line", int64(b.record.Line))))
		return
	}
	object[path] = value
}

// within is the object at a name, made when it is not there.
func within(in map[string]any, name string) map[string]any {
	inner, ok := in[name].(map[string]any)
	if !ok {
		inner = map[string]any{}
		in[name] = inner
	}
	return inner
}

// has says whether the line has a cell of the field or in it.
func (l line) has(f *Field) bool {
	return l.cells[f] != nil || slices.ContainsFunc(f.Inner, l.has)
}

// own are the cells of a group that are not in lists of its own.
func (l line) own(f *Field) string {
	var b strings.Builder
	for _, in := range f.Inner {
		switch {
		case in.Many:
		case in.Kind == groupKind:
			b.WriteString(l.own(in))
		case l.cells[in] != nil:
			for _, lang := range []string{"", "vi", "en", "km"} {
				if c, ok := l.cells[in][lang]; ok {
					b.WriteString(in.Name + lang + "\x00" + clean(c.text) + "\x00")
				}
			}
		}
	}
	return b.String()
}

func columnName(n int) string {
	name, err := excelize.ColumnNumberToName(n)
	if err != nil {
		return ""
	}
	return name
}
