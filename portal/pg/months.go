package pg

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// MonthsEvery is how often KeepMonths is to be called.
const MonthsEvery = 24 * time.Hour

// monthsAhead counts the running month.
const monthsAhead = 3

// KeepMonths makes the coming months of the tables that are kept by month. Called each day
// it makes a month long before its first row.
func KeepMonths(ctx context.Context, db *sqlx.DB, now time.Time) error {
	for _, table := range []string{"events", "audit", "notices", "lookups"} {
		_, err := db.ExecContext(ctx, `SELECT monthly($1::regclass, ($2::timestamptz)::date, $3)`, table, now, monthsAhead)
		if err != nil {
			return fmt.Errorf("make the months of %s: %w", table, err)
		}
	}
	return nil
}
