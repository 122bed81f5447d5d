package catalogue

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/problem"
)

// recordingsDir is the folder of a procedure's recorded tests, one a file: in_time.json,
// in_time-2.json.
const recordingsDir = "tests"

// recordingFiles adds the files of that folder to a procedure's parts.
func (c check) recordingFiles(fsys fs.FS, raw map[string][]byte) error {
	files, err := fs.ReadDir(fsys, path.Join(c.file, recordingsDir))
	if err != nil {
		return err
	}
	for _, e := range files {
		name := path.Join(recordingsDir, e.Name())
		if e.IsDir() || path.Ext(name) != ".json" {
			c.fault(name, "catalogue.import.file")
			continue
		}
		if raw[name], err = fs.ReadFile(fsys, path.Join(c.file, name)); err != nil {
			return err
		}
	}
	return nil
}

// recordings reads them into the revision and the document.
func (c check) recordings(raw map[string][]byte, r *Revision, doc *document) {
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		id, ok := strings.CutPrefix(name, recordingsDir+"/")
		if !ok {
			continue
		}
		c.need(raw["form.json"] != nil, "form.json")
		var rec eforms.Recording
		if line, err := decode(raw[name], &rec); err != nil {
			c.fault(name+":"+line, "catalogue.import.unreadable", locales.S("why", err.Error()))
			continue
		}
		if r.Recordings == nil {
			r.Recordings, doc.Recordings = map[string]eforms.Recording{}, map[string]json.RawMessage{}
		}
		id = strings.TrimSuffix(id, ".json")
		r.Recordings[id], doc.Recordings[id] = rec, raw[name]
	}
}

// replays refuses a procedure of which a recorded test does not come to what it did.
func (c check) replays(r *Revision, doc document) {
	if r.Form == nil || len(r.Recordings) == 0 {
		return
	}
	_, sha, err := sum(doc)
	if err == nil && replayedBefore(sha) {
		return
	}
	before := len(*c.faults)
	for _, id := range slices.Sorted(maps.Keys(r.Recordings)) {
		file := recordingsDir + "/" + id + ".json"
		_, differences, err := r.Replay(r.Recordings[id])
		if err != nil {
			c.fault(file, "catalogue.import.unreadable", locales.S("why", err.Error()))
		}
		for _, d := range differences {
			*c.faults = append(*c.faults, Fault{c.file, file + " " + d.Place, d.Message})
		}
	}
	if err == nil && len(*c.faults) == before {
		replayedNow(sha)
	}
}

// Replay fills the revision's form as it was recorded, with the fee that this makes, and
// says where that differs.
func (r *Revision) Replay(rec eforms.Recording) (eforms.Expect, []eforms.Difference, error) {
	seen, differences, err := r.Form.Replay(rec, nil)
	if err != nil {
		return seen, nil, err
	}
	place := "/expect/fee"
	if len(r.Fees) > 0 && seen.End == "" {
		day, err := time.ParseInLocation(time.DateOnly, rec.Today, locales.ICT)
		if err != nil {
			return seen, nil, err
		}
		_, total, err := payments.Due(r.Fees, seen.Quantities, day)
		if p, ok := errors.AsType[*problem.Error](err); ok {
			return seen, append(differences, eforms.Difference{Place: place, Message: p.Message}), nil
		}
		if err != nil {
			return seen, differences, err
		}
		seen.Fee = &total
	}
	want, got := fee(rec.Expect.Fee), fee(seen.Fee)
	if want != got {
		m := locales.M("catalogue.replay.fee", locales.S("want", want), locales.S("got", got))
		differences = append(differences, eforms.Difference{Place: place, Message: m})
	}
	return seen, differences, nil
}

// fee is an amount as a recording writes it.
func fee(n *int64) string {
	if n == nil {
		return "–"
	}
	return strconv.FormatInt(*n, 10)
}
