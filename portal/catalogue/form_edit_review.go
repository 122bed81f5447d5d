package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/problem"
)

// LockForm holds an edit of a form that is open and at the version, for a deed of its
// review, and names all who changed something of it.
func (s *Service) LockForm(ctx context.Context, tx *sqlx.Tx, id string, version int) (FormEdit, []int64, error) {
	if !pg.UUID(id) {
		return FormEdit{}, nil, problem.New(problem.NotFound, "catalogue.not_found")
	}
	e, err := lockEdit(ctx, tx, id, version)
	if err != nil {
		return e, nil, err
	}
	var authors []int64
	err = tx.SelectContext(ctx, &authors, `SELECT officer_id FROM form_versions WHERE edit_id = $1
		UNION SELECT officer_id FROM form_runs WHERE edit_id = $1 ORDER BY 1`, id)
	if err != nil {
		return e, nil, fmt.Errorf("authors of form edit %s: %w", id, err)
	}
	return e, authors, nil
}

// movedForm says whether the form itself was published anew since the edit began. That the
// sheet was is no matter: it is taken as it is now.
func movedForm(ctx context.Context, tx *sqlx.Tx, e FormEdit, last row) (bool, error) {
	if last.ID == e.BaseID {
		return false, nil
	}
	var base row
	if err := tx.GetContext(ctx, &base, `SELECT `+columns+` FROM revisions WHERE id = $1`, e.BaseID); err != nil {
		return false, fmt.Errorf("base of form edit %s: %w", e.ID, err)
	}
	both, err := storedOf([]row{base, last})
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(FormParts, func(part string) bool {
		b, l := both[0].Parts[part], both[1].Parts[part]
		return len(b)+len(l) > 0 && !SamePart(b, l)
	}), nil
}

// PublishedBy is by whose decision revisions were published.
type PublishedBy struct {
	Note     string
	By       int64
	Approved int64
}

// Publication is a revision with the edit that it was.
type Publication struct {
	Revision  int64  `json:"revision"`
	SheetEdit string `json:"sheet_edit"` // uuid, or none
	FormEdit  string `json:"form_edit"`
	Batch     string `json:"batch"`
}

// NotePublished writes down by which decision revisions were published.
func (s *Service) NotePublished(ctx context.Context, tx *sqlx.Tx, how PublishedBy, all []Publication) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO publications (revision_id, edit_id, form_edit_id, batch_id, note, published_by, approved_by, at)
		SELECT revision, nullif(sheet_edit, '')::uuid, nullif(form_edit, '')::uuid, nullif(batch, '')::uuid, $2, $3::bigint, $4::bigint, $5::timestamptz
		FROM jsonb_to_recordset($1::jsonb) AS r (revision bigint, sheet_edit text, form_edit text, batch text)`,
		pg.JSON(all), how.Note, how.By, how.Approved, s.Now())
	if err != nil {
		return fmt.Errorf("note what was published: %w", err)
	}
	return nil
}

// placed is a refusal of "form.json agency", or "sheet.json channels[0].fees[1]", by part and
// JSON pointer.
func (r Refusal) placed(form json.RawMessage) Refusal {
	r.Part, r.Place, _ = strings.Cut(r.Place, " ")
	if r.Part = strings.TrimSuffix(r.Part, ".json"); r.Part == "form" {
		r.Place = pointerOf(form, r.Place)
	} else if r.Place != "" {
		r.Place = "/" + strings.Trim(strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(r.Place), "/")
	}
	return r
}
