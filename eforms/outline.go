package eforms

import "motcua/locales"

// Section is a page of the outline: what the check page, papers and officers see.
type Section struct {
	Page  int
	ID    string
	Title locales.Text
	Rows  []Row
}

// Row is one answer of the outline.
type Row struct {
	ID       string
	Kind     Kind
	Label    locales.Text
	Value    locales.Text
	Empty    bool // left unanswered
	Locked   bool
	Source   *Fact
	Warning  *locales.Message
	National string
	Groups   []RowGroup // the rows of a repeated group
	Parts    []Row      // the parts of a person, an account …; Value has them all in one text
	Table    *Grid      // of a table; Value has what is given in one text
}

// Grid is a table with fixed lines.
type Grid struct {
	Columns []locales.Text
	Lines   []GridLine
	Totals  []locales.Text // one for each column, empty where nothing is added up
}

// GridLine is one line of it: a text for each column.
type GridLine struct {
	Label locales.Text
	Cells []locales.Text
}

// RowGroup is one row of a repeated group in the outline.
type RowGroup struct {
	Title locales.Text
	Rows  []Row
}

// Outline is every answer that is asked for, by page. Papers have their own list, and
// notes are no answers.
func (r *Run) Outline() []Section {
	s := r.state()
	var out []Section
	for i, p := range r.Form.Pages {
		if !s.pages[i] {
			continue
		}
		section := Section{Page: p.No, ID: p.ID, Title: p.Title}
		for _, q := range p.Questions {
			if s.cells[q.seq].shown && q.Kind != Attachment && q.Kind != Note {
				section.Rows = append(section.Rows, asked{s: s, q: q, name: q.ID}.outline())
			}
		}
		if len(section.Rows) > 0 {
			out = append(out, section)
		}
	}
	return out
}

func (a asked) outline() Row {
	c := a.cell()
	row := Row{
		ID: a.name, Kind: a.q.Kind, Label: a.q.Label, Locked: c.locked, Source: c.source,
		Warning: a.warning(), National: a.q.National, Empty: blank(c.answer),
	}
	if say := a.q.does().say; say != nil && !row.Empty {
		row.Value = say(a, c.answer)
		row.Value = a.withUnit(row.Value)
	}
	switch {
	case row.Empty && a.q.Kind != Group:
	case a.q.Kind == Table:
		row.Table = a.grid()
	case len(a.q.inner) > 0 && a.q.Kind != Period:
		row.Parts = a.outlineParts()
	}
	if a.q.Kind != Group {
		return row
	}
	for _, r := range c.rows {
		if r.blank {
			continue
		}
		g := RowGroup{Title: a.rowTitle(r)}
		for _, q := range a.q.Questions {
			if r.cells[q.at].shown {
				g.Rows = append(g.Rows, a.s.child(r, q).outline())
			}
		}
		row.Groups = append(row.Groups, g)
	}
	row.Empty = len(row.Groups) == 0
	return row
}

// withUnit puts the words before and after a field around its value: 12 m².
func (a asked) withUnit(t locales.Text) locales.Text {
	put := func(l locales.Lang) string {
		s, _ := t.In(l)
		for _, p := range []struct {
			text locales.Text
			join func(unit string)
		}{
			{a.q.Prefix, func(unit string) { s = unit + " " + s }},
			{a.q.Suffix, func(unit string) { s = s + " " + unit }},
		} {
			if unit, _ := p.text.In(l); unit != "" {
				p.join(unit)
			}
		}
		return s
	}
	if a.q.Prefix.Empty() && a.q.Suffix.Empty() || a.q.Kind == Money || a.q.As == "money" {
		return t // an amount has its unit already
	}
	return locales.Text{VI: put(locales.VI), EN: put(locales.EN), KM: put(locales.KM)}
}
