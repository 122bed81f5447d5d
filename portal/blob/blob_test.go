package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"motcua/locales"
	"motcua/portal/blob"
	"motcua/portal/problem"
)

func newFiles(t *testing.T) (*blob.Files, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	f, err := blob.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, dir
}

// files are all files below the folder, finished or not.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestContentComesBackAsItWent(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	long := bytes.Repeat([]byte("một cửa "), 20_000)
	for _, content := range [][]byte{{}, {0}, []byte("short"), long} {
		info, err := f.Put(t.Context(), iotest.OneByteReader(bytes.NewReader(content)), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		if info.Size != int64(len(content)) || !bytes.Equal(info.SHA256, sum[:]) || !bytes.Equal(info.Head, content[:min(512, len(content))]) {
			t.Errorf("of %d bytes: size %d, head of %d", len(content), info.Size, len(info.Head))
		}
		r, size, err := f.Open(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) || size != int64(len(content)) {
			t.Errorf("read %d bytes, size %d (%v)", len(got), size, err)
		}
		if at, err := r.Seek(-int64(len(content)), io.SeekEnd); err != nil || at != 0 {
			t.Errorf("back to the beginning: %d (%v)", at, err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("read again %d bytes (%v)", len(got), err)
		}
		raw, err := os.ReadFile(filepath.Join(dir, info.Name[:2], info.Name[2:4], info.Name))
		if err != nil || !bytes.Equal(raw, append([]byte{0, 0}, content...)) {
			t.Errorf("on disk: %d bytes (%v)", len(raw), err)
		}
	}
}

func TestOverTheLimitNothingIsLeft(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	const max = 1 << 20
	_, err := f.Put(t.Context(), bytes.NewReader(make([]byte, max+1)), max)
	var p *problem.Error
	if !errors.As(err, &p) || p.Kind != problem.TooLarge {
		t.Fatalf("one byte over: %v", err)
	}
	if said, _ := locales.Say(locales.EN, p.Message); said != "The file is larger than 1 MB. Choose a smaller file, or scan it again at a lower resolution." {
		t.Error(said)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if _, err := f.Put(t.Context(), bytes.NewReader(make([]byte, max)), max); err != nil {
		t.Errorf("exactly the limit: %v", err)
	}
}

// endless gives bytes for ever: only counting while reading ends it.
type endless struct{ given int }

func (e *endless) Read(p []byte) (int, error) { e.given += len(p); return len(p), nil }

func TestEndlessStreamIsCutOff(t *testing.T) {
	t.Parallel()
	f, _ := newFiles(t)
	e := &endless{}
	if _, err := f.Put(t.Context(), e, 1000); !problem.Is(err, problem.TooLarge) {
		t.Fatal(err)
	}
	if e.given > 64<<10 {
		t.Errorf("%d bytes were read for a limit of 1000", e.given)
	}
}

func TestBrokenUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	cut := errors.New("the connection is gone")
	_, err := f.Put(t.Context(), io.MultiReader(bytes.NewReader(make([]byte, 9000)), iotest.ErrReader(cut)), 1<<20)
	if !errors.Is(err, cut) {
		t.Errorf("a broken stream: %v", err)
	}
	if _, err := f.Put(t.Context(), iotest.ErrReader(syscall.ENOSPC), 1<<20); !problem.Is(err, problem.Unavailable) {
		t.Errorf("a full disk: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Put(ctx, &endless{}, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that is over: %v", err)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestNamesNeverLeaveTheFolder(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	outside := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(outside, []byte("\x00\x00secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := f.Put(t.Context(), bytes.NewReader([]byte("x")), 10)
	if err != nil {
		t.Fatal(err)
	}
	place := filepath.Join(dir, info.Name[:2], info.Name[2:4], info.Name)
	if err := os.Remove(place); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, place); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "..", "../secret", "/etc/passwd", info.Name[:31] + "/", info.Name[:31] + "G", info.Name + "0", info.Name} {
		if r, _, err := f.Open(name); err == nil {
			r.Close()
			t.Errorf("%q was opened", name)
		}
	}
	if err := f.Remove("../secret"); err == nil {
		t.Error("a path was removed")
	}
}

func TestRemoveAndNames(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	before := time.Now().Add(-time.Minute)
	want := map[string]int64{}
	for i := range 5 {
		info, err := f.Put(t.Context(), bytes.NewReader(make([]byte, i)), 10)
		if err != nil {
			t.Fatal(err)
		}
		want[info.Name] = int64(i)
		if i == 4 {
			for range 2 { // the second time there is nothing to remove
				if err := f.Remove(info.Name); err != nil {
					t.Error(err)
				}
			}
			if _, _, err := f.Open(info.Name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("opened after its end: %v", err)
			}
			delete(want, info.Name)
		}
	}
	for _, strange := range []string{"README", filepath.Join("tmp", "0123456789abcdef0123456789abcdef")} {
		if err := os.WriteFile(filepath.Join(dir, strange), []byte("not ours"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]int64{}
	err := f.Names(t.Context(), func(name string, size int64, at time.Time) error {
		if at.Before(before) {
			t.Errorf("%s is from %s", name, at)
		}
		got[name] = size
		return nil
	})
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v, not %v (%v)", got, want, err)
	}
	for name, size := range want {
		if got[name] != size {
			t.Errorf("%s: %d, not %d", name, got[name], size)
		}
	}
	stop := errors.New("enough")
	if err := f.Names(t.Context(), func(string, int64, time.Time) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped: %v", err)
	}
}

func TestUnknownFormIsRefused(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	info, err := f.Put(t.Context(), bytes.NewReader([]byte("x")), 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range [][]byte{{1, 0, 'x'}, {0, 1, 'x'}, {0}, {}} {
		if err := os.WriteFile(filepath.Join(dir, info.Name[:2], info.Name[2:4], info.Name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := f.Open(info.Name); err == nil {
			t.Errorf("%v was opened", raw)
		}
	}
}

func TestOpenClearsWhatKilledProgramsLeft(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	kept, err := f.Put(t.Context(), bytes.NewReader([]byte("kept")), 10)
	if err != nil {
		t.Fatal(err)
	}
	old, fresh := filepath.Join(dir, "tmp", "old"), filepath.Join(dir, "tmp", "fresh")
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	again, err := blob.OpenFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the old one: %v", err)
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("one that another instance is writing: %v", err)
	}
	if r, _, err := again.Open(kept.Name); err != nil {
		t.Error(err)
	} else {
		r.Close()
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if _, err := f.Put(t.Context(), bytes.NewReader([]byte("the same")), 10); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if all := files(t, dir); len(all) != 40 {
		t.Errorf("%d files", len(all))
	}
}
