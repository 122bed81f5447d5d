package pgtest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"motcua/migrations"
	"motcua/portal/pg/embedded"
)

// keeperEnv marks a process as the keeper and names its folder.
const keeperEnv = "MOTCUA_TEST_KEEPER"

// A test process cannot know that it is the last one, nor can the first one outlive its
// own end: so the first one starts itself again as the keeper, which must turn aside
// before any test runs. It ends the server once nobody holds the users' lock.
func init() {
	if dir := os.Getenv(keeperEnv); dir != "" {
		os.Unsetenv(keeperEnv)
		if err := keep(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

func keep(dir string) error {
	keeping, err := lock(filepath.Join(dir, keepingFile), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return err
	}
	defer keeping.Close()
	s, err := start(dir)
	if err != nil {
		return errors.Join(err, publish(dir, faultFile, []byte(err.Error())))
	}
	defer s.Stop()
	b, err := json.Marshal(s.Address)
	if err != nil {
		return err
	}
	if err := publish(dir, addressFile, b); err != nil {
		return err
	}
	users, err := lock(filepath.Join(dir, usersFile), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer users.Close() // only now may the next one look for a keeper
	removeOld(filepath.Dir(dir), filepath.Base(dir))
	err = errors.Join(remove(dir, addressFile), s.Stop())
	if err == nil {
		err = publish(dir, cleanFile, nil)
	}
	return errors.Join(err, keeping.Close())
}

// start brings up the server with its template. A cluster that was not ended cleanly ran
// without fsync and is worth nothing.
func start(dir string) (*embedded.Server, error) {
	if _, err := os.Stat(filepath.Join(dir, cleanFile)); err != nil {
		if err := embedded.Remove(dir); err != nil {
			return nil, err
		}
	}
	if err := remove(dir, cleanFile); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	s, err := embedded.Start(ctx, embedded.Options{Dir: dir, NoFsync: true, Log: slog.Default()})
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, s); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// prepare drops what killed tests left and makes the template when it is not there.
func prepare(ctx context.Context, s *embedded.Server) error {
	admin, err := sql.Open("postgres", s.DSN(embedded.Super, "postgres"))
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := dropLeft(ctx, admin); err != nil {
		return err
	}
	var there bool
	err = admin.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, template).Scan(&there)
	if err != nil || there {
		return err
	}
	const making = "making_template"
	if err := s.Create(ctx, making); err != nil {
		return err
	}
	if err := migrate(ctx, s.DSN(embedded.Owner, making)); err != nil {
		return err
	}
	_, err = admin.ExecContext(ctx, `ALTER DATABASE `+making+` RENAME TO `+template)
	return err
}

func migrate(ctx context.Context, dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	return errors.Join(migrations.Up(ctx, db), db.Close())
}

func dropLeft(ctx context.Context, admin *sql.DB) error {
	for {
		var name string
		err := admin.QueryRowContext(ctx,
			`SELECT quote_ident(datname) FROM pg_database WHERE datname LIKE 'test\_%' OR datname = 'making_template' LIMIT 1`).Scan(&name)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := admin.ExecContext(ctx, `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			return err
		}
	}
}

// publish writes a file so that a reader sees all of it or none.
func publish(dir, name string, b []byte) error {
	tmp := filepath.Join(dir, name+".tmp")
	if err := os.WriteFile(tmp, b, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, filepath.Join(dir, name))
}

// removeOld deletes the servers of other migrations that nobody has used for hours.
func removeOld(root, mine string) {
	all, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range all {
		dir := filepath.Join(root, e.Name())
		info, err := os.Stat(dir) // its files come and go with each keeper
		if e.Name() == mine || err != nil || time.Since(info.ModTime()) < 4*time.Hour {
			continue
		}
		gate, err := lock(filepath.Join(dir, gateFile), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			continue // somebody has just come
		}
		if err := embedded.Remove(dir); err == nil {
			os.RemoveAll(dir)
		}
		gate.Close()
	}
}
