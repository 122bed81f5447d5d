package bulk

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// WriteXLSX writes a table as a workbook; every cell is text, so that none is a formula.
func WriteXLSX(w io.Writer, name string, head []string, rows [][]string) error {
	f := excelize.NewFile()
	defer f.Close()
	title := f31(name)
	if err := f.SetSheetName("Sheet1", title); err != nil {
		return err
	}
	out, err := f.NewStreamWriter(title)
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, len(head), 24); err != nil {
		return err
	}
	for i, row := range append([][]string{head}, rows...) {
		cells := make([]any, len(row))
		for j, text := range row {
			cells[j] = text
		}
		if err := out.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// WriteCSV writes a table as text for spreadsheets. What a person typed and would be taken
// for a formula begins with an apostrophe.
func WriteCSV(w io.Writer, head []string, rows [][]string) error {
	if _, err := io.WriteString(w, "\xEF\xBB\xBF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	for _, row := range append([][]string{head}, rows...) {
		safe := make([]string, len(row))
		for i, text := range row {
			if safe[i] = text; text != "" && strings.ContainsAny(text[:1], "=+-@\t\r\n") {
				safe[i] = "'" + text
			}
		}
		if err := out.Write(safe); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
