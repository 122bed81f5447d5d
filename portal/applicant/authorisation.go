package applicant

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// The bounds of authorisations of one person.
const (
	asksADay    = 10 // asked for or offered
	mostPending = 20 // that wait for the other side
)

// Authorisation lets one person, the taker, file for another, the giver. It is in force
// when each has agreed in their own account.
type Authorisation struct {
	ID          int64     `db:"id"`
	Giver       string    `db:"giver_name"`
	GiverNumber pg.Sealed `db:"giver_number"`
	GiverHash   []byte    `db:"giver_hash"`
	GiverID     int64     `db:"giver_id"` // 0: not given
	Taker       string    `db:"taker_name"`
	TakerNumber pg.Sealed `db:"taker_number"`
	TakerHash   []byte    `db:"taker_hash"`
	TakerID     int64     `db:"taker_id"` // 0: not accepted
	Procedure   string    `db:"procedure_code"`
	From        string    `db:"valid_from"`
	To          string    `db:"valid_to"`
	Asked       bool      `db:"asked"` // the taker began it

	Made     time.Time  `db:"made_at"`
	Given    *time.Time `db:"given_at"`
	Accepted *time.Time `db:"accepted_at"`
	Declined *time.Time `db:"declined_at"`
	Revoked  *time.Time `db:"revoked_at"`
	Left     *time.Time `db:"left_at"`
}

// State is what has become of it, as of that day: asked, offered, declined, coming, valid,
// expired, revoked, left.
func (a Authorisation) State(today string) string {
	switch {
	case a.Revoked != nil:
		return "revoked"
	case a.Left != nil:
		return "left"
	case a.Declined != nil:
		return "declined"
	case a.To != "" && a.To < today:
		return "expired"
	case a.Given == nil:
		return "asked"
	case a.Accepted == nil:
		return "offered"
	case a.From > today:
		return "coming"
	}
	return "valid"
}

// Open says whether it can still be agreed to or ended.
func (a Authorisation) Open() bool { return a.Revoked == nil && a.Left == nil && a.Declined == nil }

// Mandate is an authorisation that is to be.
type Mandate struct {
	Number    string // of the other person
	Name      string // as the one who begins knows them
	Procedure string
	From, To  string
}

// AskFor asks somebody to let the person file for them. The answer is the same whether that
// number has an account here or not: they find it when they sign in.
func (s *Service) AskFor(ctx context.Context, p signin.Person, m Mandate, key once.Key) (int64, error) {
	return s.beginMandate(ctx, p, m, true, key)
}

// Offer lets somebody file for the person, once they accept.
func (s *Service) Offer(ctx context.Context, p signin.Person, m Mandate, key once.Key) (int64, error) {
	return s.beginMandate(ctx, p, m, false, key)
}

func (s *Service) beginMandate(ctx context.Context, p signin.Person, m Mandate, asked bool, key once.Key) (int64, error) {
	if err := named(m.Number, m.Name); err != nil {
		return 0, err
	}
	if m.Number == p.IDNumber {
		return 0, problem.New(problem.Invalid, "power.yourself")
	}
	t, err := Terms{Procedure: m.Procedure, From: m.From, To: m.To}.checked(s.today())
	if err != nil {
		return 0, err
	}
	if err := s.allow(ctx, "authorisation.begin", p.ID, asksADay); err != nil {
		return 0, err
	}
	return s.powerDeed(ctx, p, append([]string{fmt.Sprint("mandate ", asked), m.Number, m.Name}, t.parts()...), key, func(tx *sqlx.Tx) (int64, error) {
		if _, err := tx.ExecContext(ctx, `SELECT FROM persons WHERE id = $1 FOR UPDATE`, p.ID); err != nil {
			return 0, fmt.Errorf("lock person: %w", err)
		}
		var pending int
		err := tx.GetContext(ctx, &pending, `SELECT count(*) FROM authorisations WHERE (giver_id = $1 AND accepted_at IS NULL OR taker_id = $1 AND given_at IS NULL)
			AND revoked_at IS NULL AND left_at IS NULL AND declined_at IS NULL`, p.ID)
		if err != nil {
			return 0, fmt.Errorf("count authorisations: %w", err)
		}
		if pending >= mostPending {
			return 0, problem.New(problem.Conflict, "power.too_many")
		}
		other, now := s.Key.Hash(m.Number), s.now()
		giver, taker := []any{other, pg.Sealed(m.Number), m.Name, nil, nil}, []any{p.IDHash, pg.Sealed(p.IDNumber), p.Name, p.ID, now}
		kind := "asked"
		if !asked {
			giver, taker, kind = taker, giver, "offered"
		}
		var id int64
		err = tx.GetContext(ctx, &id, `INSERT INTO authorisations (giver_hash, giver_number, giver_name, giver_id, given_at,
				taker_hash, taker_number, taker_name, taker_id, accepted_at, procedure_code, valid_from, valid_to, asked, made_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::date, nullif($13, '')::date, $14, $15) RETURNING id`,
			append(append(giver, taker...), m.Procedure, t.From, t.To, asked, now)...)
		if err != nil {
			return 0, fmt.Errorf("insert authorisation: %w", err)
		}
		return id, s.record(ctx, tx, p, event{Authorisation: id, Kind: kind, Subject: other})
	})
}

// Agree is the other side's yes: the giver gives what they were asked for, the taker accepts
// what they were offered.
func (s *Service) Agree(ctx context.Context, p signin.Person, id int64, key once.Key) error {
	return s.mandateDeed(ctx, p, id, "agreed", key, func(tx *sqlx.Tx, a Authorisation) (string, error) {
		if a.To != "" && a.To < s.today() {
			return "", problem.New(problem.Conflict, "power.over")
		}
		switch {
		case a.Given == nil && bytes.Equal(a.GiverHash, p.IDHash):
			_, err := tx.ExecContext(ctx, `UPDATE authorisations SET given_at = $2, giver_id = $3, giver_name = $4 WHERE id = $1`, id, s.now(), p.ID, p.Name)
			return "given", err
		case a.Accepted == nil && bytes.Equal(a.TakerHash, p.IDHash):
			_, err := tx.ExecContext(ctx, `UPDATE authorisations SET accepted_at = $2, taker_id = $3, taker_name = $4 WHERE id = $1`, id, s.now(), p.ID, p.Name)
			return "accepted", err
		}
		return "", problem.New(problem.Conflict, "power.over")
	})
}

// Refuse is the other side's no, before anything was agreed.
func (s *Service) Refuse(ctx context.Context, p signin.Person, id int64, key once.Key) error {
	return s.mandateDeed(ctx, p, id, "refused", key, func(tx *sqlx.Tx, a Authorisation) (string, error) {
		waits := a.Given == nil && bytes.Equal(a.GiverHash, p.IDHash) || a.Accepted == nil && bytes.Equal(a.TakerHash, p.IDHash)
		if !waits {
			return "", problem.New(problem.Conflict, "power.over")
		}
		_, err := tx.ExecContext(ctx, `UPDATE authorisations SET declined_at = $2 WHERE id = $1`, id, s.now())
		return "declined", err
	})
}

// End ends an authorisation at once: the giver revokes it, the taker gives it back.
func (s *Service) End(ctx context.Context, p signin.Person, id int64, key once.Key) error {
	return s.mandateDeed(ctx, p, id, "ended", key, func(tx *sqlx.Tx, a Authorisation) (string, error) {
		column, kind := "left_at", "left"
		if bytes.Equal(a.GiverHash, p.IDHash) {
			column, kind = "revoked_at", "revoked"
		}
		_, err := tx.ExecContext(ctx, `UPDATE authorisations SET `+column+` = $2 WHERE id = $1`, id, s.now())
		return kind, err
	})
}

// mandateDeed is a deed of either side on an open authorisation, in one transaction.
func (s *Service) mandateDeed(ctx context.Context, p signin.Person, id int64, what string, key once.Key, do func(tx *sqlx.Tx, a Authorisation) (string, error)) error {
	_, err := s.powerDeed(ctx, p, []string{"mandate " + what, fmt.Sprint(id)}, key, func(tx *sqlx.Tx) (int64, error) {
		var a Authorisation
		err := tx.GetContext(ctx, &a, selectAuthorisations+` WHERE id = $1 FOR UPDATE`, id)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, noPower()
		}
		if err != nil {
			return 0, fmt.Errorf("authorisation %d: %w", id, err)
		}
		other := a.GiverHash
		switch {
		case bytes.Equal(a.GiverHash, p.IDHash):
			other = a.TakerHash
		case !bytes.Equal(a.TakerHash, p.IDHash):
			return 0, noPower()
		}
		if !a.Open() {
			return 0, problem.New(problem.Conflict, "power.over")
		}
		kind, err := do(tx, a)
		if err != nil {
			return 0, err
		}
		return id, s.record(ctx, tx, p, event{Authorisation: id, Kind: kind, Subject: other})
	})
	return err
}

const selectAuthorisations = `SELECT id, giver_name, giver_number, giver_hash, coalesce(giver_id, 0) AS giver_id,
		taker_name, taker_number, taker_hash, coalesce(taker_id, 0) AS taker_id, procedure_code,
		valid_from::text AS valid_from, coalesce(valid_to::text, '') AS valid_to, asked, made_at, given_at, accepted_at, declined_at, revoked_at, left_at
	FROM authorisations`

// Given are the authorisations that the person gave or was asked for; Taken those that they
// asked for or were offered. Open ones first.
func (s *Service) Given(ctx context.Context, p signin.Person) ([]Authorisation, error) {
	return s.authorisations(ctx, `giver_hash`, p)
}

// Taken are those in which the person is to file for another.
func (s *Service) Taken(ctx context.Context, p signin.Person) ([]Authorisation, error) {
	return s.authorisations(ctx, `taker_hash`, p)
}

func (s *Service) authorisations(ctx context.Context, side string, p signin.Person) ([]Authorisation, error) {
	var all []Authorisation
	err := s.DB.SelectContext(ctx, &all, selectAuthorisations+` WHERE `+side+` = $1
		ORDER BY (revoked_at IS NULL AND left_at IS NULL AND declined_at IS NULL) DESC, made_at DESC, id DESC LIMIT 200`, p.IDHash)
	if err != nil {
		return nil, fmt.Errorf("authorisations: %w", err)
	}
	return all, nil
}

// Waiting is how many offers and requests wait for the person's answer.
func (s *Service) Waiting(ctx context.Context, p signin.Person) (int, error) {
	var n int
	err := s.DB.GetContext(ctx, &n, `SELECT
		(SELECT count(*) FROM powers WHERE member_hash = $1 AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL)
		+ (SELECT count(*) FROM authorisations WHERE declined_at IS NULL AND revoked_at IS NULL AND left_at IS NULL
			AND (giver_hash = $1 AND given_at IS NULL OR taker_hash = $1 AND accepted_at IS NULL))`, p.IDHash)
	if err != nil {
		return 0, fmt.Errorf("what waits for an answer: %w", err)
	}
	return n, nil
}
