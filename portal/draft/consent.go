package draft

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/registry"
	"motcua/portal/signin"
)

// Take is what a person says to the notice about registers.
type Take string

// What may be said. Nothing said lets the law's sources be asked and no other.
const (
	TakeLawful Take = ""
	TakeAll    Take = "co"
	TakeNone   Take = "khong"
)

// Notice is what people are told before a source is asked (ux PRE-1).
type Notice struct {
	registry.Source
	Fields []locales.Text // what of it the form takes
}

// Notices are those of a form, in the order in which its sources are asked.
func Notices(form *eforms.Form) []Notice {
	var all []Notice
	for _, source := range registry.Needed(form) {
		n, feeds := Notice{Source: registry.Sources[source]}, registry.Feeds(source)
		for _, q := range form.All() {
			takes := slices.ContainsFunc(q.Fact, func(name string) bool { return slices.Contains(feeds, eforms.SourceOf(name)) })
			if takes && !q.Label.Empty() && !slices.Contains(n.Fields, q.Label) {
				n.Fields = append(n.Fields, q.Label)
			}
		}
		all = append(all, n)
	}
	return all
}

// AsksConsent says whether one of the sources is asked only when the person agrees.
func AsksConsent(all []Notice) bool {
	return slices.ContainsFunc(all, func(n Notice) bool { return n.Consent })
}

// wording names the words of a notice: other words have another name.
func (n Notice) wording() (string, error) {
	b, err := json.Marshal(n)
	if err != nil {
		return "", fmt.Errorf("notice of %s: %w", n.Key, err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8]), nil
}

// The answers as they are kept.
const (
	told     = "told"
	agreed   = "agreed"
	declined = "declined"
)

func (t Take) answer(n Notice) string {
	switch {
	case t == TakeNone, t == TakeLawful && n.Consent:
		return declined
	case n.Consent:
		return agreed
	}
	return told
}

// hear keeps what the person said to each notice, and gives the sources that they do not
// want asked.
func (s *Service) hear(ctx context.Context, tx *sqlx.Tx, p signin.Person, id string, notices []Notice, take Take, now time.Time) (Sources, error) {
	left := Sources{}
	var sources, answers, wordings []string
	for _, n := range notices {
		wording, err := n.wording()
		if err != nil {
			return nil, err
		}
		answer := take.answer(n)
		if answer == declined {
			left[n.Key] = Source{Outcome: registry.Declined, At: now}
		}
		sources, answers, wordings = append(sources, n.Key), append(answers, answer), append(wordings, wording)
	}
	if len(sources) == 0 {
		return left, nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO consents (person_id, draft_id, source, answer, wording, at)
		SELECT $1, $2, source, answer, wording, $6 FROM unnest($3::text[], $4::text[], $5::text[]) AS said (source, answer, wording)`,
		p.ID, id, pq.Array(sources), pq.Array(answers), pq.Array(wordings), now)
	if err != nil {
		return nil, fmt.Errorf("keep what was agreed for draft %s: %w", id, err)
	}
	said := map[string]any{}
	for i, source := range sources {
		said[source] = answers[i]
	}
	return left, audit.Write(ctx, tx, audit.Entry{Actor: fmt.Sprintf("person:%d", p.ID), Deed: "consent.say", Object: "draft:" + id, Args: said})
}

// withheld are the sources of a draft that may not be asked: they need consent, and the
// person has not given it for this draft, or has taken it back.
func (s *Service) withheld(ctx context.Context, d Draft, sources []string) (map[string]bool, error) {
	held := map[string]bool{}
	for _, source := range sources {
		if registry.Sources[source].Consent {
			held[source] = true
		}
	}
	if len(held) == 0 {
		return held, nil
	}
	var given []string
	err := s.DB.SelectContext(ctx, &given, `SELECT source FROM consents WHERE draft_id = $1 AND answer = 'agreed' AND withdrawn_at IS NULL`, d.ID)
	if err != nil {
		return nil, fmt.Errorf("consents for draft %s: %w", d.ID, err)
	}
	for _, source := range given {
		delete(held, source)
	}
	return held, nil
}

// Agree takes a person's later yes to the sources of their draft that they had not wanted
// asked, and asks them.
func (s *Service) Agree(ctx context.Context, p signin.Person, id string, key once.Key) error {
	known, err := s.Known(ctx, p, id)
	if err != nil {
		return err
	}
	key = BodyKey(key, id, string(TakeAll))
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil || done {
			return err
		}
		d, err := s.Lock(ctx, tx, p, known)
		if err != nil {
			return err
		}
		if d.FiledAt == nil {
			if err := s.agree(ctx, tx, p, d); err != nil {
				return err
			}
		}
		return once.Finish(ctx, tx, key, id)
	})
	if err != nil {
		return err
	}
	return s.Prefill(ctx, p, id)
}

func (s *Service) agree(ctx context.Context, tx *sqlx.Tx, p signin.Person, d Draft) error {
	notices := slices.DeleteFunc(Notices(d.Revision.Form), func(n Notice) bool { return d.Sources[n.Key].Outcome != registry.Declined })
	if _, err := s.hear(ctx, tx, p, d.ID, notices, TakeAll, s.Now()); err != nil {
		return err
	}
	for _, n := range notices {
		delete(d.Sources, n.Key)
	}
	_, err := tx.ExecContext(ctx, `UPDATE drafts SET sources = $1 WHERE id = $2`, pg.JSON(d.Sources), d.ID)
	if err != nil {
		return fmt.Errorf("agree for draft %s: %w", d.ID, err)
	}
	return nil
}

// Consent is a yes that a person gave and may take back.
type Consent struct {
	Source    string     `db:"source"`
	At        time.Time  `db:"at"`
	Withdrawn *time.Time `db:"withdrawn_at"`
	DraftID   string     `db:"draft_id"`
	Code      string     `db:"code"` // of the dossier that came of it
}

// Consents are the last ones of the person, newest first.
func (s *Service) Consents(ctx context.Context, p signin.Person) ([]Consent, error) {
	var all []Consent
	err := s.DB.SelectContext(ctx, &all, `SELECT c.source, c.at, c.withdrawn_at, c.draft_id, coalesce(d.code, '') AS code
		FROM consents c LEFT JOIN dossiers d ON d.id = c.draft_id
		WHERE c.person_id = $1 AND c.answer = 'agreed' ORDER BY c.at DESC, c.id DESC LIMIT 50`, p.ID)
	if err != nil {
		return nil, fmt.Errorf("consents of %d: %w", p.ID, err)
	}
	return all, nil
}

// Withdraw takes back what the person agreed to of a source: it is not asked again, and
// what it said leaves the drafts that are not filed. What was filed stays as it was filed.
func (s *Service) Withdraw(ctx context.Context, p signin.Person, source string, key once.Key) error {
	now := s.Now()
	key = BodyKey(key, source)
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, now)
		if err != nil || done {
			return err
		}
		r, err := tx.ExecContext(ctx, `UPDATE consents SET withdrawn_at = $3 WHERE person_id = $1 AND source = $2 AND answer = 'agreed' AND withdrawn_at IS NULL`, p.ID, source, now)
		if err != nil {
			return fmt.Errorf("withdraw the consent of %d: %w", p.ID, err)
		}
		n, err := r.RowsAffected()
		if err != nil {
			return err
		}
		if n > 0 {
			if err := forget(ctx, tx, p, source, now); err != nil {
				return err
			}
			err := audit.Write(ctx, tx, audit.Entry{Actor: fmt.Sprintf("person:%d", p.ID), Deed: "consent.withdraw", Object: fmt.Sprintf("person:%d", p.ID), Args: map[string]any{"source": source}})
			if err != nil {
				return err
			}
		}
		return once.Finish(ctx, tx, key, source)
	})
}

// forget takes what a source said out of the person's drafts.
func forget(ctx context.Context, tx *sqlx.Tx, p signin.Person, source string, now time.Time) error {
	var rows []row
	err := tx.SelectContext(ctx, &rows, `SELECT `+columns+` FROM drafts WHERE person_id = $1 AND filed_at IS NULL AND sources ? $2 ORDER BY id FOR UPDATE`, p.ID, source)
	if err != nil {
		return fmt.Errorf("drafts with facts of %s: %w", source, err)
	}
	for _, r := range rows {
		facts, err := OpenFacts(r.Facts)
		if err != nil {
			return fmt.Errorf("facts of draft %s: %w", r.ID, err)
		}
		sealed, err := SealFacts(without(facts, source))
		if err != nil {
			return err
		}
		r.Sources.V[source] = Source{Outcome: registry.Declined, At: now}
		if _, err := tx.ExecContext(ctx, `UPDATE drafts SET facts = $2, sources = $3, version = version + 1 WHERE id = $1`, r.ID, sealed, pg.JSON(r.Sources.V)); err != nil {
			return fmt.Errorf("forget facts of draft %s: %w", r.ID, err)
		}
	}
	return nil
}

// Left are the sources that the form needs and that the person did not want asked.
func (d Draft) Left() []string {
	return d.which(func(_ string, known Source) bool { return known.Outcome == registry.Declined })
}
