package national

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"motcua/locales"
	"motcua/portal/catalogue"
)

// Formats are those that a catalogue can be written in.
var Formats = []string{"csv", "xlsx", "json"}

// Write writes sheets in the names of the record: what Read takes in again without a
// difference.
func Write(w io.Writer, format string, sheets []catalogue.Sheet, lists Lists) error {
	out := output{fields: map[string]string{}}
	for _, f := range lists.Fields {
		out.fields[f.Code] = f.Name.VI
	}
	for _, s := range sheets {
		t, err := tree(s)
		if err != nil {
			return err
		}
		if name, ok := out.fields[s.Field]; ok {
			t["field_name"] = name
		}
		out.trees = append(out.trees, t)
	}
	switch format {
	case "csv":
		return out.csv(w)
	case "xlsx":
		return out.xlsx(w)
	}
	return out.json(w)
}

// output is a catalogue on its way out.
type output struct {
	fields map[string]string
	trees  []map[string]any
}

// grid is a procedure as lines of a table: a line for each row of its longest list.
type grid struct {
	columns map[*Field]int // of the first language
	wide    int
	rows    [][]string
}

func (g *grid) set(row, column int, text string) {
	for len(g.rows) <= row {
		g.rows = append(g.rows, make([]string, g.wide))
	}
	g.rows[row][column] = text
}

// lay writes fields from a row on and gives how many rows they took.
func (g *grid) lay(fields []*Field, from map[string]any, at int) int {
	most := 1
	for _, f := range fields {
		v := get(from, f.Path)
		switch {
		case f.Kind == groupKind && f.Many:
			row := at
			for i, one := range listOf(v) {
				object := objectOf(one)
				if no := f.inside["stt"]; no != nil && no.Path == "no" {
					g.set(row, g.columns[no], fmt.Sprint(i+1))
				}
				row += g.lay(f.Inner, object, row)
			}
			most = max(most, row-at)
		case f.Kind == groupKind:
			most = max(most, g.lay(f.Inner, objectOf(v), at))
		case f.Kind == wordsKind && f.Many:
			for i, one := range listOf(v) {
				g.words(f, one, at+i)
			}
			most = max(most, len(listOf(v)))
		case f.Kind == wordsKind:
			g.words(f, v, at)
		default:
			if text := f.text(v, false); text != "" {
				g.set(at, g.columns[f], text)
			}
		}
	}
	return most
}

func (g *grid) words(f *Field, v any, row int) {
	for i, l := range languages {
		if text, ok := objectOf(v)[l.lang].(string); ok && text != "" {
			g.set(row, g.columns[f]+i, text)
		}
	}
}

// text is a value as it is written: in words for people or in the codes of the services.
func (f *Field) text(v any, national bool) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if v {
			return "1"
		}
		return "0"
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, f.word(fmt.Sprint(one), national))
		}
		return together(all)
	}
	return f.word(fmt.Sprint(v), national)
}

// together puts several texts into one cell so that parted takes the same out.
func together(all []string) string {
	text := strings.Join(all, "; ")
	switch {
	case strings.Count(text, ";") != max(len(all)-1, 0):
		return strings.Join(all, "\n")
	case len(all) == 1 && strings.Contains(text, ","):
		return text + ";"
	}
	return text
}

func (f *Field) word(ours string, national bool) string {
	for _, v := range f.Values {
		if v.Ours == ours && national {
			return v.National
		}
		if v.Ours == ours {
			return v.Word
		}
	}
	return ours
}

// table gives the titles and then each line.
func (o output) table(line func([]string) error) error {
	columns := leaves()
	g := grid{columns: map[*Field]int{}, wide: len(columns)}
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.name
		if _, there := g.columns[c.field()]; !there {
			g.columns[c.field()] = i
		}
	}
	if err := line(head); err != nil {
		return err
	}
	for _, t := range o.trees {
		g.rows = g.rows[:0]
		n := g.lay(Fields, t, 0)
		for i := range n {
			g.set(i, 0, fmt.Sprint(t["code"])) // each line says whose it is: lists are sorted and filtered
			if err := line(g.rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// csv is what spreadsheets here open as it is: UTF-8 with its mark, semicolons between.
func (o output) csv(w io.Writer) error {
	b := bufio.NewWriter(w)
	if _, err := b.WriteString("\xEF\xBB\xBF"); err != nil {
		return err
	}
	out := csv.NewWriter(b)
	out.Comma, out.UseCRLF = ';', true
	err := o.table(func(cells []string) error {
		for i, c := range cells {
			cells[i] = guard(c)
		}
		return out.Write(cells)
	})
	if err != nil {
		return fmt.Errorf("write csv: %w", err)
	}
	if out.Flush(); out.Error() != nil {
		return out.Error()
	}
	return b.Flush()
}

// mostInCell is what a cell of a spreadsheet holds.
const mostInCell = 32_767

func (o output) xlsx(w io.Writer) error {
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "TTHC"
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	out, err := f.NewStreamWriter(sheet)
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, XSplit: 2, YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight"}); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	no := 0
	err = o.table(func(cells []string) error {
		no++
		row := make([]any, 0, len(cells))
		for i, c := range cells {
			switch {
			case c == "":
				row = append(row, nil)
			case utf8.RuneCountInString(c) > mostInCell:
				return bad("national.write.long", locales.S("code", cells[0]), locales.S("column", columnName(i+1)))
			case no == 1:
				row = append(row, excelize.Cell{StyleID: bold, Value: c})
			default:
				row = append(row, c)
			}
		}
		return out.SetRow("A"+fmt.Sprint(no), row)
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	if err := f.Write(w); err != nil {
		return fmt.Errorf("workbook: %w", err)
	}
	return nil
}

// json is a list of records, nested as the services have them.
func (o output) json(w io.Writer) error {
	b := bufio.NewWriter(w)
	if _, err := b.WriteString("[\n"); err != nil {
		return err
	}
	for i, t := range o.trees {
		var buf strings.Builder
		e := json.NewEncoder(&buf)
		e.SetEscapeHTML(false)
		if err := e.Encode(nest(Fields, t)); err != nil {
			return fmt.Errorf("write json: %w", err)
		}
		text := strings.TrimSuffix(buf.String(), "\n")
		if i < len(o.trees)-1 {
			text += ","
		}
		if _, err := b.WriteString(text + "\n"); err != nil {
			return err
		}
	}
	if _, err := b.WriteString("]\n"); err != nil {
		return err
	}
	return b.Flush()
}

// ordered is an object whose names stand in the order of the record.
type ordered []struct {
	name  string
	value any
}

// MarshalJSON writes the names in their order.
func (o ordered) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, p := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := e.Encode(p.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := e.Encode(p.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

func (o *ordered) put(name string, value any) {
	*o = append(*o, struct {
		name  string
		value any
	}{name, value})
}

func nest(fields []*Field, from map[string]any) ordered {
	var o ordered
	for _, f := range fields {
		v := get(from, f.Path)
		switch {
		case v == nil:
		case f.Kind == groupKind && f.Many:
			all := []any{}
			for _, one := range listOf(v) {
				all = append(all, nest(f.Inner, objectOf(one)))
			}
			o.put(f.Name, all)
		case f.Kind == groupKind:
			o.put(f.Name, nest(f.Inner, objectOf(v)))
		case f.Kind == wordsKind && f.Many:
			all := []any{}
			for _, one := range listOf(v) {
				all = append(all, nestText(objectOf(one)))
			}
			o.put(f.Name, all)
		case f.Kind == wordsKind:
			for _, l := range languages {
				if text, ok := objectOf(v)[l.lang].(string); ok && text != "" {
					o.put(f.Name+l.ending, text)
				}
			}
		default:
			o.put(f.Name, f.plain(v))
		}
	}
	return o
}

// nestText is a text of a list: bare, or with its translations.
func nestText(t map[string]any) any {
	if len(t) == 1 && t["vi"] != nil {
		return t["vi"]
	}
	var o ordered
	for _, l := range languages {
		if text, ok := t[l.lang].(string); ok && text != "" {
			o.put(content+l.ending, text)
		}
	}
	return o
}

// plain is a value in the codes of the services.
func (f *Field) plain(v any) any {
	switch v := v.(type) {
	case []any:
		all := []any{}
		for _, one := range v {
			all = append(all, f.word(fmt.Sprint(one), true))
		}
		return all
	case string:
		return f.word(v, true)
	}
	return v
}
