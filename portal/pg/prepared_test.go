package pg_test

import (
	"fmt"
	"testing"

	"motcua/portal/pg/pgtest"
)

// TestPreparedSurvivesMigration changes a column's type under a live connection: the next
// run of the statement may fail, the one after it must not.
func TestPreparedSurvivesMigration(t *testing.T) {
	t.Parallel()
	db := pgtest.Owner(t, pgtest.Open(t))
	db.SetMaxOpenConns(1)
	must := func(query string) {
		t.Helper()
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	must(`CREATE TABLE outgrown (n int)`)
	must(`INSERT INTO outgrown VALUES (7)`)
	read := func() (string, error) {
		var s string
		err := db.Get(&s, `SELECT n FROM outgrown WHERE $1::int IS NOT NULL`, 1)
		return s, err
	}
	if s, err := read(); err != nil || s != "7" {
		t.Fatalf("before: %q, %v", s, err)
	}
	must(`ALTER TABLE outgrown ALTER n TYPE text USING 'n' || n`)
	if s, err := read(); err == nil && s != "n7" {
		t.Fatalf("an old plan gave %q", s)
	}
	if s, err := read(); err != nil || s != "n7" {
		t.Fatalf("after: %q, %v", s, err)
	}
}

// TestPreparedIsBounded runs more different statements than a connection keeps.
func TestPreparedIsBounded(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	db.SetMaxOpenConns(1)
	for i := range 600 {
		var n int
		if err := db.Get(&n, fmt.Sprintf(`SELECT $1::int + %d`, i), 1); err != nil || n != i+1 {
			t.Fatalf("statement %d: %d, %v", i, n, err)
		}
	}
	var held int
	if err := db.Get(&held, `SELECT count(*) FROM pg_prepared_statements`); err != nil {
		t.Fatal(err)
	}
	if held < 400 || held > 501 {
		t.Errorf("%d statements are held, want at most 500", held)
	}
}

// TestPreparedOnce proves that a repeated statement is parsed once a connection.
func TestPreparedOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	db.SetMaxOpenConns(1)
	for range 5 {
		var n int
		if err := db.Get(&n, `SELECT $1::int * 2`, 21); err != nil || n != 42 {
			t.Fatal(n, err)
		}
	}
	var same int
	if err := db.Get(&same, `SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int * 2'`); err != nil {
		t.Fatal(err)
	}
	if same != 1 {
		t.Errorf("the statement is held %d times, want once", same)
	}
}
