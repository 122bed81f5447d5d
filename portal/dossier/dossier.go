// Package dossier holds what people file, from the draft that becomes a dossier to the
// result that goes home: its life, its papers, who may do what.
package dossier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/payments"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/blob"
	"motcua/portal/catalogue"
	"motcua/portal/draft"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/postal"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Service files dossiers and shows them to their owners.
type Service struct {
	DB        *sqlx.DB
	Key       pg.LookupKey
	Blobs     *blob.Files
	Drafts    *draft.Service
	Catalogue *catalogue.Service
	Agency    *agency.Service
	Applicant *applicant.Service
	Payments  *payments.Service
	Notices   *notification.Service
	Postal    *postal.Service
	PortalURL string // for the addresses that papers and letters carry
	Now       func() time.Time
	Log       *slog.Logger

	blanks sync.Map // revision id → its blank form as PDF
}

// Dossier is a filed procedure with everything that is known of it.
type Dossier struct {
	ID          string
	Code        string
	AgencyID    int64
	Agency      agency.Agency
	Revision    *catalogue.Revision
	PersonID    int64
	TaxCode     string
	Capacity    applicant.Kind
	GrantID     int64  // the power or authorisation by which it was filed
	Relation    string // of a ward to the applicant
	Proven      bool   // a register or the giver confirmed as whom it was filed; false: by a paper
	OwnerName   string
	OwnerNumber string
	Email       string
	Phone       string
	Lang        string
	State       State
	Step        string
	Money       string // none, due, paid, review
	Handover    string // none, ready, ordered, accepted, in_transit, delivered, collected, failed
	Channel     string
	ReturnBy    string // online, counter, post
	ReturnTo    ReturnTo
	Verified    bool
	Supplements int
	Outcome     string // granted, denied
	FiledAt     time.Time
	AnswerBy    time.Time
	ReceivedAt  *time.Time
	DueAt       *time.Time
	DecidedAt   *time.Time
	ReturnedAt  *time.Time
	ClosedAt    *time.Time
	OfficerID   *int64
	OfficerName string
	Version     int
	AssistedBy  int64 // the officer who filled it for the applicant, 0 for none
	Assisted    Assisted
}

// Assisted is who filled a dossier for an applicant who was present, as they were called
// that day, and how the applicant confirmed it.
type Assisted struct {
	Officer string       `json:"officer,omitempty"`
	Agency  locales.Text `json:"agency,omitzero"`
	By      string       `json:"by,omitempty"` // code, paper
}

// ReturnTo is where a result goes by post, or who comes for it.
type ReturnTo struct {
	Name         string `json:"name,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Province     string `json:"province,omitempty"` // code
	ProvinceName string `json:"province_name,omitempty"`
	Commune      string `json:"commune,omitempty"`
	Address      string `json:"address,omitempty"`
}

// Line is the address in one line.
func (r ReturnTo) Line() string {
	var parts []string
	for _, p := range []string{r.Address, r.Commune, r.ProvinceName} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// StepDoes is what the dossier's present step of its workflow does.
func (d Dossier) StepDoes() string {
	if d.Revision == nil || d.Revision.Workflow == nil {
		return ""
	}
	step, ok := d.Revision.Workflow.Step(d.Step)
	if !ok {
		return ""
	}
	return step.Does
}

// Deadline is when the agency must have answered: the due date once there is one.
func (d Dossier) Deadline() time.Time {
	if d.DueAt != nil {
		return *d.DueAt
	}
	return d.AnswerBy
}

// row is a line of dossiers.
type row struct {
	ID            string              `db:"id"`
	Code          string              `db:"code"`
	AgencyID      int64               `db:"agency_id"`
	ProcedureCode string              `db:"procedure_code"`
	RevisionID    int64               `db:"revision_id"`
	PersonID      int64               `db:"person_id"`
	TaxCode       string              `db:"tax_code"`
	OwnerName     pg.Sealed           `db:"owner_name"`
	OwnerNumber   pg.Sealed           `db:"owner_number"`
	Email         string              `db:"email"`
	Phone         string              `db:"phone"`
	Lang          string              `db:"lang"`
	State         State               `db:"state"`
	Step          string              `db:"step"`
	Money         string              `db:"money"`
	Handover      string              `db:"handover"`
	Channel       string              `db:"channel"`
	ReturnBy      string              `db:"return_by"`
	ReturnTo      pg.JSONOf[ReturnTo] `db:"return_to"`
	Verified      bool                `db:"verified"`
	Supplements   int                 `db:"supplements"`
	Outcome       string              `db:"outcome"`
	FiledAt       time.Time           `db:"filed_at"`
	AnswerBy      time.Time           `db:"answer_by"`
	ReceivedAt    *time.Time          `db:"received_at"`
	DueAt         *time.Time          `db:"due_at"`
	DecidedAt     *time.Time          `db:"decided_at"`
	ReturnedAt    *time.Time          `db:"returned_at"`
	ClosedAt      *time.Time          `db:"closed_at"`
	OfficerID     *int64              `db:"officer_id"`
	OfficerName   string              `db:"officer_name"`
	Version       int                 `db:"version"`
	Capacity      string              `db:"capacity"`
	GrantID       int64               `db:"grant_id"`
	Relation      string              `db:"relation"`
	Proven        bool                `db:"subject_verified"`
	AssistedBy    int64               `db:"assisted_by"`
	Assisted      pg.JSONOf[Assisted] `db:"assisted"`
}

// Columns are the columns of dossiers (as d) and the officer's name (officers as o), for
// the desk's lists too.
const Columns = `d.id, d.code, d.agency_id, d.procedure_code, d.revision_id, d.person_id, d.tax_code, d.owner_name, d.owner_number,
	d.email, d.phone, d.lang, d.state, d.step, d.money, d.handover, d.channel, d.return_by, d.return_to, d.verified, d.supplements,
	d.outcome, d.filed_at, d.answer_by, d.received_at, d.due_at, d.decided_at, d.returned_at, d.closed_at, d.officer_id, d.version,
	d.capacity, d.grant_id, d.relation, d.subject_verified, coalesce(d.assisted_by, 0) AS assisted_by, d.assisted`

// Select is the beginning of every query for dossiers.
const Select = `SELECT ` + Columns + `, coalesce(o.name, '') AS officer_name FROM dossiers d LEFT JOIN officers o ON o.id = d.officer_id `

// Query runs a query that begins with Select.
func (s *Service) Query(ctx context.Context, q sqlx.QueryerContext, query string, args ...any) ([]Dossier, error) {
	var rows []row
	if err := sqlx.SelectContext(ctx, q, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("query dossiers: %w", err)
	}
	list := make([]Dossier, len(rows))
	for i, r := range rows {
		d, err := s.dossier(ctx, r)
		if err != nil {
			return nil, err
		}
		list[i] = d
	}
	return list, nil
}

func (s *Service) dossier(ctx context.Context, r row) (Dossier, error) {
	rev, err := s.Catalogue.ByID(ctx, r.RevisionID)
	if err != nil {
		return Dossier{}, err
	}
	at, err := s.Agency.ByID(ctx, r.AgencyID)
	if err != nil {
		return Dossier{}, err
	}
	return r.of(rev, at), nil
}

// of is the row as a dossier; its revision and agency come from their own rooms.
func (r row) of(rev *catalogue.Revision, at agency.Agency) Dossier {
	return Dossier{ID: r.ID, Code: r.Code, AgencyID: r.AgencyID, Agency: at, Revision: rev, PersonID: r.PersonID, TaxCode: r.TaxCode,
		Capacity: applicant.KindOf(r.Capacity, r.TaxCode), GrantID: r.GrantID, Relation: r.Relation, Proven: r.Proven, OwnerName: string(r.OwnerName), OwnerNumber: string(r.OwnerNumber), Email: r.Email, Phone: r.Phone, Lang: r.Lang,
		State: r.State, Step: r.Step, Money: r.Money, Handover: r.Handover, Channel: r.Channel, ReturnBy: r.ReturnBy, ReturnTo: r.ReturnTo.V,
		Verified: r.Verified, Supplements: r.Supplements, Outcome: r.Outcome, FiledAt: r.FiledAt, AnswerBy: r.AnswerBy,
		ReceivedAt: r.ReceivedAt, DueAt: r.DueAt, DecidedAt: r.DecidedAt, ReturnedAt: r.ReturnedAt, ClosedAt: r.ClosedAt,
		OfficerID: r.OfficerID, OfficerName: r.OfficerName, Version: r.Version, AssistedBy: r.AssistedBy, Assisted: r.Assisted.V}
}

// notFound is the one answer to what is not there and to what is not yours.
func notFound() error { return problem.New(problem.NotFound, "dossier.not_found") }

// ByID reads a dossier; who may see it is the caller's to ask.
func (s *Service) ByID(ctx context.Context, id string) (Dossier, error) {
	r, err := byID(ctx, s.DB, id, "")
	if err != nil {
		return Dossier{}, err
	}
	return s.dossier(ctx, r)
}

func byID(ctx context.Context, q sqlx.QueryerContext, id, lock string) (row, error) {
	var r row
	if !pg.UUID(id) {
		return r, notFound()
	}
	err := sqlx.GetContext(ctx, q, &r, Select+`WHERE d.id = $1`+lock, id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound()
	}
	if err != nil {
		return r, fmt.Errorf("dossier %s: %w", id, err)
	}
	return r, nil
}

// Mine are the dossiers of the person and of the businesses they act for, newest first.
func (s *Service) Mine(ctx context.Context, p signin.Person) ([]Dossier, error) {
	return s.MineOf(ctx, p, "")
}

// Filing is what was filed in one round.
type Filing struct {
	No      int
	Answers eforms.Answers
	Facts   []eforms.Fact
	Sources draft.Sources
	SHA256  []byte
	At      time.Time
}
