package content

import (
	"context"
	"fmt"

	"motcua/locales"
)

// Vote counts that a text helped somebody, or did not. Who it was is not kept.
func (s *Service) Vote(ctx context.Context, kind, slug string, helpful bool) error {
	if _, err := s.One(ctx, kind, slug); err != nil {
		return err
	}
	id, err := s.idOf(ctx, s.DB, kind, slug)
	if err != nil {
		return err
	}
	_, err = s.DB.ExecContext(ctx, `
		INSERT INTO content_votes AS v (content_id, day, helpful, count) VALUES ($1, $2::date, $3, 1)
		ON CONFLICT (content_id, day, helpful) DO UPDATE SET count = v.count + 1`, id, s.Now().In(locales.ICT).Format("2006-01-02"), helpful)
	if err != nil {
		return fmt.Errorf("vote on content %d: %w", id, err)
	}
	return nil
}

func (s *Service) votes(ctx context.Context, id int64, h *History) error {
	err := s.DB.QueryRowxContext(ctx, `
		SELECT coalesce(sum(count) FILTER (WHERE helpful), 0), coalesce(sum(count) FILTER (WHERE NOT helpful), 0) FROM content_votes WHERE content_id = $1`, id).
		Scan(&h.Helpful, &h.Useless)
	if err != nil {
		return fmt.Errorf("votes on content %d: %w", id, err)
	}
	return nil
}
