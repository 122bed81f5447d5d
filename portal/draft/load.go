package draft

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/applicant"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// row is a line of drafts.
type row struct {
	ID            string
	PersonID      int64                       `db:"person_id"`
	TaxCode       string                      `db:"tax_code"`
	ProcedureCode string                      `db:"procedure_code"`
	RevisionID    int64                       `db:"revision_id"`
	Answers       pg.JSONOf[eforms.Answers]   `db:"answers"`
	Facts         pg.Sealed                   `db:"facts"`
	Sources       pg.JSONOf[Sources]          `db:"sources"`
	Page          string                      `db:"page"`
	Version       int                         `db:"version"`
	MadeAt        time.Time                   `db:"made_at"`
	SavedAt       time.Time                   `db:"saved_at"`
	LapsesAt      time.Time                   `db:"lapses_at"`
	FiledAt       *time.Time                  `db:"filed_at"`
	OpenRound     *int                        `db:"open_round"`
	Stamps        pg.JSONOf[map[string]Stamp] `db:"stamps"`
	Overtaken     pg.JSONOf[[]Overtaken]      `db:"overtaken"`
	UnseenID      *int64                      `db:"unseen_id"`
	DeletedAt     *time.Time                  `db:"deleted_at"`
	Capacity      string                      `db:"capacity"`
	GrantID       int64                       `db:"grant_id"`
	Subject       pg.Sealed                   `db:"subject"`
	Verified      bool                        `db:"subject_verified"`
	AssistantID   *int64                      `db:"assistant_id"`
}

const columns = `id, person_id, tax_code, procedure_code, revision_id, answers, facts, sources, page, version,
	made_at, saved_at, lapses_at, filed_at, open_round, stamps, overtaken, unseen_id, deleted_at,
	capacity, grant_id, subject, subject_verified, assistant_id`

// The rights over a draft of the person ($2) now ($3). One for a business is whose typed it,
// while they may file for it, and its legal representative's: it stays with the business
// when a member leaves. One by an authorisation ends with the authorisation. A filed one is
// whose the dossier is.
const (
	stands = `CASE WHEN tax_code <> '' THEN EXISTS (SELECT FROM standings($3) s WHERE s.person_id = $2 AND s.tax_code = drafts.tax_code
			AND s.may_file AND s.procedure_code IN ('', drafts.procedure_code) AND (s.power_id = 0 OR drafts.person_id = $2))
		WHEN capacity = 'authorised' AND grant_id > 0 THEN person_id = $2 AND ` + taken + ` ELSE person_id = $2 END`
	filedFor = `CASE WHEN tax_code <> '' THEN EXISTS (SELECT FROM standings($3) s WHERE s.person_id = $2 AND s.tax_code = drafts.tax_code
			AND s.may_file AND s.procedure_code IN ('', drafts.procedure_code))
		WHEN capacity = 'authorised' AND grant_id > 0 THEN ` + taken + `
			OR EXISTS (SELECT FROM authorisations a WHERE a.id = drafts.grant_id AND a.giver_id = $2) ELSE person_id = $2 END`
	taken = `EXISTS (SELECT FROM authorised($3) a WHERE a.id = drafts.grant_id AND a.taker_id = $2
			AND a.procedure_code IN ('', drafts.procedure_code))`
)

// open is a draft ($1) that the person ($2) can go on with now ($3): who stands for it, or
// an officer who helps. theirOwn is without the help.
const (
	open     = `id = $1 AND filed_at IS NULL AND deleted_at IS NULL AND lapses_at > $3 AND (` + stands + ` OR assistant_id = $2 AND assisting(id, $2, $3))`
	theirOwn = `id = $1 AND filed_at IS NULL AND deleted_at IS NULL AND lapses_at > $3 AND ` + stands
)

// owned is an open draft or a filed one.
const owned = `id = $1 AND (` + open + ` OR filed_at IS NOT NULL AND ` + filedFor + `)`

func notFound() error { return problem.New(problem.NotFound, "draft.not_found") }

// Load reads a draft of the person's own. One that is another's, filed, deleted or lapsed is
// not found.
func (s *Service) Load(ctx context.Context, p signin.Person, id string) (Draft, error) {
	d, err := s.known(ctx, p, id, open)
	if err != nil {
		return Draft{}, err
	}
	d.Files, err = FilesOf(ctx, s.DB, id, 0)
	return d, err
}

// Known is a draft that a deed will lock, filed or not, without its files. What it takes
// from other rooms is asked here, before the deed's transaction: within it a second
// connection would be waited for by those who together hold all there are.
func (s *Service) Known(ctx context.Context, p signin.Person, id string) (Draft, error) {
	return s.known(ctx, p, id, owned)
}

// Filed is a filed draft with whoever filed it, for those who compare what was filed with
// the registers; who may is theirs to have asked.
func (s *Service) Filed(ctx context.Context, id string) (Draft, signin.Person, error) {
	var r row
	err := s.DB.GetContext(ctx, &r, `SELECT `+columns+` FROM drafts WHERE id = $1 AND filed_at IS NOT NULL`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Draft{}, signin.Person{}, notFound()
	}
	if err != nil {
		return Draft{}, signin.Person{}, fmt.Errorf("load filed draft %s: %w", id, err)
	}
	p := signin.Person{ID: r.PersonID}
	var number pg.Sealed
	if err := s.DB.QueryRowContext(ctx, `SELECT name, id_number FROM persons WHERE id = $1`, p.ID).Scan(&p.Name, &number); err != nil {
		return Draft{}, signin.Person{}, fmt.Errorf("who filed %s: %w", id, err)
	}
	p.IDNumber = string(number)
	rev, err := s.Catalogue.ByID(ctx, r.RevisionID)
	if err != nil {
		return Draft{}, signin.Person{}, err
	}
	lists, err := s.Lists(ctx, rev)
	if err != nil {
		return Draft{}, signin.Person{}, err
	}
	d, err := r.over(p, Draft{Revision: rev, Lists: lists})
	return d, p, err
}

func (s *Service) known(ctx context.Context, p signin.Person, id, where string) (Draft, error) {
	r, err := s.row(ctx, s.DB, p, id, where)
	if err != nil {
		return Draft{}, err
	}
	rev, err := s.Catalogue.ByID(ctx, r.RevisionID)
	if err != nil {
		return Draft{}, err
	}
	lists, err := s.Lists(ctx, rev)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{Revision: rev, Lists: lists}
	if d.Help, err = s.help(ctx, s.DB, p, r); err != nil {
		return Draft{}, err
	}
	return r.over(d.Whose(p), d)
}

// Lock reads a known draft again, whole, and keeps others from changing it until tx ends.
func (s *Service) Lock(ctx context.Context, tx *sqlx.Tx, p signin.Person, known Draft) (Draft, error) {
	r, err := s.row(ctx, tx, p, known.ID, owned+` FOR UPDATE`)
	if err != nil {
		return Draft{}, err
	}
	if r.RevisionID != known.Revision.ID { // it has gone on to a newer form meanwhile
		return Draft{}, problem.New(problem.Conflict, "draft.outdated")
	}
	if known.Files, err = FilesOf(ctx, tx, known.ID, 0); err != nil {
		return Draft{}, err
	}
	if known.Help, err = s.help(ctx, tx, p, r); err != nil {
		return Draft{}, err
	}
	return r.over(known.Whose(p), known)
}

// help is the help that the person gives with the draft of the row, nil when it is by their
// own right that they are at it.
func (s *Service) help(ctx context.Context, q sqlx.QueryerContext, p signin.Person, r row) (*Help, error) {
	if r.AssistantID == nil || *r.AssistantID != p.ID || r.FiledAt != nil {
		return nil, nil
	}
	return s.helpOf(ctx, q, p, r.ID)
}

func (s *Service) row(ctx context.Context, q sqlx.QueryerContext, p signin.Person, id, where string) (row, error) {
	var r row
	if !pg.UUID(id) {
		return r, notFound()
	}
	err := sqlx.GetContext(ctx, q, &r, `SELECT `+columns+` FROM drafts WHERE `+where, id, p.ID, s.Now())
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound()
	}
	if err != nil {
		return r, fmt.Errorf("load draft %s: %w", id, err)
	}
	return r, nil
}

// over puts the row's values over a draft that has its revision, lists and files.
func (r row) over(p signin.Person, d Draft) (Draft, error) {
	facts, err := OpenFacts(r.Facts)
	if err != nil {
		return Draft{}, fmt.Errorf("facts of draft %s: %w", r.ID, err)
	}
	d.ID, d.PersonID, d.TaxCode, d.Page, d.Version = r.ID, r.PersonID, r.TaxCode, r.Page, r.Version
	d.Answers, d.Facts, d.Sources = r.Answers.V, facts, r.Sources.V
	d.MadeAt, d.SavedAt, d.LapsesAt, d.FiledAt, d.Round = r.MadeAt, r.SavedAt, r.LapsesAt, r.FiledAt, r.OpenRound
	d.Stamps, d.Overtaken, d.UnseenID, d.DeletedAt = r.Stamps.V, r.Overtaken.V, r.UnseenID, r.DeletedAt
	if d.Capacity, err = applicant.Opened(p, r.Capacity, r.TaxCode, r.GrantID, r.Subject, r.Verified); err != nil {
		return Draft{}, fmt.Errorf("draft %s: %w", r.ID, err)
	}
	if d.Stamps == nil {
		d.Stamps = map[string]Stamp{}
	}
	if d.Overtaken == nil {
		d.Overtaken = []Overtaken{}
	}
	if d.Answers == nil {
		d.Answers = eforms.Answers{}
	}
	if d.Sources == nil {
		d.Sources = Sources{}
	}
	return d, nil
}
