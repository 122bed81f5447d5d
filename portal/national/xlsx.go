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
	lines, stop := unpack(rows)
	defer stop()
	for l := range lines {
		switch {
		case l.err != nil:
			return false, l.err
		case t != nil:
			if err := t.take(l.cells, l.no); err != nil {
				return false, err
			}
			continue
		}
		if h, is := headOf(known, l.cells); is {
			about.Sheet, about.Head, about.Columns, about.Unknown = name, l.no, h.names(), h.unknown
			t = &table{head: h, out: out}
		} else if l.no >= headWithin {
			return false, nil
		}
	}
	if t == nil {
		return false, nil
	}
	return true, t.flush()
}

// sheetLine is a line of a sheet as the workbook has it, or why there are no more.
type sheetLine struct {
	no    int
	cells []string
	err   error
}

// unpack reads the lines of a sheet ahead of whoever makes procedures of them: unpacking
// takes a third of the time, and a machine has more than one core. stop ends it.
func unpack(rows *excelize.Rows) (lines <-chan sheetLine, stop func()) {
	out, over := make(chan sheetLine, 256), make(chan struct{})
	give := func(l sheetLine) bool {
		select {
		case out <- l:
			return l.err == nil
		case <-over:
			return false
		}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(out)
		defer func() {
			if recover() != nil { // a crafted file; nothing of it is ours
				give(sheetLine{err: bad("national.file.broken")})
			}
		}()
		for no := 1; rows.Next(); no++ {
			cells, err := rows.Columns()
			switch {
			case err != nil:
				err = bad("national.file.broken")
			case len(cells) > mostCells:
				err = bad("national.file.wide", locales.N("max", mostCells))
			case no > mostRows:
				err = bad("national.file.too_long", locales.N("max", mostRows))
			}
			if !give(sheetLine{no, cells, err}) {
				return
			}
		}
		if rows.Error() != nil {
			give(sheetLine{err: bad("national.file.broken")})
		}
	}()
	return out, func() { close(over); <-ended }
}
