// Package privacy gives people their rights over what is known of them: who has looked at
// it, and a word with the office that keeps it when it is wrong.
package privacy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Service takes reports and questions, and answers them.
type Service struct {
	DB        *sqlx.DB
	Catalogue *catalogue.Service
	Agency    *agency.Service
	Drafts    *draft.Service
	Dossiers  *dossier.Service
	Notices   *notification.Service
	Now       func() time.Time
	Log       *slog.Logger
}

// The kinds of reports.
const (
	Wrong    = "wrong"    // a register says something that is not so
	Question = "question" // who looked at my data, and why
)

// What a person does who reports: goes on with what is there, or has it put right first.
const (
	GoOn = "go_on"
	Stop = "stop"
)

// State is where a report stands.
type State string

// The states.
const (
	Open     State = "open"
	Passed   State = "passed" // to whom keeps the register
	Answered State = "answered"
	Closed   State = "closed" // without an answer, with the reason
)

// AnswerIn is how long an agency has to answer. The province confirms it.
var AnswerIn = calendar.Rule{Amount: 5, Unit: calendar.WorkingDay}

// Limits of what one person reports.
const (
	mostWords = 2000
	mostOpen  = 20
)

// Shown is a value that the register gave, as the person was shown it.
type Shown struct {
	Label locales.Text `json:"label"`
	Value locales.Text `json:"value"`
	At    time.Time    `json:"at"`
}

// About is the look that a question is about.
type About struct {
	At       time.Time `json:"at"`
	Deed     string    `json:"deed"`
	AgencyID int64     `json:"agency_id,omitempty"`
}

// Step is something that an officer did to a report.
type Step struct {
	At        time.Time    `json:"at"`
	Deed      string       `json:"deed"`
	OfficerID int64        `json:"officer"`
	Agency    locales.Text `json:"agency"`       // in whose name
	To        locales.Text `json:"to,omitempty"` // to whom it went
	Note      string       `json:"note,omitempty"`
}

// File is the proof that a person added.
type File struct {
	Name  string
	Media string
	Pages int
	Size  int64
}

// Report is one report or question.
type Report struct {
	ID       string
	Code     string
	Kind     string
	State    State
	PersonID int64
	Subject  []byte // keyed hash of the person's number, for the record of who saw
	Name     string // the person's
	Number   string
	Phone    string
	Lang     locales.Lang
	Email    string

	ThingID     string // the draft or dossier
	DossierCode string // once it is filed
	Procedure   locales.Text
	Agency      agency.Agency // who answers; none while an administrator has to say
	Source      string
	Shown       []Shown
	Says        string
	Path        string
	About       *About
	Steps       []Step
	File        *File
	MadeAt      time.Time
	DueAt       time.Time
	ClosedAt    *time.Time
	Version     int
	blob        string
}

// Done says whether nothing more is to come.
func (r Report) Done() bool { return r.ClosedAt != nil }

// History is what was done about it, newest first.
func (r Report) History() []Step {
	steps := slices.Clone(r.Steps)
	slices.Reverse(steps)
	return steps
}

// row is a line of fact_reports with what its lists show of other tables.
type row struct {
	ID         string            `db:"id"`
	Code       string            `db:"code"`
	Kind       string            `db:"kind"`
	State      State             `db:"state"`
	PersonID   int64             `db:"person_id"`
	Subject    []byte            `db:"id_hash"`
	Name       string            `db:"name"`
	Number     pg.Sealed         `db:"id_number"`
	Phone      string            `db:"phone"`
	Email      string            `db:"email"`
	Lang       string            `db:"lang"`
	ThingID    string            `db:"thing_id"`
	Dossier    string            `db:"dossier_code"`
	RevisionID int64             `db:"revision_id"`
	AgencyID   int64             `db:"agency_id"`
	Source     string            `db:"source"`
	Shown      pg.Sealed         `db:"shown"`
	Says       pg.Sealed         `db:"says"`
	Path       string            `db:"path"`
	About      *pg.JSONOf[About] `db:"about"`
	Steps      pg.JSONOf[[]Step] `db:"steps"`
	FileName   string            `db:"file_name"`
	FileMedia  string            `db:"file_media"`
	FilePages  int               `db:"file_pages"`
	Size       int64             `db:"size"`
	Blob       string            `db:"blob"`
	MadeAt     time.Time         `db:"made_at"`
	DueAt      time.Time         `db:"due_at"`
	ClosedAt   *time.Time        `db:"closed_at"`
	Version    int               `db:"version"`
}

// selected begins every query for reports: a report of a draft belongs to whom the dossier
// went to in the end.
const selected = `SELECT r.id, r.code, r.kind, r.state, r.person_id, p.id_hash, p.name, p.id_number, p.phone, p.email, p.lang,
	coalesce(r.thing_id::text, '') AS thing_id, coalesce(d.code, '') AS dossier_code, coalesce(d.revision_id, f.revision_id, 0) AS revision_id,
	coalesce(r.agency_id, d.agency_id, 0) AS agency_id, r.source, r.shown, r.says, r.path, r.about, r.steps,
	r.file_name, r.file_media, r.file_pages, r.size, r.blob, r.made_at, r.due_at, r.closed_at, r.version
	FROM fact_reports r JOIN persons p ON p.id = r.person_id
	LEFT JOIN dossiers d ON d.id = r.thing_id LEFT JOIN drafts f ON f.id = r.thing_id `

func notFound() error { return problem.New(problem.NotFound, "privacy.not_found") }

// query runs one that begins with selected.
func (s *Service) query(ctx context.Context, q sqlx.QueryerContext, where string, args ...any) ([]Report, error) {
	var rows []row
	if err := sqlx.SelectContext(ctx, q, &rows, selected+where, args...); err != nil {
		return nil, fmt.Errorf("reports: %w", err)
	}
	all := make([]Report, len(rows))
	for i, r := range rows {
		var err error
		if all[i], err = s.report(ctx, r); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Service) report(ctx context.Context, r row) (Report, error) {
	out := Report{ID: r.ID, Code: r.Code, Kind: r.Kind, State: r.State, PersonID: r.PersonID, Subject: r.Subject, Name: r.Name, Number: string(r.Number),
		Phone: r.Phone, Email: r.Email, Lang: locales.Lang(r.Lang), ThingID: r.ThingID, DossierCode: r.Dossier, Source: r.Source, Says: string(r.Says),
		Path: r.Path, Steps: r.Steps.V, MadeAt: r.MadeAt, DueAt: r.DueAt, ClosedAt: r.ClosedAt, Version: r.Version, blob: r.Blob}
	if r.Blob != "" {
		out.File = &File{Name: r.FileName, Media: r.FileMedia, Pages: r.FilePages, Size: r.Size}
	}
	if r.About != nil {
		out.About = &r.About.V
	}
	var err error
	if out.Shown, err = openShown(r.Shown); err != nil {
		return out, fmt.Errorf("report %s: %w", r.Code, err)
	}
	if r.AgencyID != 0 {
		if out.Agency, err = s.Agency.ByID(ctx, r.AgencyID); err != nil {
			return out, err
		}
	}
	if r.RevisionID != 0 {
		rev, err := s.Catalogue.ByID(ctx, r.RevisionID)
		if err != nil {
			return out, err
		}
		out.Procedure = rev.Sheet.Name
	}
	return out, nil
}

// one reads one report, or says that there is none.
func (s *Service) one(ctx context.Context, id string) (Report, error) {
	if !pg.UUID(id) {
		return Report{}, notFound()
	}
	found, err := s.query(ctx, s.DB, `WHERE r.id = $1`, id)
	if err != nil {
		return Report{}, err
	}
	if len(found) == 0 {
		return Report{}, notFound()
	}
	return found[0], nil
}

// lock keeps others from changing a report that was read until tx ends. A version that was
// not seen is a Conflict.
func lock(ctx context.Context, tx *sqlx.Tx, r Report, version int) error {
	var now int
	err := sqlx.GetContext(ctx, tx, &now, `SELECT version FROM fact_reports WHERE id = $1 FOR UPDATE`, r.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return notFound()
	}
	if err != nil {
		return fmt.Errorf("lock report %s: %w", r.Code, err)
	}
	if now != version || now != r.Version {
		return problem.New(problem.Conflict, "privacy.changed")
	}
	return nil
}
