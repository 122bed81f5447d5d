package dossier

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"motcua/assets"
	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/paper"
)

// Every recorded run of every shipped form, drawn: each word of each answer is on the paper.
// With FORMS=folder the papers are kept to be looked at.
func TestEveryRecordingIsOnPaper(t *testing.T) {
	t.Parallel()
	catalogue := assets.Catalogue()
	files, err := fs.Glob(catalogue, "procedures/*/tests/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recordings (%v)", len(files), err)
	}
	forms := shippedForms(t, catalogue)
	for _, file := range files {
		code := path.Base(path.Dir(path.Dir(file)))
		name := code + "-" + strings.TrimSuffix(path.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var rec eforms.Recording
			readJSON(t, catalogue, file, &rec)
			run := runOf(t, forms[code], rec)
			d := formData(run.Layout())
			d.Name, d.At, d.Code, d.To = "Nguyễn Thị Hồng Mai", run.Today, "H01.101-261123-0001", "Ủy ban nhân dân phường Long Xuyên"
			text := drawnText(t, name, d)
			for _, section := range run.Outline() {
				for _, value := range values(section.Rows) {
					for _, word := range strings.Fields(value) {
						const cell = 8 // letters that fit any column; longer words may be parted
						if first := []rune(word); !strings.Contains(text, string(first[:min(len(first), cell)])) {
							t.Errorf("%q of %q is not on paper", word, value)
						}
					}
				}
			}
		})
	}
	for code, f := range forms {
		d := formData(f.Blank())
		d.Blank = true
		drawnText(t, code+"-blank", d)
	}
}

func drawnText(t *testing.T, name string, d paper.FormData) string {
	t.Helper()
	var b bytes.Buffer
	if err := paper.Form(&b, d); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("FORMS"); dir != "" {
		if err := os.WriteFile(path.Join(dir, name+".pdf"), b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return strings.ReplaceAll(pdfText(t, b.Bytes()), "\u00a0", " ")
}

func shippedForms(t *testing.T, catalogue fs.FS) map[string]*eforms.Form {
	t.Helper()
	presets, forms := map[string][]byte{}, map[string]*eforms.Form{}
	names, err := fs.Glob(catalogue, "presets/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if presets[strings.TrimSuffix(path.Base(name), ".json")], err = fs.ReadFile(catalogue, name); err != nil {
			t.Fatal(err)
		}
	}
	if names, err = fs.Glob(catalogue, "procedures/*/form.json"); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(catalogue, name)
		if err != nil {
			t.Fatal(err)
		}
		if data, err = eforms.Expand(data, presets); err != nil {
			t.Fatal(err)
		}
		f, err := eforms.Load(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		forms[f.ID] = f
	}
	return forms
}

func readJSON(t *testing.T, files fs.FS, name string, to any) {
	t.Helper()
	data, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, to); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// runOf is a recording as it was filed.
func runOf(t *testing.T, f *eforms.Form, rec eforms.Recording) *eforms.Run {
	t.Helper()
	day, err := time.ParseInLocation(time.DateOnly, rec.Today, locales.ICT)
	if err != nil {
		t.Fatal(err)
	}
	r := &eforms.Run{Form: f, Answers: rec.Answers, Lists: maps.Clone(rec.Lists), Today: day.Add(9 * time.Hour)}
	for name, value := range rec.Facts {
		r.Facts = append(r.Facts, eforms.Fact{Name: name, Value: value, At: day})
	}
	return r
}
