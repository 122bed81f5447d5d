// Package blob keeps the bytes of attachments and papers: durable before it says so, under
// random names, never changed once written.
package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"motcua/locales"
	"motcua/portal/problem"
)

// A blob begins with a byte for the version of its form and one for the key it is
// encrypted with. Version 0, key 0 is plain content, all there is today.
const (
	version    = 0
	keyID      = 0
	headerSize = 2
)

const (
	tmpDir   = "tmp"
	tmpLife  = 24 * time.Hour // a file that is written for longer has lost its writer
	headSize = 512            // what telling a file's type needs
)

// Files keeps blobs in a folder, in two levels of folders by the first letters of their
// names. It never leaves its folder, whatever a name says.
type Files struct {
	root    *os.Root
	durable sync.Map // folders whose own entry is known to be on disk
}

// Info is what was written, of the plain content.
type Info struct {
	Name   string
	Size   int64
	SHA256 []byte
	Head   []byte // the first 512 bytes
}

// OpenFiles opens the folder, making it when it is not there, and clears away what killed
// programs left half written.
func OpenFiles(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the blob folder: %w", err)
	}
	f := &Files{root: root}
	if d, err := os.Open(filepath.Dir(dir)); err == nil { // closed to us, it is as durable as it was
		d.Sync()
		d.Close()
	}
	if err := f.clear(time.Now().Add(-tmpLife)); err != nil {
		root.Close()
		return nil, fmt.Errorf("open the blob folder: %w", err)
	}
	return f, nil
}

// Close gives the folder back.
func (f *Files) Close() error { return f.root.Close() }

// Put writes what r gives, at most max bytes, and returns when it is safe on disk. After a
// fault nothing is left; a TooLarge problem says that r gave more than max.
func (f *Files) Put(ctx context.Context, r io.Reader, max int64) (Info, error) {
	info, err := f.put(ctx, r, max)
	switch {
	case err == nil:
		return info, nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return Info{}, problem.Because(err, problem.Unavailable, "blob.full")
	}
	return Info{}, err
}

func (f *Files) put(ctx context.Context, r io.Reader, max int64) (info Info, err error) {
	info.Name = newName()
	tmp := path.Join(tmpDir, info.Name)
	w, err := f.root.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return Info{}, fmt.Errorf("write a blob: %w", err)
	}
	defer func() {
		if err != nil {
			w.Close()
			f.root.Remove(tmp)
		}
	}()
	if err := fill(ctx, w, r, max, &info); err != nil {
		return Info{}, err
	}
	if err := errors.Join(w.Sync(), w.Close()); err != nil {
		return Info{}, fmt.Errorf("write a blob: %w", err)
	}
	if err := f.place(tmp, info.Name); err != nil {
		return Info{}, fmt.Errorf("write a blob: %w", err)
	}
	return info, nil
}

// fill writes header and content, counting and hashing on the way.
func fill(ctx context.Context, w io.Writer, r io.Reader, max int64, info *Info) error {
	if _, err := w.Write([]byte{version, keyID}); err != nil {
		return fmt.Errorf("write a blob: %w", err)
	}
	h, head := sha256.New(), &head{}
	n, err := io.Copy(io.MultiWriter(w, h, head), io.LimitReader(&reader{ctx, r}, max+1))
	if err != nil {
		return fmt.Errorf("write a blob: %w", err)
	}
	if n > max {
		return problem.New(problem.TooLarge, "blob.too_large", locales.S("max", sizeText(max)))
	}
	info.Size, info.SHA256, info.Head = n, h.Sum(nil), head.b
	return nil
}

// place moves a finished file to its name, and makes the move itself durable.
func (f *Files) place(tmp, name string) error {
	to := place(name)
	if err := f.makeDirs(path.Dir(to)); err != nil {
		return err
	}
	if err := f.root.Rename(tmp, to); err != nil {
		return err
	}
	if err := f.syncDir(path.Dir(to)); err != nil {
		f.root.Remove(to)
		return err
	}
	return nil
}

// makeDirs makes the folders of a path. One is used only after its entry in the folder
// above was synced by this program: another may have made it just before a power cut.
func (f *Files) makeDirs(dir string) error {
	if _, ok := f.durable.Load(dir); ok || dir == "." {
		return nil
	}
	above := path.Dir(dir)
	if err := f.makeDirs(above); err != nil {
		return err
	}
	if err := f.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := f.syncDir(above); err != nil {
		return err
	}
	f.durable.Store(dir, nil)
	return nil
}

func (f *Files) syncDir(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// clear makes the folder for unfinished files and removes those from before an instant.
func (f *Files) clear(before time.Time) error {
	if err := f.makeDirs(tmpDir); err != nil {
		return err
	}
	all, err := fs.ReadDir(f.root.FS(), tmpDir)
	if err != nil {
		return err
	}
	for _, e := range all {
		info, err := e.Info()
		if err != nil || info.ModTime().After(before) {
			continue // finished just now, or still being written
		}
		if err := f.root.Remove(path.Join(tmpDir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// newName is random, so that it says nothing of the content and cannot be guessed.
func newName() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func place(name string) string { return path.Join(name[:2], name[2:4], name) }

// sizeText is a limit as people know it.
func sizeText(n int64) string {
	if n >= 1<<20 {
		return strconv.FormatInt(n>>20, 10) + " MB"
	}
	if n >= 1<<10 {
		return strconv.FormatInt(n>>10, 10) + " KB"
	}
	return strconv.FormatInt(n, 10) + " B"
}

// isName keeps strangers out of the folder's own files and out of paths.
func isName(name string) bool {
	return len(name) == 32 && strings.Trim(name, "0123456789abcdef") == ""
}

// reader ends when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// head keeps the first bytes of what passes.
type head struct{ b []byte }

func (h *head) Write(p []byte) (int, error) {
	h.b = append(h.b, p[:min(len(p), headSize-len(h.b))]...)
	return len(p), nil
}
