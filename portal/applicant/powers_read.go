package applicant

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/signin"
)

type powerRow struct {
	ID       int64     `db:"id"`
	TaxCode  string    `db:"tax_code"`
	Business string    `db:"business"`
	Giver    string    `db:"giver"`
	GiverID  int64     `db:"giver_id"`
	Member   string    `db:"member_name"`
	Number   pg.Sealed `db:"member_number"`
	Hash     []byte    `db:"member_hash"`
	MemberID int64     `db:"member_id"`
	Terms
	Invited  time.Time  `db:"invited_at"`
	Accepted *time.Time `db:"accepted_at"`
	Declined *time.Time `db:"declined_at"`
	Revoked  *time.Time `db:"revoked_at"`
	Left     *time.Time `db:"left_at"`
	Stale    bool       `db:"stale"`
}

const selectPowers = `SELECT w.id, w.tax_code, w.business, g.name AS giver, w.giver_id, w.member_name, w.member_number, w.member_hash,
		coalesce(w.member_id, 0) AS member_id, w.procedure_code, w.may_file, w.may_sign, w.may_pay,
		w.valid_from::text AS valid_from, coalesce(w.valid_to::text, '') AS valid_to,
		w.invited_at, w.accepted_at, w.declined_at, w.revoked_at, w.left_at,
		NOT EXISTS (SELECT FROM representations r WHERE r.person_id = w.giver_id AND r.tax_code = w.tax_code AND r.ended_at IS NULL) AS stale
	FROM powers w JOIN persons g ON g.id = w.giver_id`

func (r powerRow) power() Power {
	return Power{ID: r.ID, TaxCode: r.TaxCode, Business: r.Business, Giver: r.Giver, GiverID: r.GiverID, Member: r.Member, Number: string(r.Number),
		MemberID: r.MemberID, Terms: r.Terms, Invited: r.Invited, Accepted: r.Accepted, Declined: r.Declined, Revoked: r.Revoked, Left: r.Left, Stale: r.Stale}
}

// mostListed is how long a list of powers gets.
const mostListed = 500

// Members are the powers of a business, for its legal representative: open ones first.
func (s *Service) Members(ctx context.Context, p signin.Person, taxCode string) ([]Power, error) {
	if err := s.Represents(ctx, p, taxCode); err != nil {
		return nil, err
	}
	return s.powers(ctx, `WHERE w.tax_code = $1 ORDER BY (w.revoked_at IS NULL AND w.left_at IS NULL AND w.declined_at IS NULL) DESC, w.invited_at DESC, w.id DESC LIMIT $2`, taxCode)
}

// PowersOf are the powers that were offered or given to the person: open ones first.
func (s *Service) PowersOf(ctx context.Context, p signin.Person) ([]Power, error) {
	return s.powers(ctx, `WHERE w.member_hash = $1 ORDER BY (w.revoked_at IS NULL AND w.left_at IS NULL AND w.declined_at IS NULL) DESC, w.invited_at DESC, w.id DESC LIMIT $2`, p.IDHash)
}

// Power is one power of a business that the person represents.
func (s *Service) Power(ctx context.Context, p signin.Person, id int64) (Power, error) {
	all, err := s.powers(ctx, `WHERE w.id = $1 LIMIT $2`, id)
	if err != nil {
		return Power{}, err
	}
	if len(all) == 0 || s.Represents(ctx, p, all[0].TaxCode) != nil {
		return Power{}, noPower()
	}
	return all[0], nil
}

func (s *Service) powers(ctx context.Context, where string, of any) ([]Power, error) {
	var rows []powerRow
	if err := s.DB.SelectContext(ctx, &rows, selectPowers+` `+where, of, mostListed); err != nil {
		return nil, fmt.Errorf("powers: %w", err)
	}
	all := make([]Power, len(rows))
	for i, r := range rows {
		all[i] = r.power()
	}
	return all, nil
}

// Past is a line of the history of powers and authorisations.
type Past struct {
	At      time.Time `db:"at"`
	Kind    string    `db:"kind"`
	Grant   int64     `db:"grant_id"`
	Online  bool      `db:"online"`  // an authorisation between people; false: a power of a business
	Actor   string    `db:"actor"`   // who did it
	Other   string    `db:"other"`   // the member or taker
	For     string    `db:"for_"`    // the business or the giver
	Dossier string    `db:"dossier"` // of what was done by it
	Code    string    `db:"code"`
}

const selectPast = `SELECT e.at, e.kind, coalesce(e.power_id, e.authorisation_id) AS grant_id, e.authorisation_id IS NOT NULL AS online, a.name AS actor,
		coalesce(w.member_name, m.taker_name) AS other, coalesce(w.business, m.giver_name) AS for_, coalesce(e.dossier_id::text, '') AS dossier, coalesce(d.code, '') AS code
	FROM standing_events e JOIN persons a ON a.id = e.actor_id LEFT JOIN powers w ON w.id = e.power_id
		LEFT JOIN authorisations m ON m.id = e.authorisation_id LEFT JOIN dossiers d ON d.id = e.dossier_id `

// HistoryOf is what happened to the powers and authorisations of the person, on either side
// of an authorisation, latest first.
func (s *Service) HistoryOf(ctx context.Context, p signin.Person) ([]Past, error) {
	return s.past(ctx, `WHERE e.power_id IN (SELECT id FROM powers WHERE member_hash = $1)
		OR e.authorisation_id IN (SELECT id FROM authorisations WHERE giver_hash = $1 OR taker_hash = $1)`, p.IDHash)
}

// HistoryOfBusiness is what happened to the powers of a business, for its representative.
func (s *Service) HistoryOfBusiness(ctx context.Context, p signin.Person, taxCode string) ([]Past, error) {
	if err := s.Represents(ctx, p, taxCode); err != nil {
		return nil, err
	}
	return s.past(ctx, `WHERE e.power_id IN (SELECT id FROM powers WHERE tax_code = $1)`, taxCode)
}

func (s *Service) past(ctx context.Context, where string, of any) ([]Past, error) {
	var all []Past
	if err := s.DB.SelectContext(ctx, &all, selectPast+where+` ORDER BY e.at DESC, e.id DESC LIMIT 200`, of); err != nil {
		return nil, fmt.Errorf("history of powers: %w", err)
	}
	return all, nil
}

// bodyKey is a one-time key of a deed whose body is known by its parts.
func bodyKey(key once.Key, parts ...string) once.Key {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s,", len(part), part)
	}
	copy(key.Body[:], h.Sum(nil))
	return key
}
