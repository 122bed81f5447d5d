package catalogue

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/problem"
)

// Service answers from the catalogue in force, which it holds in memory. Nothing of a
// revision is to be had before its time except by its id.
type Service struct {
	DB  *sqlx.DB
	Now func() time.Time
	Log *slog.Logger // where a reading that fails is told, while the one before serves on

	Shared map[string][]byte // presets that editors may put into forms, by id

	held   atomic.Pointer[held]
	asking sync.Mutex // one at a time asks the database; who has an edition does not wait
	moving sync.Mutex // one at a time makes the next edition of what is held

	pins   sync.Mutex
	pinned map[int64]*Revision
}

const (
	askEach   = time.Second // how often the fingerprint is compared
	maxPinned = 500         // revisions kept beside those in force
)

// held is an edition and when the database was last asked whether it is still right.
type held struct {
	*edition
	asked time.Time
}

// lists are what an edition is made of besides revisions.
type lists struct {
	fields   map[string]Field
	synonyms []Synonym
	types    map[string]PaperType
	beside   beside
	uses     map[string]int // how often a procedure was begun and filed lately, by code
}

// edition is the whole catalogue as it is in force at one time.
type edition struct {
	print  string
	name   string // of what is in force in it
	byCode map[string]*Revision
	byID   map[int64]*Revision
	lists
	revisions []*Revision // by code
	waiting   []*Revision // published, not yet in force; the earliest first
	over      map[string]ended
	ends      []End // still to come; the earliest first
	index     *index
	facets    map[*Revision]facets
}

// fresh is the edition in force now. The database is asked at most each second, by one
// caller; the others go on with what is held, so that a caller in a transaction never
// waits for a second connection. A revision that waits needs no asking: it is in force in
// its very second.
func (s *Service) fresh(ctx context.Context) (*edition, error) {
	now := s.Now().Truncate(time.Microsecond) // PostgreSQL would round up, into the next second
	h := s.held.Load()
	if h == nil {
		if err := s.first(ctx, now); err != nil {
			return nil, err
		}
	} else if age := now.Sub(h.asked); (age < 0 || age >= askEach) && s.asking.TryLock() {
		err := s.ask(ctx, now)
		s.asking.Unlock()
		if err != nil && s.Log != nil {
			s.Log.Error("catalogue not renewed", "err", err)
		}
	}
	return s.move(now), nil
}

// first reads the catalogue when nothing is held yet.
func (s *Service) first(ctx context.Context, now time.Time) error {
	s.asking.Lock()
	defer s.asking.Unlock()
	if s.held.Load() != nil {
		return nil
	}
	return s.ask(ctx, now)
}

// ask compares the fingerprint and reads anew when it differs.
func (s *Service) ask(ctx context.Context, now time.Time) error {
	print, err := fingerprint(ctx, s.DB)
	if err != nil {
		return err
	}
	var known *edition // print was taken before the reading: what comes between is read again
	if h := s.held.Load(); h != nil {
		if h.print == print {
			s.held.CompareAndSwap(h, &held{h.edition, now}) // lost to one that was moved, which is as right
			return nil
		}
		known = h.edition
	}
	e, err := load(ctx, s.DB, now, print, known)
	if err != nil {
		return err
	}
	s.held.Store(&held{e, now})
	return nil
}

// move brings what is held to an instant and gives it.
func (s *Service) move(now time.Time) *edition {
	h := s.held.Load()
	if !h.due(now) {
		return h.edition
	}
	s.moving.Lock()
	defer s.moving.Unlock()
	if h = s.held.Load(); h.due(now) {
		next := &held{h.at(now), h.asked}
		s.held.CompareAndSwap(h, next) // lost to a reading, which the next caller moves
		h = next
	}
	return h.edition
}

// due says whether a revision's time, or a procedure's end, has come since the edition was made.
func (e *edition) due(now time.Time) bool {
	return len(e.waiting) > 0 && !now.Before(e.waiting[0].InForceFrom) || len(e.ends) > 0 && !now.Before(e.ends[0].At)
}

// at is the edition at a later instant.
func (e *edition) at(now time.Time) *edition {
	var revisions, waiting []*Revision
	revisions = append(revisions, e.revisions...)
	for _, r := range e.waiting {
		if now.Before(r.InForceFrom) {
			waiting = append(waiting, r)
		} else {
			revisions = append(revisions, r)
		}
	}
	ends := slices.Clone(e.ends)
	for _, x := range e.over {
		revisions, ends = append(revisions, x.rev), append(ends, x.End)
	}
	return newEdition(e.print, e.lists, revisions, waiting, endings(ends, now), e.index)
}

// newEdition makes an edition of revisions whose time has come and of those that wait. Of
// a procedure the one published last is in force: publishing supersedes what still waits.
// The index before, or nil, spares reading again what has not changed.
func newEdition(print string, l lists, revisions, waiting []*Revision, ends ending, before *index) *edition {
	e := &edition{print: print, byCode: make(map[string]*Revision, len(revisions)), byID: make(map[int64]*Revision, len(revisions)),
		lists: l, ends: ends.later, over: map[string]ended{}}
	for _, r := range revisions {
		if other := e.byCode[r.Code]; other == nil || other.No < r.No {
			e.byCode[r.Code] = r
		}
	}
	for _, x := range ends.over {
		if r := e.byCode[x.Code]; r != nil {
			e.over[x.Code] = ended{x, r}
			delete(e.byCode, x.Code)
		}
	}
	for _, r := range e.byCode {
		e.byID[r.ID] = r
		e.revisions = append(e.revisions, r)
	}
	slices.SortFunc(e.revisions, func(a, b *Revision) int { return strings.Compare(a.Code, b.Code) })
	for _, r := range waiting {
		other := e.byCode[r.Code]
		if x, over := e.over[r.Code]; over {
			other = x.rev
		}
		if other == nil || other.No < r.No {
			e.waiting = append(e.waiting, r)
		}
	}
	slices.SortFunc(e.waiting, func(a, b *Revision) int { return a.InForceFrom.Compare(b.InForceFrom) })
	e.name = nameOf(print, e.revisions)
	e.index = newIndex(e.revisions, l, before)
	e.facets = make(map[*Revision]facets, len(e.revisions))
	for _, r := range e.revisions {
		e.facets[r] = facetsOf(r)
	}
	return e
}

// nameOf is the same in every instance that has the same in force, and another as soon as
// one revision is: whatever was made ahead is kept under it.
func nameOf(print string, revisions []*Revision) string {
	h := sha256.New()
	fmt.Fprintln(h, print)
	for _, r := range revisions {
		fmt.Fprintln(h, r.ID)
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// all are the revisions that the edition was made of, by their ids.
func (e *edition) all() map[int64]*Revision {
	if e == nil {
		return nil
	}
	all := maps.Clone(e.byID)
	for _, r := range e.waiting {
		all[r.ID] = r
	}
	for _, x := range e.over {
		all[x.rev.ID] = x.rev
	}
	return all
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
	return e.name, nil
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
	s.pins.Lock()
	rev, ok := s.pinned[id]
	s.pins.Unlock()
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
	if rev, err = r.revision(e.fields); err != nil {
		return nil, err
	}
	s.pins.Lock()
	defer s.pins.Unlock()
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
