package review

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Remark is a comment on a place of a subject.
type Remark struct {
	ID int64 `db:"id"`
	Subject
	Version  int        `db:"version"` // the one that was commented on
	Place    string     `db:"place"`   // part and pointer in it: sheet/channels/0/fees/0; empty: the whole
	Text     string     `db:"text"`
	By       string     `db:"by"`
	At       time.Time  `db:"at"`
	Resolved *time.Time `db:"resolved_at"`
}

// Comment says something about a place of a version. Authors may comment on their own.
func Comment(ctx context.Context, tx *sqlx.Tx, by agency.Officer, s Subject, version int, place, text string, now time.Time) error {
	if err := may(by); err != nil {
		return err
	}
	if !pg.UUID(s.ID) {
		return problem.New(problem.NotFound, "review.not_found")
	}
	if text = strings.TrimSpace(text); text == "" {
		return problem.New(problem.Invalid, "review.no_text")
	}
	if err := words(text + place); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO review_comments (kind, subject, version, place, text, officer_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.Kind, s.ID, version, place, text, by.ID, now)
	if err != nil {
		return fmt.Errorf("comment on %s %s: %w", s.Kind, s.ID, err)
	}
	return nil
}

// Resolve says that a comment is answered by what was changed since. A comment that is
// resolved already stays as it is.
func Resolve(ctx context.Context, tx *sqlx.Tx, by agency.Officer, comment int64, now time.Time) error {
	if err := may(by); err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, `UPDATE review_comments SET resolved_by = coalesce(resolved_by, $2), resolved_at = coalesce(resolved_at, $3)
		WHERE id = $1`, comment, by.ID, now)
	if err != nil {
		return fmt.Errorf("resolve comment %d: %w", comment, err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return problem.Because(err, problem.NotFound, "review.not_found")
	}
	return nil
}

// settled wants every comment answered before an approval.
func settled(ctx context.Context, tx *sqlx.Tx, s Subject) error {
	var open int64
	err := tx.GetContext(ctx, &open, `SELECT count(*) FROM review_comments WHERE subject = $1 AND kind = $2 AND resolved_at IS NULL`, s.ID, s.Kind)
	if err != nil {
		return fmt.Errorf("open comments on %s %s: %w", s.Kind, s.ID, err)
	}
	if open > 0 {
		return problem.New(problem.Conflict, "review.open_comments", locales.N("n", open))
	}
	return nil
}
