// Package vault keeps the papers that an agency has accepted or that this portal has issued,
// so that nobody is asked for the same paper twice.
package vault

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/blob"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signature"
)

// Service keeps papers.
type Service struct {
	DB        *sqlx.DB
	Key       pg.LookupKey
	Blobs     *blob.Files
	Catalogue *catalogue.Service
	Agency    *agency.Service
	Applicant *applicant.Service
	Drafts    *draft.Service
	Dossiers  *dossier.Service
	Notices   *notification.Service
	Now       func() time.Time
	Log       *slog.Logger
}

// How a paper came to be known.
const (
	Accepted = "accepted" // an agency has received it
	Issued   = "issued"   // a result of this portal
)

// Paper is one paper of a person or a business.
type Paper struct {
	ID         string
	Owner      []byte // keyed hash of the owner's number
	TaxCode    string // of the business that owns it, or none
	Type       string // of catalogue.PaperTypes, or none
	Name       locales.Text
	Status     string
	Agency     locales.Text // who accepted or issued it
	Issuer     locales.Text // who issues papers of the type, where there is but one
	Number     string
	At         time.Time // when it was accepted or issued
	HandedIn   time.Time
	IssuedOn   *time.Time // day
	ValidTo    *time.Time // last day
	Limited    bool
	Pages      int
	SHA256     []byte
	Dossier    string
	Code       string // of the dossier
	Filing     int
	Component  string
	ReplacedBy string
	HiddenAt   *time.Time
	Sensitive  bool
	Event      bool
	Own        bool // whoever asked may share and hide it: not a member of the business that owns it
	Files      []File
}

// File is one file of a paper.
type File struct {
	Paper    string `db:"paper_id"`
	Position int    `db:"position"`
	FileID   string `db:"file_id"`
	Name     string `db:"name"`
	Media    string `db:"media"`
	Size     int64  `db:"size"`
	Pages    int    `db:"pages"`
	SHA256   []byte `db:"sha256"`
	Blob     string `db:"blob"`

	Turn        int                              `db:"turn"`
	Signatures  pg.JSONOf[[]signature.Signature] `db:"signatures"`
	CleanSize   int64                            `db:"clean_size"` // of the copy of a picture without what the camera noted
	CleanBlob   string                           `db:"clean_blob"`
	SmallSize   int64                            `db:"small_size"`
	SmallBlob   string                           `db:"small_blob"`
	SmallWidth  int                              `db:"small_width"`
	SmallHeight int                              `db:"small_height"`
}

// Image says whether it is a picture.
func (f File) Image() bool { return strings.HasPrefix(f.Media, "image/") }

// The states of a paper's validity.
const (
	Valid    = "valid"
	Expired  = "expired"
	Unknown  = "unknown" // it ends on a day that nobody has read off it
	Replaced = "replaced"
)

// State is how the paper stands on a day.
func (p Paper) State(now time.Time) string {
	switch {
	case p.ReplacedBy != "":
		return Replaced
	case p.ValidTo != nil && p.ValidTo.Format(time.DateOnly) < today(now):
		return Expired
	case p.Limited && p.ValidTo == nil:
		return Unknown
	}
	return Valid
}

// today is the day in Vietnam: a paper holds until its last day is over.
func today(now time.Time) string { return now.In(locales.ICT).Format(time.DateOnly) }

// row is a line of vault_papers with its dossier's code.
type row struct {
	ID         string                  `db:"id"`
	Owner      []byte                  `db:"owner_hash"`
	TaxCode    string                  `db:"tax_code"`
	Type       string                  `db:"type"`
	Name       pg.JSONOf[locales.Text] `db:"name"`
	Status     string                  `db:"status"`
	AgencyID   int64                   `db:"agency_id"`
	Number     string                  `db:"number"`
	At         time.Time               `db:"at"`
	HandedIn   time.Time               `db:"handed_in"`
	IssuedOn   *time.Time              `db:"issued_on"`
	ValidTo    *time.Time              `db:"valid_to"`
	Limited    bool                    `db:"limited"`
	Pages      int                     `db:"pages"`
	SHA256     []byte                  `db:"sha256"`
	DossierID  string                  `db:"dossier_id"`
	Code       string                  `db:"code"`
	Filing     int                     `db:"filing"`
	Component  string                  `db:"component"`
	ReplacedBy string                  `db:"replaced_by"`
	HiddenAt   *time.Time              `db:"hidden_at"`
	Own        bool                    `db:"own"`
}

const selectPapers = `SELECT v.id, v.owner_hash, v.tax_code, v.type, v.name, v.status, v.agency_id, v.number, v.at, v.handed_in, v.issued_on, v.valid_to,
	v.limited, v.pages, v.sha256, v.dossier_id, d.code, v.filing, v.component, coalesce(v.replaced_by::text, '') AS replaced_by, v.hidden_at, false AS own
	FROM vault_papers v JOIN dossiers d ON d.id = v.dossier_id `

// papers runs a query that begins with selectPapers, and reads the files of what it finds.
func (s *Service) papers(ctx context.Context, query string, args ...any) ([]Paper, error) {
	var rows []row
	if err := s.DB.SelectContext(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("papers: %w", err)
	}
	types, err := s.Catalogue.PaperTypes(ctx)
	if err != nil {
		return nil, err
	}
	list, ids := make([]Paper, len(rows)), make([]string, len(rows))
	for i, r := range rows {
		at, err := s.Agency.ByID(ctx, r.AgencyID) // held in memory
		if err != nil {
			return nil, err
		}
		list[i], ids[i] = r.of(at, types[r.Type]), r.ID
	}
	return list, s.filesOf(ctx, list, ids)
}

func (r row) of(at agency.Agency, kind catalogue.PaperType) Paper {
	return Paper{ID: r.ID, Owner: r.Owner, TaxCode: r.TaxCode, Type: r.Type, Name: r.Name.V, Status: r.Status, Agency: at.Name, Issuer: kind.Issuer,
		Number: r.Number, At: r.At, HandedIn: r.HandedIn, IssuedOn: r.IssuedOn, ValidTo: r.ValidTo, Limited: r.Limited, Pages: r.Pages, SHA256: r.SHA256,
		Dossier: r.DossierID, Code: r.Code, Filing: r.Filing, Component: r.Component, ReplacedBy: r.ReplacedBy, HiddenAt: r.HiddenAt,
		Sensitive: kind.Sensitive, Event: kind.Event, Own: r.Own}
}

// filesOf gives each paper its files, with what was made of their pictures.
func (s *Service) filesOf(ctx context.Context, list []Paper, ids []string) error {
	var files []File
	err := s.DB.SelectContext(ctx, &files, `SELECT v.paper_id, v.position, v.file_id, v.name, v.media, v.size, v.pages, v.sha256, v.blob,
			coalesce(f.turn, 0) AS turn, coalesce(f.signatures, '[]') AS signatures,
			coalesce(c.size, 0) AS clean_size, coalesce(c.blob, '') AS clean_blob, coalesce(c.small_size, 0) AS small_size, coalesce(c.small_blob, '') AS small_blob,
			coalesce(c.small_width, 0) AS small_width, coalesce(c.small_height, 0) AS small_height
		FROM vault_files v LEFT JOIN draft_files f ON f.id = v.file_id LEFT JOIN file_copies c ON c.file_id = v.file_id AND c.fault = ''
		WHERE v.paper_id = ANY($1::uuid[]) ORDER BY v.paper_id, v.position`, pq.Array(ids))
	if err != nil {
		return fmt.Errorf("files of papers: %w", err)
	}
	for i := range list {
		for _, f := range files {
			if f.Paper == list[i].ID {
				list[i].Files = append(list[i].Files, f)
			}
		}
	}
	return nil
}

func notFound() error { return problem.New(problem.NotFound, "vault.not_found") }
