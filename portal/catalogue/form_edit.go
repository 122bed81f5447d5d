package catalogue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// FormEdit is a form that is being edited, or was. Nothing of it is seen by citizens before
// it is a revision.
type FormEdit struct {
	ID         string                                `db:"id"`
	Code       string                                `db:"procedure_code"`
	BaseID     int64                                 `db:"base_id"`
	BaseNo     int                                   `db:"base_no"`
	LastNo     int                                   `db:"last_no"` // the newest revision of the procedure
	Version    int                                   `db:"version"`
	OpenedBy   string                                `db:"opened_by"`
	OpenedAt   time.Time                             `db:"opened_at"`
	ClosedAt   *time.Time                            `db:"closed_at"`
	RevisionID sql.NullInt64                         `db:"revision_id"`
	Note       string                                `db:"note"`
	Runs       pg.JSONOf[map[string]json.RawMessage] `db:"runs"` // recorded here, by name; null: removed
	FormVersion
}

// FormVersion is one saved state of an edit.
type FormVersion struct {
	No         int       `db:"no"`
	Back       int       `db:"back"` // where taking it back leads to, 0 for nowhere
	Definition string    `db:"definition"`
	Deed       string    `db:"deed"`
	Place      string    `db:"place"`
	By         string    `db:"by"`
	At         time.Time `db:"at"`
}

// Open says whether the edit goes on.
func (e FormEdit) Open() bool { return e.ClosedAt == nil }

// Moved says whether the procedure was published anew since the edit began.
func (e FormEdit) Moved() bool { return e.LastNo != e.BaseNo }

// Form is a procedure with what there is of its form.
type Form struct {
	Revision *Revision // in force
	Edit     *FormEdit // open
	Waiting  *Revision // published for later
}

const editColumns = `e.id, e.procedure_code, e.base_id, b.no AS base_no, e.version, o.name AS opened_by, e.opened_at, e.closed_at, e.revision_id, e.note,
	(SELECT max(no) FROM revisions r WHERE r.procedure_code = e.procedure_code AND ` + standing + `) AS last_no,
	coalesce((SELECT jsonb_object_agg(u.name, u.recording) FROM form_runs u WHERE u.edit_id = e.id), '{}') AS runs,
	v.no, v.back, v.deed, v.place, w.name AS by, v.at`

const editFrom = ` FROM form_edits e JOIN revisions b ON b.id = e.base_id JOIN officers o ON o.id = e.opened_by
	JOIN form_versions v ON v.edit_id = e.id AND v.no = e.version JOIN officers w ON w.id = v.officer_id `

// Forms are all procedures, those with an open edit first, then those with a form.
func (s *Service) Forms(ctx context.Context, by agency.Officer) ([]Form, error) {
	if err := MayEdit(by); err != nil {
		return nil, err
	}
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	var open []FormEdit
	if err := s.DB.SelectContext(ctx, &open, `SELECT `+editColumns+`, '' AS definition`+editFrom+`WHERE e.closed_at IS NULL`); err != nil {
		return nil, fmt.Errorf("open edits: %w", err)
	}
	all := make([]Form, 0, len(e.revisions))
	for _, r := range e.revisions {
		f := Form{Revision: r}
		if i := slices.IndexFunc(open, func(o FormEdit) bool { return o.Code == r.Code }); i >= 0 {
			f.Edit = &open[i]
		}
		if i := slices.IndexFunc(e.waiting, func(w *Revision) bool { return w.Code == r.Code }); i >= 0 {
			f.Waiting = e.waiting[i]
		}
		all = append(all, f)
	}
	slices.SortStableFunc(all, func(a, b Form) int { return a.rank() - b.rank() })
	return all, nil
}

func (f Form) rank() int {
	switch {
	case f.Edit != nil:
		return 0
	case f.Revision.Form != nil:
		return 1
	}
	return 2
}

// FormEdit is an edit with its text as it stands, also one that is over.
func (s *Service) FormEdit(ctx context.Context, by agency.Officer, id string) (FormEdit, error) {
	if err := MayEdit(by); err != nil {
		return FormEdit{}, err
	}
	return formEdit(ctx, s.DB, id)
}

func formEdit(ctx context.Context, q sqlx.QueryerContext, id string) (FormEdit, error) {
	if !pg.UUID(id) {
		return FormEdit{}, problem.New(problem.NotFound, "catalogue.not_found")
	}
	var e FormEdit
	err := sqlx.GetContext(ctx, q, &e, `SELECT `+editColumns+`, v.definition`+editFrom+`WHERE e.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return e, problem.New(problem.NotFound, "catalogue.not_found")
	}
	if err != nil {
		return e, fmt.Errorf("form edit %s: %w", id, err)
	}
	return e, nil
}

// FormAt is the text of one version of an edit: what a page was made of that comes back late.
func (s *Service) FormAt(ctx context.Context, by agency.Officer, id string, no int) (string, error) {
	e, err := s.FormEdit(ctx, by, id)
	if err != nil || e.Version == no {
		return e.Definition, err
	}
	var text string
	err = s.DB.GetContext(ctx, &text, `SELECT definition FROM form_versions WHERE edit_id = $1 AND no = $2::bigint`, id, no)
	if errors.Is(err, sql.ErrNoRows) {
		return e.Definition, nil // the edit is over: whoever saves is told so
	}
	if err != nil {
		return "", fmt.Errorf("version %d of form edit %s: %w", no, id, err)
	}
	return text, nil
}

// FormVersions are the saved states of an edit without their texts, the newest first.
func (s *Service) FormVersions(ctx context.Context, by agency.Officer, id string) ([]FormVersion, error) {
	if _, err := s.FormEdit(ctx, by, id); err != nil {
		return nil, err
	}
	return versionsAfter(ctx, s.DB, id, 0)
}

func versionsAfter(ctx context.Context, q sqlx.QueryerContext, id string, after int) ([]FormVersion, error) {
	var all []FormVersion
	err := sqlx.SelectContext(ctx, q, &all, `
		SELECT v.no, v.back, '' AS definition, v.deed, v.place, o.name AS by, v.at
		FROM form_versions v JOIN officers o ON o.id = v.officer_id
		WHERE v.edit_id = $1 AND v.no > $2::bigint ORDER BY v.no DESC LIMIT 200`, id, after)
	if err != nil {
		return nil, fmt.Errorf("versions of form edit %s: %w", id, err)
	}
	return all, nil
}

// Overtaken is the answer to a change that began from a version which is no longer the last:
// nothing was saved, and both texts are there to choose from.
type Overtaken struct {
	Edit  FormEdit      // as it stands now
	Since []FormVersion // what was done meanwhile, the newest first
}

func (o *Overtaken) Error() string { return "form edit " + o.Edit.ID + " was changed meanwhile" }

// Unwrap makes it a conflict where nobody shows both texts.
func (o *Overtaken) Unwrap() error {
	return problem.New(problem.Conflict, "catalogue.edit.overtaken", locales.S("by", o.Edit.By))
}

// do carries out a deed on an open edit: one transaction, once a key. What the deed gives is
// the answer to a repeat.
func (s *Service) doEdit(ctx context.Context, by Editing, id string, version int, deed func(tx *sqlx.Tx, e FormEdit) (answer string, entry audit.Entry, err error)) (string, error) {
	if !pg.UUID(id) {
		return "", problem.New(problem.NotFound, "catalogue.not_found")
	}
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		e, err := lockEdit(ctx, tx, id, version)
		if err != nil {
			return "", audit.Entry{}, err
		}
		answer, entry, err := deed(tx, e)
		entry.Object = "form_edit:" + id
		return answer, entry, err
	})
}

func lockEdit(ctx context.Context, tx *sqlx.Tx, id string, version int) (FormEdit, error) {
	if _, err := tx.ExecContext(ctx, `SELECT FROM form_edits WHERE id = $1 FOR UPDATE`, id); err != nil {
		return FormEdit{}, fmt.Errorf("lock form edit %s: %w", id, err)
	}
	e, err := formEdit(ctx, tx, id)
	switch {
	case err != nil:
		return e, err
	case !e.Open():
		return e, problem.New(problem.Conflict, "catalogue.edit.closed")
	case e.Version == version:
		return e, nil
	}
	since, err := versionsAfter(ctx, tx, id, version)
	if err != nil {
		return e, err
	}
	return e, &Overtaken{Edit: e, Since: since}
}
