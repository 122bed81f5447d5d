package agency

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/assets"
)

// TestNoProvinceInTheProgram keeps a province from being more than configuration: no Go
// file, template or script may name one that ships as a pack.
func TestNoProvinceInTheProgram(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, name := range assets.Provinces() {
		folder, err := assets.Province(name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ReadPack(folder)
		if err != nil {
			t.Fatal(err)
		}
		names[bare(name)] = true
		_, own, _ := strings.Cut(p.Province.Name.VI, " ") // "Tỉnh …", "Thành phố …"
		names[bare(own)] = true
	}
	looked := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case d.IsDir() && (name == "testdata" || len(name) > 2 && name[0] == '.'):
			return fs.SkipDir
		case d.IsDir() || !program(name):
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		for no, line := range strings.Split(string(b), "\n") {
			for name := range names {
				if strings.Contains(bare(line), name) {
					t.Errorf("%s:%d names a province", path, no+1)
				}
			}
		}
		return nil
	})
	if err != nil || looked < 10 || len(names) == 0 {
		t.Fatalf("looked at %d files for %d names: %v", looked, len(names), err)
	}
}

func program(name string) bool {
	switch filepath.Ext(name) {
	case ".go", ".html", ".js", ".css":
		return true
	}
	return false
}

// bare is a text without marks, spaces and signs: every way to write a name is one.
func bare(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case unicode.IsLetter(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}
