package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	t.Parallel()
	a, b := Open(t), Open(t)
	if _, err := a.ExecContext(t.Context(), `INSERT INTO jobs (kind, subject, due) VALUES ('a', 'b', now())`); err != nil {
		t.Fatal(err)
	}
	for db, want := range map[interface {
		Get(any, string, ...any) error
	}]string{a: "1 motcua_app", b: "0 motcua_app", Owner(t, a): "1 motcua_owner"} {
		var got string
		if err := db.Get(&got, `SELECT count(*) || ' ' || current_user FROM jobs`); err != nil || got != want {
			t.Errorf("%s, not %s (%v)", got, want, err)
		}
	}
}

func TestDatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("inner", func(t *testing.T) {
		name = nameOf(t, Open(t))
	})
	var there bool
	err := sharedFor(t).admin.QueryRowContext(t.Context(), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&there)
	if err != nil || there {
		t.Errorf("%s is there: %v (%v)", name, there, err)
	}
}

// helperEnv makes TestHelper a test process of its own, with shared servers in the folder
// it names, that stays until its input ends.
const helperEnv = "MOTCUA_PGTEST_HELPER"

func TestHelper(t *testing.T) {
	dir := os.Getenv(helperEnv)
	if dir == "" {
		t.Skip("only for TestProcessesShareOneServer")
	}
	root = func() (string, error) { return dir, nil }
	db := Open(t)
	var born string
	if err := db.Get(&born, `SELECT pg_postmaster_start_time()::text`); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("HELPER|%s|%s\n", sharedFor(t).Host, born)
	io.Copy(io.Discard, os.Stdin)
	var again string
	if err := db.Get(&again, `SELECT pg_postmaster_start_time()::text`); err != nil || again != born {
		t.Errorf("at the end: %s, %v", again, err)
	}
}

type helper struct {
	cmd  *exec.Cmd
	in   io.Closer
	out  io.Reader
	home string
	born string
}

// begin starts a test process; as root, one of a user that is not.
func begin(t *testing.T, dir string) *helper {
	t.Helper()
	h := &helper{cmd: exec.Command("/proc/self/exe", "-test.run=^TestHelper$")}
	h.cmd.Dir = "/"
	h.cmd.Env = append(os.Environ(), helperEnv+"="+dir)
	h.cmd.Stderr = os.Stderr
	if os.Geteuid() == 0 {
		const nobody = 65534
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		h.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	var err1, err2 error
	h.in, err1 = h.cmd.StdinPipe()
	h.out, err2 = h.cmd.StdoutPipe()
	if err := errors.Join(err1, err2, h.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.kill)
	return h
}

// ready waits until the helper has its database.
func (h *helper) ready(t *testing.T) *helper {
	t.Helper()
	lines := bufio.NewScanner(h.out)
	for lines.Scan() {
		if p := strings.Split(lines.Text(), "|"); p[0] == "HELPER" {
			h.home, h.born = filepath.Dir(p[1]), p[2]
			return h
		}
		t.Log(lines.Text())
	}
	t.Fatal("the helper said nothing")
	return nil
}

func (h *helper) kill() {
	h.cmd.Process.Kill()
	h.cmd.Wait()
}

// end lets the helper come to its end.
func (h *helper) end(t *testing.T) {
	t.Helper()
	h.in.Close()
	if err := h.cmd.Wait(); err != nil {
		t.Errorf("a helper: %v", err)
	}
}

// server is the process of the server, 0 when none runs.
func (h *helper) server() int {
	b, err := os.ReadFile(filepath.Join(h.home, "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil || syscall.Kill(pid, 0) != nil {
		return 0
	}
	return pid
}

// keeper is the server's parent.
func (h *helper) keeper(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.server()))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if parent, ok := strings.CutPrefix(line, "PPid:"); ok {
			pid, err := strconv.Atoi(strings.TrimSpace(parent))
			if err != nil || pid <= 1 {
				t.Fatalf("keeper %q", parent)
			}
			return pid
		}
	}
	t.Fatal("no parent")
	return 0
}

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

func TestProcessesShareOneServer(t *testing.T) {
	t.Parallel()
	dir := sharedFolder(t)
	first, second, third := begin(t, dir), begin(t, dir), begin(t, dir)
	for _, h := range []*helper{first, second, third} {
		if h.ready(t).born != first.born {
			t.Errorf("servers of %s and %s", first.born, h.born)
		}
	}
	first.kill() // perhaps the one that started it
	second.end(t)
	if third.server() == 0 {
		t.Error("the server ended under its last user")
	}
	third.end(t)
	eventually(t, "the last one ends the server", func() bool { return third.server() == 0 })

	// over a clean end the cluster is kept, over a killed keeper it is made anew
	next := begin(t, dir).ready(t)
	if err := syscall.Kill(next.keeper(t), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the keeper takes its server along", func() bool { return next.server() == 0 })
	next.kill()
	last := begin(t, dir).ready(t)
	last.end(t)
	eventually(t, "the last one ends the server", func() bool { return last.server() == 0 })
}

// sharedFolder is a root of shared servers that only this test uses.
func sharedFolder(t *testing.T) string {
	t.Helper()
	in, _ := memory()
	dir, err := os.MkdirTemp(in, "motcua-pgtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		all, _ := filepath.Glob(filepath.Join(dir, "*", keepingFile))
		for _, path := range all { // the last keeper is still writing down that its end was clean
			if f, err := lock(path, syscall.LOCK_EX); err == nil {
				f.Close()
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFilledOnce(t *testing.T) {
	t.Parallel()
	fills := 0
	fill := func(db *sqlx.DB) {
		fills++
		if _, err := db.ExecContext(t.Context(), `INSERT INTO jobs (kind, subject, due) VALUES ('a', 'b', now())`); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // what one test adds is not in the next one's
		var jobs int
		db := Filled(t, "one job", fill)
		if err := db.GetContext(t.Context(), &jobs, `SELECT count(*) FROM jobs`); err != nil || jobs != 1 {
			t.Errorf("%d jobs, %v", jobs, err)
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO jobs (kind, subject, due) VALUES ('a', 'c', now())`); err != nil {
			t.Fatal(err)
		}
	}
	if fills != 1 {
		t.Errorf("filled %d times", fills)
	}
}
