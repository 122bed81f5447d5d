package draft

import (
	"context"
	"fmt"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
)

// Forecast is what a new form would do to the drafts that are open: numbers by question,
// nothing of what anybody wrote.
type Forecast struct {
	Drafts    int // that are open
	Disturbed int // of which an answer would be lost or wrong, or a new one needed
	Fields    []FieldForecast
}

// FieldForecast counts the drafts in which a question's answer would be kept, lost or
// wrong, or in which it would be asked anew.
type FieldForecast struct {
	ID                       string
	Label                    locales.Text
	Kept, Lost, Wrong, Asked int
}

// Foresee reads the open drafts of a procedure as they would be under a revision that is
// still to come.
func (s *Service) Foresee(ctx context.Context, next *catalogue.Revision) (Forecast, error) {
	f := foresight{forms: map[int64]*catalogue.Revision{}, form: next.Form, at: map[string]int{}}
	var err error
	if f.lists, err = s.Lists(ctx, next); err != nil {
		return f.Forecast, err
	}
	after := "00000000-0000-0000-0000-000000000000"
	for {
		rows, err := s.openUnder(ctx, next.Code, after)
		if err != nil || len(rows) == 0 {
			return f.Forecast, err
		}
		for _, r := range rows {
			if err := s.foresee(ctx, &f, r); err != nil {
				return f.Forecast, err
			}
			after = r.ID
		}
	}
}

// foresight is a forecast being made.
type foresight struct {
	Forecast
	form  *eforms.Form
	lists map[string][]eforms.Option
	forms map[int64]*catalogue.Revision
	at    map[string]int // of a question, in Fields
}

// openRow is what a forecast reads of a draft.
type openRow struct {
	ID         string
	RevisionID int64                     `db:"revision_id"`
	Answers    pg.JSONOf[eforms.Answers] `db:"answers"`
	Facts      pg.Sealed                 `db:"facts"`
	Files      pg.JSONOf[map[string]int] `db:"files"`
}

// openUnder are the next open drafts of a procedure: 200, so that however many there are
// they are never all in memory.
func (s *Service) openUnder(ctx context.Context, code, after string) ([]openRow, error) {
	var rows []openRow
	err := s.DB.SelectContext(ctx, &rows, `
		SELECT d.id, d.revision_id, d.answers, d.facts, coalesce((SELECT jsonb_object_agg(component, n) FROM (
			SELECT component, count(*) AS n FROM draft_files f WHERE f.draft_id = d.id AND f.round = 0 AND f.removed_at IS NULL GROUP BY component) c), '{}') AS files
		FROM drafts d
		WHERE d.procedure_code = $1 AND d.filed_at IS NULL AND d.deleted_at IS NULL AND d.lapses_at > $2 AND d.id > $3
		ORDER BY d.id LIMIT 200`, code, s.Now(), after)
	if err != nil {
		return nil, fmt.Errorf("open drafts of %s: %w", code, err)
	}
	return rows, nil
}

func (s *Service) foresee(ctx context.Context, f *foresight, r openRow) error {
	rev, known := f.forms[r.RevisionID]
	if !known {
		var err error
		if rev, err = s.Catalogue.ByID(ctx, r.RevisionID); err != nil {
			return err
		}
		f.forms[r.RevisionID] = rev
	}
	facts, err := OpenFacts(r.Facts)
	if err != nil {
		return fmt.Errorf("facts of draft %s: %w", r.ID, err)
	}
	run := &eforms.Run{Form: rev.Form, Answers: r.Answers.V, Facts: facts, Lists: f.lists, Today: s.Now().In(locales.ICT), Attached: r.Files.V}
	f.add(rev.Form, run.Carry(f.form))
	return nil
}

func (f *foresight) add(before *eforms.Form, c eforms.Carry) {
	f.Drafts++
	if len(c.Lost)+len(c.Wrong)+len(c.Asked) > 0 {
		f.Disturbed++
	}
	for _, id := range c.Kept {
		f.field(before, id).Kept++
	}
	for _, id := range c.Lost {
		f.field(before, id).Lost++
	}
	for _, id := range c.Wrong {
		f.field(before, id).Wrong++
	}
	for _, id := range c.Asked {
		f.field(f.form, id).Asked++
	}
}

// field is the count of a question, called as its form calls it.
func (f *foresight) field(form *eforms.Form, id string) *FieldForecast {
	i, known := f.at[id]
	if !known {
		i = len(f.Fields)
		f.at[id] = i
		f.Fields = append(f.Fields, FieldForecast{ID: id})
		if q, ok := form.Question(id); ok {
			f.Fields[i].Label = q.Label
		}
	}
	return &f.Fields[i]
}
