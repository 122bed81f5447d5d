package catalogue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Service answers from the catalogue in force, which it holds in memory. Nothing of a
// revision is to be had before its time except by its id.
type Service struct {
	DB  *sqlx.DB
	Now func() time.Time
	Log *slog.Logger // where a reading that fails is told, while the one before serves on

	mu     sync.Mutex
	held   *edition
	asked  time.Time
	pinned map[int64]*Revision
}

const (
	askEach   = time.Second // how often the fingerprint is compared
	maxPinned = 500         // revisions kept beside those in force
)

// edition is the whole catalogue as it is in force at one time.
type edition struct {
	print     string
	next      time.Time // when a revision already published comes into force; zero: none waits
	byCode    map[string]*Revision
	byID      map[int64]*Revision
	fields    map[string]Field
	revisions []*Revision // by code
	index     *index
}

// fresh is the edition in force now. The fingerprint is compared at most each second, but
// a revision that waits is in force in its very second.
func (s *Service) fresh(ctx context.Context) (*edition, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now().Truncate(time.Microsecond) // PostgreSQL would round up, into the next second
	due := s.held == nil || !s.held.next.IsZero() && !now.Before(s.held.next)
	if age := now.Sub(s.asked); !due && age >= 0 && age < askEach {
		return s.held, nil
	}
	e, err := s.renew(ctx, now, due)
	if err != nil && s.held != nil && !due {
		// the edition that is held is right until something is published
		if s.Log != nil {
			s.Log.Error("catalogue not renewed", "err", err)
		}
		e, err = s.held, nil
	}
	if err != nil {
		return nil, err
	}
	s.held, s.asked = e, now
	return e, nil
}

func (s *Service) renew(ctx context.Context, now time.Time, due bool) (*edition, error) {
	print, err := fingerprint(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	if !due && print == s.held.print {
		return s.held, nil
	}
	e, err := load(ctx, s.DB, now)
	if err != nil {
		return nil, err
	}
	e.print = print // taken before the reading: what comes between is read again
	return e, nil
}

// forget makes the next question read again.
func (s *Service) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = nil
}

// fingerprint changes with everything that an edition is made of. Revisions are only ever
// added; their number tells of one that was committed after a later one.
func fingerprint(ctx context.Context, q sqlx.QueryerContext) (string, error) {
	var print string
	err := sqlx.GetContext(ctx, q, &print, `
		SELECT concat_ws('/', (SELECT coalesce(max(id), 0) FROM revisions), (SELECT count(*) FROM revisions),
			(SELECT max(at) FROM fields), (SELECT count(*) FROM fields), (SELECT max(at) FROM synonyms), (SELECT count(*) FROM synonyms))`)
	if err != nil {
		return "", fmt.Errorf("catalogue's fingerprint: %w", err)
	}
	return print, nil
}

// row is a row of the revisions table.
type row struct {
	ID     int64     `db:"id"`
	Code   string    `db:"procedure_code"`
	No     int       `db:"no"`
	Doc    string    `db:"doc"`
	SHA256 []byte    `db:"sha256"`
	From   time.Time `db:"in_force_from"`
}

const columns = `id, procedure_code, no, doc::text AS doc, sha256, in_force_from`

// revision opens a stored row.
func (r row) revision() (*Revision, error) {
	var doc document
	if err := json.Unmarshal([]byte(r.Doc), &doc); err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", r.No, r.Code, err)
	}
	rev, err := doc.open()
	if err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", r.No, r.Code, err)
	}
	rev.ID, rev.Code, rev.No, rev.SHA256, rev.InForceFrom = r.ID, r.Code, r.No, r.SHA256, r.From.In(locales.ICT)
	return rev, nil
}

// load reads the edition in force at an instant: of each procedure the revision published
// last among those whose time has come. Publishing supersedes what still waits.
func load(ctx context.Context, db *sqlx.DB, now time.Time) (*edition, error) {
	var rows []row
	err := db.SelectContext(ctx, &rows, `
		SELECT DISTINCT ON (procedure_code) `+columns+`
		FROM revisions WHERE in_force_from <= $1
		ORDER BY procedure_code, no DESC`, now)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	e := &edition{byCode: make(map[string]*Revision, len(rows)), byID: make(map[int64]*Revision, len(rows))}
	if e.fields, err = readFields(ctx, db); err != nil {
		return nil, err
	}
	for _, r := range rows {
		rev, err := r.revision()
		if err != nil {
			return nil, err
		}
		rev.Field = e.field(rev.Sheet.Field)
		e.byCode[rev.Code], e.byID[rev.ID] = rev, rev
		e.revisions = append(e.revisions, rev)
	}
	var next sql.NullTime
	if err := db.GetContext(ctx, &next, `SELECT min(in_force_from) FROM revisions WHERE in_force_from > $1`, now); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	e.next = next.Time
	synonyms, err := readSynonyms(ctx, db)
	if err != nil {
		return nil, err
	}
	e.index = newIndex(e.revisions, synonyms)
	return e, nil
}

// field is a field by its code. A code the list does not have stands for itself.
func (e *edition) field(code string) Field {
	if f, ok := e.fields[code]; ok {
		return f
	}
	return Field{Code: code, Name: locales.V(code)}
}

func readFields(ctx context.Context, db *sqlx.DB) (map[string]Field, error) {
	var rows []struct {
		Code   string                  `db:"code"`
		Name   pg.JSONOf[locales.Text] `db:"name"`
		Agency string                  `db:"agency"`
	}
	if err := db.SelectContext(ctx, &rows, `SELECT code, name, agency FROM fields`); err != nil {
		return nil, fmt.Errorf("fields: %w", err)
	}
	fields := make(map[string]Field, len(rows))
	for _, r := range rows {
		fields[r.Code] = Field{Code: r.Code, Name: r.Name.V, Agency: r.Agency}
	}
	return fields, nil
}

func readSynonyms(ctx context.Context, db *sqlx.DB) ([]Synonym, error) {
	var rows []struct {
		Say   string              `db:"say"`
		Means pg.JSONOf[[]string] `db:"means"`
	}
	if err := db.SelectContext(ctx, &rows, `SELECT say, means FROM synonyms ORDER BY say`); err != nil {
		return nil, fmt.Errorf("synonyms: %w", err)
	}
	all := make([]Synonym, len(rows))
	for i, r := range rows {
		all[i] = Synonym{Say: r.Say, Means: r.Means.V}
	}
	return all, nil
}

// InForce is the procedure as it is published now.
func (s *Service) InForce(ctx context.Context, code string) (*Revision, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	rev, ok := e.byCode[code]
	if !ok {
		return nil, problem.New(problem.NotFound, "catalogue.not_found")
	}
	return rev, nil
}

// Edition names the catalogue in force: it changes when anything of it does. Pages made
// ahead are kept under it.
func (s *Service) Edition(ctx context.Context) (string, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return "", err
	}
	return e.print, nil
}

// All are the procedures in force, by code.
func (s *Service) All(ctx context.Context) ([]*Revision, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return e.revisions, nil
}

// ByID is a revision by its id, also one that is no longer in force: dossiers keep theirs.
func (s *Service) ByID(ctx context.Context, id int64) (*Revision, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	if rev, ok := e.byID[id]; ok {
		return rev, nil
	}
	s.mu.Lock()
	rev, ok := s.pinned[id]
	s.mu.Unlock()
	if ok {
		return rev, nil
	}
	var r row
	err = s.DB.GetContext(ctx, &r, `SELECT `+columns+` FROM revisions WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, problem.New(problem.NotFound, "catalogue.not_found")
	}
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", id, err)
	}
	if rev, err = r.revision(); err != nil {
		return nil, err
	}
	rev.Field = e.field(rev.Sheet.Field)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pinned == nil || len(s.pinned) >= maxPinned {
		s.pinned = map[int64]*Revision{}
	}
	s.pinned[id] = rev
	return rev, nil
}

// Verify holds every stored revision against its hash and names the first that differs.
func (s *Service) Verify(ctx context.Context) error {
	var after int64
	for {
		var rows []row
		err := s.DB.SelectContext(ctx, &rows, `SELECT `+columns+` FROM revisions WHERE id > $1 ORDER BY id LIMIT 200`, after)
		if err != nil {
			return fmt.Errorf("verify catalogue: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		for _, r := range rows {
			if _, sha, err := sum(json.RawMessage(r.Doc)); err != nil || string(sha) != string(r.SHA256) {
				return fmt.Errorf("revision %d of %s is not what was published (%x, not %x): %w", r.No, r.Code, sha, r.SHA256, err)
			}
			after = r.ID
		}
	}
}
