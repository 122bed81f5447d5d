// Package pgtest gives each test a migrated PostgreSQL database of its own, on a private
// server that all test processes of a user share.
package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/portal/pg"
	"motcua/portal/pg/embedded"
)

// template is the migrated database that tests' databases are copied from.
const template = "template_motcua"

// Open makes a migrated database for the test and connects to it as the app role. It is
// dropped when the test ends.
func Open(t testing.TB) *sqlx.DB {
	t.Helper()
	return open(t, template, embedded.App)
}

// Empty makes a database without a schema and connects to it as the owner role.
func Empty(t testing.TB) *sqlx.DB {
	t.Helper()
	return open(t, "template1", embedded.Owner)
}

func open(t testing.TB, from, role string) *sqlx.DB {
	t.Helper()
	s := sharedFor(t)
	name := "test_" + strings.ToLower(rand.Text()[:16])
	if err := s.create(t.Context(), name, from); err != nil {
		t.Fatalf("make the test's database: %v", err)
	}
	t.Cleanup(func() { s.drop(t, name) })
	return connect(t, s.DSN(role, name))
}

func sharedFor(t testing.TB) *server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("the test server: %v", err)
	}
	return s
}

// Owner connects as the owner role to the database that Open made.
func Owner(t testing.TB, db *sqlx.DB) *sqlx.DB {
	t.Helper()
	return connect(t, sharedFor(t).DSN(embedded.Owner, nameOf(t, db)))
}

// DSN is the app role's connection string for the database that Open made, for a program
// that the test starts.
func DSN(t testing.TB, db *sqlx.DB) string {
	t.Helper()
	return sharedFor(t).DSN(embedded.App, nameOf(t, db))
}

func nameOf(t testing.TB, db *sqlx.DB) string {
	t.Helper()
	var name string
	if err := db.GetContext(t.Context(), &name, `SELECT current_database()`); err != nil {
		t.Fatal(err)
	}
	return name
}

func connect(t testing.TB, dsn string) *sqlx.DB {
	t.Helper()
	db, err := pg.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// server is the shared server as this process sees it.
type server struct {
	embedded.Address
	admin *sql.DB
}

// shared joins the shared server once in a process, and leaves it when the process ends.
var shared = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	a, err := join(ctx)
	if err != nil {
		return nil, err
	}
	admin, err := sql.Open("postgres", a.DSN(embedded.Super, "postgres"))
	if err != nil {
		return nil, err
	}
	admin.SetMaxOpenConns(2)
	return &server{Address: a, admin: admin}, nil
})

// create copies the template: 37 ms with wal_log, 128 ms with file_copy.
func (s *server) create(ctx context.Context, name, from string) error {
	for _, q := range []string{
		`CREATE DATABASE ` + pq.QuoteIdentifier(name) + ` TEMPLATE ` + from + ` STRATEGY wal_log OWNER ` + embedded.Owner,
		`REVOKE ALL ON DATABASE ` + pq.QuoteIdentifier(name) + ` FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE ` + pq.QuoteIdentifier(name) + ` TO ` + embedded.App,
	} {
		if _, err := s.admin.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) drop(t testing.TB, name string) {
	if _, err := s.admin.Exec(`DROP DATABASE ` + pq.QuoteIdentifier(name) + ` WITH (FORCE)`); err != nil {
		t.Errorf("drop the test's database: %v", err)
	}
}
