// Package embedded keeps a private PostgreSQL beside the program: it makes the cluster,
// starts the server, starts it again when it dies, and ends it with the program.
package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/lib/pq"
)

// The roles of every cluster. The superuser sets up; the portal never runs as it.
const (
	Super = "postgres"
	Owner = "motcua_owner"
	App   = "motcua_app"
)

// Options say where the cluster lies and how it runs.
type Options struct {
	Dir     string       // the cluster lies in Dir/postgres, or where Home says
	NoFsync bool         // for tests only: a power cut loses data
	Port    int          // also listen on 127.0.0.1:Port; without it on a Unix socket only
	Log     *slog.Logger // starts, restarts, leftovers
}

// Address is how a running server is reached: enough for another process to connect.
type Address struct {
	Host      string            `json:"host"` // a socket's folder or 127.0.0.1
	Port      int               `json:"port"`
	Passwords map[string]string `json:"passwords"` // by role
}

// DSN is the connection string of a role for a database.
func (a Address) DSN(role, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, a.Passwords[role]), Path: "/" + database}
	q := url.Values{"host": {a.Host}, "port": {strconv.Itoa(a.Port)}, "sslmode": {"disable"}}
	u.RawQuery = q.Encode()
	return u.String()
}

// Server is a running private PostgreSQL. When it dies while the program lives it is
// started again within a tenth of a second on the same address: callers see their
// connections break once, and the pool's next ones work.
type Server struct {
	Address
	Home string // where the cluster lies

	opts Options
	bin  string // folder of the PostgreSQL programs
	uid  serverUser
	lock *os.File
	log  *slog.Logger

	mu       sync.Mutex
	process  *os.Process
	stopping bool
	ready    bool          // it has answered once: from now on a death is answered by a restart
	stop     chan struct{} // closed by Stop
	done     chan struct{} // closed when the last life has ended
	err      error         // why, when it was not Stop; read after done
}

// Start brings up the cluster of o.Dir: makes it when new, stops what a killed program left
// running on it, starts the server and waits until it answers. It refuses a folder that
// another live program holds. ctx bounds the start only; Stop ends the server.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := prepare(o)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// prepare finds the programs, the place and the user, and takes the folder's lock.
func prepare(o Options) (*Server, error) {
	s := &Server{opts: o, log: o.Log, stop: make(chan struct{}), done: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := Missing(); err != nil {
		return nil, err
	}
	dir, err := absolute(o.Dir)
	if err != nil {
		return nil, err
	}
	h, err := findHome(dir)
	if err != nil {
		return nil, err
	}
	s.Home, s.uid, s.lock = h.path, h.user, h.lock
	if s.bin, err = programsFor(s.data()); err != nil {
		s.lock.Close()
		return nil, err
	}
	return s, nil
}

// begin brings a prepared server to where it answers and has its roles.
func (s *Server) begin(ctx context.Context) error {
	if err := s.setUp(ctx); err != nil {
		close(s.done) // there was no life to wait for
		return err
	}
	go s.keep()
	if err := s.answers(ctx); err != nil {
		return err
	}
	return s.roles(ctx)
}

// setUp is everything before the first life.
func (s *Server) setUp(ctx context.Context) error {
	if err := s.tidy(); err != nil {
		return err
	}
	if err := s.passwords(); err != nil {
		return err
	}
	if err := s.initialise(ctx); err != nil {
		return err
	}
	return s.listenOn()
}

// Stop ends the server cleanly and releases the folder. A second call does nothing.
func (s *Server) Stop() error {
	s.mu.Lock()
	if !s.stopping {
		s.stopping = true
		close(s.stop)
	}
	p := s.process
	s.mu.Unlock()
	err := s.end(p)
	s.lock.Close()
	return err
}

// PID is the process of the server that runs now.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.Pid
}

// Create makes a database owned by the owner role, open to the app role and to nobody
// else. One that is there already stays as it is.
func (s *Server) Create(ctx context.Context, database string) error {
	db, err := sql.Open("postgres", s.DSN(Super, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	var there bool
	if err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database).Scan(&there); err != nil {
		return fmt.Errorf("look for database %s: %w", database, err)
	}
	name := pq.QuoteIdentifier(database)
	var statements []string
	if !there {
		statements = append(statements, `CREATE DATABASE `+name+` OWNER `+Owner)
	}
	// PUBLIC could connect and make temporary tables: the app role holds no DDL at all
	statements = append(statements,
		`REVOKE ALL ON DATABASE `+name+` FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE `+name+` TO `+App)
	for _, q := range statements {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("create database %s: %w", database, err)
		}
	}
	return nil
}

// roles makes the two roles of the portal and gives them the passwords of the files.
func (s *Server) roles(ctx context.Context) error {
	db, err := sql.Open("postgres", s.DSN(Super, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for _, role := range []string{Owner, App} {
		_, err := db.ExecContext(ctx, `CREATE ROLE `+role)
		if err != nil && pq.As(err, "42710") == nil { // duplicate_object: from an earlier start
			return fmt.Errorf("create role %s: %w", role, err)
		}
		_, err = db.ExecContext(ctx, `ALTER ROLE `+role+
			` LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD `+pq.QuoteLiteral(s.Passwords[role]))
		if err != nil {
			return fmt.Errorf("set up role %s: %w", role, err)
		}
	}
	return nil
}

// answers waits until the server takes a connection, however long its recovery is, as
// long as it lives and ctx does.
func (s *Server) answers(ctx context.Context) error {
	db, err := sql.Open("postgres", s.DSN(Super, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			s.mu.Lock()
			s.ready = true
			s.mu.Unlock()
			return nil
		}
		if pq.As(err, "28P01", "28000") != nil { // a password or role that is not the cluster's
			return fmt.Errorf("the password files in %s do not fit the cluster: %w", s.Home, err)
		}
		select {
		case <-s.done:
			return errors.Join(errors.New("PostgreSQL did not start"), s.err)
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer yet: %w (%w)", ctx.Err(), err)
		case <-tick.C:
		}
	}
}

func (s *Server) data() string    { return filepath.Join(s.Home, "data") }
func (s *Server) logFile() string { return filepath.Join(s.Home, "server.log") }
