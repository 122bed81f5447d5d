package draft

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/signin"
)

// Summary is a draft in a list.
type Summary struct {
	ID        string
	TaxCode   string
	Capacity  applicant.Capacity
	Mine      bool // the person typed it; false: a member of their business
	Revision  *catalogue.Revision
	Page      string
	SavedAt   time.Time
	LapsesAt  time.Time
	DeletedAt *time.Time
}

// DaysLeft is how many days it is kept yet, a begun one counted whole.
func (d Summary) DaysLeft(now time.Time) int { return daysLeft(d.LapsesAt, now) }

func daysLeft(lapses, now time.Time) int {
	const day = 24 * time.Hour
	return int((lapses.Sub(now) + day - 1) / day)
}

// List are the person's open drafts, last saved first: their own, and of businesses that
// they represent also what members have typed.
func (s *Service) List(ctx context.Context, p signin.Person) ([]Summary, error) {
	return s.ListOf(ctx, p, "")
}

// ListOf is List of one business only.
func (s *Service) ListOf(ctx context.Context, p signin.Person, taxCode string) ([]Summary, error) {
	return s.list(ctx, `deleted_at IS NULL ORDER BY saved_at DESC LIMIT 50`, p, taxCode)
}

// Deleted are the drafts that the person has put away and can still bring back, the last
// one first; of one business, or all.
func (s *Service) Deleted(ctx context.Context, p signin.Person, taxCode string) ([]Summary, error) {
	return s.list(ctx, `deleted_at IS NOT NULL ORDER BY deleted_at DESC LIMIT 20`, p, taxCode)
}

func (s *Service) list(ctx context.Context, which string, p signin.Person, acting string) ([]Summary, error) {
	var rows []row
	err := s.DB.SelectContext(ctx, &rows, `SELECT `+columns+` FROM drafts
		WHERE (person_id = $2 OR tax_code IN (SELECT tax_code FROM standings($3) WHERE person_id = $2 AND power_id = 0 AND tax_code <> ''))
			AND ($1 = '' OR tax_code = $1) AND filed_at IS NULL AND batch_id IS NULL AND lapses_at > $3 AND `+stands+` AND `+which, acting, p.ID, s.Now())
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	list := make([]Summary, len(rows))
	for i, r := range rows {
		rev, err := s.Catalogue.ByID(ctx, r.RevisionID)
		if err != nil {
			return nil, err
		}
		as, err := applicant.Opened(p, r.Capacity, r.TaxCode, r.GrantID, r.Subject, r.Verified)
		if err != nil {
			return nil, fmt.Errorf("draft %s: %w", r.ID, err)
		}
		list[i] = Summary{ID: r.ID, TaxCode: r.TaxCode, Capacity: as, Mine: r.PersonID == p.ID, Revision: rev, Page: r.Page, SavedAt: r.SavedAt, LapsesAt: r.LapsesAt, DeletedAt: r.DeletedAt}
	}
	return list, nil
}

// Open are the person's open drafts of one procedure for the same owner, newest first: "you
// already have a draft of this".
func (s *Service) Open(ctx context.Context, p signin.Person, code string) ([]Summary, error) {
	all, err := s.List(ctx, p)
	if err != nil {
		return nil, err
	}
	var open []Summary
	for _, d := range all {
		if d.Revision.Code == code {
			open = append(open, d)
		}
	}
	return open, nil
}

// Delete puts a draft away; for as long as a draft lives Restore brings it back.
func (s *Service) Delete(ctx context.Context, p signin.Person, id string) error {
	return s.put(ctx, s.DB, p, id, `UPDATE drafts SET deleted_at = $3, lapses_at = $4, reminded = 0, version = version + 1 WHERE `+theirOwn, s.Now().Add(Life))
}

// Restore brings a deleted draft back, if there is room for it.
func (s *Service) Restore(ctx context.Context, p signin.Person, id string) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if err := room(ctx, tx, p.ID, s.Now()); err != nil {
			return err
		}
		return s.put(ctx, tx, p, id, `UPDATE drafts SET deleted_at = NULL, version = version + 1
			WHERE id = $1 AND filed_at IS NULL AND deleted_at IS NOT NULL AND lapses_at > $3 AND `+stands)
	})
}
