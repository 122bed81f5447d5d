package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestKilledProgramTakesItsServerAlongAndLosesNothing(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd, s := startHelper(t, dir, 0)
	exec1(t, open(t, s.Address, Owner, "motcua"), `CREATE TABLE kept AS SELECT 7 AS n`)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(s.Home, "data")
	eventually(t, "the server ends with its program", func() bool { return whatIs(s.PID, data) != ours })
	again := start(t, dir)
	if n := value(t, open(t, again.Address, Owner, "motcua"), `SELECT n FROM kept`); n != "7" {
		t.Errorf("n is %s", n)
	}
	if log := logged(t, again); strings.Contains(log, "not properly shut down") {
		t.Errorf("the death signal was no clean end:\n%s", log)
	}
}

func TestProgramAndServerKilledAtOnce(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd, s := startHelper(t, dir, 0)
	exec1(t, open(t, s.Address, Owner, "motcua"), `CREATE TABLE kept AS SELECT 7 AS n`)
	kill(t, s.PID)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	again := start(t, dir)
	if n := value(t, open(t, again.Address, Owner, "motcua"), `SELECT n FROM kept`); n != "7" {
		t.Errorf("n is %s", n)
	}
}

func TestKilledWhileMakingTheCluster(t *testing.T) {
	t.Parallel()
	dir := emptyFolder(t)
	cmd, _ := launchHelper(t, dir, 0)
	half := filepath.Join(dir, "postgres", "data.tmp")
	eventually(t, "the cluster is being made", func() bool {
		_, err := os.Stat(filepath.Join(half, "global"))
		return err == nil
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	s := start(t, dir)
	if _, err := os.Stat(half); !os.IsNotExist(err) {
		t.Errorf("the half is still there: %v", err)
	}
	if got := value(t, open(t, s.Address, App, "postgres"), `SELECT current_user`); got != App {
		t.Error(got)
	}
}

func TestKilledServerIsStartedAgainOnTheSameAddress(t *testing.T) {
	t.Parallel()
	s := start(t, folder(t))
	db := open(t, s.Address, Owner, "motcua")
	exec1(t, db, `CREATE TABLE kept AS SELECT 7 AS n`)
	for range 2 {
		pid := s.PID()
		kill(t, pid)
		eventually(t, "another server runs", func() bool { return s.PID() != 0 && s.PID() != pid })
		eventually(t, "the pool recovers", func() bool {
			var n int
			err := db.QueryRowContext(t.Context(), `SELECT n FROM kept`).Scan(&n)
			return err == nil && n == 7
		})
	}
}

func TestOrphanIsEnded(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	// a server of this folder that nobody's death signal reaches
	s, err := prepare(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.setUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(dir, "orphan.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := s.command(out)
	cmd.SysProcAttr.Pdeathsig = 0
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	reaped := make(chan struct{})
	go func() { cmd.Wait(); close(reaped) }()
	db := open(t, s.Address, Owner, "motcua")
	eventually(t, "the orphan answers", func() bool { return db.PingContext(t.Context()) == nil })
	s.lock.Close() // its program is gone

	again := start(t, dir)
	<-reaped
	if again.PID() == cmd.Process.Pid {
		t.Error("the orphan was not replaced")
	}
	if b, _ := os.ReadFile(out.Name()); !strings.Contains(string(b), "fast shutdown") {
		t.Errorf("the orphan was not asked to end:\n%s", b)
	}
}

// A pid file of a zombie that nobody reaps, and of a stranger that got the number: over
// both PostgreSQL itself would refuse to start for ever.
func TestStaleLockFileIsRemoved(t *testing.T) {
	t.Parallel()
	u, err := whom()
	if err != nil {
		t.Fatal(err)
	}
	stale := map[string]func(t *testing.T) int{
		"zombie": func(t *testing.T) int {
			cmd := command(u, "true")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Wait() })
			eventually(t, "it is a zombie", func() bool { return whatIs(cmd.Process.Pid, "/nowhere") == stranger })
			return cmd.Process.Pid
		},
		"stranger": func(t *testing.T) int {
			cmd := command(u, "sleep", "600")
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
			return cmd.Process.Pid
		},
		"gone": func(t *testing.T) int {
			cmd := command(u, "true")
			if err := cmd.Run(); err != nil {
				t.Fatal(err)
			}
			return cmd.Process.Pid
		},
	}
	dir := folder(t)
	data := filepath.Join(dir, "postgres", "data")
	file := filepath.Join(data, "postmaster.pid")
	for name, make := range stale {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprintf("%d\n%s\n1790000000\n5432\n\n\n", make(t), data)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := u.give(file); err != nil {
				t.Fatal(err)
			}
			s := start(t, dir)
			if got := value(t, open(t, s.Address, App, "motcua"), `SELECT '1'`); got != "1" {
				t.Error(got)
			}
		})
	}
}

func command(u serverUser, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: u.credential()}
	return cmd
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if pid <= 1 { // 0 would be ourselves and all that we started
		t.Fatalf("no process %d", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
