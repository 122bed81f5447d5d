package catalogue

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/problem"
	"motcua/portal/review"
)

// Candidate is what an edit would publish.
type Candidate struct {
	Before   *Revision // the newest revision
	Revision *Revision // what would come; nil while the form cannot be loaded
	Added    []string  // what the procedure did not have and gets: workflow, terms, papers, online, components
	Refusals []Refusal

	types map[string]PaperType
	doc   document
}

// Refusal is why an edit cannot be published.
type Refusal struct {
	Part    string // form, or another file of the procedure
	Place   string // within it; in a form a JSON pointer
	Message locales.Message
}

// Refused are all refusals, as the answer to a press of "publish".
type Refused []Refusal

func (r Refused) Error() string { return fmt.Sprintf("%d refusals, the first: %v", len(r), r[0]) }

// Unwrap makes it a fault that people may see.
func (r Refused) Unwrap() error { return problem.New(problem.Invalid, "catalogue.edit.refused") }

// checks are asked in turn before a form is published; the later ones only when the form
// can be loaded. Whatever else must hold at publishing is one more of them.
var checks = []func(c *Candidate) []Refusal{loads, whole, receives, replayed, differs}

// Candidate is the edit as it would be published now.
func (s *Service) Candidate(ctx context.Context, by agency.Officer, id string) (*Candidate, error) {
	e, err := s.FormEdit(ctx, by, id)
	if err != nil {
		return nil, err
	}
	known, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	var last row
	err = s.DB.GetContext(ctx, &last, `SELECT `+columns+` FROM revisions r WHERE procedure_code = $1 AND `+standing+` ORDER BY no DESC LIMIT 1`, e.Code)
	if err != nil {
		return nil, fmt.Errorf("newest revision of %s: %w", e.Code, err)
	}
	return candidate(last, e, known)
}

func candidate(last row, e FormEdit, known *edition) (*Candidate, error) {
	before, err := last.revision(known.fields)
	if err != nil {
		return nil, err
	}
	c := &Candidate{Before: before, types: known.types}
	if err := json.Unmarshal([]byte(last.Doc), &c.doc); err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", last.No, last.Code, err)
	}
	c.doc.Form = json.RawMessage(e.Definition)
	c.doc.Recordings = e.recordings(c.doc.Recordings)
	for _, check := range checks {
		c.Refusals = append(c.Refusals, check(c)...)
		if c.Revision == nil {
			break
		}
	}
	if c.Revision != nil {
		c.Revision.Field = before.Field
	}
	return c, nil
}

// loads wants a form that the engine takes, and completes the document around it.
func loads(c *Candidate) []Refusal {
	form, err := eforms.Load(c.doc.Form)
	if err == nil {
		err = c.complete(form)
	}
	if err == nil {
		c.Revision, err = c.doc.open()
	}
	if err == nil {
		return nil
	}
	var faults Faults
	faults.mistakes("form", "", err)
	return refusals(faults)
}

func refusals(faults Faults) []Refusal {
	var all []Refusal
	for _, f := range faults {
		all = append(all, Refusal{f.File, f.Place, f.Message})
	}
	return all
}

// whole asks what an import asks of a procedure that can be filed.
func whole(c *Candidate) []Refusal {
	var faults Faults
	ask := check{"", &faults}
	ask.engines(c.Revision)
	ask.fileable(c.Revision)
	ask.papers(c.Revision, c.types)
	all := refusals(faults)
	for i, r := range all {
		all[i] = r.placed(c.doc.Form)
	}
	return all
}

// receives wants the receiving agency asked where there is more than one to choose from.
func receives(c *Candidate) []Refusal {
	var offices int
	for _, o := range c.Revision.Sheet.Agencies {
		switch {
		case o.Role == Receives && o.Code == "" && o.Level != "":
			offices += 2 // all of a level
		case o.Role == Receives && o.Code != "":
			offices++
		}
	}
	q, asked := c.Revision.Form.Question("agency")
	if offices < 2 || asked && q.List == eforms.Agencies && q.Group() == nil {
		return nil
	}
	return []Refusal{{"form", "", locales.M("catalogue.edit.no_agency")}}
}

// differs wants something new: the same document again would be a revision of nothing.
func differs(c *Candidate) []Refusal {
	_, sha, err := sum(c.doc)
	if err != nil {
		return []Refusal{{"form", "", locales.M("catalogue.import.unreadable", locales.S("why", err.Error()))}}
	}
	if bytes.Equal(sha, c.Before.SHA256) {
		return []Refusal{{"form", "", locales.M("catalogue.edit.same")}}
	}
	return nil
}

// Publishing is how an edit becomes a revision.
type Publishing struct {
	Version int
	Note    string
	From    time.Time // in force from; zero: now
}

// PublishEdit makes the edit the procedure's next revision, in force now or later, and
// closes it. It is refused while anything of checks refuses, before a second person has
// approved the version, or when the form itself was published anew meanwhile.
func (s *Service) PublishEdit(ctx context.Context, by Editing, id string, p Publishing) (int, error) {
	if strings.TrimSpace(p.Note) == "" {
		return 0, problem.New(problem.Invalid, "catalogue.edit.no_note")
	}
	if !p.From.IsZero() && p.From.Before(s.Now()) {
		return 0, problem.New(problem.Invalid, "catalogue.edit.past")
	}
	known, err := s.fresh(ctx)
	if err != nil {
		return 0, err
	}
	answer, err := s.doEdit(ctx, by, id, p.Version, func(tx *sqlx.Tx, e FormEdit) (string, audit.Entry, error) {
		no, err := s.publish(ctx, tx, by, e, p, known)
		return strconv.Itoa(no), audit.Entry{Deed: "form_edit.publish", Args: map[string]any{"procedure": e.Code, "revision": no}}, err
	})
	if err != nil {
		return 0, err
	}
	s.Renew(ctx)
	return strconv.Atoi(answer)
}

func (s *Service) publish(ctx context.Context, tx *sqlx.Tx, by Editing, e FormEdit, p Publishing, known *edition) (int, error) {
	if err := lockNumbers(ctx, tx); err != nil {
		return 0, err
	}
	last, err := newest(ctx, tx, e.Code)
	if err != nil {
		return 0, err
	}
	moved, err := movedForm(ctx, tx, e, last)
	if err != nil {
		return 0, err
	}
	if moved {
		return 0, problem.New(problem.Conflict, "catalogue.edit.moved")
	}
	c, err := candidate(last, e, known)
	if err != nil {
		return 0, err
	}
	if len(c.Refusals) > 0 {
		return 0, Refused(c.Refusals)
	}
	approved, err := review.Approved(ctx, tx, review.Subject{Kind: review.Form, ID: e.ID}, e.Version)
	if err != nil {
		return 0, err
	}
	canon, sha, err := sum(c.doc)
	if err != nil {
		return 0, err
	}
	from := s.Now().Truncate(time.Microsecond)
	if !p.From.IsZero() {
		from = p.From
	}
	no, err := numbers(ctx, tx, []string{e.Code})
	if err != nil {
		return 0, err
	}
	if err := putRevisions(ctx, tx, []fresh{{e.Code, no[e.Code] + 1, canon, hex.EncodeToString(sha), from}}); err != nil {
		return 0, err
	}
	made, err := newest(ctx, tx, e.Code)
	if err != nil {
		return 0, err
	}
	note := strings.TrimSpace(p.Note)
	how := PublishedBy{Note: note, By: by.Officer.ID, Approved: approved.ByID}
	if err := s.NotePublished(ctx, tx, how, []Publication{{Revision: made.ID, FormEdit: e.ID}}); err != nil {
		return 0, err
	}
	return made.No, s.closeEdit(ctx, tx, by, e, made.ID, note)
}
