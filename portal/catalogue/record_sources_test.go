package catalogue

import (
	"encoding/json"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"motcua/assets"
	"motcua/eforms"
	"motcua/portal/registry"
)

// TestEverySourceFillsAShippedForm: each register that the portal can ask has a form that
// it fills, and a recorded run that shows it.
func TestEverySourceFillsAShippedForm(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(assets.Catalogue(), path.Join(proceduresDir, "*", recordingsDir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, name := range files {
		var rec eforms.Recording
		b, err := fs.ReadFile(assets.Catalogue(), name)
		if err == nil {
			err = json.Unmarshal(b, &rec)
		}
		if err != nil {
			t.Fatal(err)
		}
		form, err := fs.ReadFile(assets.Catalogue(), path.Join(path.Dir(path.Dir(name)), "form.json"))
		if err != nil {
			t.Fatal(err)
		}
		for fact := range rec.Facts {
			if source := eforms.SourceOf(fact); strings.Contains(string(form), `"`+source) {
				shown[source] = true
			}
		}
	}
	for source := range registry.Sources {
		if !shown[source] {
			t.Errorf("no recorded run of a form that takes anything from %s (of %d files)", source, len(files))
		}
	}
	if !slices.Contains(files, path.Join(proceduresDir, "1.001193", recordingsDir, "in_time-married.json")) {
		t.Error("files are not read")
	}
}
