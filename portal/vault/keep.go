package vault

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/dossier"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// KeepKind is the work of taking in what a dossier leaves behind: its papers once it has been
// received, its result once it has been handed over. Done again it finds nothing to do.
const KeepKind = "vault.keep"

// Handlers are the kinds of work that are done later, each bearing a repeat.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{KeepKind: s.keep}
}

// Later queues KeepKind in the transaction of the deed that calls for it.
func (s *Service) Later(ctx context.Context, tx *sqlx.Tx, dossierID string) error {
	return queue.Put(ctx, tx, KeepKind, dossierID, s.Now(), nil)
}

func (s *Service) keep(ctx context.Context, j queue.Job) error {
	d, err := s.Dossiers.ByID(ctx, j.Subject)
	if err != nil {
		return err
	}
	types, err := s.Catalogue.PaperTypes(ctx)
	if err != nil {
		return err
	}
	result := d.State == dossier.Returned && d.Outcome == "granted"
	if result { // its bytes may not be drawn yet
		if _, _, err := s.Dossiers.LastPaper(ctx, d, dossier.Result); problem.Is(err, problem.NotFound) {
			result = false
		} else if err != nil {
			return err
		}
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if d.ReceivedAt != nil && d.State != dossier.Withdrawn && d.State != dossier.Refused {
			if err := s.Accept(ctx, tx, d, types); err != nil {
				return err
			}
		}
		if !result {
			return nil
		}
		return s.issue(ctx, tx, d, types)
	})
}

// Dates are what an officer has read off a paper.
type Dates struct {
	IssuedOn time.Time // zero: not said
	ValidTo  time.Time
}

// ResultDates is the name under which Dates of a result are kept.
const ResultDates = ""

// Read keeps what an officer has read off the papers of a dossier, by component of the form.
func (s *Service) Read(ctx context.Context, tx *sqlx.Tx, dossierID string, read map[string]Dates, officer int64) error {
	for component, d := range read {
		_, err := tx.ExecContext(ctx, `INSERT INTO vault_dates (dossier_id, component, issued_on, valid_to, officer_id, at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (dossier_id, component) DO UPDATE SET issued_on = excluded.issued_on, valid_to = excluded.valid_to, officer_id = excluded.officer_id, at = excluded.at`,
			dossierID, component, dayOrNone(d.IssuedOn), dayOrNone(d.ValidTo), officer, s.Now())
		if err != nil {
			return fmt.Errorf("dates of the papers of %s: %w", dossierID, err)
		}
	}
	return nil
}

func dayOrNone(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	day := t.In(locales.ICT).Format(time.DateOnly)
	return &day
}

// Accept takes in the papers of a dossier in the transaction in which an officer receives it.
// What has been taken in stays as it is.
func (s *Service) Accept(ctx context.Context, tx *sqlx.Tx, d dossier.Dossier, types map[string]catalogue.PaperType) error {
	owner, err := s.lockOwner(ctx, tx, d)
	if err != nil {
		return err
	}
	found, err := attached(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	dates, err := datesOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	for _, k := range found {
		q, asked := d.Revision.Form.Question(k.question)
		if !asked || q.Kind != eforms.Attachment || k.reused() {
			continue
		}
		kind := types[q.PaperType()]
		at := s.Now()
		if d.ReceivedAt != nil {
			at = *d.ReceivedAt
		}
		if err := s.insert(ctx, tx, owner, d, k, entry{kind: kind, name: q.Label, status: Accepted, at: at, handedIn: k.parts[0].At, dates: dates[k.question]}); err != nil {
			return err
		}
	}
	return nil
}

// issue takes in the result of a dossier.
func (s *Service) issue(ctx context.Context, tx *sqlx.Tx, d dossier.Dossier, types map[string]catalogue.PaperType) error {
	owner, err := s.lockOwner(ctx, tx, d)
	if err != nil {
		return err
	}
	var p dossier.Paper
	err = tx.GetContext(ctx, &p, `SELECT id, number, at, blob, size, sha256 FROM papers WHERE dossier_id = $1 AND kind = 'result' AND blob <> '' ORDER BY no DESC LIMIT 1`, d.ID)
	if err != nil {
		return fmt.Errorf("result of %s: %w", d.ID, err)
	}
	dates, err := datesOf(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	e := entry{name: d.Revision.Papers.Result.Title, status: Issued, at: p.At, handedIn: p.At, dates: dates[ResultDates]}
	if results := d.Revision.Sheet.Results; len(results) == 1 {
		e.name = results[0].Name
		e.kind, _ = catalogue.ResultType(types, results[0].Code)
	}
	e.dates.IssuedOn = p.At
	file := part{ID: p.ID, Name: resultName(d), Media: "application/pdf", Size: p.Size, Pages: 1, SHA256: p.SHA256, Blob: p.Blob, At: p.At}
	return s.insert(ctx, tx, owner, d, kept{source: p.ID, number: p.Number, parts: []part{file}}, e)
}

func resultName(d dossier.Dossier) string { return "ket-qua-" + d.Code + ".pdf" }

// entry is what a paper is entered with.
type entry struct {
	kind     catalogue.PaperType
	name     locales.Text
	status   string
	at       time.Time
	handedIn time.Time
	dates    Dates
}

// validTo is the last day: as it was read off the paper or decided, else by the type's rule.
func (e entry) validTo() time.Time {
	if !e.dates.ValidTo.IsZero() {
		return e.dates.ValidTo
	}
	ends, _ := e.kind.Ends(e.dates.IssuedOn, e.handedIn)
	return ends
}

func (e entry) limited() bool {
	begins := e.dates.IssuedOn
	if begins.IsZero() {
		begins = e.handedIn
	}
	return !e.dates.ValidTo.IsZero() || e.kind.Limited(begins)
}

func (s *Service) insert(ctx context.Context, tx *sqlx.Tx, owner []byte, d dossier.Dossier, k kept, e entry) error {
	id := uuid.NewString()
	res, err := tx.ExecContext(ctx, `INSERT INTO vault_papers (id, owner_hash, tax_code, type, name, status, agency_id, number, at, handed_in, issued_on, valid_to, limited,
			pages, sha256, dossier_id, filing, component)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
		ON CONFLICT ON CONSTRAINT vault_papers_source_key DO NOTHING`,
		id, owner, d.TaxCode, e.kind.Code, pg.JSON(e.name), e.status, d.AgencyID, k.number, e.at, e.handedIn, dayOrNone(e.dates.IssuedOn), dayOrNone(e.validTo()), e.limited(),
		k.pages(), k.hash(), d.ID, k.filing, k.source)
	if err != nil {
		return fmt.Errorf("paper %s of %s: %w", k.source, d.ID, err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return nil // taken in before
	}
	for i, p := range k.parts {
		_, err := tx.ExecContext(ctx, `INSERT INTO vault_files (paper_id, position, file_id, name, media, size, pages, sha256, blob)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, i+1, p.ID, p.Name, p.Media, p.Size, p.Pages, p.SHA256, p.Blob)
		if err != nil {
			return fmt.Errorf("files of paper %s of %s: %w", k.source, d.ID, err)
		}
	}
	return replace(ctx, tx, owner, e.kind)
}

// replace lets the newest paper of a type stand for the older ones; where there may be
// several at once, only for those that are the same.
func replace(ctx context.Context, tx *sqlx.Tx, owner []byte, kind catalogue.PaperType) error {
	if kind.Code == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE vault_papers v SET replaced_by = n.id FROM (
			SELECT DISTINCT ON (CASE WHEN $3::boolean THEN sha256 END) id, sha256 FROM vault_papers
			WHERE owner_hash = $1 AND type = $2 ORDER BY CASE WHEN $3::boolean THEN sha256 END, at DESC, id DESC) n
		WHERE v.owner_hash = $1 AND v.type = $2 AND v.id <> n.id AND v.replaced_by IS NULL AND (NOT $3::boolean OR v.sha256 = n.sha256)`, owner, kind.Code, kind.Many)
	if err != nil {
		return fmt.Errorf("replace older papers: %w", err)
	}
	return nil
}

// lockOwner keeps two dossiers of one owner from not seeing each other's papers.
func (s *Service) lockOwner(ctx context.Context, tx *sqlx.Tx, d dossier.Dossier) ([]byte, error) {
	owner := s.Key.Hash(d.OwnerNumber)
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('vault:' || encode($1::bytea, 'hex'), 0))`, owner)
	if err != nil {
		return nil, fmt.Errorf("lock the papers of an owner: %w", err)
	}
	return owner, nil
}

func datesOf(ctx context.Context, tx *sqlx.Tx, dossierID string) (map[string]Dates, error) {
	var rows []struct {
		Component string     `db:"component"`
		IssuedOn  *time.Time `db:"issued_on"`
		ValidTo   *time.Time `db:"valid_to"`
	}
	if err := tx.SelectContext(ctx, &rows, `SELECT component, issued_on, valid_to FROM vault_dates WHERE dossier_id = $1`, dossierID); err != nil {
		return nil, fmt.Errorf("dates of the papers of %s: %w", dossierID, err)
	}
	all := map[string]Dates{}
	for _, r := range rows {
		all[r.Component] = Dates{IssuedOn: dayIn(r.IssuedOn), ValidTo: dayIn(r.ValidTo)}
	}
	return all, nil
}

// dayIn is a day of the database as one in Vietnam.
func dayIn(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, locales.ICT)
}
