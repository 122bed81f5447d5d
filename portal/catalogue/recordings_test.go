package catalogue

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"motcua/assets"
	"motcua/eforms"
)

var update = flag.Bool("update", false, `write "expect" of the shipped recordings anew`)

// TestRecordings replays every recorded run of the shipped forms, and wants one for each
// case that a form tells apart, or at least one.
func TestRecordings(t *testing.T) {
	t.Parallel()
	dirs, err := fs.ReadDir(assets.Catalogue(), proceduresDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			testRecordings(t, path.Join(proceduresDir, d.Name()))
		})
	}
}

func testRecordings(t *testing.T, dir string) {
	f := &folder{}
	var err error
	if f.presets, f.faults, err = Presets(assets.Catalogue()); err != nil {
		t.Fatal(err)
	}
	c := check{dir, &f.faults}
	raw, err := c.files(assets.Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	r, _ := f.assemble(c, raw)
	for _, fault := range f.faults {
		t.Error(fault)
	}
	if r.Form == nil {
		return
	}
	covered := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(r.Recordings)) {
		seen, differences, err := r.Replay(r.Recordings[id])
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		covered[seen.Case] = covered[seen.Case] || seen.End == ""
		if seen.End == "" && !strings.HasPrefix(id, seen.Case) {
			t.Errorf("%s comes to case %s: call it by that", id, seen.Case)
		}
		name := path.Join(recordingsDir, id+".json")
		if *update {
			rewrite(t, filepath.Join("../../assets/catalogue", dir, name), raw[name], seen)
		}
		for _, d := range differences {
			if !*update || !strings.HasPrefix(d.Place, "/expect/") {
				t.Errorf("%s %s", name, d)
			}
		}
	}
	for _, of := range r.Form.Cases {
		if !covered[of.ID] {
			t.Errorf("no recording of case %s: tests/%s.json", of.ID, of.ID)
		}
	}
	if len(covered) == 0 {
		t.Error("no recording: tests/usual.json")
	}
}

// rewrite puts what was seen into a recording's file and leaves the rest as it is written.
func rewrite(t *testing.T, file string, raw []byte, seen eforms.Expect) {
	t.Helper()
	expect := &bytes.Buffer{}
	e := json.NewEncoder(expect)
	e.SetEscapeHTML(false)
	e.SetIndent("  ", "  ")
	if err := e.Encode(seen); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	out.WriteString("{\n")
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		if name != "expect" {
			out.WriteString(`  "` + name.(string) + `": ` + string(v) + ",\n")
		}
	}
	out.WriteString(`  "expect": ` + strings.TrimSpace(expect.String()) + "\n}\n")
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A procedure of which a recorded run comes to something else is refused, by file and
// place; as it was recorded it is taken, and the run stays with the revision.
func TestARevisionKeepsItsRecordings(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	f := fullFolder(t)
	if r := imported(t, s, f); len(r.Faults) > 0 || r.New != 3 {
		t.Fatalf("%+v", r)
	}
	rev, err := s.InForce(t.Context(), "1.001193")
	if err != nil {
		t.Fatal(err)
	}
	if len(rev.Recordings) < 3 {
		t.Errorf("%d recordings", len(rev.Recordings))
	}
	for id, rec := range rev.Recordings {
		if _, differences, err := rev.Replay(rec); err != nil || len(differences) > 0 {
			t.Errorf("%s: %v, %v", id, differences, err)
		}
	}
	if err := s.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	form := "procedures/1.001193/form.json"
	replace(t, f, form, `{"var": "days_since_birth"}, 60`, `{"var": "days_since_birth"}, 600`)
	fees := "procedures/2.000635/fees.json"
	replace(t, f, fees, "8000", "9000")
	r := imported(t, s, f)
	if r.Changed != 0 || r.Same != 1 {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{"procedures/1.001193 tests/late.json /expect/case", "procedures/2.000635 tests/self.json /expect/fee"} {
		if !slices.ContainsFunc(r.Faults, func(f Fault) bool { return strings.HasPrefix(f.String(), want) }) {
			t.Errorf("no %s in %v", want, r.Faults)
		}
	}
}

func TestRecordingsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	for want, files := range map[string]map[string]string{
		"tests/usual.txt:":        {"tests/usual.txt": "{}"},
		"tests/x.json:: ":         {"tests/x.json": `{"answer": {}}`},
		"tests/x.json:1: ":        {"tests/x.json": `{"answers": 3}`},
		"tests/x.json: catalogue": {"tests/x.json": `{"today": "yesterday"}`},
	} {
		f := fullFolder(t)
		for name, data := range files {
			f["procedures/2.000635/"+name] = &fstest.MapFile{Data: []byte(data)}
		}
		r := imported(t, s, f)
		if len(r.Faults) != 1 || !strings.HasPrefix(r.Faults[0].String(), "procedures/2.000635 "+want) {
			t.Errorf("%s: %v", want, r.Faults)
		}
	}
	f := fullFolder(t)
	delete(f, "procedures/2.000635/form.json")
	if r := imported(t, s, f); !slices.ContainsFunc(r.Faults, func(f Fault) bool { return f.Place == "form.json" }) {
		t.Errorf("recordings of no form: %v", r.Faults)
	}
}
