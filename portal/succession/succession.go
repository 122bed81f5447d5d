// Package succession merges and parts agencies on a day: it is planned, shown with all that
// passes, approved by a second person, and carried out by a worker when the day comes.
// Procedures get new revisions that name the heir, open work passes, history stays.
package succession

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/review"
)

// The states of a change.
const (
	Open    = "open" // being prepared, or with a second person
	Set     = "set"  // approved, waits for its day
	Done    = "done"
	Dropped = "dropped"
)

// Kind is the job that carries a change out.
const Kind = "agency.change"

// Service keeps the changes.
type Service struct {
	DB        *sqlx.DB
	Agency    *agency.Service
	Catalogue *catalogue.Service
	Drafts    *draft.Service
	Dossiers  *dossier.Service
	Now       func() time.Time
	Log       *slog.Logger
}

// Change is a plan with what became of it.
type Change struct {
	ID       string
	Plan     agency.Plan
	Version  int
	State    string
	OpenedBy string
	OpenedAt time.Time
	SetAt    *time.Time
	DoneAt   *time.Time
	Authors  []int64
	Did      Did
	Review   review.Status
}

// Did counts what passed.
type Did struct {
	Procedures int `json:"procedures"`
	Fields     int `json:"fields"`
	Dossiers   int `json:"dossiers"`
	Drafts     int `json:"drafts"`
	Reports    int `json:"reports"`
	Roles      int `json:"roles"`
	Counters   int `json:"counters"`
}

// Refused are the faults of a plan, as the answer to sending or approving it.
type Refused []agency.PlanFault

func (r Refused) Error() string {
	return fmt.Sprintf("%d faults of a plan, the first: %v", len(r), r[0])
}

// Unwrap makes it a fault that people may see.
func (r Refused) Unwrap() error { return problem.New(problem.Invalid, "agency.plan.refused") }

func notFound() error { return problem.New(problem.NotFound, "agency.plan.not_found") }

type row struct {
	ID       string                 `db:"id"`
	Plan     pg.JSONOf[agency.Plan] `db:"doc"`
	Version  int                    `db:"version"`
	State    string                 `db:"state"`
	OpenedBy string                 `db:"opened_by"`
	Opener   int64                  `db:"opener"`
	OpenedAt time.Time              `db:"opened_at"`
	SetAt    *time.Time             `db:"set_at"`
	DoneAt   *time.Time             `db:"done_at"`
	Authors  pq.Int64Array          `db:"authors"`
	Did      pg.JSONOf[Did]         `db:"did"`
}

const columns = `c.id, c.doc, c.version, c.state, o.name AS opened_by, c.opened_by AS opener, c.opened_at, c.set_at, c.done_at, c.authors, c.did
	FROM agency_changes c JOIN officers o ON o.id = c.opened_by `

func (r row) change(st review.Status) Change {
	return Change{ID: r.ID, Plan: r.Plan.V, Version: r.Version, State: r.State, OpenedBy: r.OpenedBy, OpenedAt: r.OpenedAt,
		SetAt: r.SetAt, DoneAt: r.DoneAt, Authors: r.Authors, Did: r.Did.V, Review: st}
}

func subject(id string) review.Subject { return review.Subject{Kind: review.Agency, ID: id} }

// All are the changes, the latest day first.
func (s *Service) All(ctx context.Context, by agency.Officer) ([]Change, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, err
	}
	var rows []row
	if err := s.DB.SelectContext(ctx, &rows, `SELECT `+columns+`WHERE c.state <> 'dropped' ORDER BY c.day DESC, c.id LIMIT 200`); err != nil {
		return nil, fmt.Errorf("changes of agencies: %w", err)
	}
	subjects := make([]review.Subject, len(rows))
	for i, r := range rows {
		subjects[i] = subject(r.ID)
	}
	reviews, err := review.Of(ctx, s.DB, subjects...)
	if err != nil {
		return nil, err
	}
	all := make([]Change, len(rows))
	for i, r := range rows {
		all[i] = r.change(reviews[subjects[i]])
	}
	return all, nil
}

// One is a change by its id.
func (s *Service) One(ctx context.Context, by agency.Officer, id string) (Change, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return Change{}, err
	}
	r, err := byID(ctx, s.DB, id, "")
	if err != nil {
		return Change{}, err
	}
	reviews, err := review.Of(ctx, s.DB, subject(id))
	return r.change(reviews[subject(id)]), err
}

func byID(ctx context.Context, q sqlx.QueryerContext, id, lock string) (row, error) {
	var r row
	if !pg.UUID(id) {
		return r, notFound()
	}
	err := sqlx.GetContext(ctx, q, &r, `SELECT `+columns+`WHERE c.id = $1 AND c.state <> 'dropped'`+lock, id)
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound()
	}
	if err != nil {
		return r, fmt.Errorf("change of agencies %s: %w", id, err)
	}
	return r, nil
}

// Start opens an empty plan for tomorrow and gives its id.
func (s *Service) Start(ctx context.Context, by catalogue.Editing) (string, error) {
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		id, now := uuid.NewString(), s.Now()
		p := agency.Plan{Day: calendar.DayOf(now).Add(1).String()}
		_, err := tx.ExecContext(ctx, `INSERT INTO agency_changes (id, day, ground, doc, opened_by, opened_at, authors) VALUES ($1, $2::date, '', $3, $4, $5, $6)`,
			id, p.Day, pg.JSON(p), by.Officer.ID, now, pq.Int64Array{by.Officer.ID})
		if err != nil {
			return "", audit.Entry{}, fmt.Errorf("open a change of agencies: %w", err)
		}
		return id, audit.Entry{Deed: "agency_change.start", Object: "agency_change:" + id}, nil
	})
}

// Save keeps a plan that began from the given version. One that was sent has to be sent anew.
func (s *Service) Save(ctx context.Context, by catalogue.Editing, id string, version int, p agency.Plan) error {
	if _, err := calendar.ParseDay(p.Day); err != nil {
		return Refused{{Field: "day", Message: locales.M("agency.plan.day")}}
	}
	return s.deed(ctx, by, id, version, "save", func(tx *sqlx.Tx, r row) error {
		authors := append(slices.Clone(r.Authors), by.Officer.ID)
		slices.Sort(authors)
		_, err := tx.ExecContext(ctx, `UPDATE agency_changes SET day = $2::date, ground = $3, doc = $4, version = version + 1, authors = $5 WHERE id = $1`,
			id, p.Day, p.Ground, pg.JSON(p), pq.Int64Array(slices.Compact(authors)))
		return err
	})
}

// Drop gives a plan up.
func (s *Service) Drop(ctx context.Context, by catalogue.Editing, id string, version int) error {
	return s.deed(ctx, by, id, version, "drop", func(tx *sqlx.Tx, r row) error {
		_, err := tx.ExecContext(ctx, `UPDATE agency_changes SET state = 'dropped' WHERE id = $1`, id)
		if st, ok := s.waiting(ctx, tx, id); err == nil && ok {
			err = review.Recall(ctx, tx, by.Officer, st, s.Now())
		}
		return err
	})
}

// waiting is the subject when somebody has it to decide on.
func (s *Service) waiting(ctx context.Context, tx *sqlx.Tx, id string) (review.Subject, bool) {
	all, err := review.Of(ctx, tx, subject(id))
	return subject(id), err == nil && (all[subject(id)].State == review.StateSent || all[subject(id)].State == review.StateApproved)
}

// Send gives a plan without faults to a second person.
func (s *Service) Send(ctx context.Context, by catalogue.Editing, id string, version int, title, link, note string) error {
	if err := s.faultless(ctx, by.Officer, id); err != nil {
		return err
	}
	return s.deed(ctx, by, id, version, "send", func(tx *sqlx.Tx, r row) error {
		return review.Send(ctx, tx, by.Officer, review.Sending{Subject: subject(id), Version: version, Title: title, Link: link, Authors: r.Authors, Note: note}, s.Now())
	})
}

// Decide approves a plan, which sets it for its day, or gives it back.
func (s *Service) Decide(ctx context.Context, by catalogue.Editing, id string, version int, approve bool, note string) error {
	if approve {
		if err := s.faultless(ctx, by.Officer, id); err != nil {
			return err
		}
	}
	return s.deed(ctx, by, id, version, "decide", func(tx *sqlx.Tx, r row) error {
		if err := review.Decide(ctx, tx, by.Officer, subject(id), version, approve, note, s.Now()); err != nil || !approve {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE agency_changes SET state = 'set', set_by = $2, set_at = $3 WHERE id = $1`, id, by.Officer.ID, s.Now())
		if err != nil {
			return err
		}
		day, err := begin(r.Plan.V.Day)
		if err != nil {
			return err
		}
		return queue.Put(ctx, tx, Kind, id, day, nil)
	})
}

// begin is the first second of a plan's day.
func begin(day string) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly, day, locales.ICT)
}

// Recall takes a plan back that was sent, or that waits for its day.
func (s *Service) Recall(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		r, err := byID(ctx, tx, id, ` FOR UPDATE OF c`)
		switch {
		case err != nil:
			return "", audit.Entry{}, err
		case r.State == Done || r.Version != version:
			return "", audit.Entry{}, problem.New(problem.Conflict, "agency.plan.moved")
		}
		if err := review.Recall(ctx, tx, by.Officer, subject(id), s.Now()); err != nil {
			return "", audit.Entry{}, err
		}
		_, err = tx.ExecContext(ctx, `UPDATE agency_changes SET state = 'open', set_by = NULL, set_at = NULL WHERE id = $1`, id)
		return "", audit.Entry{Deed: "agency_change.recall", Object: "agency_change:" + id}, err
	})
	return err
}

func (s *Service) faultless(ctx context.Context, by agency.Officer, id string) error {
	c, err := s.One(ctx, by, id)
	if err != nil {
		return err
	}
	faults, err := s.Check(ctx, c.Plan)
	if err == nil && len(faults) > 0 {
		err = Refused(faults)
	}
	return err
}

// Check finds what keeps a plan from being sent.
func (s *Service) Check(ctx context.Context, p agency.Plan) ([]agency.PlanFault, error) {
	return s.check(ctx, p, false)
}

func (s *Service) check(ctx context.Context, p agency.Plan, late bool) ([]agency.PlanFault, error) {
	fields, err := s.Catalogue.FieldsNow(ctx)
	if err != nil {
		return nil, err
	}
	return s.Agency.CheckPlan(ctx, p, late, func(code string) bool { _, ok := fields[code]; return ok })
}

// deed does something to a plan that is still open, in its version.
func (s *Service) deed(ctx context.Context, by catalogue.Editing, id string, version int, name string, do func(tx *sqlx.Tx, r row) error) error {
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		r, err := byID(ctx, tx, id, ` FOR UPDATE OF c`)
		if err != nil {
			return "", audit.Entry{}, err
		}
		if r.State != Open || r.Version != version {
			return "", audit.Entry{}, problem.New(problem.Conflict, "agency.plan.moved")
		}
		entry := audit.Entry{Deed: "agency_change." + name, Object: "agency_change:" + id, Args: map[string]any{"version": version}}
		if err := do(tx, r); err != nil {
			return "", audit.Entry{}, err
		}
		return "", entry, nil
	})
	return err
}
