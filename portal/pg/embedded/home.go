package embedded

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// stateDir takes the clusters whose own folder is closed to the server's user.
const stateDir = "/var/lib"

// ErrInUse is the fault of a folder that another live program holds.
var ErrInUse = errors.New("another program runs its PostgreSQL in this folder")

// serverUser is whom the server runs as: PostgreSQL refuses to be root.
type serverUser struct {
	uid, gid int
	switched bool // we are root and start it as this user
}

func (u serverUser) credential() *syscall.Credential {
	if !u.switched {
		return nil
	}
	return &syscall.Credential{Uid: uint32(u.uid), Gid: uint32(u.gid)}
}

// give hands a file or folder to the server's user.
func (u serverUser) give(path string) error {
	if !u.switched {
		return nil
	}
	return os.Chown(path, u.uid, u.gid)
}

type home struct {
	path string
	user serverUser
	lock *os.File
}

// absolute makes the folder and resolves it, so that one folder has one name.
func absolute(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// findHome is the folder of dir's cluster, with its lock taken.
func findHome(dir string) (home, error) {
	u, err := whom()
	if err != nil {
		return home{}, err
	}
	own := filepath.Join(dir, "postgres")
	if u, err = u.ofData(filepath.Join(own, "data")); err != nil {
		return home{}, err
	}
	if !u.switched || u.canEnter(dir) {
		return lockHome(own, u)
	}
	h, err := lockHome(elsewhere(dir), u)
	if err != nil {
		return home{}, err
	}
	return h.matched(dir)
}

// elsewhere is where the cluster of a closed folder lies.
func elsewhere(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(stateDir, "motcua-"+hex.EncodeToString(sum[:8]))
}

// whom is the user that the server runs as.
func whom() (serverUser, error) {
	if os.Geteuid() != 0 {
		return serverUser{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 == nil && err2 == nil && uid != 0 {
			return serverUser{uid: uid, gid: gid, switched: true}, nil
		}
	}
	return serverUser{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
}

// canEnter tries it, as permissions are more than mode bits.
func (u serverUser) canEnter(dir string) bool {
	cmd := exec.Command("/bin/true")
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: u.credential()}
	return !errors.Is(cmd.Run(), fs.ErrPermission)
}

// lockHome makes the folder and takes its lock, before anything in it is looked at:
// without the lock a second program would clean up the first one's live server.
func lockHome(path string, u serverUser) (home, error) {
	if err := os.MkdirAll(path, 0o711); err != nil {
		return home{}, err
	}
	if err := os.Chmod(path, 0o711); err != nil { // whatever the umask
		return home{}, err
	}
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return home{}, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return home{}, fmt.Errorf("%w: %s", ErrInUse, path)
		}
		return home{}, fmt.Errorf("lock %s: %w", path, err)
	}
	u, err = u.ofData(filepath.Join(path, "data"))
	if err != nil {
		f.Close()
		return home{}, err
	}
	return home{path: path, user: u, lock: f}, nil
}

// ofData is the user that owns an existing cluster: once made as nobody, always nobody.
func (u serverUser) ofData(data string) (serverUser, error) {
	info, err := os.Stat(data)
	if errors.Is(err, fs.ErrNotExist) {
		return u, nil
	}
	if err != nil {
		return u, err
	}
	st := info.Sys().(*syscall.Stat_t)
	if u.switched && st.Uid != 0 {
		u.uid, u.gid = int(st.Uid), int(st.Gid)
	}
	if int(st.Uid) != u.uid {
		return u, fmt.Errorf("%s belongs to another user (%d): run as that user, or choose another folder", data, st.Uid)
	}
	return u, nil
}

// matched sees to it that a folder that was emptied by hand does not find its old cluster
// again: both places carry the same mark, and a cluster whose mark is gone from the folder
// is put aside, never deleted.
func (h home) matched(dir string) (home, error) {
	here, there := filepath.Join(dir, "postgres.id"), filepath.Join(h.path, "id")
	mark, err := os.ReadFile(there)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return h, err
	}
	theirs, err := os.ReadFile(here)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return h, err
	}
	_, err = os.Stat(filepath.Join(h.path, "data"))
	if err == nil && string(mark) != string(theirs) {
		if h, err = h.putAside(strings.TrimSpace(string(mark))); err != nil {
			return h, err
		}
		mark = nil
	}
	if len(mark) == 0 {
		mark = []byte(rand.Text() + "\n")
		if err := writeDurably(there, mark); err != nil {
			return h, err
		}
	}
	return h, writeDurably(here, mark)
}

func (h home) putAside(mark string) (home, error) {
	if err := stopLeftover(filepath.Join(h.path, "data"), nil); err != nil {
		return h, err
	}
	aside := h.path + ".of-" + mark
	if err := os.Rename(h.path, aside); err != nil {
		return h, fmt.Errorf("put the cluster of an emptied folder aside: %w", err)
	}
	h.lock.Close()
	u, err := whom()
	if err != nil {
		return h, err
	}
	return lockHome(h.path, u)
}

// writeDurably replaces a small file so that it is there whole after a power cut.
func writeDurably(path string, b []byte) error {
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return errors.Join(os.Rename(path+".tmp", path), syncDir(filepath.Dir(path)))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Remove deletes the cluster of dir. It refuses while a program runs it.
func Remove(dir string) error {
	dir, err := absolute(dir)
	if err != nil {
		return err
	}
	h, err := findHome(dir)
	if err != nil {
		return err
	}
	defer h.lock.Close()
	if err := stopLeftover(filepath.Join(h.path, "data"), nil); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(h.path), os.RemoveAll(filepath.Join(dir, "postgres.id")))
}
