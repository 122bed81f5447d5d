package catalogue

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"motcua/eforms"
)

func TestFormsTouchedByAPreset(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	f := fullFolder(t)
	f["presets/pet.json"] = &fstest.MapFile{Data: []byte(`{"id":"pet","title":"T","questions":[{"id":"name","kind":"text","label":{"vi":"Tên {of}","en":"Name {of}"}}]}`)}
	for name := range f { // recorded without a dog
		if strings.HasPrefix(name, "procedures/2.000635/tests/") {
			delete(f, name)
		}
	}
	replace(t, f, "procedures/2.000635/form.json", `"questions": [`, `"questions": [{"preset":"pet","prefix":"dog","of":{"vi":"của chó","en":"of the dog"}},`)
	form := string(f["procedures/2.000635/form.json"].Data)
	first := strings.Index(form, `{"preset":"pet"`)
	rest := strings.ReplaceAll(form[first+10:], `{"preset":"pet","prefix":"dog","of":{"vi":"của chó","en":"of the dog"}},`, "")
	f["procedures/2.000635/form.json"] = &fstest.MapFile{Data: []byte(form[:first+10] + rest)} // in the first page only
	if r := imported(t, s, f); len(r.Faults) > 0 {
		t.Fatal(r.Faults)
	}
	touched, err := s.Touched(t.Context(), "pet")
	if err != nil || len(touched) != 1 || touched[0].Code != "2.000635" {
		t.Fatalf("%v, %v", touched, err)
	}
	if none, err := s.Touched(t.Context(), "horse"); err != nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
	// what is stored has the questions themselves, and says where they are from
	var stored string
	if err := s.DB.Get(&stored, `SELECT doc->'form'->'pages'->0->'questions'->0 #>> '{}' FROM revisions WHERE procedure_code = '2.000635'`); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"id": "dog_name"`, `"vi": "Tên của chó"`, `"from": {"prefix": "dog", "preset": "pet"}`} {
		if !strings.Contains(stored, want) {
			t.Errorf("no %s in %s", want, stored)
		}
	}
	// a changed preset is a change of the procedures that use it
	replace(t, f, "presets/pet.json", "Tên {of}", "Tên gọi {of}")
	if r := imported(t, s, f); r.Changed != 1 {
		t.Errorf("%+v", r)
	}
	if rev, err := s.InForce(t.Context(), "2.000635"); err != nil || label(t, rev.Form, "dog_name") != "Tên gọi của chó" {
		t.Errorf("%v", err)
	}
}

func label(t *testing.T, f *eforms.Form, id string) string {
	t.Helper()
	q, ok := f.Question(id)
	if !ok {
		t.Fatalf("no %s", id)
	}
	return q.Label.VI
}

func TestAFaultyPresetIsNamed(t *testing.T) {
	t.Parallel()
	_, faults, err := Presets(fstest.MapFS{
		"presets/a.json": {Data: []byte(`{"id":"a","title":"T","questions":[{"id":"x","kind":"colour","label":"X"}]}`)},
		"presets/b.json": {Data: []byte(`{"id":"c","title":"T","questions":[{"id":"x","kind":"text","label":"X"}]}`)},
		"presets/c.txt":  {Data: []byte(`x`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ file, key string }{
		{"presets/a.json", "eforms.load.schema"}, {"presets/b.json", "eforms.load.unknown_preset"}, {"presets/c.txt", "catalogue.import.file"},
	} {
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.File == want.file && f.Message.Key == want.key }) {
			t.Errorf("no fault %v in %v", want, faults)
		}
	}
}
