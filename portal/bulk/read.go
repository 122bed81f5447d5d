package bulk

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/problem"
)

// lineCode is the title of the column that numbers the lines; outerCode ends that of the
// column which says to which row of the group around a row belongs.
const (
	lineCode   = "dong"
	outerCode  = "#"
	faultsCode = "loi" // of our own copy with the faults: not read
)

// Line is a dossier as a file has it: words by the names of its controls.
type Line struct {
	No    int
	Cells map[string]Cell
}

// Book is a file that was read.
type Book struct {
	Columns []string // of the first sheet, as the file has them
	Lines   []Line
}

// grid is a sheet as it was read, row by row.
type grid struct {
	name string // "" for the only one or the first
	rows [][]Cell
}

// Read takes a file apart: XLSX by its content, else CSV in UTF-8. What cannot be taken is
// Invalid with the reason; what is wrong within a cell stays to be said beside it.
func (s *Service) Read(file []byte, entry *eforms.Entry) (Book, error) {
	grids, err := s.grids(file, entry)
	if err != nil {
		return Book{}, err
	}
	r := reading{entry: entry, lines: map[int]*Line{}}
	for _, g := range grids {
		if err := r.take(g); err != nil {
			return Book{}, err
		}
	}
	if len(r.order) == 0 {
		return Book{}, bad("bulk.file.empty")
	}
	book := Book{Columns: r.columns}
	for _, no := range r.order {
		book.Lines = append(book.Lines, *r.lines[no])
	}
	return book, nil
}

func (s *Service) grids(file []byte, entry *eforms.Entry) ([]grid, error) {
	switch {
	case len(file) == 0:
		return nil, bad("bulk.file.empty")
	case len(file) > MaxBytes:
		return nil, problem.New(problem.TooLarge, "bulk.file.too_large", locales.N("max", MaxBytes>>20))
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		s.reading.Lock()
		defer s.reading.Unlock()
		return readXLSX(file, entry)
	case bytes.HasPrefix(file, []byte("\xD0\xCF\x11\xE0")):
		return nil, bad("bulk.file.old")
	}
	g, err := readCSV(file)
	return []grid{g}, err
}

func bad(key string, args ...locales.Arg) error { return problem.New(problem.Invalid, key, args...) }

// reading puts the lines of a file together.
type reading struct {
	entry   *eforms.Entry
	columns []string
	lines   map[int]*Line
	order   []int
	main    bool // the sheet with the lines has been read
	inner   int  // rows of groups so far
	count   map[string]int
}

// take reads one sheet. A sheet without the column of line numbers is somebody's own.
func (r *reading) take(g grid) error {
	head := slices.IndexFunc(g.rows, func(row []Cell) bool { return len(row) > 0 && strings.EqualFold(row[0].Text, lineCode) })
	if head < 0 {
		if !r.main && g.name == "" {
			return bad("bulk.file.no_head", locales.S("code", lineCode))
		}
		return nil
	}
	titles, err := r.titles(g.rows[head])
	if err != nil {
		return err
	}
	group, err := r.groupOf(titles)
	if err != nil {
		return err
	}
	if group == "" && r.main {
		return bad("bulk.file.two_mains")
	}
	for _, row := range g.rows[head+1:] {
		if empty(row) || strings.HasPrefix(row[0].Text, "#") {
			continue
		}
		if err := r.row(g, titles, group, row); err != nil {
			return err
		}
	}
	if group == "" {
		r.main, r.columns = true, titles[1:]
	}
	return nil
}

func empty(row []Cell) bool {
	return !slices.ContainsFunc(row, func(c Cell) bool { return strings.TrimSpace(c.Text) != "" || c.Bad != "" })
}

// titles are the codes of a sheet's columns; one that is none of the form's is named.
func (r *reading) titles(row []Cell) ([]string, error) {
	if len(row) > mostCells {
		return nil, bad("bulk.file.wide", locales.N("max", mostCells))
	}
	var titles, unknown []string
	for i, c := range row {
		code := strings.ToLower(strings.TrimSpace(c.Text))
		_, known := r.entry.Column(code)
		switch {
		case i == 0, code == "", code == faultsCode, strings.HasSuffix(code, "."+outerCode), known:
		default:
			unknown = append(unknown, strings.TrimSpace(c.Text))
		}
		if code != "" && code != faultsCode && slices.Contains(titles, code) {
			return nil, bad("bulk.file.twice", locales.S("column", code))
		}
		titles = append(titles, code)
	}
	if len(unknown) > 0 {
		return nil, bad("bulk.file.unknown_columns", locales.S("columns", cut(strings.Join(unknown[:min(len(unknown), mostColumns)], ", "), 300)))
	}
	return titles, nil
}

// groupOf is the group that a sheet's rows are of, by its titles: prizes.prize_name has no
// row number, so the sheet has a row for each.
func (r *reading) groupOf(titles []string) (string, error) {
	group, own := "", ""
	for _, t := range titles[1:] {
		c, known := r.entry.Column(t)
		switch {
		case !known:
		case c.Sheet == "" || c.Code != t: // numbered: a row of a group on the dossier's own line
			own = t
		case group == "" || group == c.Sheet:
			group = c.Sheet
		default:
			own = t
		}
	}
	if group != "" && own != "" {
		return "", bad("bulk.file.mixed", locales.S("column", own))
	}
	return group, nil
}

// row reads one row of a sheet.
func (r *reading) row(g grid, titles []string, group string, row []Cell) error {
	no, err := strconv.Atoi(strings.TrimSpace(row[0].Text))
	if err != nil || no < 1 || no > 1_000_000 {
		return bad("bulk.file.line_number", locales.S("at", row[0].where()))
	}
	line := r.lines[no]
	prefix := ""
	switch {
	case group == "" && line != nil:
		return bad("bulk.file.line_twice", locales.N("line", int64(no)), locales.S("at", row[0].where()))
	case group == "" && len(r.order) >= MaxRows:
		return bad("bulk.file.too_many", locales.N("max", MaxRows))
	case group == "":
		line = &Line{No: no, Cells: map[string]Cell{}}
		r.lines[no], r.order = line, append(r.order, no)
	case line == nil:
		return bad("bulk.file.no_line", locales.N("line", int64(no)), locales.S("at", row[0].where()))
	default:
		if prefix, err = r.rowOf(group, titles, row, no); err != nil {
			return err
		}
	}
	for i, c := range row[:min(len(row), len(titles))] {
		name := titles[i]
		if i == 0 || name == "" || name == faultsCode || strings.HasSuffix(name, "."+outerCode) || strings.TrimSpace(c.Text) == "" && c.Bad == "" {
			continue
		}
		if group != "" {
			name = prefix + strings.TrimPrefix(name, group)
		} else {
			name = r.counted(name)
		}
		line.Cells[name] = c
	}
	return nil
}

func (c Cell) where() string {
	if c.Sheet == "" {
		return c.At
	}
	return c.Sheet + "!" + c.At
}

// rowOf is what the names of a group's row begin with: the next row of the line, and of the
// outer row where the group is in one.
func (r *reading) rowOf(group string, titles []string, row []Cell, line int) (string, error) {
	if r.inner++; r.inner > mostInner {
		return "", bad("bulk.file.too_many_inner", locales.N("max", mostInner))
	}
	if r.count == nil {
		r.count = map[string]int{}
	}
	prefix := group
	if outer, inner, nested := strings.Cut(group, "."); nested {
		i := slices.Index(titles, outer+"."+outerCode)
		if i < 0 || i >= len(row) {
			return "", bad("bulk.file.no_outer", locales.S("column", outer+"."+outerCode))
		}
		no, err := strconv.Atoi(strings.TrimSpace(row[i].Text))
		if err != nil || no < 1 || no > 1000 {
			return "", bad("bulk.file.line_number", locales.S("at", row[i].where()))
		}
		prefix = outer + "." + strconv.Itoa(no-1) + "." + inner
	}
	at := strconv.Itoa(line) + " " + prefix
	n := r.count[at]
	r.count[at] = n + 1
	return prefix + "." + strconv.Itoa(n), nil
}

// counted is a title with row numbers as the controls have them: rows count from 1 for
// people and from 0 in names.
func (r *reading) counted(code string) string {
	if c, _ := r.entry.Column(code); c.Sheet == "" {
		return code
	}
	parts := strings.Split(code, ".")
	for i, p := range parts {
		if n, err := strconv.Atoi(p); err == nil && n > 0 {
			parts[i] = strconv.Itoa(n - 1)
		}
	}
	return strings.Join(parts, ".")
}

// cut keeps whole letters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
