package dossier

import (
	"context"
	"fmt"

	"motcua/portal/calendar"
	"motcua/portal/pg"
)

// Spanning counts the open dossiers whose owners were promised a due date that was counted
// over each of these days. It stays when the day changes: what was promised holds.
func (s *Service) Spanning(ctx context.Context, days []calendar.Day) (map[calendar.Day]int, error) {
	var rows []struct {
		Day string `db:"day"`
		N   int    `db:"n"`
	}
	texts := make([]string, len(days))
	for i, d := range days {
		texts[i] = d.String()
	}
	err := s.DB.SelectContext(ctx, &rows, `
		SELECT t.day::text AS day, count(d.id) AS n FROM (SELECT value::date AS day FROM jsonb_array_elements_text($1::jsonb)) t
		JOIN dossiers d ON d.closed_at IS NULL AND d.received_at AT TIME ZONE interval '7 hours' < t.day + 1 AND d.due_at AT TIME ZONE interval '7 hours' >= t.day
		GROUP BY t.day`, pg.JSON(texts))
	if err != nil {
		return nil, fmt.Errorf("dossiers over days: %w", err)
	}
	counted := map[calendar.Day]int{}
	for _, r := range rows {
		day, err := calendar.ParseDay(r.Day)
		if err != nil {
			return nil, err
		}
		counted[day] = r.N
	}
	return counted, nil
}
