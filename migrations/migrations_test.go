package migrations_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/lib/pq"

	"motcua/migrations"
	"motcua/portal/pg/pgtest"
)

func TestUpFromFourConnectionsAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := migrations.Up(t.Context(), db.DB); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := migrations.Check(t.Context(), db.DB); err != nil {
		t.Error(err)
	}
	var twice int
	err := db.GetContext(t.Context(), &twice, `SELECT count(*) - count(DISTINCT version_id) FROM goose_db_version`)
	if err != nil || twice != 0 {
		t.Errorf("%d migrations ran twice (%v)", twice, err)
	}
}

// shipped is a copy of the shipped files, with more of them.
func shipped(t *testing.T, more fstest.MapFS) fstest.MapFS {
	t.Helper()
	all := fstest.MapFS{}
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		b, err := migrations.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: b}
	}
	maps.Copy(all, more)
	return all
}

func TestLateFailureLeavesNothingOfItsMigration(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	files := shipped(t, fstest.MapFS{"9000_late.sql": {Data: []byte(
		"-- +goose Up\nCREATE TABLE halfway (n int);\nINSERT INTO halfway VALUES (1);\nSELECT 1/0;\n")}})
	for range 2 { // and again: it stays as it is, without an operator's work
		if err := migrations.UpFrom(t.Context(), db.DB, files); pq.As(err, "22012") == nil {
			t.Fatalf("the failing migration: %v", err)
		}
		var there bool
		if err := db.GetContext(t.Context(), &there, `SELECT to_regclass('halfway') IS NOT NULL`); err != nil || there {
			t.Errorf("halfway is there: %v (%v)", there, err)
		}
	}
	if err := migrations.Check(t.Context(), db.DB); err != nil {
		t.Errorf("the migrations before it: %v", err)
	}
	files["9000_late.sql"].Data = []byte("-- +goose Up\nCREATE TABLE halfway (n int);\n")
	if err := migrations.UpFrom(t.Context(), db.DB, files); err != nil {
		t.Errorf("once it is right: %v", err)
	}
	if err := migrations.Check(t.Context(), db.DB); err != nil {
		t.Errorf("a newer schema than the program's: %v", err)
	}
}

func TestCheckRefusesAnOlderSchema(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	if err := migrations.Check(t.Context(), db.DB); err != nil {
		t.Fatalf("the newest schema, asked as the app: %v", err)
	}
	older := pgtest.Owner(t, db)
	if _, err := older.ExecContext(t.Context(),
		`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`); err != nil {
		t.Fatal(err)
	}
	if err := migrations.Check(t.Context(), db.DB); !errors.Is(err, migrations.ErrOlder) {
		t.Errorf("one migration short: %v", err)
	}
	if err := migrations.Check(t.Context(), pgtest.Empty(t).DB); !errors.Is(err, migrations.ErrOlder) {
		t.Errorf("an empty database: %v", err)
	}
}

func TestNumbersAreInOrderWithoutGaps(t *testing.T) {
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^\d{4}_[a-z_]+\.sql$`)
	var numbers []string
	for _, name := range names {
		if !form.MatchString(name) {
			t.Errorf("%s is not named like 0001_roles.sql", name)
		}
		numbers = append(numbers, name[:4])
	}
	slices.Sort(numbers)
	for i, n := range numbers {
		if n != fmt.Sprintf("%04d", i+1) {
			t.Errorf("number %04d is there twice or not at all: %v", i+1, names)
		}
	}
}

func TestAppRoleHasNoDDL(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	for _, q := range []string{
		`CREATE TABLE t (n int)`, `CREATE TEMPORARY TABLE t (n int)`, `CREATE SCHEMA s`,
		`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
		`ALTER TABLE jobs ADD COLUMN n int`, `DROP TABLE jobs`, `CREATE INDEX ON jobs (made_at)`,
		`DELETE FROM goose_db_version`, `UPDATE ledger SET amount = 1`, `TRUNCATE ledger`, `DELETE FROM audit`,
	} {
		if _, err := db.ExecContext(t.Context(), q); pq.As(err, "42501") == nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `SELECT monthly('persons', '2030-01-01', 1)`); pq.As(err, "P0001") == nil {
		t.Errorf("months of a table that has none: %v", err)
	}
	for range 2 { // a repeat does nothing
		if _, err := db.ExecContext(t.Context(), `SELECT monthly('events', '2030-01-01', 2)`); err != nil {
			t.Errorf("making months ahead: %v", err)
		}
	}
}

func TestAppRoleMayOnlyAddToWhatIsAppendOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.Open(t)
	var truncatable []string
	err := db.SelectContext(t.Context(), &truncatable, `
		SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
		AND has_table_privilege('motcua_app', oid, 'TRUNCATE')`)
	if err != nil || len(truncatable) > 0 {
		t.Errorf("the app may truncate %v (%v)", truncatable, err)
	}
	for _, table := range []string{"filings", "attachments", "events", "ledger", "receipts", "audit", "audit_seals", "revisions", "lookups"} {
		var rights string
		err := db.GetContext(t.Context(), &rights, `
			SELECT concat_ws(' ',
				CASE WHEN has_table_privilege('motcua_app', $1, 'INSERT') THEN 'insert' END,
				CASE WHEN has_any_column_privilege('motcua_app', $1, 'UPDATE') THEN 'update' END,
				CASE WHEN has_table_privilege('motcua_app', $1, 'DELETE') THEN 'delete' END)`, table)
		if err != nil || rights != "insert" {
			t.Errorf("%s: %q (%v)", table, rights, err)
		}
	}
}
