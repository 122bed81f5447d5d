// Package pg opens PostgreSQL and holds what every room needs of it: transactions, named
// constraints, JSON columns, sealed personal values, and limits that all instances share.
package pg

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// The pool of one instance. Sixteen connections keep two to eight cores busy; more only
// queue inside the server, and several instances share its max_connections.
const (
	poolSize       = 16
	idleTime       = 5 * time.Minute
	lifeTime       = time.Hour // after a fail-over the pool drifts back to an even spread
	connectTimeout = 10 * time.Second
)

// Open connects to the database of the connection string and asks it once. The string may
// be a URL or key=value pairs and may name several hosts.
func Open(ctx context.Context, dsn string) (*sqlx.DB, error) {
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("connection string: %w", err)
	}
	// Without it a statement with arguments costs two round trips.
	cfg.BinaryParameters = true
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	// A day in SQL (at::date, a text without zone) is a Vietnamese day whatever the server
	// is set to. The POSIX form needs no zone files and reads "seven hours before UTC".
	cfg.Runtime["timezone"] = "<+07>-07"
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("connection string: %w", err)
	}
	db := sqlx.NewDb(sql.OpenDB(prepared{connector}), "postgres")
	db.SetMaxOpenConns(poolSize)
	db.SetMaxIdleConns(poolSize)
	db.SetConnMaxIdleTime(idleTime)
	db.SetConnMaxLifetime(lifeTime)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return db, nil
}

// InTx runs fn in one transaction: all of it is there afterwards, or nothing. There is no
// automatic retry, because a repeated closure runs twice over the variables it captured.
func InTx(ctx context.Context, db *sqlx.DB, fn func(tx *sqlx.Tx) error) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // does nothing after a commit
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Violates says whether err is a refusal by the constraint or unique index of that name.
func Violates(err error, constraint string) bool {
	e := pq.As(err)
	return e != nil && e.Constraint == constraint
}
