package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"
)

// Open gives the plain content and its size. A name that is not there is an error of ours,
// fs.ErrNotExist: names come from rows, and a row's bytes are there.
func (f *Files) Open(name string) (io.ReadSeekCloser, int64, error) {
	if !isName(name) {
		return nil, 0, fmt.Errorf("blob %q: %w", name, fs.ErrNotExist)
	}
	file, err := f.root.Open(place(name))
	if err != nil {
		return nil, 0, fmt.Errorf("blob %s: %w", name, err)
	}
	size, err := plainSize(file)
	if err != nil {
		file.Close()
		return nil, 0, fmt.Errorf("blob %s: %w", name, err)
	}
	return &content{io.NewSectionReader(file, headerSize, size), file}, size, nil
}

// plainSize reads the header and is the size of what comes after it.
func plainSize(file *os.File) (int64, error) {
	var b [headerSize]byte
	if _, err := file.ReadAt(b[:], 0); err != nil {
		return 0, fmt.Errorf("read the header: %w", err)
	}
	if b[0] != version || b[1] != keyID {
		return 0, fmt.Errorf("version %d with key %d is not known here", b[0], b[1])
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size() - headerSize, nil
}

type content struct {
	*io.SectionReader
	file *os.File
}

func (c *content) Close() error { return c.file.Close() }

// Remove takes a blob away. One that is not there is no fault, so a sweep can be repeated.
func (f *Files) Remove(name string) error {
	if !isName(name) {
		return fmt.Errorf("blob %q: %w", name, fs.ErrInvalid)
	}
	if err := f.root.Remove(place(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove blob %s: %w", name, err)
	}
	return nil
}

// Names tells of every finished blob: its name, the size of its content and when it was
// written.
func (f *Files) Names(ctx context.Context, yield func(name string, size int64, at time.Time) error) error {
	return fs.WalkDir(f.root.FS(), ".", func(at string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.IsDir() {
			if at == tmpDir {
				return fs.SkipDir
			}
			return nil
		}
		if name := path.Base(at); !isName(name) || at != place(name) {
			return nil // not ours
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed while we looked
		}
		if err != nil {
			return err
		}
		return yield(path.Base(at), info.Size()-headerSize, info.ModTime())
	})
}
