package bulk

import (
	"slices"
	"strconv"
	"strings"

	"motcua/eforms"
)

// rows writes what a person gave back into the sheet it came from: as text, the cells with
// faults marked, and the faults in words behind the line.
func (b *book) rows(title string, sheet eforms.Sheet) error {
	at := firstRow
	for _, r := range b.Lines {
		for _, one := range linesOf(r, sheet) {
			cells := []string{strconv.Itoa(r.Line)}
			if sheet.Outer != nil {
				cells = append(cells, strconv.Itoa(one.outer+1))
			}
			var says []string
			for _, c := range sheet.Columns {
				name := one.prefix + strings.TrimPrefix(c.Code, sheet.Code)
				if sheet.Group == nil {
					name = c.Code
				}
				cells = append(cells, r.Cells[name].Text)
				for _, f := range r.Faults {
					if f.Name == name {
						says = append(says, b.text(f.Says))
						if err := b.SetCellStyle(title, columnName(len(cells))+strconv.Itoa(at), columnName(len(cells))+strconv.Itoa(at), b.styles.wrong); err != nil {
							return err
						}
					}
				}
			}
			if sheet.Group == nil {
				says = append(says, b.others(r, sheet)...)
			}
			for i, text := range append(cells, strings.Join(says, "\n")) {
				if err := b.SetCellStr(title, columnName(i+1)+strconv.Itoa(at), text); err != nil {
					return err
				}
			}
			if len(says) > 0 {
				end := columnName(len(cells)+1) + strconv.Itoa(at)
				if err := b.SetCellStyle(title, end, end, b.styles.note); err != nil {
					return err
				}
			}
			at++
		}
	}
	return nil
}

// others are the faults of a line that no cell of the first sheet has: of groups as a
// whole, and of what is not in the file.
func (b *book) others(r Row, sheet eforms.Sheet) []string {
	var says []string
	for _, f := range r.Faults {
		inSheet := slices.ContainsFunc(sheet.Columns, func(c eforms.Column) bool { return c.Code == f.Name })
		if cell := r.Cells[f.Name]; !inSheet && (cell.Sheet == "" || cell.At == "") {
			says = append(says, b.text(f.Says))
		}
	}
	return says
}

// inner is a row of a sheet that belongs to a line.
type inner struct {
	prefix string // of its names
	outer  int
}

// linesOf are the rows that a line has in a sheet.
func linesOf(r Row, sheet eforms.Sheet) []inner {
	if sheet.Group == nil {
		return []inner{{}}
	}
	var all []inner
	seen := map[string]bool{}
	group, deeper, nested := strings.Cut(sheet.Code, ".")
	for name := range r.Cells {
		rest, ok := strings.CutPrefix(name, group+".")
		if !ok {
			continue
		}
		no, rest, _ := strings.Cut(rest, ".")
		one := inner{prefix: group + "." + no}
		one.outer, _ = strconv.Atoi(no)
		if nested {
			head, rest, _ := strings.Cut(rest, ".")
			no, _, isRow := strings.Cut(rest, ".")
			if head != deeper || !isRow {
				continue
			}
			one.prefix += "." + deeper + "." + no
		}
		if !seen[one.prefix] {
			seen[one.prefix], all = true, append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b inner) int { return natural(a.prefix, b.prefix) })
	return all
}

// natural compares names whose numbers count: row 10 comes after row 9.
func natural(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
