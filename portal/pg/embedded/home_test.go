package embedded

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWithoutRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the other tests run without root already")
	}
	const nobody = 65534
	dir := emptyFolder(t)
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	cmd, s := startHelper(t, dir, nobody)
	if s.Home != filepath.Join(dir, "postgres") {
		t.Errorf("the cluster lies in %s", s.Home)
	}
	info, err := os.Stat(filepath.Join(s.Home, "data"))
	if err != nil {
		t.Fatal(err)
	}
	if uid := info.Sys().(*syscall.Stat_t).Uid; uid != nobody {
		t.Errorf("the data belong to %d", uid)
	}
	if got := value(t, open(t, s.Address, App, "postgres"), `SELECT current_user`); got != App {
		t.Error(got)
	}
	cmd.Process.Kill()
	cmd.Wait()

	// root carries on with what a user began, as that user
	again := start(t, dir)
	if again.Home != s.Home || again.uid.uid != nobody {
		t.Errorf("root runs it in %s as %d", again.Home, again.uid.uid)
	}
}

func TestClosedFolder(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root runs the server as somebody else")
	}
	dir := filepath.Join(t.TempDir(), "data") // the folder above is closed to all but us
	t.Cleanup(func() {
		all, _ := filepath.Glob(elsewhere(dir) + "*")
		for _, path := range all {
			os.RemoveAll(path)
		}
	})
	s, err := Start(t.Context(), Options{Dir: dir, NoFsync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if !strings.HasPrefix(s.Home, "/var/lib/motcua-") {
		t.Fatalf("the cluster lies in %s", s.Home)
	}
	exec1(t, open(t, s.Address, Super, "postgres"), `CREATE DATABASE first`)
	s.Stop()

	// the same folder finds it again
	s = start(t, dir)
	db := open(t, s.Address, Super, "postgres")
	const firsts = `SELECT count(*)::text FROM pg_database WHERE datname = 'first'`
	if n := value(t, db, firsts); n != "1" {
		t.Errorf("%s databases after a second start", n)
	}
	s.Stop()

	// a folder that was emptied by hand does not, and what it had is kept
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	if n := value(t, open(t, s.Address, Super, "postgres"), firsts); n != "0" {
		t.Errorf("%s databases in an emptied folder", n)
	}
	aside, _ := filepath.Glob(s.Home + ".of-*/data/PG_VERSION")
	if len(aside) != 1 {
		t.Errorf("put aside: %v", aside)
	}
	s.Stop()
	if err := Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Home); !os.IsNotExist(err) {
		t.Errorf("still there after Remove: %v", err)
	}
}
