package pg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Allow counts one try of key under the limit called name and says whether it is within
// max tries a window. The window begins with the first try; a refused try neither counts
// nor prolongs it. One statement, so any number of instances together let through exactly
// max. It is never part of a deed's transaction, whose rollback would forget the try.
func Allow(ctx context.Context, db *sqlx.DB, name, key string, max int, window time.Duration, now time.Time) (bool, error) {
	if max <= 0 {
		return false, nil
	}
	var count int
	err := db.GetContext(ctx, &count, `
		INSERT INTO limits AS l (name, key, start, count) VALUES ($1, $2, $3, 1)
		ON CONFLICT (name, key) DO UPDATE SET
			count = CASE WHEN l.start <= $4 THEN 1 ELSE l.count + 1 END,
			start = CASE WHEN l.start <= $4 THEN excluded.start ELSE l.start END
		WHERE l.start <= $4 OR l.count < $5
		RETURNING count`, name, key, now, now.Add(-window), max)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("limit %s: %w", name, err)
	}
	return true, nil
}

// SweepLimits forgets counts whose window began before an instant; the caller passes one
// that is older than the longest window.
func SweepLimits(ctx context.Context, db *sqlx.DB, before time.Time) error {
	if _, err := db.ExecContext(ctx, `DELETE FROM limits WHERE start < $1`, before); err != nil {
		return fmt.Errorf("sweep limits: %w", err)
	}
	return nil
}

// AllowDistinct lets one key have at most max different items within a window. An item that
// was let through stays so while its window lasts, and counts once. The key's own row is
// the lock that keeps instances from passing max together.
func AllowDistinct(ctx context.Context, db *sqlx.DB, name, key, item string, max int, window time.Duration, now time.Time) (bool, error) {
	var ok bool
	err := InTx(ctx, db, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO limits (name, key, start, count) VALUES ($1, $2, $3, 0)
			ON CONFLICT (name, key) DO UPDATE SET start = excluded.start`, name, key, now)
		if err != nil {
			return err
		}
		var others int
		var known bool
		of := name + "/" + key
		err = tx.QueryRowContext(ctx, `
			SELECT count(*) FILTER (WHERE key <> $2), coalesce(bool_or(key = $2), false) FROM limits WHERE name = $1 AND start > $3`,
			of, item, now.Add(-window)).Scan(&others, &known)
		if ok = err == nil && (known || others < max); err != nil || !ok || known {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO limits (name, key, start, count) VALUES ($1, $2, $3, 1)
			ON CONFLICT (name, key) DO UPDATE SET start = excluded.start`, of, item, now)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("limit %s: %w", name, err)
	}
	return ok, nil
}
