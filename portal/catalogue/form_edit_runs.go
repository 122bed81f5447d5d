package catalogue

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// FormRun is a recorded run of a form that is being edited, replayed on the form as it stands.
type FormRun struct {
	Name        string
	Recording   eforms.Recording
	Seen        eforms.Expect
	Differences []eforms.Difference
	Here        bool // recorded in this edit, not before
}

// maxRuns is how many runs a form may keep: each is filled again at every publishing.
const maxRuns = 60

// recordings are those of the base with what this edit recorded and removed.
func (e FormEdit) recordings(base map[string]json.RawMessage) map[string]json.RawMessage {
	all := maps.Clone(base)
	for name, rec := range e.Runs.V {
		switch {
		case string(rec) == "null":
			delete(all, name)
		case all == nil:
			all = map[string]json.RawMessage{name: rec}
		default:
			all[name] = rec
		}
	}
	return all
}

// replayed refuses a form under which a recorded run does not come to what it did.
func replayed(c *Candidate) []Refusal {
	var all []Refusal
	for _, run := range c.runs() {
		for _, d := range run.Differences {
			m := locales.M("catalogue.replay.of", locales.T("name", run.title()), locales.Sub("what", d.Message))
			all = append(all, Refusal{"tests", run.Name + " " + d.Place, m})
		}
	}
	return all
}

// Day is the day on which it was filled, as people here write it.
func (r FormRun) Day() string {
	at, err := time.Parse(time.DateOnly, r.Recording.Today)
	if err != nil {
		return r.Recording.Today
	}
	return at.Format("2/1/2006")
}

func (r FormRun) title() locales.Text {
	if r.Recording.Name.Empty() {
		return locales.V(r.Name)
	}
	return r.Recording.Name
}

// runs are replayed by name; without a form that can be loaded there is nothing to replay on.
func (c *Candidate) runs() []FormRun {
	if c.Revision == nil {
		return nil
	}
	var all []FormRun
	for _, name := range slices.Sorted(maps.Keys(c.Revision.Recordings)) {
		run := FormRun{Name: name, Recording: c.Revision.Recordings[name]}
		var err error
		if run.Seen, run.Differences, err = c.Revision.Replay(run.Recording); err != nil {
			run.Differences = []eforms.Difference{{Message: locales.M("catalogue.import.unreadable", locales.S("why", err.Error()))}}
		}
		all = append(all, run)
	}
	return all
}

// FormRuns are the recorded runs of an edit. Candidate says what it would publish; while its
// form cannot be loaded there are none to show.
func (s *Service) FormRuns(ctx context.Context, by agency.Officer, id string) ([]FormRun, *Candidate, error) {
	e, err := s.FormEdit(ctx, by, id)
	if err != nil {
		return nil, nil, err
	}
	c, err := s.Candidate(ctx, by, id)
	if err != nil {
		return nil, nil, err
	}
	all := c.runs()
	for i := range all {
		_, all[i].Here = e.Runs.V[all[i].Name]
	}
	return all, c, nil
}

// KeepRun keeps a run with the edit, with what it comes to under the form as it stands. A
// run that comes to a fault is refused: it would keep the form from ever being published.
func (s *Service) KeepRun(ctx context.Context, by Editing, id string, rec eforms.Recording) (string, error) {
	return s.runDeed(ctx, by, id, "form_edit.run_keep", func(c *Candidate) (string, *eforms.Recording, error) {
		name, err := c.name(rec)
		if err == nil {
			err = c.settle(&rec)
		}
		return name, &rec, err
	})
}

// RenewRun takes what a run comes to now for what is expected of it.
func (s *Service) RenewRun(ctx context.Context, by Editing, id, name string) error {
	_, err := s.runDeed(ctx, by, id, "form_edit.run_renew", func(c *Candidate) (string, *eforms.Recording, error) {
		rec, ok := c.recording(name)
		if !ok {
			return "", nil, problem.New(problem.NotFound, "catalogue.not_found")
		}
		return name, &rec, c.settle(&rec)
	})
	return err
}

// DropRun keeps a run no longer.
func (s *Service) DropRun(ctx context.Context, by Editing, id, name string) error {
	_, err := s.runDeed(ctx, by, id, "form_edit.run_drop", func(c *Candidate) (string, *eforms.Recording, error) {
		if _, ok := c.doc.Recordings[name]; !ok {
			return "", nil, problem.New(problem.NotFound, "catalogue.not_found")
		}
		return name, nil, nil
	})
	return err
}

func (c *Candidate) recording(name string) (eforms.Recording, bool) {
	if c.Revision == nil {
		return eforms.Recording{}, false
	}
	rec, ok := c.Revision.Recordings[name]
	return rec, ok
}

// settle sets what is expected of a run.
func (c *Candidate) settle(rec *eforms.Recording) error {
	if c.Revision == nil {
		return problem.New(problem.Conflict, "catalogue.run.no_form")
	}
	seen, differences, err := c.Revision.Replay(*rec)
	if err != nil {
		return problem.Because(err, problem.Invalid, "catalogue.run.unreadable")
	}
	for _, d := range differences {
		if !strings.HasPrefix(d.Place, "/expect/") {
			return problem.New(problem.Invalid, "catalogue.run.fault", locales.Sub("what", d.Message))
		}
	}
	rec.Expect = seen
	return nil
}

// name calls a run after its case or end, as the files of a procedure's folder are called.
func (c *Candidate) name(rec eforms.Recording) (string, error) {
	if c.Revision == nil {
		return "", problem.New(problem.Conflict, "catalogue.run.no_form")
	}
	if len(c.doc.Recordings) >= maxRuns {
		return "", problem.New(problem.Conflict, "catalogue.run.too_many", locales.N("max", maxRuns))
	}
	seen, _, err := c.Revision.Replay(rec)
	if err != nil {
		return "", problem.Because(err, problem.Invalid, "catalogue.run.unreadable")
	}
	base := "usual"
	switch {
	case seen.End != "":
		base = seen.End
	case seen.Case != "":
		base = seen.Case
	}
	name := base
	for n := 2; ; n++ {
		if _, taken := c.doc.Recordings[name]; !taken {
			return name, nil
		}
		name = base + "-" + strconv.Itoa(n)
	}
}

// runDeed changes the runs of an open edit: one transaction, once a key.
func (s *Service) runDeed(ctx context.Context, by Editing, id, what string, deed func(c *Candidate) (name string, rec *eforms.Recording, err error)) (string, error) {
	if err := MayEdit(by.Officer); err != nil {
		return "", err
	}
	if !pg.UUID(id) {
		return "", problem.New(problem.NotFound, "catalogue.not_found")
	}
	known, err := s.fresh(ctx)
	if err != nil {
		return "", err
	}
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		c, err := s.lockedCandidate(ctx, tx, id, known)
		if err != nil {
			return "", audit.Entry{}, err
		}
		name, rec, err := deed(c)
		if err == nil {
			err = s.putRun(ctx, tx, by, id, name, rec)
		}
		return name, audit.Entry{Deed: what, Object: "form_edit:" + id, Args: map[string]any{"run": name}}, err
	})
}

func (s *Service) lockedCandidate(ctx context.Context, tx *sqlx.Tx, id string, known *edition) (*Candidate, error) {
	if _, err := tx.ExecContext(ctx, `SELECT FROM form_edits WHERE id = $1 FOR UPDATE`, id); err != nil {
		return nil, fmt.Errorf("lock form edit %s: %w", id, err)
	}
	e, err := formEdit(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !e.Open() {
		return nil, problem.New(problem.Conflict, "catalogue.edit.closed")
	}
	last, err := newest(ctx, tx, e.Code)
	if err != nil {
		return nil, err
	}
	return candidate(last, e, known)
}

func (s *Service) putRun(ctx context.Context, tx *sqlx.Tx, by Editing, id, name string, rec *eforms.Recording) error {
	var doc any // no recording: no longer kept
	if rec != nil {
		b, err := json.Marshal(rec)
		if err == nil {
			b, err = canonical(b)
		}
		if err != nil {
			return problem.Because(err, problem.Invalid, "catalogue.run.unreadable")
		}
		doc = string(b)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO form_runs (edit_id, name, recording, officer_id, at) VALUES ($1, $2, $3::jsonb, $4, $5)
		ON CONFLICT (edit_id, name) DO UPDATE SET recording = excluded.recording, officer_id = excluded.officer_id, at = excluded.at`,
		id, name, doc, by.Officer.ID, s.Now())
	if err != nil {
		return fmt.Errorf("run %s of form edit %s: %w", name, id, err)
	}
	return nil
}
