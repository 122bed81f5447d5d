package editorial

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Kinds of batches.
const (
	Bulk   = "bulk"   // one change in many sheets
	Import = "import" // taken over from a list
)

// perStatement is how many edits one statement carries.
const perStatement = 500

// Batch is many edits that are reviewed and published as one.
type Batch struct {
	ID       string     `db:"id"`
	Kind     string     `db:"kind"`
	Title    string     `db:"title"`
	Version  int        `db:"version"`
	OpenedBy string     `db:"opened_by"`
	OpenedAt time.Time  `db:"opened_at"`
	ClosedAt *time.Time `db:"closed_at"`
	Note     string     `db:"note"`
	Edits    int        `db:"edits"` // all of it, those given up too
	Left     int        `db:"left"`  // open
}

// Open says whether the batch goes on.
func (b Batch) Open() bool { return b.ClosedAt == nil }

// BatchEdit is what a batch says of one procedure, one that is not in the catalogue yet too.
type BatchEdit struct {
	Code  string
	Parts Parts // those that are not named stay
}

const batchColumns = `b.id, b.kind, b.title, b.version, o.name AS opened_by, b.opened_at, b.closed_at, b.note,
	(SELECT count(*) FROM sheet_edits e WHERE e.batch_id = b.id) AS edits,
	(SELECT count(*) FROM sheet_edits e WHERE e.batch_id = b.id AND e.closed_at IS NULL) AS left
	FROM edit_batches b JOIN officers o ON o.id = b.opened_by `

// Batch is a batch as it stands.
func (s *Service) Batch(ctx context.Context, by agency.Officer, id string) (Batch, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return Batch{}, err
	}
	return batchOf(ctx, s.DB, id)
}

func batchOf(ctx context.Context, q sqlx.QueryerContext, id string) (Batch, error) {
	var b Batch
	if !pg.UUID(id) {
		return b, problem.New(problem.NotFound, "catalogue.not_found")
	}
	err := sqlx.GetContext(ctx, q, &b, `SELECT `+batchColumns+`WHERE b.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return b, problem.New(problem.NotFound, "catalogue.not_found")
	}
	if err != nil {
		return b, fmt.Errorf("batch of edits %s: %w", id, err)
	}
	return b, nil
}

// Batches are those that go on, the newest first.
func (s *Service) Batches(ctx context.Context, by agency.Officer) ([]Batch, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, err
	}
	var all []Batch
	if err := s.DB.SelectContext(ctx, &all, `SELECT `+batchColumns+`WHERE b.closed_at IS NULL ORDER BY b.opened_at DESC LIMIT 200`); err != nil {
		return nil, fmt.Errorf("batches of edits: %w", err)
	}
	return all, nil
}

// OpenBatch opens edits of many procedures in the caller's transaction, who keeps the
// one-time key. A procedure that is being edited is left out and named, and so is one of
// which nothing would change.
func (s *Service) OpenBatch(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, kind, title string, all []BatchEdit) (Batch, []string, error) {
	if err := catalogue.MayEdit(by.Officer); err != nil {
		return Batch{}, nil, err
	}
	id, now := uuid.NewString(), s.Now()
	_, err := tx.ExecContext(ctx, `INSERT INTO edit_batches (id, kind, title, opened_by, opened_at) VALUES ($1, $2, $3, $4, $5)`,
		id, kind, title, by.Officer.ID, now)
	if err != nil {
		return Batch{}, nil, fmt.Errorf("open a batch of edits: %w", err)
	}
	var skipped []string
	for len(all) > 0 {
		n := min(perStatement, len(all))
		left, err := s.openMany(ctx, tx, by, id, all[:n])
		if err != nil {
			return Batch{}, nil, err
		}
		skipped, all = append(skipped, left...), all[n:]
	}
	b, err := batchOf(ctx, tx, id)
	if err != nil {
		return b, nil, err
	}
	entry := audit.Entry{Deed: "sheet_edit.batch", Object: "edit_batch:" + id, Actor: fmt.Sprintf("officer:%d", by.Officer.ID),
		IP: by.IP, Request: by.Request, Args: map[string]any{"kind": kind, "edits": b.Edits, "skipped": len(skipped)}}
	return b, skipped, audit.Write(ctx, tx, entry)
}

func (s *Service) openMany(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, batch string, all []BatchEdit) (skipped []string, err error) {
	codes := make([]string, len(all))
	for i, e := range all {
		codes[i] = e.Code
	}
	bases, err := s.Catalogue.Newest(ctx, tx, codes...)
	if err != nil {
		return nil, err
	}
	var ids, taking, parts []string // as columns: documents in one big document would be read twice
	var base []int64
	seen := map[string]bool{}
	for _, e := range all {
		before := bases[e.Code]
		own := changed(before.Parts, e.Parts)
		if len(own) == 0 || seen[e.Code] {
			skipped = append(skipped, e.Code)
			continue
		}
		seen[e.Code] = true
		if err := readable(Edit{Code: e.Code}, own); err != nil {
			return nil, fmt.Errorf("%s: %w", e.Code, err)
		}
		b, err := json.Marshal(own)
		if err != nil {
			return nil, err
		}
		ids, taking, base, parts = append(ids, uuid.NewString()), append(taking, e.Code), append(base, before.ID), append(parts, string(b))
	}
	var taken []string
	err = tx.SelectContext(ctx, &taken, `
		WITH r AS (SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[]) AS r (id, code, base, parts)),
		e AS (INSERT INTO sheet_edits (id, procedure_code, base_id, batch_id, opened_by, opened_at)
			SELECT id, code, nullif(base, 0), $5::uuid, $6::bigint, $7::timestamptz FROM r ORDER BY code
			ON CONFLICT (procedure_code) WHERE closed_at IS NULL DO NOTHING RETURNING id),
		v AS (INSERT INTO sheet_versions (edit_id, no, back, parts, deed, officer_id, at)
			SELECT r.id, 1, 0, r.parts::jsonb, 'batch', $6::bigint, $7::timestamptz FROM r JOIN e USING (id) RETURNING edit_id)
		SELECT code FROM r WHERE NOT EXISTS (SELECT FROM e WHERE e.id = r.id) ORDER BY code`,
		pq.Array(ids), pq.Array(taking), pq.Array(base), pq.Array(parts), batch, by.Officer.ID, s.Now())
	if err != nil {
		return nil, fmt.Errorf("open edits of a batch: %w", err)
	}
	return append(skipped, taken...), nil
}

// countUp gives the batch a new version: what was approved of it was another text.
func countUp(ctx context.Context, tx *sqlx.Tx, batch string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE edit_batches SET version = version + 1 WHERE id = $1`, batch); err != nil {
		return fmt.Errorf("version of batch %s: %w", batch, err)
	}
	return nil
}

// DiscardBatch gives up all edits of a batch that are still open, and the batch.
func (s *Service) DiscardBatch(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		_, err := s.lockBatch(ctx, tx, id, version)
		if err == nil {
			err = s.closeBatch(ctx, tx, by, id, "")
		}
		return "", audit.Entry{Deed: "sheet_edit.discard_batch", Object: "edit_batch:" + id}, err
	})
	return err
}

// lockBatch holds a batch and wants it open and at the version.
func (s *Service) lockBatch(ctx context.Context, tx *sqlx.Tx, id string, version int) (Batch, error) {
	if !pg.UUID(id) {
		return Batch{}, problem.New(problem.NotFound, "catalogue.not_found")
	}
	if _, err := tx.ExecContext(ctx, `SELECT FROM edit_batches WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Batch{}, fmt.Errorf("lock batch %s: %w", id, err)
	}
	b, err := batchOf(ctx, tx, id)
	switch {
	case err != nil:
		return b, err
	case !b.Open():
		return b, problem.New(problem.Conflict, "editorial.closed")
	case b.Version != version:
		return b, problem.New(problem.Conflict, "editorial.batch_changed")
	}
	return b, nil
}

// closeBatch ends a batch and gives up those of its edits that are still open.
func (s *Service) closeBatch(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, id, note string) error {
	now := s.Now()
	_, err := tx.ExecContext(ctx, `DELETE FROM sheet_versions v USING sheet_edits e
		WHERE v.edit_id = e.id AND e.batch_id = $1 AND e.closed_at IS NULL AND v.no <> e.version`, id)
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE sheet_edits SET closed_by = $2, closed_at = $3 WHERE batch_id = $1 AND closed_at IS NULL`, id, by.Officer.ID, now)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE edit_batches SET closed_by = $2, closed_at = $3, note = $4 WHERE id = $1`, id, by.Officer.ID, now, note)
	}
	if err != nil {
		return fmt.Errorf("close batch %s: %w", id, err)
	}
	return nil
}
