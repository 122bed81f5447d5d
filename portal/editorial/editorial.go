// Package editorial is where editors change what is published about a procedure: an edit is
// a text of its own beside the catalogue until it is approved and becomes a revision.
package editorial

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/review"
)

// Service keeps the edits.
type Service struct {
	DB        *sqlx.DB
	Catalogue *catalogue.Service
	Agency    *agency.Service
	Notices   *notification.Service
	Now       func() time.Time
	Log       *slog.Logger
}

// Parts are parts of a revision's document by name.
type Parts = catalogue.Parts

// Edit is a procedure that is being edited, or was.
type Edit struct {
	ID         string           `db:"id"`
	Code       string           `db:"procedure_code"`
	BaseID     sql.NullInt64    `db:"base_id"` // what it began from; none: a new procedure
	BaseNo     int              `db:"base_no"`
	LastNo     int              `db:"last_no"` // the newest revision of the procedure
	Version    int              `db:"version"`
	Batch      string           `db:"batch_id"`
	Ends       bool             `db:"ends"` // publishing it ends the procedure
	ReplacedBy string           `db:"replaced_by"`
	OpenedBy   string           `db:"opened_by"`
	OpenedAt   time.Time        `db:"opened_at"`
	ClosedAt   *time.Time       `db:"closed_at"`
	RevisionID sql.NullInt64    `db:"revision_id"`
	Note       string           `db:"note"`
	Own        pg.JSONOf[Parts] `db:"parts"` // what the edit says itself; the other parts follow the revision
	Name       locales.Text     `db:"-"`     // as the edit has it, where it says so itself
	Parts      Parts            `db:"-"`     // all there are: the edit's own over those it began from
	Review     review.Status    `db:"-"`     // of the batch, where it is part of one
	Saved

	base Parts
}

// Saved says of a version of an edit who saved it and what was done.
type Saved struct {
	No    int       `db:"no"`
	Back  int       `db:"back"` // where taking it back leads to, 0 for nowhere
	Deed  string    `db:"deed"`
	Place string    `db:"place"` // section
	By    string    `db:"by"`
	At    time.Time `db:"at"`
}

// Open says whether the edit goes on.
func (e Edit) Open() bool { return e.ClosedAt == nil }

// Base are the parts that the edit began from.
func (e Edit) Base() Parts { return e.base }

// New says whether the edit is of a procedure that is not in the catalogue yet.
func (e Edit) New() bool { return !e.BaseID.Valid }

// Moved says whether the procedure was published anew since the edit began.
func (e Edit) Moved() bool { return e.LastNo != e.BaseNo }

// Sheet is the sheet as the edit has it. What was saved can be read.
func (e Edit) Sheet() catalogue.Sheet {
	var s catalogue.Sheet
	_ = json.Unmarshal(e.Parts["sheet"], &s)
	return s
}

const editColumns = `e.id, e.procedure_code, e.base_id, coalesce(b.no, 0) AS base_no, e.version, coalesce(e.batch_id::text, '') AS batch_id,
	e.ends, e.replaced_by, o.name AS opened_by, e.opened_at, e.closed_at, e.revision_id, e.note,
	coalesce((SELECT max(no) FROM revisions r WHERE r.procedure_code = e.procedure_code
		AND NOT EXISTS (SELECT FROM withdrawals x WHERE x.revision_id = r.id)), 0) AS last_no,
	v.no, v.back, v.deed, v.place, w.name AS by, v.at`

const editFrom = ` FROM sheet_edits e LEFT JOIN revisions b ON b.id = e.base_id JOIN officers o ON o.id = e.opened_by
	JOIN sheet_versions v ON v.edit_id = e.id AND v.no = e.version JOIN officers w ON w.id = v.officer_id `

// Edit is an edit as it stands, also one that is over.
func (s *Service) Edit(ctx context.Context, by agency.Officer, id string) (Edit, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return Edit{}, err
	}
	e, err := s.edit(ctx, s.DB, id)
	if err != nil {
		return e, err
	}
	of, err := review.Of(ctx, s.DB, e.Subject())
	e.Review = of[e.Subject()]
	return e, err
}

// Subject is what is reviewed: the edit, or the batch that it is part of.
func (e Edit) Subject() review.Subject {
	if e.Batch != "" {
		return review.Subject{Kind: review.Batch, ID: e.Batch}
	}
	return review.Subject{Kind: review.Sheet, ID: e.ID}
}

func (s *Service) edit(ctx context.Context, q sqlx.QueryerContext, id string) (Edit, error) {
	if !pg.UUID(id) {
		return Edit{}, problem.New(problem.NotFound, "catalogue.not_found")
	}
	all, err := s.edits(ctx, q, `WHERE e.id = $1`, id)
	if err != nil {
		return Edit{}, err
	}
	if len(all) == 0 {
		return Edit{}, problem.New(problem.NotFound, "catalogue.not_found")
	}
	return all[0], nil
}

// BatchEdits are the edits of a batch with their texts, by code, those that are over too.
func (s *Service) BatchEdits(ctx context.Context, q sqlx.QueryerContext, batch string) ([]Edit, error) {
	return s.edits(ctx, q, `WHERE e.batch_id = $1 ORDER BY e.procedure_code`, batch)
}

// edits reads edits with what they began from.
func (s *Service) edits(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) ([]Edit, error) {
	var all []Edit
	if err := sqlx.SelectContext(ctx, q, &all, `SELECT `+editColumns+`, v.parts`+editFrom+where, args...); err != nil {
		return nil, fmt.Errorf("sheet edits: %w", err)
	}
	var ids []int64
	for _, e := range all {
		if e.BaseID.Valid {
			ids = append(ids, e.BaseID.Int64)
		}
	}
	bases, err := s.Catalogue.StoredByID(ctx, q, ids...)
	if err != nil {
		return nil, err
	}
	for i := range all {
		e := &all[i]
		e.base = bases[e.BaseID.Int64].Parts
		e.Parts = overlay(e.base, e.Own.V)
	}
	return all, nil
}

// OpenEdits are the edits that go on, without their texts, by code of the procedure.
func (s *Service) OpenEdits(ctx context.Context, by agency.Officer) (map[string]Edit, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, err
	}
	return s.brief(ctx, `WHERE e.closed_at IS NULL ORDER BY e.batch_id`)
}

// OpenEdit is the open edit of a procedure without its text; false where there is none.
func (s *Service) OpenEdit(ctx context.Context, by agency.Officer, code string) (Edit, bool, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return Edit{}, false, err
	}
	all, err := s.brief(ctx, `WHERE e.closed_at IS NULL AND e.procedure_code = $1`, code)
	e, ok := all[code]
	return e, ok, err
}

func (s *Service) brief(ctx context.Context, where string, args ...any) (map[string]Edit, error) {
	var all []struct {
		Edit
		Said pg.JSONOf[locales.Text] `db:"said"`
	}
	if err := s.DB.SelectContext(ctx, &all, `SELECT `+editColumns+`, v.parts->'sheet'->'name' AS said`+editFrom+where, args...); err != nil {
		return nil, fmt.Errorf("open sheet edits: %w", err)
	}
	var subjects []review.Subject
	for _, e := range all {
		if n := len(subjects); n == 0 || subjects[n-1] != e.Subject() { // those of a batch stand together
			subjects = append(subjects, e.Subject())
		}
	}
	of, err := review.Of(ctx, s.DB, subjects...)
	if err != nil {
		return nil, err
	}
	byCode := make(map[string]Edit, len(all))
	for _, e := range all {
		e.Review, e.Name = of[e.Subject()], e.Said.V
		byCode[e.Code] = e.Edit
	}
	return byCode, nil
}

// At is the edit as it was in one version: what a page was made of that comes back late.
// When that version is gone, as it stands now.
func (s *Service) At(ctx context.Context, by agency.Officer, id string, no int) (Edit, error) {
	e, err := s.Edit(ctx, by, id)
	if err != nil || e.Version == no {
		return e, err
	}
	var own []pg.JSONOf[Parts]
	if err := s.DB.SelectContext(ctx, &own, `SELECT parts FROM sheet_versions WHERE edit_id = $1 AND no = $2::bigint`, id, no); err != nil {
		return e, fmt.Errorf("version %d of sheet edit %s: %w", no, id, err)
	}
	if len(own) == 1 {
		e.Own = own[0]
		e.Parts = overlay(e.base, own[0].V)
	}
	return e, nil
}

// Versions are the saved states of an edit without their texts, the newest first.
func (s *Service) Versions(ctx context.Context, by agency.Officer, id string) ([]Saved, error) {
	if _, err := s.Edit(ctx, by, id); err != nil {
		return nil, err
	}
	return versionsAfter(ctx, s.DB, id, 0)
}

func versionsAfter(ctx context.Context, q sqlx.QueryerContext, id string, after int) ([]Saved, error) {
	var all []Saved
	err := sqlx.SelectContext(ctx, q, &all, `
		SELECT v.no, v.back, v.deed, v.place, o.name AS by, v.at FROM sheet_versions v JOIN officers o ON o.id = v.officer_id
		WHERE v.edit_id = $1 AND v.no > $2::bigint ORDER BY v.no DESC LIMIT 200`, id, after)
	if err != nil {
		return nil, fmt.Errorf("versions of sheet edit %s: %w", id, err)
	}
	return all, nil
}

// Authors are all who changed something since the edit began.
func Authors(ctx context.Context, q sqlx.QueryerContext, edits ...string) ([]int64, error) {
	var ids []int64
	err := sqlx.SelectContext(ctx, q, &ids, `SELECT DISTINCT officer_id FROM sheet_versions WHERE edit_id = ANY ($1::uuid[]) ORDER BY 1`, pq.Array(edits))
	if err != nil {
		return nil, fmt.Errorf("authors of sheet edits: %w", err)
	}
	return ids, nil
}

// overlay is the parts with others over them.
func overlay(base, own Parts) Parts {
	all := maps.Clone(base)
	if all == nil {
		all = Parts{}
	}
	maps.Copy(all, own)
	return all
}
