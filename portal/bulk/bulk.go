// Package bulk files several dossiers of a business from one spreadsheet: a template made
// from the form, its lines read and checked as the pages would, papers for many at once,
// and nothing filed until the person has confirmed it.
package bulk

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/signin"
)

// The limits of a file.
const (
	MaxRows  = 200
	MaxBytes = 5 << 20

	mostCells   = 400      // in a line of a sheet
	mostInner   = 10_000   // rows of all groups
	mostUnzip   = 16 << 20 // what a packed file may unfold to
	mostOpen    = 20       // batches of one person that are not through
	mostColumns = 60       // titles that a fault names
)

// Life is how long a batch is kept after the last deed on it.
const Life = draft.Life

// Service keeps batches.
type Service struct {
	DB        *sqlx.DB
	Catalogue *catalogue.Service
	Applicant *applicant.Service
	Drafts    *draft.Service
	Dossiers  *dossier.Service
	Now       func() time.Time
	Log       *slog.Logger

	reading sync.Mutex // one file is taken apart at a time: each may need much memory
}

// State is where a batch stands.
type State string

// The states of a batch.
const (
	Checking  State = "checking"
	Checked   State = "checked"
	Filing    State = "filing"
	Done      State = "done"
	Cancelled State = "cancelled"
)

// RowState is what became of a line.
type RowState string

// The states of a line.
const (
	New     RowState = "new"
	Looked  RowState = "checked"
	Queued  RowState = "queued"
	Sending RowState = "filing"
	Filed   RowState = "filed"
	Failed  RowState = "failed"
	Dropped RowState = "cancelled"
)

// Batch is a file with its lines.
type Batch struct {
	ID          string                   `db:"id"`
	PersonID    int64                    `db:"person_id"`
	TaxCode     string                   `db:"tax_code"`
	Procedure   string                   `db:"procedure_code"`
	RevisionID  int64                    `db:"revision_id"`
	PatternID   *string                  `db:"pattern_id"`
	Name        string                   `db:"name"`
	Columns     pg.JSONOf[[]string]      `db:"columns"`
	State       State                    `db:"state"`
	Stopped     *pg.JSONOf[locales.Text] `db:"stopped"`
	Version     int                      `db:"version"`
	Lang        string                   `db:"lang"`
	MadeAt      time.Time                `db:"made_at"`
	CheckedAt   *time.Time               `db:"checked_at"`
	ConfirmedAt *time.Time               `db:"confirmed_at"`
	EndedAt     *time.Time               `db:"ended_at"`
	LapsesAt    time.Time                `db:"lapses_at"`

	Revision *catalogue.Revision `db:"-"`
	Total    int                 `db:"total"`
	Counted  int                 `db:"counted"` // lines that are through with what is being done
	Sent     int                 `db:"sent"`    // that are filed
}

// Working says whether a worker has the batch in hand.
func (b Batch) Working() bool { return b.State == Checking || b.State == Filing }

const batchColumns = `b.id, b.person_id, b.tax_code, b.procedure_code, b.revision_id, b.pattern_id, b.name, b.columns, b.state, b.stopped, b.version, b.lang,
	b.made_at, b.checked_at, b.confirmed_at, b.ended_at, b.lapses_at,
	(SELECT count(*) FROM batch_rows r WHERE r.batch_id = b.id AND (b.state NOT IN ('filing', 'done') OR r.state NOT IN ('new', 'checked'))) AS total,
	(SELECT count(*) FROM batch_rows r WHERE r.batch_id = b.id AND r.state NOT IN ('new', 'queued', 'filing')
		AND (b.state NOT IN ('filing', 'done') OR r.state <> 'checked')) AS counted,
	(SELECT count(*) FROM batch_rows r WHERE r.batch_id = b.id AND r.state = 'filed') AS sent`

// Row is a line of a batch.
type Row struct {
	Line      int                      `db:"line"`
	Cells     map[string]Cell          `db:"-"`
	Faults    []Fault                  `db:"-"`
	Wrong     int                      `db:"wrong"`
	State     RowState                 `db:"state"`
	DraftID   *string                  `db:"draft_id"`
	DossierID *string                  `db:"dossier_id"`
	Code      string                   `db:"code"`
	Why       *pg.JSONOf[locales.Text] `db:"why"`
}

// Cell is what stands in a cell, as words.
type Cell struct {
	Text   string `json:"text"`
	At     string `json:"at"`               // B5
	Sheet  string `json:"sheet,omitempty"`  // of the file, other than the first
	Number bool   `json:"number,omitempty"` // it was a number: leading zeros are gone
	Bad    string `json:"bad,omitempty"`    // why it is not taken: formula
}

// Fault is what is wrong at a place of a line.
type Fault struct {
	Name     string       `json:"name"` // of the control
	At       string       `json:"at"`   // B5, "" when there is no cell
	Sheet    string       `json:"sheet,omitempty"`
	Column   locales.Text `json:"column,omitzero"` // what the column is called
	Says     locales.Text `json:"says"`
	Note     bool         `json:"note,omitempty"`     // it stops nothing
	Register bool         `json:"register,omitempty"` // a register was to say it
}

// say is words of the program as a text that stays: in each language as it is now.
func say(m locales.Message) locales.Text {
	var t locales.Text
	t.VI, _ = locales.Say(locales.VI, m)
	if s, l := locales.Say(locales.EN, m); l == locales.EN {
		t.EN = s
	}
	if s, l := locales.Say(locales.KM, m); l == locales.KM {
		t.KM = s
	}
	return t
}

// The kinds of work that are done later.
const (
	checkKind = "bulk.check"
	fileKind  = "bulk.file"
)

// Handlers are the kinds of work that are done later, each bearing a repeat.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{checkKind: s.check, fileKind: s.fileAll}
}

// may asks whether the person may file this procedure for the business.
func (s *Service) may(ctx context.Context, p signin.Person, taxCode, procedure string) error {
	return s.Applicant.May(ctx, p, applicant.Capacity{Kind: applicant.ForFirm, TaxCode: taxCode}, applicant.File, procedure)
}

func notFound() error { return problem.New(problem.NotFound, "bulk.not_found") }

// Procedures are those that a business can file several of.
func (s *Service) Procedures(ctx context.Context) ([]*catalogue.Revision, error) {
	all, err := s.Catalogue.All(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(r *catalogue.Revision) bool { return !forBusiness(r) }), nil
}

// forBusiness says whether a procedure is filed by businesses here.
func forBusiness(rev *catalogue.Revision) bool {
	return rev.Form != nil && slices.Contains(draft.Kinds(rev), applicant.ForFirm)
}

// Procedure is one that a business can file, as it is in force.
func (s *Service) Procedure(ctx context.Context, p signin.Person, taxCode, code string) (*catalogue.Revision, error) {
	if err := s.may(ctx, p, taxCode, code); err != nil {
		return nil, err
	}
	rev, err := s.Catalogue.InForce(ctx, code)
	if err != nil {
		return nil, err
	}
	if !forBusiness(rev) {
		return nil, notFound()
	}
	return rev, nil
}

// person is who a worker acts as: the one who gave the file.
func (s *Service) person(ctx context.Context, id int64) (signin.Person, error) {
	var r struct {
		Number pg.Sealed `db:"id_number"`
		Name   string    `db:"name"`
		Phone  string    `db:"phone"`
		Email  string    `db:"email"`
		Level  int       `db:"level"`
		Lang   string    `db:"lang"`
		Hash   []byte    `db:"id_hash"`
	}
	err := s.DB.GetContext(ctx, &r, `SELECT id_number, name, phone, email, level, lang, id_hash FROM persons WHERE id = $1`, id)
	if err != nil {
		return signin.Person{}, fmt.Errorf("person %d: %w", id, err)
	}
	lang, _ := locales.ParseLang(r.Lang)
	return signin.Person{ID: id, Name: r.Name, IDNumber: string(r.Number), Phone: r.Phone, Email: r.Email, Level: r.Level, Lang: lang, IDHash: r.Hash}, nil
}

// keyOf is a one-time key made of what it is for: the same work done again has the same key.
func keyOf(batch, what string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(batch+"\n"+what)).String()
}

// listsOf are the choices of the form of today.
func (s *Service) listsOf(ctx context.Context, rev *catalogue.Revision) (map[string][]eforms.Option, error) {
	return s.Drafts.Lists(ctx, rev)
}
