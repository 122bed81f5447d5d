package catalogue

import (
	"context"
	"fmt"
	"time"

	"motcua/locales"
	"motcua/portal/pg"
)

// Published is that a procedure came into force as it is or was.
type Published struct {
	Code string                  `db:"code"`
	No   int                     `db:"no"`
	Name pg.JSONOf[locales.Text] `db:"name"` // as it was called then
	At   time.Time               `db:"at"`
}

// Latest are the newest revisions that have come into force, the latest first. What waits for
// its time is not among them.
func (s *Service) Latest(ctx context.Context, limit int) ([]Published, error) {
	var all []Published
	err := s.DB.SelectContext(ctx, &all, `
		SELECT procedure_code AS code, no, doc->'sheet'->'name' AS name, in_force_from AS at
		FROM revisions WHERE in_force_from <= $1 ORDER BY in_force_from DESC, id DESC LIMIT $2`, s.Now(), limit)
	if err != nil {
		return nil, fmt.Errorf("latest revisions: %w", err)
	}
	return all, nil
}
