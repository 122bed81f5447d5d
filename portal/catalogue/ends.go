package catalogue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/problem"
)

// standing leaves out the revisions that were taken back before their time.
const standing = `NOT EXISTS (SELECT FROM withdrawals w WHERE w.revision_id = r.id)`

// End is when a procedure ends and what takes its place.
type End struct {
	ID         int64     `db:"id"`
	Code       string    `db:"procedure_code"`
	At         time.Time `db:"ends_at"`
	ReplacedBy string    `db:"replaced_by"` // code, "" for nothing
	Note       string    `db:"note"`
}

// ended is a procedure that is over, with what it was last.
type ended struct {
	End
	rev *Revision
}

// Withdraw takes a revision back that was published for later and has not begun.
func (s *Service) Withdraw(ctx context.Context, tx *sqlx.Tx, by agency.Officer, revision int64, why string) error {
	now := s.Now()
	res, err := tx.ExecContext(ctx, `
		INSERT INTO withdrawals (revision_id, officer_id, at, why)
		SELECT id, $2, $3, $4 FROM revisions WHERE id = $1 AND in_force_from > $3 ON CONFLICT DO NOTHING`, revision, by.ID, now, why)
	if err != nil {
		return fmt.Errorf("withdraw revision %d: %w", revision, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return problem.New(problem.Conflict, "catalogue.begun")
}

// End ends a procedure at an instant, now where that is over. An end that was planned before
// is revoked by it.
func (s *Service) End(ctx context.Context, tx *sqlx.Tx, e End, published, approved int64) error {
	if err := s.Revoke(ctx, tx, e.Code); err != nil {
		return err
	}
	now := s.Now().Truncate(time.Microsecond)
	if e.At.Before(now) {
		e.At = now
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO procedure_ends (procedure_code, ends_at, replaced_by, note, published_by, approved_by, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		e.Code, e.At, e.ReplacedBy, e.Note, published, approved, now)
	if err != nil {
		return fmt.Errorf("end %s: %w", e.Code, err)
	}
	return nil
}

// Revoke takes the end of a procedure back, also one that has come.
func (s *Service) Revoke(ctx context.Context, tx *sqlx.Tx, code string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE procedure_ends SET revoked_at = $2 WHERE procedure_code = $1 AND revoked_at IS NULL`, code, s.Now()); err != nil {
		return fmt.Errorf("revoke the end of %s: %w", code, err)
	}
	return nil
}

// Ended is a procedure that is over, as it was last, with its end; NotFound where there is
// none. One that has its end before it is in force until then.
func (s *Service) Ended(ctx context.Context, code string) (*Revision, End, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, End{}, err
	}
	if x, ok := e.over[code]; ok {
		return x.rev, x.End, nil
	}
	return nil, End{}, problem.New(problem.NotFound, "catalogue.not_found")
}

// Ends are the ends that are still to come, the next first. For editors.
func (s *Service) Ends(ctx context.Context) ([]End, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return e.ends, nil
}

// ending parts ends by an instant.
type ending struct{ over, later []End }

func endings(all []End, now time.Time) ending {
	var parted ending
	for _, e := range all {
		if now.Before(e.At) {
			parted.later = append(parted.later, e)
		} else {
			parted.over = append(parted.over, e)
		}
	}
	slices.SortFunc(parted.later, func(a, b End) int { return a.At.Compare(b.At) })
	return parted
}

func readEnds(ctx context.Context, db *sqlx.DB) ([]End, error) {
	var all []End
	err := db.SelectContext(ctx, &all, `SELECT id, procedure_code, ends_at, replaced_by, note FROM procedure_ends WHERE revoked_at IS NULL ORDER BY ends_at, id`)
	if err != nil {
		return nil, fmt.Errorf("ends of procedures: %w", err)
	}
	for i := range all {
		all[i].At = all[i].At.In(locales.ICT)
	}
	return all, nil
}
