package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"motcua/eforms"
	"motcua/locales"
)

// presetsDir holds the sets of questions that forms share, one file each.
const presetsDir = "presets"

// Presets reads the presets of a catalogue's folder, by id, as eforms.Expand takes them.
// What is wrong with one is a fault and leaves it out.
func Presets(fsys fs.FS) (map[string][]byte, Faults, error) {
	out, faults := map[string][]byte{}, Faults{}
	files, err := fs.ReadDir(fsys, presetsDir)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("catalogue: %w", err)
	}
	for _, file := range files {
		id, isJSON := strings.CutSuffix(file.Name(), ".json")
		name := path.Join(presetsDir, file.Name())
		if !isJSON {
			faults.add(name, "", "catalogue.import.file")
			continue
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, nil, fmt.Errorf("catalogue: %w", err)
		}
		if err := eforms.CheckPreset(id, b); err != nil {
			faults.mistakes(name, "", err)
			continue
		}
		out[id] = b
	}
	return out, faults, nil
}

// mistakes are what a form's engine says of a definition.
func (f *Faults) mistakes(file, part string, err error) {
	mistakes, ok := errors.AsType[eforms.Mistakes](err)
	if !ok || len(mistakes) == 0 {
		f.add(file, part, "catalogue.import.unreadable", locales.S("why", err.Error()))
	}
	for _, m := range mistakes {
		*f = append(*f, Fault{file, strings.TrimSpace(part + " " + m.Place), m.Message})
	}
}

// Touched are the procedures in force whose form was made with a preset: what a change of
// it would touch once they are published anew, by code.
func (s *Service) Touched(ctx context.Context, preset string) ([]*Revision, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	var out []*Revision
	for _, r := range e.revisions {
		if r.Form == nil {
			continue
		}
		for _, used := range r.Form.Presets() {
			if used == preset {
				out = append(out, r)
			}
		}
	}
	return out, nil
}
