package agency

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// Passing is one move of a plan with the bodies themselves, once they are there.
type Passing struct {
	Pass
	From, To Agency
	Named    []string // fields that another move of the same body names: the rest is without them
}

// Carry does of a plan what is the agencies' own: bodies end and begin, those below them
// follow, officers keep their roles at the body that they go to, and it is written down who
// took what over. It gives the moves with the bodies, for the rooms whose work passes.
func (s *Service) Carry(ctx context.Context, tx *sqlx.Tx, p Plan) ([]Passing, int, error) {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('agency.import'))`); err != nil {
		return nil, 0, err
	}
	before := dayBefore(p.Day)
	froms, err := standing(ctx, tx, before)
	if err != nil {
		return nil, 0, err
	}
	if _, err := tx.ExecContext(ctx, `
		UPDATE agencies SET valid_to = $2::date WHERE code IN (SELECT jsonb_array_elements_text($1::jsonb)) AND valid_from <= $2::date AND (valid_to IS NULL OR valid_to > $2::date)`,
		pg.JSON(append([]string{}, p.Ends()...)), before); err != nil {
		return nil, 0, fmt.Errorf("end agencies: %w", err)
	}
	var t Tally
	for _, a := range p.Begins {
		a.From, a.To = p.Day, ""
		if a.Source == "" {
			a.Source = p.Ground
		}
		if err := putAgency(ctx, tx, a, &t); err != nil {
			return nil, 0, fmt.Errorf("begin agency %s: %w", a.Code, err)
		}
	}
	tos, err := standing(ctx, tx, p.Day)
	if err != nil {
		return nil, 0, err
	}
	var all []Passing
	for _, m := range p.Moves {
		next := Passing{Pass: m, From: froms[m.From], To: tos[m.To]}
		if next.From.ID == 0 || next.To.ID == 0 {
			return nil, 0, fmt.Errorf("move from %s to %s: one of them is not there on %s", m.From, m.To, p.Day)
		}
		for _, o := range p.Moves {
			if m.Field == "" && o.From == m.From && o.Field != "" {
				next.Named = append(next.Named, o.Field)
			}
		}
		all = append(all, next)
		if err := putHeir(ctx, tx, Heir{m.From, m.Field, m.To, p.Day, p.Ground}, &t); err != nil {
			return nil, 0, fmt.Errorf("heir of %s: %w", m.From, err)
		}
	}
	roles := 0
	for _, m := range all {
		n, err := passRoles(ctx, tx, p, m)
		if err != nil {
			return nil, 0, err
		}
		roles += n
	}
	return all, roles, nil
}

// standing are the agencies of a day by code, as the transaction sees them.
func standing(ctx context.Context, tx *sqlx.Tx, day string) (map[string]Agency, error) {
	all, err := readAgencies(ctx, tx)
	if err != nil {
		return nil, err
	}
	by := map[string]Agency{}
	for _, a := range all {
		if a.On(day) {
			by[a.Code] = a
		}
	}
	return by, nil
}

// passRoles lets the officers whom a move takes along hold at the new body what they held at
// the old one, and ends it there. Bodies below one that ends belong to who has the rest.
func passRoles(ctx context.Context, tx *sqlx.Tx, p Plan, m Passing) (int, error) {
	posted, elsewhere := []int64{}, []int64{}
	for _, post := range p.Posts {
		switch {
		case post.From != m.Pass.From:
		case post.To == m.Pass.To:
			posted = append(posted, post.Officer)
		default:
			elsewhere = append(elsewhere, post.Officer)
		}
	}
	rest := m.Field == ""
	if !rest { // who has the same body's rest too posts them once
		posted = slices.DeleteFunc(posted, func(int64) bool { return p.Heir(m.Pass.From, "") == m.Pass.To })
	}
	const who = `r.agency_id = $1 AND coalesce(r.valid_to, 'infinity') >= $3::date
		AND CASE WHEN $4 THEN NOT r.officer_id IN (SELECT value::bigint FROM jsonb_array_elements_text($6::jsonb))
			ELSE r.officer_id IN (SELECT value::bigint FROM jsonb_array_elements_text($5::jsonb)) END`
	args := []any{m.From.ID, m.To.ID, p.Day, rest, pg.JSON(posted), pg.JSON(elsewhere)}
	res, err := tx.ExecContext(ctx, `
		INSERT INTO officer_roles (officer_id, agency_id, role, valid_from, valid_to)
		SELECT r.officer_id, $2, r.role, greatest(r.valid_from, $3::date), r.valid_to FROM officer_roles r WHERE `+who+`
		ON CONFLICT (officer_id, agency_id, role, valid_from) DO NOTHING`, args...)
	if err != nil {
		return 0, fmt.Errorf("roles from %s to %s: %w", m.Pass.From, m.Pass.To, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE officer_roles r SET valid_to = greatest(r.valid_from, $3::date - 1) WHERE $2::bigint > 0 AND `+who, args...)
	if err == nil && rest {
		_, err = tx.ExecContext(ctx, `UPDATE agencies SET parent = $2 WHERE parent = $1 AND (valid_to IS NULL OR valid_to >= $3::date)`,
			m.Pass.From, m.Pass.To, p.Day)
	}
	if err != nil {
		return 0, fmt.Errorf("end the roles at %s: %w", m.Pass.From, err)
	}
	return int(n), nil
}

// Forget makes the next question read again, after a deed of another room that changed what
// is held here.
func (s *Service) Forget() { s.forget() }
