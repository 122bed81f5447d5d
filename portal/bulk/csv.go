package bulk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"motcua/locales"
)

// mostLines bounds a file of text: titles, notes and lines.
const mostLines = 2000

// readCSV reads text with commas, semicolons or tabs between, as spreadsheets write it. In
// an encoding of old Windows the letters of Vietnamese are lost: refused, never guessed.
func readCSV(file []byte) (grid, error) {
	file = bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF"))
	if !utf8.Valid(file) || bytes.IndexByte(file, 0) >= 0 {
		return grid{}, bad("bulk.file.encoding")
	}
	text := string(file)
	comma := separator(text)
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(first, "sep=") { // a note of Excel's
		text = rest
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	r.LazyQuotes = strings.Contains(text, `="`) // ="0912" is how zeros are kept for Excel
	var g grid
	for {
		fields, err := r.Read()
		if err != nil {
			var fault *csv.ParseError
			if errors.As(err, &fault) {
				return grid{}, bad("bulk.file.quotes", locales.N("line", int64(fault.StartLine)))
			}
			return g, nil
		}
		if len(g.rows) >= mostLines {
			return grid{}, bad("bulk.file.too_many", locales.N("max", MaxRows))
		}
		if len(fields) > mostCells {
			return grid{}, bad("bulk.file.wide", locales.N("max", mostCells))
		}
		line, _ := r.FieldPos(0)
		row := make([]Cell, len(fields))
		for i, f := range fields {
			row[i] = typedCell(f)
			row[i].At = columnName(i+1) + strconv.Itoa(line)
		}
		g.rows = append(g.rows, row)
	}
}

// typedCell is a cell of text. ="0912" is how zeros are kept for Excel; any other formula is
// no answer.
func typedCell(f string) Cell {
	f = strings.TrimSpace(f)
	if inner, ok := strings.CutPrefix(f, `="`); ok && strings.HasSuffix(inner, `"`) && !strings.Contains(strings.TrimSuffix(inner, `"`), `"`) {
		return Cell{Text: strings.TrimSuffix(inner, `"`)}
	}
	if strings.HasPrefix(f, "=") {
		return Cell{Text: f, Bad: "formula"}
	}
	return Cell{Text: f}
}

// separator is what stands between cells: by Excel's own note, else what the first line has
// most of.
func separator(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	if s, ok := strings.CutPrefix(strings.TrimSpace(first), "sep="); ok && len(s) == 1 && strings.ContainsAny(s, ";,\t|") {
		return rune(s[0])
	}
	best, most := ',', 0
	for _, c := range []rune{',', ';', '\t'} {
		if n := strings.Count(first, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func columnName(n int) string {
	name, err := excelize.ColumnNumberToName(n)
	if err != nil {
		return ""
	}
	return name
}
