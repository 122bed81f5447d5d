package payments

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// Pass makes another agency the payee of what is still due for these subjects: theirs is the
// receipt. What was paid stays with whom it was paid to.
func Pass(ctx context.Context, tx *sqlx.Tx, subjects []string, payee int64) error {
	if len(subjects) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE orders SET payee = $2 WHERE state = 'due' AND subject IN (SELECT jsonb_array_elements_text($1::jsonb))`,
		pg.JSON(subjects), payee)
	if err != nil {
		return fmt.Errorf("pass orders: %w", err)
	}
	return nil
}
