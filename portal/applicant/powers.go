package applicant

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/audit"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// The bounds of a business's members.
const (
	mostPowers  = 500 // open ones of a business
	invitesADay = 50  // by one person
)

// Power is what a legal representative lets a member of a business do.
type Power struct {
	ID       int64
	TaxCode  string
	Business string
	Giver    string // the representative's name
	GiverID  int64
	Member   string // their name: as the giver wrote it, their own once accepted
	Number   string // the member's ID number
	MemberID int64  // 0: not accepted
	Terms
	Invited  time.Time
	Accepted *time.Time
	Declined *time.Time
	Revoked  *time.Time
	Left     *time.Time
	Stale    bool // who gave it does not represent the business any more
}

// State is what has become of the power, as of that day: invited, declined, coming, valid,
// expired, revoked, left, lapsed.
func (p Power) State(today string) string {
	switch {
	case p.Revoked != nil:
		return "revoked"
	case p.Left != nil:
		return "left"
	case p.Declined != nil:
		return "declined"
	case p.Stale:
		return "lapsed"
	case p.To != "" && p.To < today:
		return "expired"
	case p.Accepted == nil:
		return "invited"
	case p.From > today:
		return "coming"
	}
	return "valid"
}

// Open says whether it can still be changed or ended.
func (p Power) Open() bool { return p.Revoked == nil && p.Left == nil && p.Declined == nil }

// Invitation is a power that is to be given.
type Invitation struct {
	TaxCode string
	Number  string // ID number of the person who is invited
	Name    string // as the giver knows them
	Terms
}

// Invite offers a power to somebody. Nothing tells whether they have an account: they find
// it when they sign in.
func (s *Service) Invite(ctx context.Context, p signin.Person, in Invitation, key once.Key) (int64, error) {
	if err := named(in.Number, in.Name); err != nil {
		return 0, err
	}
	var err error
	if in.Terms, err = in.checked(s.today()); err != nil {
		return 0, err
	}
	if in.Number == p.IDNumber {
		return 0, problem.New(problem.Invalid, "power.yourself")
	}
	if err := s.legal(ctx, s.DB, p.ID, in.TaxCode); err != nil {
		return 0, err
	}
	if err := s.allow(ctx, "power.invite", p.ID, invitesADay); err != nil {
		return 0, err
	}
	return s.powerDeed(ctx, p, append([]string{"invite", in.TaxCode, in.Number, in.Name}, in.parts()...), key, func(tx *sqlx.Tx) (int64, error) {
		name, err := s.holdLegal(ctx, tx, p.ID, in.TaxCode)
		if err != nil {
			return 0, err
		}
		return s.insertPower(ctx, tx, p, name, in, nil, "invited")
	})
}

func (s *Service) insertPower(ctx context.Context, tx *sqlx.Tx, p signin.Person, business string, in Invitation, replaces *Power, kind string) (int64, error) {
	var open int
	if err := tx.GetContext(ctx, &open, `SELECT count(*) FROM powers WHERE tax_code = $1 AND revoked_at IS NULL AND left_at IS NULL AND declined_at IS NULL`, in.TaxCode); err != nil {
		return 0, fmt.Errorf("count powers: %w", err)
	}
	if open >= mostPowers {
		return 0, problem.New(problem.Conflict, "power.too_many")
	}
	var id int64
	var before *int64
	var member, accepted any
	if replaces != nil {
		before = &replaces.ID
		if replaces.Accepted != nil && in.within(replaces.Terms) { // they accepted more than this
			member, accepted = replaces.MemberID, s.now()
		}
	}
	err := tx.GetContext(ctx, &id, `INSERT INTO powers (tax_code, business, giver_id, member_hash, member_number, member_name, procedure_code,
			may_file, may_sign, may_pay, valid_from, valid_to, replaces, invited_at, member_id, accepted_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::date, nullif($12, '')::date, $13, $14, $15, $16) RETURNING id`,
		in.TaxCode, business, p.ID, s.Key.Hash(in.Number), pg.Sealed(in.Number), in.Name, in.Procedure, in.File, in.Sign, in.Pay, in.From, in.To,
		before, s.now(), member, accepted)
	if err != nil {
		return 0, fmt.Errorf("insert power: %w", err)
	}
	return id, s.record(ctx, tx, p, event{Power: id, Kind: kind, Subject: s.Key.Hash(in.Number)})
}

// Accept takes an offered power. What it replaces ends in the same moment.
func (s *Service) Accept(ctx context.Context, p signin.Person, id int64, key once.Key) error {
	return s.invited(ctx, p, id, "accepted", key, func(tx *sqlx.Tx, w Power) error {
		if w.Stale || w.To != "" && w.To < s.today() {
			return problem.New(problem.Conflict, "power.over")
		}
		_, err := tx.ExecContext(ctx, `UPDATE powers SET accepted_at = $2, member_id = $3, member_name = $4 WHERE id = $1`, id, s.now(), p.ID, p.Name)
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE powers SET revoked_at = $2 WHERE id = (SELECT replaces FROM powers WHERE id = $1)
				AND revoked_at IS NULL AND left_at IS NULL`, id, s.now())
		}
		return err
	})
}

// Decline turns an offered power down.
func (s *Service) Decline(ctx context.Context, p signin.Person, id int64, key once.Key) error {
	return s.invited(ctx, p, id, "declined", key, func(tx *sqlx.Tx, _ Power) error {
		_, err := tx.ExecContext(ctx, `UPDATE powers SET declined_at = $2 WHERE id = $1`, id, s.now())
		return err
	})
}

// invited is a deed of the person whom an open offer names.
func (s *Service) invited(ctx context.Context, p signin.Person, id int64, kind string, key once.Key, do func(tx *sqlx.Tx, w Power) error) error {
	_, err := s.powerDeed(ctx, p, []string{kind, fmt.Sprint(id)}, key, func(tx *sqlx.Tx) (int64, error) {
		w, hash, err := s.lockPower(ctx, tx, id)
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(hash, p.IDHash) {
			return 0, noPower()
		}
		if !w.Open() || w.Accepted != nil {
			return 0, problem.New(problem.Conflict, "power.over")
		}
		if err := do(tx, w); err != nil {
			return 0, err
		}
		return id, s.record(ctx, tx, p, event{Power: id, Kind: kind, Subject: hash})
	})
	return err
}

// Leave gives a power back: the member sees nothing of the business by it from now on.
func (s *Service) Leave(ctx context.Context, p signin.Person, id int64, key once.Key) error {
	_, err := s.powerDeed(ctx, p, []string{"left", fmt.Sprint(id)}, key, func(tx *sqlx.Tx) (int64, error) {
		w, hash, err := s.lockPower(ctx, tx, id)
		if err != nil {
			return 0, err
		}
		if w.MemberID != p.ID {
			return 0, noPower()
		}
		if !w.Open() {
			return 0, problem.New(problem.Conflict, "power.over")
		}
		if _, err := tx.ExecContext(ctx, `UPDATE powers SET left_at = $2 WHERE id = $1`, id, s.now()); err != nil {
			return 0, err
		}
		return id, s.record(ctx, tx, p, event{Power: id, Kind: "left", Subject: hash})
	})
	return err
}

// Revoke ends a power at once: a filing under way comes wholly before it or not at all.
func (s *Service) Revoke(ctx context.Context, p signin.Person, id int64, key once.Key) error {
	_, err := s.powerDeed(ctx, p, []string{"revoked", fmt.Sprint(id)}, key, func(tx *sqlx.Tx) (int64, error) {
		_, hash, err := s.lockOwn(ctx, tx, p, id)
		if err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE powers SET revoked_at = $2 WHERE id = $1`, id, s.now()); err != nil {
			return 0, err
		}
		return id, s.record(ctx, tx, p, event{Power: id, Kind: "revoked", Subject: hash})
	})
	return err
}

// ChangePower puts another power in the place of one. A narrower one is in force at once,
// because the member has accepted more; of a wider one the old stays until the member
// accepts; where something is taken away and something added, the old one ends now.
func (s *Service) ChangePower(ctx context.Context, p signin.Person, id int64, to Terms, key once.Key) (int64, error) {
	to, err := to.checked(s.today())
	if err != nil {
		return 0, err
	}
	return s.powerDeed(ctx, p, append([]string{"changed", fmt.Sprint(id)}, to.parts()...), key, func(tx *sqlx.Tx) (int64, error) {
		w, hash, err := s.lockOwn(ctx, tx, p, id)
		if err != nil {
			return 0, err
		}
		name, err := s.holdLegal(ctx, tx, p.ID, w.TaxCode)
		if err != nil {
			return 0, err
		}
		if to.within(w.Terms) || !w.Terms.within(to) || w.Accepted == nil {
			if _, err := tx.ExecContext(ctx, `UPDATE powers SET revoked_at = $2 WHERE id = $1`, id, s.now()); err != nil {
				return 0, err
			}
			if err := s.record(ctx, tx, p, event{Power: id, Kind: "replaced", Subject: hash}); err != nil {
				return 0, err
			}
		}
		return s.insertPower(ctx, tx, p, name, Invitation{TaxCode: w.TaxCode, Number: w.Number, Name: w.Member, Terms: to}, &w, "changed")
	})
}

// powerDeed is one transaction with its one-time key; the answer is a power's number.
func (s *Service) powerDeed(ctx context.Context, p signin.Person, parts []string, key once.Key, do func(tx *sqlx.Tx) (int64, error)) (int64, error) {
	var id int64
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		key := bodyKey(key, parts...)
		answer, done, err := once.Begin(ctx, tx, key, s.now())
		if err != nil {
			return err
		}
		if done {
			_, err := fmt.Sscan(answer, &id)
			return err
		}
		if id, err = do(tx); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, fmt.Sprint(id))
	})
	return id, err
}

// lockOwn locks an open power of a business that the person represents.
func (s *Service) lockOwn(ctx context.Context, tx *sqlx.Tx, p signin.Person, id int64) (Power, []byte, error) {
	w, hash, err := s.lockPower(ctx, tx, id)
	if err != nil {
		return Power{}, nil, err
	}
	if err := s.legal(ctx, tx, p.ID, w.TaxCode); err != nil {
		return Power{}, nil, noPower()
	}
	if !w.Open() {
		return Power{}, nil, problem.New(problem.Conflict, "power.over")
	}
	return w, hash, nil
}

func (s *Service) lockPower(ctx context.Context, tx *sqlx.Tx, id int64) (Power, []byte, error) {
	if _, err := tx.ExecContext(ctx, `SELECT FROM powers WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Power{}, nil, fmt.Errorf("lock power %d: %w", id, err)
	}
	var r powerRow
	err := tx.GetContext(ctx, &r, selectPowers+` WHERE w.id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return Power{}, nil, noPower()
	}
	if err != nil {
		return Power{}, nil, fmt.Errorf("power %d: %w", id, err)
	}
	return r.power(), r.Hash, nil
}

// legal is nil when the person represents the business in their own right.
func (s *Service) legal(ctx context.Context, q sqlx.QueryerContext, personID int64, code string) error {
	var may bool
	err := sqlx.GetContext(ctx, q, &may, `SELECT EXISTS (SELECT FROM representations WHERE person_id = $1 AND tax_code = $2 AND ended_at IS NULL)`, personID, plain(code))
	if err != nil {
		return fmt.Errorf("legal representative: %w", err)
	}
	if !may {
		return noStanding()
	}
	return nil
}

// Represents is nil when the person represents the business in their own right: who may
// manage its members.
func (s *Service) Represents(ctx context.Context, p signin.Person, code string) error {
	return s.legal(ctx, s.DB, p.ID, code)
}

// holdLegal keeps a representative's right as it is until tx ends and gives the name of
// the business.
func (s *Service) holdLegal(ctx context.Context, tx *sqlx.Tx, personID int64, code string) (string, error) {
	var name string
	err := tx.GetContext(ctx, &name, `SELECT name FROM representations WHERE person_id = $1 AND tax_code = $2 AND ended_at IS NULL FOR SHARE`, personID, plain(code))
	if errors.Is(err, sql.ErrNoRows) {
		return "", noStanding()
	}
	if err != nil {
		return "", fmt.Errorf("hold a representation: %w", err)
	}
	return name, nil
}

func noPower() error { return problem.New(problem.NotFound, "power.none") }

// allow counts a try of a day.
func (s *Service) allow(ctx context.Context, limit string, personID int64, most int) error {
	ok, err := pg.Allow(ctx, s.DB, limit, fmt.Sprint(personID), most, 24*time.Hour, s.now())
	if err == nil && !ok {
		err = problem.New(problem.TooMany, "power.too_often")
	}
	return err
}

func actor(p signin.Person) string { return fmt.Sprintf("person:%d", p.ID) }

// event is something that happened to a power or an authorisation.
type event struct {
	Power, Authorisation int64
	Kind                 string
	Subject              []byte // keyed hash of the other person's number
	Dossier              string
}

// record writes it for both sides and in the audit log.
func (s *Service) record(ctx context.Context, tx *sqlx.Tx, p signin.Person, e event) error {
	object := fmt.Sprintf("power:%d", e.Power)
	if e.Power == 0 {
		object = fmt.Sprintf("authorisation:%d", e.Authorisation)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO standing_events (at, kind, power_id, authorisation_id, actor_id, dossier_id)
		VALUES ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, nullif($6, '')::uuid)`, s.now(), e.Kind, e.Power, e.Authorisation, p.ID, e.Dossier)
	if err != nil {
		return fmt.Errorf("record of %s: %w", object, err)
	}
	err = audit.Write(ctx, tx, audit.Entry{Actor: actor(p), Deed: "standing." + e.Kind, Object: object, Subject: e.Subject})
	if err != nil {
		return err
	}
	return e.tell(ctx, tx, object, p.ID, s.now())
}

// Used writes that a deed on a dossier was done by a power or an authorisation, in the
// deed's transaction. Deeds by one's own right are in the dossier's history alone.
func (s *Service) Used(ctx context.Context, tx *sqlx.Tx, p signin.Person, kind Kind, grant int64, deed, dossierID string) error {
	e := event{Kind: deed, Dossier: dossierID, Subject: p.IDHash}
	switch {
	case grant == 0:
		return nil
	case kind == ForFirm:
		e.Power = grant
	case kind == Authorised:
		e.Authorisation = grant
	default:
		return nil
	}
	return s.record(ctx, tx, p, e)
}
