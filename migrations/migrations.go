// Package migrations holds the schema as numbered SQL files, brings a database up to it,
// and says whether a database is at least as new as this program.
package migrations

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// FS holds the files, 0001_roles.sql and on. They are forward only, each in a transaction
// of its own, and yesterday's program runs on today's schema.
//
//go:embed *.sql
var FS embed.FS

// ErrOlder is the fault of a database that lacks migrations of this program.
var ErrOlder = errors.New("the database's schema is older than this program: run migrate first")

// Up brings the database to the newest schema. The connection must be the owner's. Several
// at once are safe: one migrates, the others wait.
func Up(ctx context.Context, db *sql.DB) error { return up(ctx, db, FS) }

func up(ctx context.Context, db *sql.DB, files fs.FS) error {
	// Polled each second for five minutes; the default of five seconds makes a second
	// instance wait for nothing.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300), lock.WithUnlockTimeout(1, 30))
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Check returns ErrOlder when a migration of this program has not run on the database. A
// newer database is right: during a release the schema goes first.
func Check(ctx context.Context, db *sql.DB) error {
	var applied pq.Int64Array
	// rows are only ever added: there is no way down
	err := db.QueryRowContext(ctx,
		`SELECT coalesce(array_agg(DISTINCT version_id), '{}') FROM goose_db_version WHERE is_applied`).Scan(&applied)
	if pq.As(err, pqerror.UndefinedTable) != nil {
		return ErrOlder
	}
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	want, err := versions(FS)
	if err != nil {
		return err
	}
	for _, v := range want {
		if !slices.Contains(applied, v) {
			return fmt.Errorf("%w (%04d is missing)", ErrOlder, v)
		}
	}
	return nil
}

// versions are the numbers of the files, in order.
func versions(files fs.FS) ([]int64, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	var all []int64
	for _, name := range names {
		digits, _, _ := strings.Cut(name, "_")
		v, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		all = append(all, v)
	}
	return all, nil
}

// Hash is short and changes whenever a file does.
func Hash() string {
	h := sha256.New()
	names, err := fs.Glob(FS, "*.sql")
	if err != nil {
		panic(err) // only a bad pattern
	}
	for _, name := range names {
		b, err := FS.ReadFile(name)
		if err != nil {
			panic(err) // embedded
		}
		fmt.Fprintf(h, "%s %d\n", name, len(b))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}
