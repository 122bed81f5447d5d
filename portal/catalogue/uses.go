package catalogue

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// SetUses takes over how often procedures were begun and filed lately, by code: search puts
// what many people need before what answers as well. A procedure that is not named counts
// for nothing, nor does a code that is none.
func (s *Service) SetUses(ctx context.Context, uses map[string]int) error {
	if uses == nil {
		uses = map[string]int{}
	}
	changed := false
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		gone, err := tx.ExecContext(ctx, `DELETE FROM procedure_uses WHERE NOT $1::jsonb ? procedure_code`, pg.JSON(uses))
		if err != nil {
			return fmt.Errorf("forget uses: %w", err)
		}
		put, err := tx.ExecContext(ctx, `
			INSERT INTO procedure_uses AS u (procedure_code, n)
			SELECT key, value::int FROM jsonb_each_text($1::jsonb) JOIN procedures ON code = key WHERE value::int > 0
			ON CONFLICT (procedure_code) DO UPDATE SET n = excluded.n, at = clock_timestamp() WHERE u.n <> excluded.n`, pg.JSON(uses))
		if err != nil {
			return fmt.Errorf("put uses: %w", err)
		}
		for _, r := range []sql.Result{gone, put} {
			n, err := r.RowsAffected()
			if err != nil {
				return err
			}
			changed = changed || n > 0
		}
		return nil
	})
	if err == nil && changed {
		s.Renew(ctx)
	}
	return err
}

// Uses says how often procedures were begun and filed lately, by code.
func (s *Service) Uses(ctx context.Context) (map[string]int, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return e.uses, nil
}

func readUses(ctx context.Context, q sqlx.QueryerContext) (map[string]int, error) {
	var rows []struct {
		Code string `db:"procedure_code"`
		N    int    `db:"n"`
	}
	if err := sqlx.SelectContext(ctx, q, &rows, `SELECT procedure_code, n FROM procedure_uses`); err != nil {
		return nil, fmt.Errorf("uses: %w", err)
	}
	uses := make(map[string]int, len(rows))
	for _, r := range rows {
		uses[r.Code] = r.N
	}
	return uses, nil
}
