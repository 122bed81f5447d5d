// Package applicant knows who files for whom: a person for themselves, for a child or ward,
// for somebody who has authorised them, or for a business by their own right or by a power.
package applicant

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Business is one that a person may act for. The register has the last word: before
// anything is filed it must name the person too.
type Business struct {
	TaxCode string `db:"tax_code"`
	Name    string `db:"name"`
}

// Service answers who may act for whom.
type Service struct {
	DB      *sqlx.DB
	Key     pg.LookupKey          // of the hashes by which invited people are found
	Now     func() time.Time      // nil: the clock
	Notices *notification.Service // word to the other side, by a worker
}

func (s *Service) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// Ten digits, or those of the head office and three for a branch.
var taxCode = regexp.MustCompile(`^\d{10}(-\d{3})?$`)

// most is how many businesses of one person are kept; no honest list is longer.
const most = 200

// Remember keeps, in the sign-in's transaction, what the provider says the person
// represents. Those it no longer names have ended.
func Remember(ctx context.Context, tx sqlx.ExtContext, personID int64, named []Business, now time.Time) error {
	codes, names := shaped(named)
	_, err := tx.ExecContext(ctx, `
		UPDATE representations SET ended_at = $3
		WHERE person_id = $1 AND ended_at IS NULL AND tax_code <> ALL($2)`, personID, pq.Array(codes), now)
	if err != nil {
		return fmt.Errorf("end representations: %w", err)
	}
	return add(ctx, tx, personID, codes, names, now)
}

// Add keeps businesses that the person represents besides those known already, and ends none.
func Add(ctx context.Context, tx sqlx.ExtContext, personID int64, named []Business, now time.Time) error {
	codes, names := shaped(named)
	return add(ctx, tx, personID, codes, names, now)
}

// shaped are the codes and names of those that can be businesses.
func shaped(named []Business) (codes, names []string) {
	codes, names = []string{}, []string{} // an empty list is not NULL
	for _, b := range named {
		name := strings.Join(strings.Fields(strings.ToValidUTF8(strings.ReplaceAll(b.Name, "\x00", ""), "")), " ")
		if taxCode.MatchString(b.TaxCode) && name != "" && len(name) <= 1000 && !slices.Contains(codes, b.TaxCode) && len(codes) < most {
			codes, names = append(codes, b.TaxCode), append(names, name)
		}
	}
	return codes, names
}

func add(ctx context.Context, tx sqlx.ExtContext, personID int64, codes, names []string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO representations (person_id, tax_code, name, seen_at)
		SELECT $1, code, name, $4 FROM unnest($2::text[], $3::text[]) AS named (code, name)
		ON CONFLICT (person_id, tax_code) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at, ended_at = NULL`,
		personID, pq.Array(codes), pq.Array(names), now)
	if err != nil {
		return fmt.Errorf("keep representations: %w", err)
	}
	return nil
}

// Businesses are those the person stands for in any way, by name.
func (s *Service) Businesses(ctx context.Context, personID int64) ([]Business, error) {
	var all []Business
	err := s.DB.SelectContext(ctx, &all, `
		SELECT tax_code, min(business) AS name FROM standings($2) WHERE person_id = $1 GROUP BY tax_code ORDER BY 2, 1`, personID, s.now())
	if err != nil {
		return nil, fmt.Errorf("businesses: %w", err)
	}
	return all, nil
}

// MayActFor is nil when the person stands for the business. A business of others and one
// that does not exist look alike.
func (s *Service) MayActFor(ctx context.Context, personID int64, code string) error {
	var may bool
	err := s.DB.GetContext(ctx, &may, `
		SELECT EXISTS (SELECT FROM standings($3) WHERE person_id = $1 AND tax_code = $2)`, personID, plain(code), s.now())
	if err != nil {
		return fmt.Errorf("may act for: %w", err)
	}
	if !may {
		return noStanding()
	}
	return nil
}

// noStanding is the one answer to what is not there and to what is not yours.
func noStanding() error { return problem.New(problem.NotFound, "applicant.no_business") }

// plain is the code if it has a code's shape: PostgreSQL refuses what is no text at all.
func plain(code string) string {
	if taxCode.MatchString(code) {
		return code
	}
	return ""
}
