package national

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"motcua/locales"
)

// readCSV reads text with commas, semicolons, tabs or bars between.
func readCSV(text string, about *About, out *records) error {
	if first, rest, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "sep=") { // a note of Excel's
		if s := strings.TrimSpace(first[4:]); len(s) == 1 && strings.ContainsAny(s, ",;|") {
			text = rest
		} else if strings.Trim(first[4:], "\r\n") == "\t" {
			text = rest
		}
	}
	comma, lines, head, ok := separator(text)
	if !ok {
		return bad("national.file.no_head", locales.S("code", codeField.Name))
	}
	about.Separator, about.Head, about.Columns, about.Unknown = string(comma), lines, head.names(), head.unknown
	r := reader(text, comma)
	t := &table{head: head, out: out}
	for rows := 0; ; rows++ {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t.flush()
		}
		var parse *csv.ParseError
		switch {
		case errors.As(err, &parse):
			return bad("national.file.quotes", locales.N("line", int64(parse.StartLine)))
		case err != nil:
			return err
		case len(fields) > mostCells:
			return bad("national.file.wide", locales.N("max", mostCells))
		case rows >= mostRows:
			return bad("national.file.too_long", locales.N("max", mostRows))
		}
		no, _ := r.FieldPos(0)
		if no <= lines {
			continue
		}
		for i, f := range fields {
			fields[i] = typed(f)
		}
		if err := t.take(fields, no); err != nil {
			return err
		}
	}
}

func reader(text string, comma rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	r.LazyQuotes = strings.Contains(text, `="`) // ="0912" is how zeros are kept for Excel
	return r
}

// separator is what stands between cells: what makes the most columns of the titles that
// are known. With it, the line on which they stand.
func separator(text string) (comma rune, line int, best head, ok bool) {
	known := allTitles()
	most := 0
	for _, c := range []rune{',', ';', '\t', '|'} {
		r := reader(text, c)
		for range headWithin {
			fields, err := r.Read()
			if err != nil && !errors.Is(err, csv.ErrFieldCount) {
				break
			}
			h, is := headOf(known, fields)
			if n := len(h.names()); is && n > most {
				no, _ := r.FieldPos(len(fields) - 1)
				comma, line, best, ok, most = c, no, h, true, n
				break
			}
		}
	}
	return comma, line, best, ok
}

// guarded are the letters by which a cell becomes a formula in a spreadsheet.
const guarded = "=+-@\t\r"

// typed undoes how zeros and signs are kept from spreadsheets: ="0912", '-a.
func typed(f string) string {
	f = strings.TrimSpace(f)
	if inner, ok := strings.CutPrefix(f, `="`); ok && strings.HasSuffix(inner, `"`) {
		return strings.TrimSuffix(inner, `"`)
	}
	if len(f) > 1 && f[0] == '\'' && strings.IndexByte(guarded+"'", f[1]) >= 0 {
		return f[1:]
	}
	return f
}

// guard keeps a text from being a formula where the file is opened.
func guard(s string) string {
	if s != "" && strings.IndexByte(guarded, s[0]) >= 0 || len(s) > 1 && s[0] == '\'' && strings.IndexByte(guarded+"'", s[1]) >= 0 {
		return "'" + s
	}
	return s
}
