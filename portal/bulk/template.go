package bulk

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/catalogue"
)

// How a sheet begins: the codes that the columns are known by, then what people read.
const (
	codesRow  = 1
	labelsRow = 2
	hintsRow  = 3
	needsRow  = 4
	firstRow  = 5
	lastRow   = firstRow + MaxRows - 1
)

// Filling is a workbook on its way out: the template, or what a person gave with its faults.
type Filling struct {
	Revision *catalogue.Revision
	Lang     locales.Lang
	Whole    bool     // with the columns that a register fills, for when it does not answer
	Columns  []string // the columns of the first sheet; nil for all that are to be filled
	Lines    []Row
}

// Template writes the workbook of a procedure to be filled.
func (s *Service) Template(ctx context.Context, w io.Writer, f Filling) error {
	lists, err := s.listsOf(ctx, f.Revision)
	if err != nil {
		return err
	}
	b := &book{File: excelize.NewFile(), Filling: f, values: map[string]string{}}
	defer b.Close()
	if err := b.fill(f.Revision.Form.Sheets(lists)); err != nil {
		return fmt.Errorf("workbook of %s: %w", f.Revision.Code, err)
	}
	return b.Write(w)
}

// TemplateCSV writes the first sheet as text; of each group it has room for one row.
func (s *Service) TemplateCSV(ctx context.Context, w io.Writer, f Filling) error {
	lists, err := s.listsOf(ctx, f.Revision)
	if err != nil {
		return err
	}
	head := [4][]string{{lineCode}, {"# " + f.say("bulk.sheet.line")}, {"# " + f.say("bulk.sheet.line.hint")}, {"# "}}
	for _, sheet := range f.Revision.Form.Sheets(lists) {
		for _, c := range sheet.Columns {
			if c.Register && !f.Whole || sheet.Outer != nil {
				continue
			}
			code, label := c.Code, f.text(c.Label)
			if sheet.Group != nil {
				code = sheet.Code + ".1" + strings.TrimPrefix(c.Code, sheet.Code)
				label += " (" + f.text(sheet.Group.Item) + " 1)"
			}
			head[0], head[1] = append(head[0], code), append(head[1], label)
			head[2], head[3] = append(head[2], f.hint(c)), append(head[3], f.say("bulk.need."+string(c.Need)))
		}
	}
	if _, err := io.WriteString(w, "\xEF\xBB\xBF"); err != nil { // Excel takes it for UTF-8 only with the mark
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true // what Vietnamese settings of Excel expect
	return out.WriteAll(head[:])
}

func (f Filling) text(t locales.Text) string {
	s, _ := t.In(f.Lang)
	return s
}

func (f Filling) say(key string, args ...locales.Arg) string {
	s, _ := locales.Say(f.Lang, locales.M(key, args...))
	return s
}

// hint is what is said above a column: the form's words and how the cell is written.
func (f Filling) hint(c eforms.Column) string {
	hints := []string{f.text(c.Hint)}
	switch {
	case c.Several:
		hints = append(hints, f.say("bulk.hint.several"))
	case c.Options != nil:
		hints = append(hints, f.say("bulk.hint.choice"))
	case c.Part != "":
	case slices.Contains([]eforms.Kind{eforms.Date, eforms.NearDate, eforms.DateOrYear}, c.Question.Kind):
		hints = append(hints, f.say("bulk.hint.day"))
	}
	if len(c.Question.Fact) > 0 && !c.Register {
		hints = append(hints, f.say("bulk.hint.register"))
	}
	return strings.TrimSpace(strings.Join(hints, " "))
}

// book is the workbook while it is written.
type book struct {
	*excelize.File
	Filling
	styles struct{ code, label, hint, text, wrong, note int }
	values map[string]string // where the allowed values of a list stand, by its name
	lists  [][]eforms.Option
	titles []string
	names  []string // of the sheets so far
}

func (b *book) fill(sheets []eforms.Sheet) error {
	if err := b.makeStyles(); err != nil {
		return err
	}
	for i, sheet := range sheets {
		sheet.Columns = slices.DeleteFunc(slices.Clone(sheet.Columns), func(c eforms.Column) bool {
			return c.Register && !b.Whole && !slices.Contains(b.Columns, c.Code)
		})
		title := f31(b.say("bulk.sheet.main"))
		if sheet.Group != nil {
			title = f31(b.text(sheet.Group.Label))
		}
		title = b.unique(title)
		if i == 0 {
			if err := b.SetSheetName("Sheet1", title); err != nil {
				return err
			}
		} else if _, err := b.NewSheet(title); err != nil {
			return err
		}
		if err := b.sheet(title, sheet); err != nil {
			return err
		}
	}
	if err := b.allowed(); err != nil {
		return err
	}
	return b.guide(sheets)
}

func (b *book) makeStyles() error {
	wrap := &excelize.Alignment{WrapText: true, Vertical: "top"}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.styles.code, excelize.Style{Font: &excelize.Font{Size: 8, Color: "6B7079"}, NumFmt: 49}},
		{&b.styles.label, excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: wrap, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6EFFA"}}}},
		{&b.styles.hint, excelize.Style{Font: &excelize.Font{Size: 9, Color: "4A4F57"}, Alignment: wrap}},
		{&b.styles.text, excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&b.styles.wrong, excelize.Style{NumFmt: 49, Alignment: wrap, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FDECEC"}}}},
		{&b.styles.note, excelize.Style{Alignment: wrap, Font: &excelize.Font{Color: "B3141B"}}},
	} {
		id, err := b.NewStyle(&s.style)
		if err != nil {
			return err
		}
		*s.id = id
	}
	return nil
}

// f31 is a name that a sheet may have.
func f31(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 28 {
		s = string(runes[:28])
	}
	return strings.TrimSpace(s)
}

func (b *book) unique(name string) string {
	one := name
	for n := 2; slices.ContainsFunc(b.names, func(s string) bool { return strings.EqualFold(s, one) }); n++ {
		one = name + " " + strconv.Itoa(n)
	}
	b.names = append(b.names, one)
	return one
}

// sheet writes one table: its head, what may stand in it, and the rows there are.
func (b *book) sheet(title string, sheet eforms.Sheet) error {
	codes, labels, hints, needs := []any{lineCode}, []any{"# " + b.say("bulk.sheet.line")}, []any{"# " + b.say("bulk.sheet.line.hint")}, []any{"# " + b.say("bulk.need.always")}
	if sheet.Group != nil {
		hints[0] = "# " + b.say("bulk.sheet.line.of", locales.S("sheet", b.names[0]))
	}
	if sheet.Outer != nil {
		outer, _, _ := strings.Cut(sheet.Code, ".")
		codes, labels = append(codes, outer+"."+outerCode), append(labels, b.say("bulk.sheet.outer", locales.T("item", sheet.Outer.Item)))
		hints, needs = append(hints, b.say("bulk.sheet.outer.hint", locales.T("item", sheet.Outer.Item))), append(needs, b.say("bulk.need.always"))
	}
	first := len(codes) + 1
	for _, c := range sheet.Columns {
		codes, labels, hints, needs = append(codes, c.Code), append(labels, b.text(c.Label)), append(hints, b.hint(c)), append(needs, b.say("bulk.need."+string(c.Need)))
	}
	if b.Lines != nil {
		codes, labels, hints, needs = append(codes, faultsCode), append(labels, b.say("bulk.sheet.faults")), append(hints, b.say("bulk.sheet.faults.hint")), append(needs, "")
	}
	last := columnName(len(codes))
	if err := b.SetColStyle(title, "A:"+last, b.styles.text); err != nil { // what is typed stays as it is typed
		return err
	}
	for i, row := range [][]any{codes, labels, hints, needs} {
		if err := b.SetSheetRow(title, "A"+strconv.Itoa(i+1), &row); err != nil {
			return err
		}
		style := []int{b.styles.code, b.styles.label, b.styles.hint, b.styles.hint}[i]
		if err := b.SetCellStyle(title, "A"+strconv.Itoa(i+1), last+strconv.Itoa(i+1), style); err != nil {
			return err
		}
	}
	bottom := lastRow
	if sheet.Group != nil {
		bottom = firstRow + 5*MaxRows
	}
	if err := b.SetColWidth(title, "A", "A", 9); err != nil {
		return err
	}
	if err := b.SetColWidth(title, "B", last, 26); err != nil {
		return err
	}
	if err := b.SetRowHeight(title, hintsRow, 75); err != nil {
		return err
	}
	if err := b.SetRowHeight(title, labelsRow, 48); err != nil {
		return err
	}
	if err := b.SetPanes(title, &excelize.Panes{Freeze: true, XSplit: 1, YSplit: firstRow - 1, TopLeftCell: "B5", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	for i, c := range sheet.Columns {
		if err := b.validate(title, columnName(first+i), bottom, c); err != nil {
			return err
		}
	}
	return b.rows(title, sheet)
}

// validate lets a column take only what its list has; words of several are not held to it.
func (b *book) validate(title, column string, bottom int, c eforms.Column) error {
	if len(c.Options) == 0 {
		return nil
	}
	name := c.List
	if name == "" {
		name = c.Code
	}
	at, known := b.values[name]
	if !known {
		col := columnName(1 + len(b.lists))
		at = fmt.Sprintf("$%s$3:$%s$%d", col, col, len(c.Options)+2)
		b.values[name], b.lists, b.titles = at, append(b.lists, c.Options), append(b.titles, b.text(c.Label))
	}
	if c.Several {
		return nil
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprintf("%s%d:%s%d", column, firstRow, column, bottom)
	v.SetSqrefDropList("'" + b.allowedName() + "'!" + at)
	v.SetError(excelize.DataValidationErrorStyleStop, f31(b.text(c.Label)), b.say("bulk.sheet.pick", locales.S("sheet", b.allowedName())))
	return b.AddDataValidation(title, v)
}

func (b *book) allowedName() string { return f31(b.say("bulk.sheet.allowed")) }

// allowed is the sheet of the lists; of communes it also says the province.
func (b *book) allowed() error {
	title := b.allowedName()
	if _, err := b.NewSheet(title); err != nil {
		return err
	}
	if err := b.SetCellStr(title, "A1", b.say("bulk.sheet.allowed.says")); err != nil {
		return err
	}
	for i, options := range b.lists {
		col := columnName(i + 1)
		if err := b.SetCellStr(title, col+"2", b.titles[i]); err != nil {
			return err
		}
		for j, o := range options {
			if err := b.SetCellStr(title, col+strconv.Itoa(j+3), b.text(o.Label)); err != nil {
				return err
			}
		}
	}
	if len(b.lists) == 0 {
		return nil
	}
	last := columnName(len(b.lists))
	if err := b.SetColWidth(title, "A", last, 40); err != nil {
		return err
	}
	return b.SetCellStyle(title, "A2", last+"2", b.styles.label)
}

// guide is a sheet of advice, with what is not asked because a register says it.
func (b *book) guide(sheets []eforms.Sheet) error {
	title := f31(b.say("bulk.sheet.guide"))
	if _, err := b.NewSheet(title); err != nil {
		return err
	}
	lines := []string{b.text(b.Revision.Sheet.Name) + " (" + b.Revision.Code + ")", ""}
	for _, key := range []string{"bulk.guide.line", "bulk.guide.codes", "bulk.guide.days", "bulk.guide.text", "bulk.guide.lists", "bulk.guide.groups", "bulk.guide.papers"} {
		lines = append(lines, b.say(key, locales.N("max", MaxRows), locales.N("mb", MaxBytes>>20)))
	}
	var filled []string
	for _, c := range sheets[0].Columns {
		if c.Register {
			filled = append(filled, b.text(c.Label))
		}
	}
	if len(filled) > 0 && !b.Whole {
		lines = append(lines, "", b.say("bulk.guide.register"))
		for _, label := range filled {
			lines = append(lines, "– "+label)
		}
	}
	for i, line := range lines {
		if err := b.SetCellStr(title, "A"+strconv.Itoa(i+1), line); err != nil {
			return err
		}
	}
	if err := b.SetCellStyle(title, "A1", "A1", b.styles.label); err != nil {
		return err
	}
	return b.SetColWidth(title, "A", "A", 100)
}
