package bulk

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"motcua/eforms"
	"motcua/locales"
)

// mostSheets is how many sheets of a workbook are looked at.
const mostSheets = 40

// workbook is a file being read. What it unfolds to is bounded before anything is unfolded:
// a file of 5 MB can hold terabytes of blanks.
type workbook struct {
	*excelize.File
	entry *eforms.Entry
	old   bool // its days count from 1904
	dates map[int]string
}

func readXLSX(file []byte, entry *eforms.Entry) (grids []grid, err error) {
	defer func() {
		if recover() != nil { // a crafted file; nothing of it is ours
			grids, err = nil, bad("bulk.file.broken")
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{RawCellValue: true, UnzipSizeLimit: mostUnzip, UnzipXMLSizeLimit: mostUnzip})
	switch {
	case err != nil && (errors.Is(err, excelize.ErrWorkbookFileFormat) || errors.Is(err, excelize.ErrWorkbookPassword)):
		return nil, bad("bulk.file.old")
	case err != nil && strings.Contains(err.Error(), "unzip size exceeds"): // the library has no name for it
		return nil, bad("bulk.file.unfolds", locales.N("max", mostUnzip>>20))
	case err != nil:
		return nil, bad("bulk.file.broken")
	}
	defer f.Close()
	w := workbook{File: f, entry: entry, dates: map[int]string{}}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		w.old = *props.Date1904
	}
	sheets := f.GetSheetList()
	for i, name := range sheets[:min(len(sheets), mostSheets)] {
		g, err := w.sheet(name, i > 0)
		if err != nil {
			return nil, err
		}
		grids = append(grids, g)
	}
	return grids, nil
}

// sheet reads a sheet whose first rows have the codes; any other is left alone.
func (w *workbook) sheet(name string, other bool) (grid, error) {
	var g grid
	if other {
		g.name = name
	}
	rows, err := w.Rows(name)
	if err != nil { // a chart is a sheet too
		return g, nil
	}
	defer rows.Close()
	var titles []string
	most := MaxRows + 20
	if other {
		most = mostInner + 20
	}
	for no := 1; rows.Next(); no++ {
		values, err := rows.Columns()
		if err != nil {
			return g, bad("bulk.file.broken")
		}
		if !slices.ContainsFunc(values, func(v string) bool { return strings.TrimSpace(v) != "" }) {
			if no > 10*mostInner {
				return g, bad("bulk.file.broken")
			}
			continue
		}
		if titles == nil && no > 20 {
			return grid{name: g.name}, nil
		}
		if len(values) > mostCells {
			return g, bad("bulk.file.wide", locales.N("max", mostCells))
		}
		if len(g.rows) >= most {
			return g, bad("bulk.file.too_many", locales.N("max", MaxRows))
		}
		if titles == nil && strings.EqualFold(strings.TrimSpace(values[0]), lineCode) {
			titles = values
		}
		row := make([]Cell, len(values))
		for i, v := range values {
			code := ""
			if i < len(titles) {
				code = strings.ToLower(strings.TrimSpace(titles[i]))
			}
			at := columnName(i+1) + strconv.Itoa(no)
			row[i] = w.cell(name, at, code, v)
			if row[i].At = at; other {
				row[i].Sheet = name
			}
		}
		g.rows = append(g.rows, row)
	}
	return g, nil
}

// cell is what a person sees in a cell, as words. A number in a column of days is a day; an
// amount is written in full; what a formula works out is nobody's answer.
func (w *workbook) cell(sheet, at, code, raw string) Cell {
	if formula, err := w.GetCellFormula(sheet, at); err == nil && formula != "" {
		return Cell{Text: "=" + formula, Bad: "formula"}
	}
	if raw == "" {
		return Cell{}
	}
	kind, err := w.GetCellType(sheet, at)
	switch {
	case err != nil:
		return Cell{Text: raw}
	case kind == excelize.CellTypeError:
		return Cell{Text: raw, Bad: "formula"}
	case kind == excelize.CellTypeBool && (raw == "1" || strings.EqualFold(raw, "true")):
		return Cell{Text: "yes"}
	case kind == excelize.CellTypeBool:
		return Cell{Text: "no"}
	case kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString || kind == excelize.CellTypeFormula:
		return typedCell(raw)
	case kind == excelize.CellTypeDate: // ISO 8601
		day, _, _ := strings.Cut(raw, "T")
		return Cell{Text: day}
	}
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return typedCell(raw)
	}
	c, _ := w.entry.Column(code)
	return Cell{Text: w.number(sheet, at, c, n), Number: true}
}

// number writes a number as its column wants it.
func (w *workbook) number(sheet, at string, c eforms.Column, n float64) string {
	format := w.format(sheet, at)
	kind := eforms.Kind("")
	if c.Question != nil && c.Part == "" {
		kind = c.Question.Kind
	}
	year := n == math.Trunc(n) && n >= 1900 && n <= 2100 && format != "date"
	switch {
	case year && kind == eforms.DateOrYear:
	case kind == eforms.Date || kind == eforms.NearDate || kind == eforms.DateOrYear,
		format == "date" && kind != eforms.Integer && kind != eforms.Money && kind != eforms.Decimal && kind != eforms.Time:
		if t, err := excelize.ExcelDateToTime(n, w.old); err == nil && n >= 1 && n < 2_958_466 {
			return t.Format("2/1/2006")
		}
	case kind == eforms.Time && n >= 0 && n < 1:
		minutes := int(math.Round(n * 24 * 60))
		return strconv.Itoa(minutes/60%24) + ":" + pad(minutes%60, 2)
	}
	if n == math.Trunc(n) && math.Abs(n) < 1e15 {
		text := strconv.FormatInt(int64(n), 10)
		if zeros := strings.Count(format, "0"); zeros == len(format) && n >= 0 { // 000000000000: shown with its zeros
			text = pad(int(n), zeros)
		}
		return text
	}
	return strings.Replace(strconv.FormatFloat(n, 'f', -1, 64), ".", ",", 1)
}

func pad(n, digits int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(digits-len(s), 0)) + s
}

// format is "date" for a cell that shows a day, the zeros of one that shows leading zeros,
// or "".
func (w *workbook) format(sheet, at string) string {
	id, err := w.GetCellStyle(sheet, at)
	if err != nil || id == 0 {
		return ""
	}
	if known, ok := w.dates[id]; ok {
		return known
	}
	is := ""
	if style, err := w.GetStyle(id); err == nil {
		n := style.NumFmt
		switch {
		case style.CustomNumFmt != nil && strings.Trim(*style.CustomNumFmt, "0") == "" && len(*style.CustomNumFmt) <= 20:
			is = *style.CustomNumFmt
		case n >= 14 && n <= 22 || n >= 27 && n <= 36 || n >= 45 && n <= 47 || n >= 50 && n <= 58,
			style.CustomNumFmt != nil && strings.Contains(strings.ToLower(*style.CustomNumFmt), "yy"):
			is = "date"
		}
	}
	w.dates[id] = is
	return is
}
