// Package once keeps the one-time keys of forms: the same key gives the same answer, however
// often it is sent, to whichever instance.
package once

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/portal/problem"
)

// Keep is how long a key is remembered.
const Keep = 30 * 24 * time.Hour

// Key is a form's one-time key with what it was sent for. Person is the person's id, or
// "outside:<system>", so that a key is still known after a new sign-in.
type Key struct {
	Person string
	Key    string // a uuid
	Route  string
	Body   [32]byte // SHA-256 of what was sent
}

// Begin claims the key in the deed's transaction, as its first statement. With done the
// deed was done before and answer is its answer. A concurrent holder of the key is waited
// for: when it commits, this is a repeat; when it fails, this is the first. The same key
// with another body or route is a Conflict.
func Begin(ctx context.Context, tx *sqlx.Tx, k Key, now time.Time) (answer string, done bool, err error) {
	if _, err := uuid.Parse(k.Key); err != nil || len(k.Key) != 36 {
		return "", false, problem.New(problem.Invalid, "once.bad_key")
	}
	r, err := tx.ExecContext(ctx, `
		INSERT INTO deeds (person, key, route, body_sha256, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT ON CONSTRAINT deeds_person_key DO NOTHING`, k.Person, k.Key, k.Route, k.Body[:], now)
	if err != nil {
		return "", false, fmt.Errorf("claim a one-time key: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return "", false, err
	}
	return before(ctx, tx, k)
}

// before is what became of the key when it was sent first.
func before(ctx context.Context, tx *sqlx.Tx, k Key) (string, bool, error) {
	var first struct {
		Route  string         `db:"route"`
		Body   []byte         `db:"body_sha256"`
		Answer sql.NullString `db:"answer"`
	}
	err := tx.GetContext(ctx, &first, `
		SELECT route, body_sha256, answer FROM deeds WHERE person = $1 AND key = $2`, k.Person, k.Key)
	if err != nil {
		return "", false, fmt.Errorf("read a one-time key: %w", err)
	}
	if first.Route != k.Route || !bytes.Equal(first.Body, k.Body[:]) {
		return "", false, problem.New(problem.Conflict, "once.other_body")
	}
	if !first.Answer.Valid {
		return "", false, errors.New("a deed with a one-time key was committed without Finish")
	}
	return first.Answer.String, true, nil
}

// Finish notes the deed's answer, in the same transaction, for whoever repeats it.
func Finish(ctx context.Context, tx *sqlx.Tx, k Key, answer string) error {
	r, err := tx.ExecContext(ctx, `
		UPDATE deeds SET answer = $3 WHERE person = $1 AND key = $2 AND answer IS NULL`, k.Person, k.Key, answer)
	if err != nil {
		return fmt.Errorf("finish a one-time key: %w", err)
	}
	n, err := r.RowsAffected()
	if err == nil && n != 1 {
		err = errors.New("finish a one-time key that was not begun")
	}
	return err
}

// Sweep forgets keys from before an instant; the caller passes now less Keep.
func Sweep(ctx context.Context, db *sqlx.DB, before time.Time) error {
	if _, err := db.ExecContext(ctx, `DELETE FROM deeds WHERE at < $1`, before); err != nil {
		return fmt.Errorf("sweep one-time keys: %w", err)
	}
	return nil
}
