package eforms

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"motcua/locales"
)

// tableKind is a table with fixed lines and columns; each cell is a question.
func tableKind() *behaviour {
	k := composite(func(_ *Form, q *Question) []*Question {
		var out []*Question
		for _, line := range q.Lines {
			for _, column := range q.Columns {
				if line == nil || column == nil {
					continue // the schema has said so
				}
				p := *column
				p.ID = line.ID + "." + column.ID
				p.Short = among(column.name(), each(line.Label, lowerFirst))
				out = append(out, &p)
			}
		}
		return out
	})
	k.gather = func(a asked, value map[string]any) any {
		total := map[string]any{}
		for _, column := range a.q.Totals {
			if sum, ok := a.total(column); ok {
				total[column] = sum
			}
		}
		value["total"] = total
		return value
	}
	k.draw = func(a asked, _ any, f *Field) {
		f.Columns = a.columns()
		at := 0
		for _, line := range a.q.Lines {
			r := GroupRow{Index: len(f.Rows), Title: line.Label}
			for range a.q.Columns {
				cell := a.part(at).field(f.marks)
				r.Fields = append(r.Fields, cell)
				at++
			}
			f.Rows = append(f.Rows, r)
		}
		f.Totals = a.totals()
	}
	return k
}

// lineEmpty says whether an empty part may stay so because its whole line is empty and may be.
func (a asked) lineEmpty(id string, answer any) bool {
	name, _, nested := strings.Cut(id, ".")
	m, _ := answer.(map[string]any)
	return nested && blank(m[name]) && slices.ContainsFunc(a.q.Lines, func(l *Line) bool { return l.ID == name && l.Optional })
}

// columns are their names, with the unit that stands in each cell.
func (a asked) columns() []locales.Text {
	var out []locales.Text
	for _, c := range a.q.Columns {
		out = append(out, c.Label)
	}
	return out
}

// total adds up what is right in a column; false when nothing is.
func (a asked) total(column string) (float64, bool) {
	sum, any := 0.0, false
	for i, p := range a.q.inner {
		if f, ok := a.cell().parts[i].value.(float64); ok && strings.HasSuffix(p.ID, "."+column) {
			sum, any = sum+f, true
		}
	}
	return math.Round(sum*1e6) / 1e6, any // 0,1 + 0,2 is 0,3
}

// totals are the words of the last line, one for each column, or nothing; no line without
// anything to add up.
func (a asked) totals() []locales.Text {
	if len(a.q.Totals) == 0 || len(a.cell().parts) == 0 {
		return nil
	}
	out, any := make([]locales.Text, len(a.q.Columns)), false
	for i, c := range a.q.Columns {
		sum, ok := a.total(c.ID)
		if !ok || !slices.Contains(a.q.Totals, c.ID) {
			continue
		}
		any = true
		written := strings.Replace(strconv.FormatFloat(sum, 'f', -1, 64), ".", ",", 1)
		if out[i] = grouped(written); c.Kind == Money {
			out[i] = amount(written)
		} else {
			out[i] = asked{q: c}.withUnit(out[i])
		}
	}
	if !any {
		return nil
	}
	return out
}

// grid is the table as it is shown to who checks it.
func (a asked) grid() *Grid {
	g := &Grid{Columns: a.columns(), Totals: a.totals()}
	at := 0
	for _, line := range a.q.Lines {
		l := GridLine{Label: line.Label}
		for range a.q.Columns {
			var said locales.Text
			if p := a.part(at); !blank(p.own.answer) {
				said = p.withUnit(p.q.does().say(p, p.own.answer))
			}
			l.Cells = append(l.Cells, said)
			at++
		}
		g.Lines = append(g.Lines, l)
	}
	return g
}

// checkTable: lines and columns have names of their own, and what is added up is a number.
func (l *loader) checkTable(q *Question, place string) {
	const most, mostInRows = 400, 4000 // cells, and cells of all rows of the groups around
	rows := 1
	for g := q.group; g != nil; g = g.group {
		rows *= max(g.MaxRows, 1)
	}
	if n := len(q.Lines) * len(q.Columns); n > most || n*rows > mostInRows {
		l.report(place, "eforms.load.cells", locales.N("n", most), locales.N("all", mostInRows))
	}
	for i, line := range q.Lines {
		if line != nil && line.ID == "total" {
			l.report(place+"/lines/"+strconv.Itoa(i)+"/id", "eforms.load.reserved", locales.S("id", line.ID))
		}
	}
	for i, c := range q.Columns {
		if c == nil {
			continue
		}
		at := place + "/columns/" + strconv.Itoa(i)
		l.checkOptions(c.Options, at+"/options")
		for name, limit := range map[string]string{"after": c.After, "before": c.Before, "not_before": c.NotBefore, "not_after": c.NotAfter} {
			_, fromNow := fromToday(limit)
			if _, isDay := parseISO(limit); limit != "" && !fromNow && !isDay {
				l.report(at+"/"+name, "eforms.load.not_day", locales.S("day", limit))
			}
		}
		if c.Min != nil && c.Max != nil && *c.Min > *c.Max {
			l.report(at, "eforms.load.min_max")
		}
	}
	for i, id := range q.Totals {
		if !slices.ContainsFunc(q.Columns, func(c *Question) bool {
			return c != nil && c.ID == id && (c.Kind == Integer || c.Kind == Decimal || c.Kind == Money)
		}) {
			l.report(place+"/totals/"+strconv.Itoa(i), "eforms.load.reference", locales.S("id", id))
		}
	}
}
