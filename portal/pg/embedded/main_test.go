package embedded

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// helperEnv makes the test program a program that runs a server and waits to be killed.
const helperEnv = "MOTCUA_EMBEDDED_HELPER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperEnv); dir != "" {
		if err := helper(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if err := Install(context.Background(), false); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(baseDir)
	os.Exit(code)
}

// helper runs a server, says where it is, and ends it when its input ends.
func helper(dir string) error {
	s, err := Start(context.Background(), Options{Dir: dir})
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(said{s.Address, s.PID(), s.Home}); err != nil {
		return err
	}
	io.Copy(io.Discard, os.Stdin)
	return s.Stop()
}

type said struct {
	Address Address
	PID     int
	Home    string
}

// startHelper starts a program with a server on dir, as uid when it is not 0, and waits
// for the server.
func startHelper(t *testing.T, dir string, uid uint32) (*exec.Cmd, said) {
	t.Helper()
	cmd, out := launchHelper(t, dir, uid)
	var s said
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &s)
	}
	if err != nil {
		t.Fatalf("the helper did not start: %v", err)
	}
	return cmd, s
}

func launchHelper(t *testing.T, dir string, uid uint32) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), helperEnv+"="+dir)
	cmd.Stderr = os.Stderr
	if uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		cmd.Dir = dir
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd, out
}

var baseDir string

// base is a stopped cluster that tests copy: making one takes longer than all they do.
var base = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp(place(), "motcua-embedded-")
	if err != nil {
		return "", err
	}
	baseDir = dir
	if err := os.Chmod(dir, 0o711); err != nil {
		return "", err
	}
	s, err := Start(context.Background(), Options{Dir: dir})
	if err != nil {
		return "", err
	}
	if err := s.Create(context.Background(), "motcua"); err != nil {
		return "", err
	}
	return dir, s.Stop()
})

// place is memory where there is room: a cluster is a thousand files.
func place() string {
	var fs syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &fs); err == nil && int64(fs.Bavail)*fs.Bsize > 2<<30 {
		return "/dev/shm"
	}
	return ""
}

// folder is a folder that the server's user may enter, with a cluster that has run before.
func folder(t *testing.T) string {
	t.Helper()
	from, err := base()
	if err != nil {
		t.Fatal(err)
	}
	dir := emptyFolder(t)
	if out, err := exec.Command("cp", "-a", filepath.Join(from, "postgres"), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

func emptyFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(place(), "motcua-embedded-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	return s
}

func open(t *testing.T, a Address, role, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", a.DSN(role, database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec1(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func value(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	var v string
	if err := db.QueryRowContext(t.Context(), query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// eventually looks until it is so; the test's own time limit ends a vain wait.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("never came: %s", what)
		}
	}
}

func logged(t *testing.T, s *Server) string {
	t.Helper()
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}
