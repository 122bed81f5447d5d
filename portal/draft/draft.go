// Package draft holds what a person is still filling: answers, files, and what the
// registries said, until it is filed or lapses.
package draft

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/applicant"
	"motcua/portal/blob"
	"motcua/portal/catalogue"
	"motcua/portal/notification"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/registry"
	"motcua/portal/signin"
)

// Limits of a person's drafts (DESIGN, "Figures").
const (
	MaxOpen = 20
	Life    = 30 * 24 * time.Hour // from the last save
)

// Service keeps drafts.
type Service struct {
	DB        *sqlx.DB
	Blobs     *blob.Files
	Catalogue *catalogue.Service
	Registry  *registry.Service
	Applicant *applicant.Service
	Agency    *agency.Service
	Notices   *notification.Service
	Now       func() time.Time
	Log       *slog.Logger

	units     heldUnits
	pictures  gate
	documents gate
}

// Draft is one person's unfinished filing of one procedure.
type Draft struct {
	ID        string
	PersonID  int64
	TaxCode   string // the business it is for, or empty
	Capacity  applicant.Capacity
	Revision  *catalogue.Revision
	Answers   eforms.Answers
	Facts     []eforms.Fact
	Sources   Sources
	Page      string // address of the page the person was at, within the draft
	Version   int
	MadeAt    time.Time
	SavedAt   time.Time
	LapsesAt  time.Time
	FiledAt   *time.Time
	DeletedAt *time.Time // when the person put it away
	Files     []File     // of the first filing
	Round     *int       // the filing that files can be put to: 0 the first, nil none any more
	Lists     map[string][]eforms.Option

	Stamps    map[string]Stamp // when each field was saved last
	Overtaken []Overtaken      // texts that wait to be chosen from
	UnseenID  *int64           // the revision before, while the person has not seen what is different

	Help *Help // an officer at it for its person; nil: the person, or who stands for them
}

// Run is the form with this draft's answers and facts, as of now.
func (d Draft) Run(now time.Time) *eforms.Run {
	attached := make(map[string]int, len(d.Files))
	for _, f := range d.Files {
		attached[f.Component]++
	}
	facts := append(slices.Clip(registry.WithComputed(d.Revision.Form, d.Facts, now)), d.standing()...)
	return &eforms.Run{Form: d.Revision.Form, Answers: d.Answers, Facts: facts, Lists: d.Lists,
		Today: now.In(locales.ICT), Attached: attached, Extra: append(d.extra(), d.signed()...)}
}

// FilesOf are the files of a component, in their order.
func (d Draft) FilesOf(component string) []File {
	var files []File
	for _, f := range d.Files {
		if f.Component == component {
			files = append(files, f)
		}
	}
	return files
}

// Start opens a draft of the procedure for the person, or for a business they act for.
func (s *Service) Start(ctx context.Context, p signin.Person, code, taxCode string, key once.Key) (string, error) {
	return s.StartFrom(ctx, p, code, taxCode, Earlier{}, key)
}

// StartFrom is Start with the answers of an earlier dossier, which the caller has asked to
// be the person's.
func (s *Service) StartFrom(ctx context.Context, p signin.Person, code, taxCode string, from Earlier, key once.Key) (string, error) {
	as := applicant.Own(p)
	if taxCode != "" {
		var err error
		if as, err = s.Applicant.Choose(ctx, p, "dn:"+taxCode, code); err != nil {
			return "", err
		}
	}
	return s.StartAs(ctx, p, code, as, from, key)
}

// StartAs opens a draft in a capacity that applicant has given, and fills it from the
// registries. The same key gives the same draft.
func (s *Service) StartAs(ctx context.Context, p signin.Person, code string, as applicant.Capacity, from Earlier, key once.Key) (string, error) {
	return s.StartTold(ctx, p, code, as, from, TakeLawful, key)
}

// StartTold is StartAs with what the person said to the notice about registers.
func (s *Service) StartTold(ctx context.Context, p signin.Person, code string, as applicant.Capacity, from Earlier, take Take, key once.Key) (string, error) {
	rev, err := s.Catalogue.InForce(ctx, code)
	if err != nil {
		return "", err
	}
	if rev.Form == nil {
		return "", problem.New(problem.Conflict, "draft.no_form")
	}
	if err := s.mayStart(p, rev, as); err != nil {
		return "", err
	}
	var id string
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		id, err = s.start(ctx, tx, p, rev, as, from, take, key)
		return err
	})
	if err != nil {
		return "", err
	}
	// the registries are asked outside the transaction; their failure stops nothing
	if err := s.Prefill(ctx, p, id); err != nil {
		s.Log.Error("prefill", "draft", id, "err", err)
	}
	return id, nil
}

// mayStart asks whether the procedure is for whom the person acts.
func (s *Service) mayStart(p signin.Person, rev *catalogue.Revision, as applicant.Capacity) error {
	if err := p.Proves(rev.Sheet.Assurance); err != nil {
		return err
	}
	forFirm := slices.Contains(Kinds(rev), applicant.ForFirm)
	switch {
	case slices.Contains(Kinds(rev), as.Kind):
		return nil
	case forFirm:
		return problem.New(problem.Invalid, "draft.choose_business")
	case as.Kind == applicant.ForFirm:
		return problem.New(problem.Invalid, "draft.not_for_business")
	}
	return problem.New(problem.Invalid, "draft.not_for_others")
}

func (s *Service) start(ctx context.Context, tx *sqlx.Tx, p signin.Person, rev *catalogue.Revision, as applicant.Capacity, from Earlier, take Take, key once.Key) (string, error) {
	now := s.Now()
	sealed, err := as.Seal()
	if err != nil {
		return "", err
	}
	key = BodyKey(key, rev.Code, as.TaxCode, from.ID, as.Stored(), fmt.Sprint(as.GrantID), string(sealed), string(take))
	answer, done, err := once.Begin(ctx, tx, key, now)
	if err != nil || done {
		return answer, err
	}
	if from.Batch == "" {
		if err := room(ctx, tx, p.ID, now); err != nil {
			return "", err
		}
	}
	id, err := s.insert(ctx, tx, p, rev, as, from, take, now)
	if err != nil {
		return "", err
	}
	return id, once.Finish(ctx, tx, key, id)
}

func (s *Service) insert(ctx context.Context, tx *sqlx.Tx, p signin.Person, rev *catalogue.Revision, as applicant.Capacity, from Earlier, take Take, now time.Time) (string, error) {
	sealed, err := as.Seal()
	if err != nil {
		return "", err
	}
	_, err = s.Applicant.Hold(ctx, tx, p.ID, applicant.Owned{PersonID: p.ID, Kind: as.Kind, TaxCode: as.TaxCode, GrantID: as.GrantID, Procedure: rev.Code}, applicant.File)
	if err != nil {
		return "", err
	}
	var hash []byte
	if as.Kind == applicant.Ward || as.Kind == applicant.Authorised {
		hash = s.Applicant.Key.Hash(as.Number)
	}
	id := uuid.NewString()
	left, err := s.hear(ctx, tx, p, id, Notices(rev.Form), take, now)
	if err != nil {
		return "", err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO drafts (id, person_id, tax_code, procedure_code, revision_id, answers, made_at, saved_at, lapses_at,
			capacity, grant_id, subject, subject_hash, subject_verified, batch_id, sources)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12, $13, nullif($14, '')::uuid, $15)`, id, p.ID, as.TaxCode, rev.Code, rev.ID, pg.JSON(from.carry(rev.Form)), now, now.Add(Life),
		as.Stored(), as.GrantID, sealed, hash, as.Verified, from.Batch, pg.JSON(left))
	if err != nil {
		return "", fmt.Errorf("insert draft: %w", err)
	}
	return id, nil
}

// room refuses one more open draft than a person may have. The person's row is the lock
// that keeps two presses from passing the limit together.
func room(ctx context.Context, tx *sqlx.Tx, personID int64, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM persons WHERE id = $1 FOR UPDATE`, personID); err != nil {
		return fmt.Errorf("lock person: %w", err)
	}
	var open int
	err := sqlx.GetContext(ctx, tx, &open, `SELECT count(*) FROM drafts
		WHERE person_id = $1 AND filed_at IS NULL AND deleted_at IS NULL AND lapses_at > $2 AND batch_id IS NULL`, personID, now)
	if err != nil {
		return fmt.Errorf("count drafts: %w", err)
	}
	if open >= MaxOpen {
		return problem.New(problem.Conflict, "draft.too_many", locales.N("max", MaxOpen))
	}
	return nil
}

// Outdated says whether a newer revision of the draft's procedure is in force. Of one that
// has ended nothing can be filed.
func (s *Service) Outdated(ctx context.Context, d Draft) (bool, error) {
	rev, err := s.Catalogue.InForce(ctx, d.Revision.Code)
	if problem.Is(err, problem.NotFound) {
		return false, problem.New(problem.Conflict, "draft.ended", locales.S("code", d.Revision.Code))
	}
	if err != nil {
		return false, err
	}
	return rev.ID != d.Revision.ID, nil
}

// MarkFiled closes a draft in the transaction that makes the dossier of it.
func MarkFiled(ctx context.Context, tx *sqlx.Tx, id string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE drafts SET filed_at = $1, open_round = NULL, version = version + 1
		WHERE id = $2 AND filed_at IS NULL`, at, id)
	if err != nil {
		return fmt.Errorf("mark draft %s filed: %w", id, err)
	}
	return endHelp(ctx, tx, id, at) // an officer who helped has nothing more to do with it
}

// OpenRound lets files be put ready for the answer to supplement request no, in the
// transaction that asks for it.
func OpenRound(ctx context.Context, tx *sqlx.Tx, id string, no int) error {
	return setRound(ctx, tx, id, &no)
}

// CloseRound ends that, in the transaction that files them or gives them up: what is put
// ready after it would be filed never.
func CloseRound(ctx context.Context, tx *sqlx.Tx, id string) error {
	return setRound(ctx, tx, id, nil)
}

func setRound(ctx context.Context, tx *sqlx.Tx, id string, no *int) error {
	if _, err := tx.ExecContext(ctx, `UPDATE drafts SET open_round = $1, version = version + 1 WHERE id = $2`, no, id); err != nil {
		return fmt.Errorf("round of draft %s: %w", id, err)
	}
	return nil
}

// BodyKey is a one-time key of a deed whose body is known by its parts.
func BodyKey(key once.Key, parts ...string) once.Key {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	copy(key.Body[:], h.Sum(nil))
	return key
}
