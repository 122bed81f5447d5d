package draft

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

// Touched counts the open drafts of a procedure, and of them those with an answer to each
// of the given questions: whom a new form touches, before it is published.
func (s *Service) Touched(ctx context.Context, code string, questions []string) (open int, answered map[string]int, err error) {
	now := s.Now()
	err = s.DB.GetContext(ctx, &open, `
		SELECT count(*) FROM drafts WHERE procedure_code = $1 AND filed_at IS NULL AND deleted_at IS NULL AND lapses_at > $2`, code, now)
	if err != nil {
		return 0, nil, fmt.Errorf("open drafts of %s: %w", code, err)
	}
	answered = map[string]int{}
	if open == 0 || len(questions) == 0 {
		return open, answered, nil
	}
	var rows []struct {
		ID string `db:"id"`
		N  int    `db:"n"`
	}
	err = s.DB.SelectContext(ctx, &rows, `
		SELECT q.id, count(*) AS n FROM drafts d, unnest($3::text[]) AS q (id)
		WHERE d.procedure_code = $1 AND d.filed_at IS NULL AND d.deleted_at IS NULL AND d.lapses_at > $2
			AND coalesce(d.answers ->> q.id, '') NOT IN ('', '[]', '{}')
		GROUP BY q.id`, code, now, pq.Array(questions))
	if err != nil {
		return 0, nil, fmt.Errorf("answers in open drafts of %s: %w", code, err)
	}
	for _, r := range rows {
		answered[r.ID] = r.N
	}
	return open, answered, nil
}
