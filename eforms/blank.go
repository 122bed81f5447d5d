package eforms

import (
	"strings"

	"motcua/locales"
)

const (
	mostBoxes  = 12 // more choices than these are written, not ticked
	emptyLines = 3  // of a repeated group
)

// blankSections are the pages as an outline without answers: choices as boxes to tick, of a
// repeated group some empty rows.
func (f *Form) blankSections() []Section {
	var out []Section
	for _, p := range f.Pages {
		s := Section{Page: p.No, ID: p.ID, Title: p.Title}
		for _, q := range p.Questions {
			if row, ok := q.blankRow(); ok {
				s.Rows = append(s.Rows, row)
			}
		}
		if len(s.Rows) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// blankRow is a question to answer by hand; what is computed, told, attached or declared is none.
func (q *Question) blankRow() (Row, bool) {
	switch q.Kind {
	case Note, Attachment, Computed, Declaration:
		return Row{}, false
	}
	row := Row{ID: q.ID, Kind: q.Kind, Label: q.Label, Empty: true}
	switch {
	case q.Kind == Table:
		row.Table = q.emptyGrid()
		return row, true
	case len(q.inner) > 0 && q.Kind != Period:
		for _, p := range q.inner {
			if r, ok := p.blankRow(); ok {
				row.Parts = append(row.Parts, r)
			}
		}
		return row, true
	case q.Kind != Group:
		row.Value = q.boxes()
		return row, true
	}
	for range min(max(q.MinRows, emptyLines), q.MaxRows) {
		g := RowGroup{Title: q.Item}
		for _, child := range q.Questions {
			if r, ok := child.blankRow(); ok {
				g.Rows = append(g.Rows, r)
			}
		}
		row.Groups = append(row.Groups, g)
	}
	return row, true
}

// emptyGrid is a table with nothing in it.
func (q *Question) emptyGrid() *Grid {
	g := &Grid{}
	for _, c := range q.Columns {
		g.Columns = append(g.Columns, c.Label)
	}
	for _, line := range q.Lines {
		g.Lines = append(g.Lines, GridLine{Label: line.Label, Cells: make([]locales.Text, len(q.Columns))})
	}
	return g
}

// boxes are the choices of a question with room for a tick.
func (q *Question) boxes() locales.Text {
	options := q.options
	if q.Kind == YesNo {
		options = []Option{{Label: say("eforms.yes")}, {Label: say("eforms.no")}}
	}
	if len(options) == 0 || len(options) > mostBoxes {
		return locales.Text{}
	}
	in := func(l locales.Lang) string {
		var b strings.Builder
		for _, o := range options {
			s, _ := o.Label.In(l)
			b.WriteString("□\u00a0" + s + "   ")
		}
		return strings.TrimSpace(b.String())
	}
	return locales.Text{VI: in(locales.VI), EN: in(locales.EN), KM: in(locales.KM)}
}
