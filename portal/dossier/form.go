package dossier

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/paper"
	"motcua/portal/signin"
)

// Form draws the application of the person's dossier as it was filed last. The same rows
// give the same bytes.
func (s *Service) Form(ctx context.Context, p signin.Person, id string) (code string, pdf []byte, err error) {
	w, err := s.OfPerson(ctx, p, id)
	if err != nil {
		return "", nil, err
	}
	pdf, err = s.FormOf(ctx, w)
	return w.Code, pdf, err
}

// FormOf draws the application of a dossier that the caller has asked May about.
func (s *Service) FormOf(ctx context.Context, w Whole) ([]byte, error) {
	lists, err := s.Drafts.Lists(ctx, w.Revision)
	if err != nil {
		return nil, err
	}
	head, err := s.letterhead(ctx, w.Agency)
	if err != nil {
		return nil, err
	}
	last := w.Filings[len(w.Filings)-1]
	layout := w.Run(lists).Layout()
	d := formData(layout)
	d.Name, d.Place, d.At, d.Code = w.OwnerName, head.Place, last.At, w.Code
	d.Marks = []string{vi(locales.M("paper.form.declared", locales.D("at", last.At)))}
	if layout.To {
		d.To = w.Agency.Name.VI
	}
	var b bytes.Buffer
	if err := paper.Form(&b, d); err != nil {
		return nil, fmt.Errorf("form of %s: %w", w.ID, err)
	}
	return b.Bytes(), nil
}

// HelpedForm draws the form of a draft that an officer fills for a person who is present,
// to be signed by them: the mark on it says which answers it holds.
func (s *Service) HelpedForm(ctx context.Context, p signin.Person, id string) ([]byte, error) {
	of, err := s.Drafts.Printed(ctx, p, id)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	sum, err := of.Sum(now)
	if err != nil {
		return nil, err
	}
	at, err := s.Agency.ByID(ctx, of.Help.AgencyID)
	if err != nil {
		return nil, err
	}
	head, err := s.letterhead(ctx, at)
	if err != nil {
		return nil, err
	}
	d := formData(of.Run(now).Layout())
	d.Name, d.Place, d.At = of.Help.For.Name, head.Place, now
	d.Marks = []string{vi(locales.M("paper.form.to_sign", locales.S("officer", of.Help.Name), locales.S("agency", of.Help.Agency.VI), locales.S("mark", sum)))}
	var b bytes.Buffer
	if err := paper.Form(&b, d); err != nil {
		return nil, fmt.Errorf("form of draft %s: %w", id, err)
	}
	return b.Bytes(), nil
}

// Blank draws a revision's form to be filled by hand. It is drawn once.
func (s *Service) Blank(rev *catalogue.Revision) ([]byte, error) {
	if rev.Form == nil {
		return nil, notFound()
	}
	if pdf, ok := s.blanks.Load(rev.ID); ok {
		return pdf.([]byte), nil
	}
	layout := rev.Form.Blank()
	d := formData(layout)
	d.Blank, d.At = true, rev.InForceFrom
	if layout.To {
		d.To = paper.Blanks + paper.Blanks
	}
	var b bytes.Buffer
	if err := paper.Form(&b, d); err != nil {
		return nil, fmt.Errorf("blank form %s: %w", rev.Code, err)
	}
	s.blanks.Store(rev.ID, b.Bytes())
	return b.Bytes(), nil
}

// formData is a layout as the paper is drawn from it. Papers are in Vietnamese.
func formData(l eforms.Layout) paper.FormData {
	d := paper.FormData{Number: l.Number.VI, Title: l.Title.VI, Declaration: l.Declaration.VI}
	for _, p := range l.Parts {
		switch {
		case !p.Heading.Empty():
			d.Parts = append(d.Parts, paper.FormPart{Heading: p.Heading.VI})
		case len(p.Words) > 0:
			var words []paper.FormWord
			for _, w := range p.Words {
				words = append(words, paper.FormWord{Text: w.Text.VI, Filled: w.Answer})
			}
			d.Parts = append(d.Parts, paper.FormPart{Words: words})
		default:
			d.Parts = append(d.Parts, rowParts(*p.Row)...)
		}
	}
	if said(d, l.Declaration.VI) {
		d.Declaration = ""
	}
	for _, sign := range l.Signs {
		d.Signs = append(d.Signs, sign.VI)
	}
	if len(d.Signs) == 0 {
		d.Signs = []string{vi(locales.M("paper.form.signs"))}
	}
	return d
}

// said says whether the statutory words hold the declaration already.
func said(d paper.FormData, declaration string) bool {
	return slices.ContainsFunc(d.Parts, func(p paper.FormPart) bool {
		return slices.ContainsFunc(p.Words, func(w paper.FormWord) bool { return strings.Contains(w.Text, declaration) })
	})
}

// rowParts is a line of the outline on paper: a repeated group is a table, unless one of
// its rows holds rows of its own.
func rowParts(r eforms.Row) []paper.FormPart {
	switch {
	case r.Table != nil:
		return []paper.FormPart{{Heading: r.Label.VI}, {Table: grid(*r.Table)}}
	case len(r.Parts) > 0:
		parts := []paper.FormPart{{Heading: r.Label.VI}}
		for _, p := range r.Parts {
			parts = append(parts, rowParts(p)...)
		}
		return parts
	case len(r.Groups) == 0:
		return []paper.FormPart{{Rows: []paper.Row{{Label: r.Label.VI, Value: r.Value.VI}}}}
	}
	nested := slices.ContainsFunc(r.Groups, func(g eforms.RowGroup) bool {
		return slices.ContainsFunc(g.Rows, func(r eforms.Row) bool { return len(r.Groups) > 0 || r.Table != nil })
	})
	parts := []paper.FormPart{{Heading: r.Label.VI}}
	if !nested {
		return append(parts, paper.FormPart{Table: table(r.Groups)})
	}
	for _, g := range r.Groups {
		parts = append(parts, paper.FormPart{Heading: g.Title.VI})
		for _, inner := range g.Rows {
			parts = append(parts, rowParts(inner)...)
		}
	}
	return parts
}

// table sets rows below one another. A row may lack a question that was not asked in it.
func table(groups []eforms.RowGroup) *paper.FormTable {
	var ids []string
	t := &paper.FormTable{}
	for _, g := range groups {
		for _, r := range g.Rows {
			if id := column(r); !slices.Contains(ids, id) {
				ids, t.Head = append(ids, id), append(t.Head, r.Label.VI)
			}
		}
	}
	for _, g := range groups {
		row := make([]string, len(ids))
		for _, r := range g.Rows {
			row[slices.Index(ids, column(r))] = r.Value.VI
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// grid is a table with fixed lines; what is added up stands in a line of its own.
func grid(g eforms.Grid) *paper.FormTable {
	t := &paper.FormTable{Head: []string{""}, Labelled: true}
	for _, c := range g.Columns {
		t.Head = append(t.Head, c.VI)
	}
	for _, line := range g.Lines {
		t.Rows = append(t.Rows, labelled(line.Label.VI, line.Cells))
	}
	if slices.ContainsFunc(g.Totals, func(t locales.Text) bool { return !t.Empty() }) {
		t.Rows = append(t.Rows, labelled(vi(locales.M("paper.form.total")), g.Totals))
	}
	return t
}

func labelled(label string, cells []locales.Text) []string {
	row := []string{label}
	for _, c := range cells {
		row = append(row, c.VI)
	}
	return row
}

// column is what the cells of one column have in common.
func column(r eforms.Row) string { return string(r.Kind) + " " + r.Label.VI }

// Record is a dossier's content for machines: what was asked and answered, with the words
// people saw, the names of the national message and where each value comes from.
type Record struct {
	Code      string          `json:"code"`
	Procedure Named           `json:"procedure"`
	Revision  RevisionOf      `json:"revision"`
	Agency    Named           `json:"agency"`
	Filing    FilingOf        `json:"filing"`
	Case      *Named          `json:"case,omitempty"`
	Sections  []RecordSection `json:"sections"`
	Answers   eforms.Answers  `json:"answers"`
	Files     []RecordFile    `json:"files"`
}

// Named is a code with its name.
type Named struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// RevisionOf is the immutable document that the dossier stays with.
type RevisionOf struct {
	No     int    `json:"no"`
	SHA256 string `json:"sha256"`
}

// FilingOf is which filing the content is of.
type FilingOf struct {
	No     int       `json:"no"`
	At     time.Time `json:"at"`
	SHA256 string    `json:"answers_sha256"`
}

// RecordSection is a page of the form.
type RecordSection struct {
	ID      string         `json:"id"`
	Title   string         `json:"title"`
	Answers []RecordAnswer `json:"answers"`
}

// RecordAnswer is one answer, or the rows of a repeated group.
type RecordAnswer struct {
	ID       string           `json:"id"`
	Label    string           `json:"label"`
	Value    string           `json:"value"`
	National string           `json:"national,omitempty"`
	Source   *eforms.Fact     `json:"source,omitempty"`
	Parts    []RecordAnswer   `json:"parts,omitempty"`
	Rows     [][]RecordAnswer `json:"rows,omitempty"`
	Table    *paper.FormTable `json:"table,omitempty"`
}

// RecordFile is a file as it was received.
type RecordFile struct {
	Filing    int    `json:"filing"`
	Component string `json:"component"`
	Name      string `json:"name"`
	Media     string `json:"media"`
	Size      int64  `json:"size"`
	Pages     int    `json:"pages"`
	SHA256    string `json:"sha256"`
}

// OwnRecord is the content of the person's dossier.
func (s *Service) OwnRecord(ctx context.Context, p signin.Person, id string) (Record, error) {
	w, err := s.OfPerson(ctx, p, id)
	if err != nil {
		return Record{}, err
	}
	lists, err := s.Drafts.Lists(ctx, w.Revision)
	if err != nil {
		return Record{}, err
	}
	last, run := w.Filings[len(w.Filings)-1], w.Run(lists)
	r := Record{Code: w.Code, Procedure: Named{w.Revision.Code, w.Revision.Sheet.Name.VI}, Agency: Named{w.Agency.Code, w.Agency.Name.VI},
		Revision: RevisionOf{w.Revision.No, hex.EncodeToString(w.Revision.SHA256)},
		Filing:   FilingOf{last.No, last.At, hex.EncodeToString(last.SHA256)}, Answers: last.Answers, Files: []RecordFile{}}
	if c := run.Case(); c != nil {
		r.Case = &Named{c.ID, c.Name.VI}
	}
	for _, section := range run.Outline() {
		r.Sections = append(r.Sections, RecordSection{section.ID, section.Title.VI, recordAnswers(section.Rows)})
	}
	for _, a := range w.Attachments {
		r.Files = append(r.Files, RecordFile{a.Filing, a.Component, a.Name, a.Media, a.Size, a.Pages, hex.EncodeToString(a.SHA256)})
	}
	return r, nil
}

func recordAnswers(rows []eforms.Row) []RecordAnswer {
	all := make([]RecordAnswer, len(rows))
	for i, r := range rows {
		all[i] = RecordAnswer{ID: r.ID, Label: r.Label.VI, Value: r.Value.VI, National: r.National, Source: r.Source}
		if len(r.Parts) > 0 {
			all[i].Parts = recordAnswers(r.Parts)
		}
		if r.Table != nil {
			all[i].Table = grid(*r.Table)
		}
		for _, g := range r.Groups {
			all[i].Rows = append(all[i].Rows, recordAnswers(g.Rows))
		}
	}
	return all
}
