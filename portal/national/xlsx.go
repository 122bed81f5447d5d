package national

import (
	"bytes"
	"errors"
	"strings"

	"github.com/xuri/excelize/v2"

	"motcua/locales"
)

// mostSheets is how many sheets of a workbook are looked at for the one with the titles.
const mostSheets = 20

// readXLSX reads the first sheet that has the titles. What a workbook unfolds to is bounded
// before anything is unfolded.
func readXLSX(file []byte, out *records) (about About, err error) {
	about.Format = "xlsx"
	defer func() {
		if recover() != nil { // a crafted file; nothing of it is ours
			err = bad("national.file.broken")
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{RawCellValue: true, UnzipSizeLimit: mostUnzip, UnzipXMLSizeLimit: 32 << 20})
	switch {
	case err != nil && (errors.Is(err, excelize.ErrWorkbookFileFormat) || errors.Is(err, excelize.ErrWorkbookPassword)):
		return about, bad("national.file.old")
	case err != nil && strings.Contains(err.Error(), "unzip size exceeds"): // the library has no name for it
		return about, bad("national.file.unfolds", locales.N("max", mostUnzip>>20))
	case err != nil:
		return about, bad("national.file.broken")
	}
	defer f.Close()
	sheets := f.GetSheetList()
	for _, name := range sheets[:min(len(sheets), mostSheets)] {
		found, err := readSheet(f, name, &about, out)
		if err != nil || found {
			return about, err
		}
	}
	return about, bad("national.file.no_head", locales.S("code", codeField.Name))
}

// readSheet reads a sheet with titles; false when it has none.
func readSheet(f *excelize.File, name string, about *About, out *records) (bool, error) {
	rows, err := f.Rows(name)
	if err != nil { // a chart is a sheet too
		return false, nil
	}
	defer rows.Close()
	known := allTitles()
	var t *table
	for no := 1; rows.Next(); no++ {
		cells, err := rows.Columns()
		switch {
		case err != nil:
			return false, bad("national.file.broken")
		case len(cells) > mostCells:
			return false, bad("national.file.wide", locales.N("max", mostCells))
		case no > mostRows:
			return false, bad("national.file.too_long", locales.N("max", mostRows))
		case t != nil:
			if err := t.take(cells, no); err != nil {
				return false, err
			}
			continue
		}
		if h, is := headOf(known, cells); is {
			about.Sheet, about.Head, about.Columns, about.Unknown = name, no, h.names(), h.unknown
			t = &table{head: h, out: out}
		} else if no >= headWithin {
			return false, nil
		}
	}
	if rows.Error() != nil {
		return false, bad("national.file.broken")
	}
	if t == nil {
		return false, nil
	}
	return true, t.flush()
}
