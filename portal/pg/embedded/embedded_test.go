package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lib/pq"
)

func TestClusterIsDurableAndChecked(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	db := open(t, s.Address, Super, "postgres")
	for setting, want := range map[string]string{
		"data_checksums": "on", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on",
		"listen_addresses": "", "password_encryption": "scram-sha-256", "server_encoding": "UTF8",
	} {
		if got := value(t, db, "SHOW "+setting); got != want {
			t.Errorf("%s is %q, not %q", setting, got, want)
		}
	}
	if got := value(t, db, `SELECT lower('ĐỞ Ự')`); got != "đở ự" {
		t.Errorf("lower case of Vietnamese letters is %q", got)
	}
}

func TestRolesHoldNoMoreThanTheyNeed(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	app := open(t, s.Address, App, "motcua")
	owner := open(t, s.Address, Owner, "motcua")
	exec1(t, owner, `CREATE TABLE kept (n int)`)
	for _, q := range []string{`CREATE TABLE t (n int)`, `CREATE TEMPORARY TABLE t (n int)`, `CREATE SCHEMA s`,
		`CREATE DATABASE d`, `CREATE ROLE r`, `SELECT * FROM kept`, `DROP TABLE kept`} {
		if _, err := app.ExecContext(t.Context(), q); pq.As(err, "42501") == nil {
			t.Errorf("the app role, %s: %v", q, err)
		}
	}
	for _, q := range []string{`CREATE DATABASE d`, `CREATE ROLE r`, `ALTER ROLE motcua_app SUPERUSER`} {
		if _, err := owner.ExecContext(t.Context(), q); pq.As(err, "42501") == nil {
			t.Errorf("the owner role, %s: %v", q, err)
		}
	}
	wrong := s.Address
	wrong.Passwords = map[string]string{App: "guess"}
	if err := open(t, wrong, App, "motcua").PingContext(t.Context()); pq.As(err, "28P01") == nil {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestSecondProgramIsRefusedAndHarmsNothing(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	db := open(t, s.Address, Owner, "motcua")
	before := value(t, db, `SELECT pg_postmaster_start_time()::text`)
	if _, err := Start(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrInUse) {
		t.Fatalf("the second start: %v", err)
	}
	if err := Remove(dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("removing under a live program: %v", err)
	}
	if after := value(t, db, `SELECT pg_postmaster_start_time()::text`); after != before {
		t.Errorf("the first server was started again: %s, %s", before, after)
	}
}

func TestStopIsCleanAndTheNextStartKeepsTheData(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	exec1(t, open(t, s.Address, Owner, "motcua"), `CREATE TABLE kept AS SELECT 7 AS n`)
	for range 2 { // a second Stop does nothing
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if log := logged(t, s); !strings.HasSuffix(log, "database system is shut down") {
		t.Errorf("not a clean end:\n%s", log)
	}
	s = start(t, dir)
	if n := value(t, open(t, s.Address, Owner, "motcua"), `SELECT n FROM kept`); n != "7" {
		t.Errorf("n is %s", n)
	}
}

func TestDataOfAnotherVersionAreNotTouched(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	version := filepath.Join(dir, "postgres", "data", "PG_VERSION")
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL 9") {
		t.Fatalf("start over data of version 9: %v", err)
	}
	if b, _ := os.ReadFile(version); string(b) != "9\n" {
		t.Errorf("the data were changed: %q", b)
	}
}

func TestOddAndLongFolders(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for name, host := range map[string]string{
		"Dữ liệu & co?": "", strings.Repeat("dài quá ", 12): "127.0.0.1", // too long for a socket
	} {
		t.Run(name, func(t *testing.T) {
			in := filepath.Join(dir, name)
			if err := os.Mkdir(in, 0o711); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(dir, "postgres"), filepath.Join(in, "postgres")); err != nil {
				t.Fatal(err)
			}
			s := start(t, in)
			if got := value(t, open(t, s.Address, App, "motcua"), `SELECT coalesce(host(inet_server_addr()), '')`); got != host {
				t.Errorf("connected to %q, not %q", got, host)
			}
			if err := s.Stop(); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(in, "postgres"), filepath.Join(dir, "postgres")); err != nil {
				t.Fatal(err)
			}
		})
	}
}
