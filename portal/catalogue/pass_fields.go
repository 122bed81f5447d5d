package catalogue

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// PassFields gives each field to who has it now: heir says it by the agency that answers for
// the field and the field's code, empty where it stays.
func (s *Service) PassFields(ctx context.Context, tx *sqlx.Tx, heir func(agency, field string) string) (int, error) {
	var rows []struct {
		Code   string `db:"code" json:"code"`
		Agency string `db:"agency" json:"agency"`
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT code, agency FROM fields WHERE agency <> '' FOR UPDATE`); err != nil {
		return 0, fmt.Errorf("fields: %w", err)
	}
	moved := rows[:0]
	for _, r := range rows {
		if to := heir(r.Agency, r.Code); to != "" {
			r.Agency = to
			moved = append(moved, r)
		}
	}
	if len(moved) == 0 {
		return 0, nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE fields t SET agency = r.agency, at = clock_timestamp()
		FROM jsonb_to_recordset($1::jsonb) AS r (code text, agency text) WHERE t.code = r.code`, pg.JSON(moved))
	if err != nil {
		return 0, fmt.Errorf("pass fields: %w", err)
	}
	return len(moved), nil
}
