package national

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
	"motcua/portal/editorial"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// Service keeps what other systems say of procedures.
type Service struct {
	DB        *sqlx.DB
	Catalogue *catalogue.Service
	Editorial *editorial.Service
	Agency    *agency.Service
	Now       func() time.Time
	Log       *slog.Logger

	reading sync.Mutex // one file is taken apart at a time: each needs much memory
}

// State is where an upload stands.
type State string

// The states of an upload.
const (
	Reading  State = "reading"
	Looked   State = "read"
	Failed   State = "failed"
	Kept     State = "kept"     // of whole ones the list that is used
	Replaced State = "replaced" // by one that was kept later
)

// Upload is a file with procedures.
type Upload struct {
	ID      string                   `db:"id"`
	Name    string                   `db:"name"`
	Size    int                      `db:"size"`
	About   pg.JSONOf[About]         `db:"about"`
	State   State                    `db:"state"`
	Whole   bool                     `db:"whole"`
	Why     *pg.JSONOf[locales.Text] `db:"why"`
	Records int                      `db:"records"`
	Wrong   int                      `db:"wrong"`
	Done    int                      `db:"done"`
	By      string                   `db:"by"` // "" for an operator
	At      time.Time                `db:"at"`
	ReadAt  *time.Time               `db:"read_at"`
	KeptAt  *time.Time               `db:"kept_at"`
	Faulty  int                      `db:"faulty"` // records with faults or notes
}

// Good is how many records can be taken.
func (u Upload) Good() int { return u.Records - u.Wrong }

// Listed says whether the upload can be compared with the catalogue.
func (u Upload) Listed() bool { return u.State == Kept || u.State == Replaced }

const uploadColumns = `u.id, u.name, u.size, u.about, u.state, u.whole, u.why, u.records, u.wrong, u.done, coalesce(o.name, '') AS by, u.at, u.read_at, u.kept_at,
	(SELECT count(*) FROM national_rows r WHERE r.upload_id = u.id AND r.faulty) AS faulty
	FROM national_uploads u LEFT JOIN officers o ON o.id = u.officer_id `

func notFound() error { return problem.New(problem.NotFound, "catalogue.not_found") }

// Upload is a file as far as it was read.
func (s *Service) Upload(ctx context.Context, by agency.Officer, id string) (Upload, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return Upload{}, err
	}
	return upload(ctx, s.DB, id)
}

func upload(ctx context.Context, q sqlx.QueryerContext, id string) (Upload, error) {
	var u Upload
	if !pg.UUID(id) {
		return u, notFound()
	}
	err := sqlx.GetContext(ctx, q, &u, `SELECT `+uploadColumns+`WHERE u.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return u, notFound()
	}
	if err != nil {
		return u, fmt.Errorf("upload %s: %w", id, err)
	}
	return u, nil
}

// Uploads are the last files, the newest first.
func (s *Service) Uploads(ctx context.Context, by agency.Officer) ([]Upload, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, err
	}
	var all []Upload
	if err := s.DB.SelectContext(ctx, &all, `SELECT `+uploadColumns+`ORDER BY u.at DESC, u.id LIMIT 50`); err != nil {
		return nil, fmt.Errorf("uploads: %w", err)
	}
	return all, nil
}

// readKind is the work of taking a file apart.
const readKind = "national.read"

// Handlers are the kinds of work that are done later, each bearing a repeat.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{readKind: s.read}
}

// lists are what names in files are looked up in, as they are today.
func (s *Service) lists(ctx context.Context) (Lists, error) {
	fields, err := s.Catalogue.FieldsNow(ctx)
	if err != nil {
		return Lists{}, err
	}
	var l Lists
	for _, f := range fields {
		l.Fields = append(l.Fields, f)
	}
	slices.SortFunc(l.Fields, func(a, b catalogue.Field) int { return strings.Compare(a.Code, b.Code) })
	l.Agencies, err = s.Agency.All(ctx, s.Now())
	return l, err
}
