package pgtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"motcua/migrations"
	"motcua/portal/pg/embedded"
)

// The files of the shared folder. gate is held alone while somebody sees to it that there
// is a keeper; users is held by every test process as long as it lives, and by the keeper
// alone when it ends the server; keeping is held by the keeper.
const (
	gateFile    = "gate"
	usersFile   = "users"
	keepingFile = "keeping"
	addressFile = "address.json"
	faultFile   = "fault"
	cleanFile   = "clean" // the last keeper ended the server; without it the cluster is made anew
)

// held keeps the files of the locks from being closed by the garbage collector.
var held []*os.File

// join finds the shared server, starting its keeper when there is none.
func join(ctx context.Context) (embedded.Address, error) {
	if err := embedded.Install(ctx, false); err != nil {
		return embedded.Address{}, err
	}
	dir, err := folder()
	if err != nil {
		return embedded.Address{}, err
	}
	gate, err := lock(filepath.Join(dir, gateFile), syscall.LOCK_EX)
	if err != nil {
		return embedded.Address{}, err
	}
	defer gate.Close()
	// waits for a keeper that is just ending the server
	users, err := lock(filepath.Join(dir, usersFile), syscall.LOCK_SH)
	if err != nil {
		return embedded.Address{}, err
	}
	held = append(held, users)
	return findOrStart(ctx, dir)
}

func findOrStart(ctx context.Context, dir string) (embedded.Address, error) {
	gone := make(chan struct{})
	keeping, err := lock(filepath.Join(dir, keepingFile), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK): // there is one
	case err != nil:
		return embedded.Address{}, err
	default:
		// what a killed keeper left must not be taken for news of the next one
		err := errors.Join(remove(dir, addressFile), remove(dir, faultFile), keeping.Close())
		if err != nil {
			return embedded.Address{}, err
		}
		if gone, err = startKeeper(dir); err != nil {
			return embedded.Address{}, err
		}
	}
	return awaitAddress(ctx, dir, gone)
}

// startKeeper runs this very test program as the keeper, in a session of its own: it
// outlives the process that happened to be first.
func startKeeper(dir string) (chan struct{}, error) {
	out, err := os.OpenFile(filepath.Join(dir, "keeper.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command("/proc/self/exe") // go test may have removed the file meanwhile
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), keeperEnv+"="+dir)
	cmd.Stdout, cmd.Stderr = out, out // never the test's own: go test would wait for it
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the keeper: %w", err)
	}
	gone := make(chan struct{})
	go func() {
		cmd.Wait()
		close(gone)
	}()
	return gone, nil
}

// awaitAddress reads where the keeper's server is, or why there is none.
func awaitAddress(ctx context.Context, dir string, gone chan struct{}) (embedded.Address, error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		b, err := os.ReadFile(filepath.Join(dir, addressFile))
		if err == nil {
			var a embedded.Address
			return a, json.Unmarshal(b, &a)
		}
		if b, err := os.ReadFile(filepath.Join(dir, faultFile)); err == nil {
			return embedded.Address{}, errors.New(string(b))
		}
		select {
		case <-gone:
			return embedded.Address{}, fmt.Errorf("the keeper of the test server ended: see %s", filepath.Join(dir, "keeper.log"))
		case <-ctx.Done():
			return embedded.Address{}, fmt.Errorf("the keeper of the test server says nothing: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// folder is the shared folder, for this user, these migrations and this PostgreSQL.
func folder() (string, error) {
	root, err := root()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, fmt.Sprintf("%s-%d", migrations.Hash(), embedded.Newest()))
	return dir, os.MkdirAll(dir, 0o711)
}

// root is the user's folder for shared servers; a test of this package takes another.
var root = func() (string, error) {
	if dir, ok := memory(); ok {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil { // a user without a home
		cache = filepath.Join(os.TempDir(), "cache-"+strconv.Itoa(os.Getuid()))
	}
	return filepath.Join(cache, "motcua-tests"), nil
}

// memory is a folder in memory, where there is one with room. Making a database makes
// hundreds of files: 50 ms there, ten times that on some disks.
func memory() (string, bool) {
	const shm, tmpfs, room = "/dev/shm", 0x01021994, 2 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shm, &fs); err != nil || fs.Type != tmpfs || int64(fs.Bavail)*fs.Bsize < room {
		return "", false
	}
	dir := filepath.Join(shm, "motcua-tests-"+strconv.Itoa(os.Getuid()))
	if err := os.Mkdir(dir, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", false
	}
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return "", false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	// everybody may write to /dev/shm: a folder that somebody else made under our name is not ours
	return dir, ok && int(owner.Uid) == os.Getuid()
}

// lock opens and locks a file; closing it gives the lock back.
func lock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
	}
}

func remove(dir, name string) error {
	err := os.Remove(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
