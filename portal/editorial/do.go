package editorial

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// do carries out a deed on an open edit: one transaction, once a key. What the deed gives is
// the answer to a repeat. An entry without a deed is not written down: nothing was done.
func (s *Service) do(ctx context.Context, by catalogue.Editing, id string, version int, deed func(tx *sqlx.Tx, e Edit) (answer string, entry audit.Entry, err error)) (string, error) {
	if !pg.UUID(id) {
		return "", problem.New(problem.NotFound, "catalogue.not_found")
	}
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		e, err := s.lock(ctx, tx, id, version)
		if err != nil {
			return "", audit.Entry{}, err
		}
		answer, entry, err := deed(tx, e)
		if err == nil && entry.Deed != "" && e.Batch != "" {
			err = countUp(ctx, tx, e.Batch)
		}
		entry.Object = "sheet_edit:" + id
		return answer, entry, err
	})
}

// lock holds an edit, its batch before it, and wants it open and at the version.
func (s *Service) lock(ctx context.Context, tx *sqlx.Tx, id string, version int) (Edit, error) {
	var batch sql.NullString
	err := tx.GetContext(ctx, &batch, `SELECT batch_id FROM sheet_edits WHERE id = $1`, id) // never changes
	if errors.Is(err, sql.ErrNoRows) {
		return Edit{}, problem.New(problem.NotFound, "catalogue.not_found")
	}
	if err == nil && batch.Valid {
		_, err = tx.ExecContext(ctx, `SELECT FROM edit_batches WHERE id = $1 FOR UPDATE`, batch.String)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `SELECT FROM sheet_edits WHERE id = $1 FOR UPDATE`, id)
	}
	if err != nil {
		return Edit{}, fmt.Errorf("lock sheet edit %s: %w", id, err)
	}
	e, err := s.edit(ctx, tx, id)
	switch {
	case err != nil:
		return e, err
	case !e.Open():
		return e, problem.New(problem.Conflict, "editorial.closed")
	case e.Version == version:
		return e, nil
	}
	since, err := versionsAfter(ctx, tx, id, version)
	if err != nil {
		return e, err
	}
	return e, &Overtaken{Edit: e, Since: since}
}

// close ends an edit. Of its versions the last one stays; who did what is in the audit log.
func (s *Service) close(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, e Edit, revision int64, note string) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE sheet_edits SET closed_by = $2, closed_at = $3, revision_id = nullif($4::bigint, 0), note = $5 WHERE id = $1`,
		e.ID, by.Officer.ID, s.Now(), revision, note)
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM sheet_versions WHERE edit_id = $1 AND no <> $2`, e.ID, e.Version)
	}
	if err != nil {
		return fmt.Errorf("close sheet edit %s: %w", e.ID, err)
	}
	return nil
}
