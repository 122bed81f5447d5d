package report

import (
	"context"
	"fmt"
	"time"
)

// UsesOver is how far back uses of procedures count.
const UsesOver = 90 * 24 * time.Hour

// Uses says how often each procedure was begun and filed in the last ninety days, by code.
func (s *Service) Uses(ctx context.Context, now time.Time) (map[string]int, error) {
	var rows []struct {
		Code string `db:"code"`
		N    int    `db:"n"`
	}
	err := s.DB.SelectContext(ctx, &rows, `
		SELECT code, count(*) AS n FROM (
			SELECT procedure_code AS code FROM drafts WHERE made_at > $1
			UNION ALL SELECT procedure_code FROM dossiers WHERE filed_at > $1) AS recent
		GROUP BY code`, now.Add(-UsesOver))
	if err != nil {
		return nil, fmt.Errorf("uses of procedures: %w", err)
	}
	uses := make(map[string]int, len(rows))
	for _, r := range rows {
		uses[r.Code] = r.N
	}
	return uses, nil
}
