// Package queue keeps work for later: put in the transaction of the deed that wants it,
// done at least once by a worker of any instance, retried, and shown when it cannot be done.
package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// maxTries is after how many tries a job waits for an officer instead of a worker. With
// the pauses between them they span most of a day.
const maxTries = 12

// Job is one piece of work. There is one of a kind and subject at a time.
type Job struct {
	ID        int64           `db:"id"`
	Kind      string          `db:"kind"`
	Subject   string          `db:"subject"`
	Body      json.RawMessage `db:"body"`
	Tries     int             `db:"tries"` // this one included
	Due       time.Time       `db:"due"`
	LastError string          `db:"last_error"`

	LeasedTo *time.Time `db:"leased_to"`
}

// Put asks for work in the caller's transaction: it is there when the deed is, and not
// otherwise. While a job of that kind and subject waits, it stays one job with the newest
// body and the earlier time; while one is being done, it is done once more afterwards; one
// that was stuck starts afresh.
func Put(ctx context.Context, tx sqlx.ExtContext, kind, subject string, due time.Time, body any) error {
	if body == nil {
		body = struct{}{}
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO jobs AS j (kind, subject, body, due) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, subject) DO UPDATE SET
			body = excluded.body,
			again = CASE WHEN j.leased_to IS NOT NULL THEN least(j.again, excluded.due) END,
			due = CASE WHEN j.leased_to IS NOT NULL THEN j.due
			           WHEN j.stuck_at IS NOT NULL THEN excluded.due
			           ELSE least(j.due, excluded.due) END,
			tries = CASE WHEN j.stuck_at IS NOT NULL THEN 0 ELSE j.tries END,
			stuck_at = NULL`,
		kind, subject, pg.JSON(body), due)
	if err != nil {
		return fmt.Errorf("put job %s of %s: %w", kind, subject, err)
	}
	return nil
}

// Stuck are the jobs that need a person: given up after the last try, or a repeating duty
// that keeps failing. The longest waiting come first.
func Stuck(ctx context.Context, db sqlx.QueryerContext) ([]Job, error) {
	var jobs []Job
	err := sqlx.SelectContext(ctx, db, &jobs, `
		SELECT id, kind, subject, body, tries, due, last_error FROM jobs
		WHERE stuck_at IS NOT NULL OR tries >= $1 ORDER BY made_at, id LIMIT 500`, maxTries)
	if err != nil {
		return nil, fmt.Errorf("stuck jobs: %w", err)
	}
	return jobs, nil
}

// Retry lets a stuck job start afresh, when a person has seen to the cause.
func Retry(ctx context.Context, tx sqlx.ExtContext, id int64, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE jobs SET stuck_at = NULL, tries = 0, due = $2 WHERE id = $1 AND leased_to IS NULL`, id, now)
	if err != nil {
		return fmt.Errorf("retry job %d: %w", id, err)
	}
	return nil
}

// claim takes the next due job of the kinds and, in the same statement, schedules its next
// try, so a worker that is killed leaves nothing to clean up. What was put anew before now
// is seen by this run.
func claim(ctx context.Context, db sqlx.QueryerContext, kinds any, now time.Time, lease time.Duration) (Job, error) {
	var j Job
	err := sqlx.GetContext(ctx, db, &j, `
		UPDATE jobs SET tries = tries + 1, leased_to = $3, due = $3,
			again = CASE WHEN again > $2 THEN again END
		WHERE id = (SELECT id FROM jobs
		            WHERE stuck_at IS NULL AND due <= $2 AND (leased_to IS NULL OR leased_to <= $2) AND kind = ANY($1)
		            ORDER BY due, id LIMIT 1
		            FOR UPDATE SKIP LOCKED)
		RETURNING id, kind, subject, body, tries, due, last_error, leased_to`, kinds, now, now.Add(lease))
	return j, err
}

// The three ends of a try change the row only while the lease is still ours: after it ran
// out another worker may have the job.

// done removes the job, or sets it waiting when it was put anew meanwhile.
func done(ctx context.Context, db *sqlx.DB, j Job) error {
	n, err := change(ctx, db, `DELETE FROM jobs WHERE id = $1 AND leased_to = $2 AND again IS NULL`, j.ID, *j.LeasedTo)
	if err != nil || n == 1 {
		return err
	}
	_, err = change(ctx, db, `
		UPDATE jobs SET due = again, again = NULL, leased_to = NULL, tries = 0, last_error = ''
		WHERE id = $1 AND leased_to = $2 AND again IS NOT NULL`, j.ID, *j.LeasedTo)
	return err
}

// doneUntil sets a repeating duty waiting for its next time.
func doneUntil(ctx context.Context, db *sqlx.DB, j Job, next time.Time) error {
	_, err := change(ctx, db, `
		UPDATE jobs SET due = least(again, $3), again = NULL, leased_to = NULL, tries = 0, last_error = ''
		WHERE id = $1 AND leased_to = $2`, j.ID, *j.LeasedTo, next)
	return err
}

// failed schedules the next try, or gives up when stuck is set.
func failed(ctx context.Context, db *sqlx.DB, j Job, cause string, next time.Time, stuck *time.Time) error {
	_, err := change(ctx, db, `
		UPDATE jobs SET due = $3, last_error = $4, stuck_at = $5, leased_to = NULL
		WHERE id = $1 AND leased_to = $2`, j.ID, *j.LeasedTo, next, cause, stuck)
	return err
}

func change(ctx context.Context, db *sqlx.DB, query string, args ...any) (int64, error) {
	r, err := db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Raise puts a task on the page of those who look after the portal, in the caller's
// transaction: nothing a worker could do, but somebody must look. There is one of a kind and
// subject at a time. Retry closes it, where its kind has a handler that does nothing.
func Raise(ctx context.Context, tx sqlx.ExtContext, kind, subject, cause string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO jobs (kind, subject, due, stuck_at, last_error) VALUES ($1, $2, $3, $3, $4)
		ON CONFLICT (kind, subject) DO UPDATE SET stuck_at = excluded.stuck_at, last_error = excluded.last_error`,
		kind, subject, now, cause)
	if err != nil {
		return fmt.Errorf("raise task %s of %s: %w", kind, subject, err)
	}
	return nil
}

// Item is one of many pieces of work of a kind.
type Item struct {
	Subject string `json:"subject"`
	Body    any    `json:"body"`
}

// PutAll is Put of many in one statement: work that nobody has asked for before. What waits
// already stays as it is.
func PutAll(ctx context.Context, tx sqlx.ExtContext, kind string, items []Item, due time.Time) error {
	if len(items) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO jobs (kind, subject, body, due) SELECT $1, i.subject, i.body, $3
		FROM jsonb_to_recordset($2::jsonb) AS i (subject text, body jsonb) ON CONFLICT (kind, subject) DO NOTHING`, kind, pg.JSON(items), due)
	if err != nil {
		return fmt.Errorf("put %d jobs %s: %w", len(items), kind, err)
	}
	return nil
}
