package catalogue

import (
	"io/fs"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"motcua/assets"
	"motcua/locales"
	"motcua/portal/pg/pgtest"
)

var morning = time.Date(2026, 11, 20, 9, 0, 0, 0, locales.ICT)

// clock is a service's time, which tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.t = c.t.Add(d) }

func newService(t *testing.T) (*Service, *clock) {
	t.Helper()
	c := &clock{t: morning}
	return &Service{DB: pgtest.Open(t), Now: c.now}, c
}

// small is a catalogue of three rows; a test changes its files as it needs.
func small() fstest.MapFS {
	return fstest.MapFS{
		fieldsFile: {Data: []byte(`{"offices": {"commune": {"vi": "Ủy ban nhân dân cấp xã"}, "X01.02": {"vi": "Sở Mẫu"}},
			"free": {"amount": 0, "unit": {"vi": "đồng"}},
			"fields": [{"code": "ho-tich", "name": {"vi": "Hộ tịch"}, "agency": "X01.02"}]}`)},
		informationFile: {Data: []byte(`{"procedures": [
			{"code": "9.000001", "name": {"vi": "Đăng ký giám hộ"}, "field": "ho-tich", "tier": "commune", "audience": ["citizen"], "level": 4, "deadline": {"amount": 3, "unit": "working_day"}},
			{"code": "9.000002", "name": {"vi": "Chấm dứt giám hộ"}, "field": "ho-tich", "tier": "commune", "audience": ["citizen"], "level": 2, "deadline": {"amount": 2, "unit": "working_day"}},
			{"code": "9.000003", "name": {"vi": "Cấp phép mẫu"}, "field": "ho-tich", "tier": "province", "audience": ["business"], "level": 3, "deadline": {"amount": 5, "unit": "day"}, "fee": {"vi": "10.000 đồng/lần"}}
		]}`)},
	}
}

// replace changes a text in a file of a catalogue.
func replace(t *testing.T, f fstest.MapFS, file, from, to string) {
	t.Helper()
	s := string(f[file].Data)
	if !strings.Contains(s, from) {
		t.Fatalf("%s has no %q", file, from)
	}
	f[file] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(s, from, to))}
}

func imported(t *testing.T, s *Service, fsys fs.FS) Report {
	t.Helper()
	r, err := s.Import(t.Context(), fsys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func revisions(t *testing.T, s *Service) int {
	t.Helper()
	var n int
	if err := s.DB.Get(&n, `SELECT count(*) FROM revisions`); err != nil {
		t.Fatal(err)
	}
	return n
}

// fullFolder is three of the shipped procedures that have folders of their own, to be changed.
func fullFolder(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, want := range []string{fieldsFile, paperTypesFile, presetsDir, "procedures/2.000635", "procedures/1.001193", "procedures/2.000033"} {
		err := fs.WalkDir(assets.Catalogue(), want, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(assets.Catalogue(), name)
			out[name] = &fstest.MapFile{Data: b}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
