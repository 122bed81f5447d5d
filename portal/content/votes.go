package content

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// votesADay is how often one address says what it thinks of texts; more is no reader.
const votesADay = 60

// Rated says whether people are asked if texts of a kind helped.
func Rated(kind string) bool { return kind == Guide || kind == Question || kind == Event }

// Vote counts that a text helped somebody, or did not: once a key. Who it was is not kept.
func (s *Service) Vote(ctx context.Context, key once.Key, address, kind, slug string, helpful bool) error {
	if _, err := s.One(ctx, kind, slug); err != nil {
		return err
	}
	if !Rated(kind) {
		return problem.New(problem.NotFound, "content.not_found")
	}
	ok, err := pg.Allow(ctx, s.DB, "content.vote", address, votesADay, 24*time.Hour, s.Now())
	if err != nil {
		return err
	}
	if !ok {
		return problem.New(problem.TooMany, "content.too_many")
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, done, err := once.Begin(ctx, tx, key, s.Now()); err != nil || done {
			return err
		}
		id, err := s.idOf(ctx, tx, kind, slug)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO content_votes AS v (content_id, day, helpful, count) VALUES ($1, $2::date, $3, 1)
			ON CONFLICT (content_id, day, helpful) DO UPDATE SET count = v.count + 1`, id, s.Now().In(locales.ICT).Format(time.DateOnly), helpful)
		if err != nil {
			return fmt.Errorf("vote on content %d: %w", id, err)
		}
		return once.Finish(ctx, tx, key, "")
	})
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
