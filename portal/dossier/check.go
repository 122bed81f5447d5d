package dossier

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/audit"
	"motcua/portal/draft"
	"motcua/portal/pg"
	"motcua/portal/queue"
	"motcua/portal/registry"
)

// FactCheck is what a register said of a dossier that was filed without its answer.
type FactCheck struct {
	Filing      int
	Source      string
	Outcome     registry.Outcome
	Differences []Differing
	Facts       []eforms.Fact
	By          string // system, officer:<id>
	At          time.Time
}

// Differing is an answer that a register has otherwise, as it is kept.
type Differing struct {
	Question string `json:"question"`
	Fact     string `json:"fact"`
	Code     string `json:"code"` // differs; unknown: the register has nothing of the kind
}

// The codes of differences.
const (
	differs = "differs"
	unknown = "unknown"
)

// Settled says whether the register has answered, whatever it said.
func (c FactCheck) Settled() bool {
	return c.Outcome == registry.Found || c.Outcome == registry.NotFound || c.Outcome == registry.Refused
}

// agrees says whether what was filed is what the register has.
func (c FactCheck) agrees() bool {
	return len(c.Differences) == 0 && (c.Outcome == registry.Found || c.Outcome == registry.NotFound && registry.MayKnowNothing(c.Source))
}

// FactChecks are the last ones of each source for what was filed last.
func (s *Service) FactChecks(ctx context.Context, id string) ([]FactCheck, error) {
	return factChecks(ctx, s.DB, id)
}

func factChecks(ctx context.Context, q sqlx.QueryerContext, id string) ([]FactCheck, error) {
	var rows []struct {
		Filing      int                    `db:"filing"`
		Source      string                 `db:"source"`
		Outcome     string                 `db:"outcome"`
		Differences pg.JSONOf[[]Differing] `db:"differences"`
		Facts       pg.Sealed              `db:"facts"`
		By          string                 `db:"by_whom"`
		At          time.Time              `db:"at"`
	}
	err := sqlx.SelectContext(ctx, q, &rows, `
		SELECT DISTINCT ON (source) filing, source, outcome, differences, facts, by_whom, at FROM fact_checks
		WHERE dossier_id = $1 AND filing = (SELECT max(no) FROM filings WHERE dossier_id = $1) ORDER BY source, id DESC`, id)
	if err != nil {
		return nil, fmt.Errorf("fact checks of %s: %w", id, err)
	}
	all := make([]FactCheck, len(rows))
	for i, r := range rows {
		facts, err := draft.OpenFacts(r.Facts)
		if err != nil {
			return nil, fmt.Errorf("facts of %s: %w", id, err)
		}
		all[i] = FactCheck{Filing: r.Filing, Source: r.Source, Outcome: registry.Outcome(r.Outcome), Differences: r.Differences.V, Facts: facts, By: r.By, At: r.At}
	}
	return all, nil
}

// Compare asks the registers about what was filed and keeps what they say beside it; what
// they said at the filing stays as it was. It returns the sources that did not answer.
// who is who asks: a worker, or an officer with the dossier in hand. Nothing else of the
// dossier changes but that it is verified when all agrees.
func (s *Service) Compare(ctx context.Context, d Dossier, who registry.Asking, by string) ([]string, error) {
	filed, p, err := s.Drafts.Filed(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	w, err := s.Whole(ctx, d)
	if err != nil {
		return nil, err
	}
	lists, err := s.Drafts.Lists(ctx, d.Revision)
	if err != nil {
		return nil, err
	}
	known, err := factChecks(ctx, s.DB, d.ID)
	if err != nil {
		return nil, err
	}
	c := comparing{filed: filed, run: w.Run(lists), no: w.Filings[len(w.Filings)-1].No, known: known, by: by}
	who.Person, who.Object, who.Procedure, who.Purpose = p, "dossier:"+d.ID, d.Revision.Code, registry.Check
	var questions []registry.Question
	for _, source := range c.wanted(who.System, s.Drafts.Registry) {
		if q, may := filed.Question(source); may {
			questions = append(questions, q)
		}
	}
	if len(questions) == 0 {
		return nil, nil
	}
	return s.keepChecks(ctx, d, &c, s.Drafts.Registry.Ask(ctx, who, questions))
}

// comparing is a filed dossier on its way through the registers.
type comparing struct {
	filed draft.Draft
	run   *eforms.Run
	no    int
	known []FactCheck
	by    string
}

func (c *comparing) check(source string) (FactCheck, bool) {
	i := slices.IndexFunc(c.known, func(k FactCheck) bool { return k.Source == source })
	if i < 0 {
		return FactCheck{}, false
	}
	return c.known[i], true
}

// wanted are the sources to ask. What the person did not want asked a worker does not ask,
// and nobody where that takes consent; what has answered is asked again by officers only.
func (c *comparing) wanted(system bool, r *registry.Service) []string {
	return slices.DeleteFunc(c.filed.Needed(), func(source string) bool {
		was := c.filed.Sources[source]
		declined := was.Outcome == registry.Declined
		if !r.Connected(source) || declined && (system || registry.Sources[source].Consent) {
			return true
		}
		k, checked := c.check(source)
		return system && (was.Outcome == registry.Found && was.Failed == nil || checked && k.Settled())
	})
}

// read is what an answer says of what was filed.
func (c *comparing) read(a registry.Answer) FactCheck {
	k := FactCheck{Filing: c.no, Source: a.Source, Outcome: a.Outcome, Facts: a.Facts, By: c.by, At: a.At, Differences: []Differing{}}
	for _, pair := range c.run.Compare(a.Facts) {
		if !pair.Same && eforms.SourceOf(pair.Fact.Name) == a.Source {
			k.Differences = append(k.Differences, Differing{pair.Question, pair.Fact.Name, differs})
		}
	}
	if a.Outcome == registry.NotFound && c.run.Bound(a.Source) {
		k.Differences = append(k.Differences, Differing{Code: unknown})
	}
	return k
}

// agrees says whether every source has answered and has what was filed.
func (c *comparing) agrees() bool {
	for _, source := range c.filed.Needed() {
		if k, checked := c.check(source); checked {
			if !k.agrees() {
				return false
			}
			continue
		}
		was := c.filed.Sources[source]
		nothing := was.Outcome == registry.NotFound && registry.MayKnowNothing(source) && !c.run.Bound(source)
		if !nothing && (was.Outcome != registry.Found || was.Failed != nil) {
			return false
		}
	}
	return true
}

func (s *Service) keepChecks(ctx context.Context, d Dossier, c *comparing, answers []registry.Answer) (silent []string, err error) {
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		silent = nil
		if _, err := s.Lock(ctx, tx, d); err != nil {
			return err
		}
		args := map[string]any{"by": c.by}
		for _, a := range answers {
			k := c.read(a)
			args[a.Source] = string(k.Outcome)
			if !k.Settled() || a.Later {
				silent = append(silent, a.Source)
				if a.Later { // nobody was asked
					continue
				}
			}
			if err := insertCheck(ctx, tx, d.ID, k); err != nil {
				return err
			}
			c.known = append(slices.DeleteFunc(c.known, func(old FactCheck) bool { return old.Source == k.Source }), k)
		}
		if !d.Verified && c.agrees() {
			if _, err := tx.ExecContext(ctx, `UPDATE dossiers SET verified = true WHERE id = $1`, d.ID); err != nil {
				return fmt.Errorf("verify dossier %s: %w", d.ID, err)
			}
			args["verified"] = true
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: c.by, Deed: "dossier.compare", Object: "dossier:" + d.ID, Subject: s.Key.Hash(d.OwnerNumber), AgencyID: d.AgencyID, Args: args})
	})
	return silent, err
}

func insertCheck(ctx context.Context, tx *sqlx.Tx, id string, k FactCheck) error {
	facts, err := draft.SealFacts(k.Facts)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO fact_checks (dossier_id, filing, source, outcome, differences, facts, by_whom, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, k.Filing, k.Source, string(k.Outcome), pg.JSON(k.Differences), facts, k.By, k.At)
	if err != nil {
		return fmt.Errorf("fact check of %s: %w", id, err)
	}
	return nil
}

// FillKind asks again for a dossier that was filed without a register's answer;
// UnverifiedKind is the task that is left when it was asked in vain for a week.
const (
	FillKind       = "registry.fill"
	UnverifiedKind = "registry.unverified"
)

// How long after filing it is asked again, and for how long.
const (
	firstAgain = 15 * time.Minute
	lastAgain  = 12 * time.Hour
	giveUp     = 7 * 24 * time.Hour
)

// filling is the body of a job.
type filling struct {
	Since time.Time `json:"since"`
	Tries int       `json:"tries"`
}

// pause grows from try to try. Dossiers of one outage spread over half as much again, so
// that a register which comes back is not asked by all of them at once.
func (f filling) pause(id string) time.Duration {
	p := min(firstAgain<<min(f.Tries, 10), lastAgain)
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return p + time.Duration(h.Sum32()%1000)*p/2000
}

// askLater queues the question again, in the transaction that files a draft without the
// answer of a register that may be asked.
func (s *Service) askLater(ctx context.Context, tx *sqlx.Tx, d draft.Draft, now time.Time) error {
	c := comparing{filed: d}
	if d.Verified() || len(c.wanted(true, s.Drafts.Registry)) == 0 {
		return nil
	}
	f := filling{Since: now}
	return queue.Put(ctx, tx, FillKind, d.ID, now.Add(f.pause(d.ID)), f)
}

// fillLater asks again. While an outage is declared it only waits; after a week in vain it
// is a task for people.
func (s *Service) fillLater(ctx context.Context, j queue.Job) error {
	var f filling
	if err := json.Unmarshal(j.Body, &f); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	d, err := s.ByID(ctx, j.Subject)
	if err != nil {
		return err
	}
	if d.Verified || d.ClosedAt != nil {
		return nil
	}
	silent, err := s.Compare(ctx, d, registry.Asking{System: true, AgencyID: d.AgencyID}, "system")
	if err != nil || len(silent) == 0 {
		return err
	}
	now := s.Now()
	f.Tries++
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if now.Sub(f.Since) >= giveUp {
			return queue.Raise(ctx, tx, UnverifiedKind, d.ID, fmt.Sprintf("no answer for a week from %v", silent), now)
		}
		return queue.Put(ctx, tx, FillKind, d.ID, now.Add(f.pause(d.ID)), f)
	})
}

// fillAnew begins again when somebody has seen to the task.
func (s *Service) fillAnew(ctx context.Context, j queue.Job) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		return queue.Put(ctx, tx, FillKind, j.Subject, s.Now(), filling{Since: s.Now()})
	})
}
