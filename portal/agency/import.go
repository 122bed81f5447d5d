package agency

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// Report counts what an import did.
type Report struct {
	Agencies, Heirs, Units, Changes, Days, Officers, Roles Tally
}

// Tally counts rows of one kind.
type Tally struct{ New, Changed, Same, Removed int }

// Import takes a checked pack over, in one transaction. Rows are known by their natural
// keys, so the same pack again changes nothing: what editors changed since stays theirs
// until the pack itself says something new of it. Nothing is removed but the days off of the
// years that the pack speaks for: agencies, units and roles end by their dates. A unit that
// a file of the whole country has ended since stays ended, and so does a merged agency.
func (s *Service) Import(ctx context.Context, p Pack) (Report, error) {
	if faults := p.Check(); len(faults) > 0 {
		return Report{}, faults
	}
	var r Report
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		r = Report{}
		return s.importInto(ctx, tx, p, &r)
	})
	if err != nil {
		return Report{}, fmt.Errorf("import province: %w", err)
	}
	s.forget()
	return r, nil
}

func (s *Service) importInto(ctx context.Context, tx *sqlx.Tx, p Pack, r *Report) error {
	// two imports at once would each find the other's rows missing
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('agency.import'))`); err != nil {
		return err
	}
	for _, u := range p.Units {
		if err := r.Units.put(ctx, tx, `
			INSERT INTO units AS t (code, parent, name, valid_from, valid_to)
			VALUES ($1, $2, $3, $4::date, nullif($5, '')::date)
			ON CONFLICT (code, valid_from) DO UPDATE SET parent = excluded.parent, name = excluded.name, valid_to = coalesce(excluded.valid_to, t.valid_to)
			WHERE (t.parent, t.name, t.valid_to) IS DISTINCT FROM (excluded.parent, excluded.name, coalesce(excluded.valid_to, t.valid_to))
			RETURNING xmax = 0`, u.Code, u.Parent, u.Name, u.From, u.To); err != nil {
			return fmt.Errorf("unit %s: %w", u.Code, err)
		}
	}
	if err := putChanges(ctx, tx, p.Changes, &r.Changes); err != nil {
		return err
	}
	for _, a := range p.Agencies {
		if err := putAgency(ctx, tx, a, &r.Agencies); err != nil {
			return fmt.Errorf("agency %s: %w", a.Code, err)
		}
	}
	for _, h := range p.Heirs {
		if err := putHeir(ctx, tx, h, &r.Heirs); err != nil {
			return fmt.Errorf("heir of %s: %w", h.Old, err)
		}
	}
	if err := putDays(ctx, tx, p, &r.Days); err != nil {
		return err
	}
	for i, o := range p.Officers {
		if err := s.putOfficer(ctx, tx, o, r); err != nil {
			return fmt.Errorf("officer %d: %w", i, err)
		}
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO province (pack, at) VALUES ($1, $2)
		ON CONFLICT (one) DO UPDATE SET pack = excluded.pack, at = excluded.at`, pg.JSON(p.Province), s.Now())
	return err
}

// putAgency writes what the pack says anew of an agency.
func putAgency(ctx context.Context, tx *sqlx.Tx, a Agency, t *Tally) error {
	return t.put(ctx, tx, `
		INSERT INTO agencies AS t (code, name, level, parent, unit, address, phone, email, tax_code, postal, valid_from, valid_to, old_codes, source, imported)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::date, nullif($12, '')::date, $13, $14, $15)
		ON CONFLICT ON CONSTRAINT agencies_code_key DO UPDATE SET name = excluded.name, level = excluded.level, parent = excluded.parent,
			unit = excluded.unit, address = excluded.address, phone = excluded.phone, email = excluded.email,
			tax_code = excluded.tax_code, postal = excluded.postal, valid_to = coalesce(excluded.valid_to, t.valid_to),
			old_codes = excluded.old_codes, source = excluded.source, imported = excluded.imported
		WHERE t.imported IS DISTINCT FROM excluded.imported
		RETURNING xmax = 0`,
		a.Code, pg.JSON(a.Name), a.Level, a.Parent, a.Unit, a.Address, a.Phone, a.Email, a.TaxCode, a.Postal, a.From, a.To,
		pg.JSON(append([]string{}, a.Before...)), a.Source, pg.JSON(a))
}

// putDays makes the days of the pack's years as the pack says: a swap of working days that
// was withdrawn is gone. A day that no pack brought stays.
func putDays(ctx context.Context, tx *sqlx.Tx, p Pack, t *Tally) error {
	for _, d := range p.Days {
		if err := t.put(ctx, tx, `
			INSERT INTO calendar_days AS t (day, working, name, ground, imported) VALUES ($1::date, $2, $3, $4, $5)
			ON CONFLICT (day) DO UPDATE SET working = excluded.working, name = excluded.name, ground = excluded.ground,
				imported = excluded.imported, withdrawn = false
			WHERE t.imported IS DISTINCT FROM excluded.imported
			RETURNING xmax = 0`, d.Day.String(), d.Working, d.Name, d.Ground, pg.JSON(d)); err != nil {
			return fmt.Errorf("day %s: %w", d.Day, err)
		}
	}
	days := []string{}
	for _, d := range p.Days {
		days = append(days, d.Day.String())
	}
	res, err := tx.ExecContext(ctx, `
		DELETE FROM calendar_days WHERE imported IS NOT NULL
		AND extract(year FROM day)::int IN (SELECT value::int FROM jsonb_array_elements_text($1::jsonb))
		AND day::text NOT IN (SELECT jsonb_array_elements_text($2::jsonb))`, pg.JSON(append([]int{}, p.Years...)), pg.JSON(days))
	if err != nil {
		return fmt.Errorf("days withdrawn: %w", err)
	}
	gone, err := res.RowsAffected()
	t.Removed += int(gone)
	return err
}

func (s *Service) putOfficer(ctx context.Context, tx *sqlx.Tx, o Person, r *Report) error {
	hash := s.Key.Hash(o.IDNumber)
	if err := r.Officers.put(ctx, tx, `
		INSERT INTO officers AS t (id_hash, name, title) VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT officers_id_hash_key DO UPDATE SET name = excluded.name, title = excluded.title
		WHERE (t.name, t.title) IS DISTINCT FROM (excluded.name, excluded.title)
		RETURNING xmax = 0`, hash, o.Name, o.Title); err != nil {
		return err
	}
	for _, role := range o.Roles {
		if err := r.Roles.put(ctx, tx, `
			INSERT INTO officer_roles AS t (officer_id, agency_id, role, valid_from, valid_to)
			SELECT o.id, a.id, $3, $4::date, least(nullif($5, '')::date, a.valid_to) FROM officers o, agencies a -- no role outlives its agency
			WHERE o.id_hash = $1 AND a.code = $2 AND a.valid_from <= coalesce(nullif($5, '')::date, 'infinity')
			ORDER BY a.valid_from DESC LIMIT 1
			ON CONFLICT (officer_id, agency_id, role, valid_from) DO UPDATE SET valid_to = excluded.valid_to
			WHERE t.valid_to IS DISTINCT FROM excluded.valid_to
			RETURNING xmax = 0`, hash, role.Agency, role.Role, role.From, role.To); err != nil {
			return fmt.Errorf("role %s: %w", role.Role, err)
		}
	}
	return nil
}

// put runs an insert-or-update that returns whether the row is new, and nothing when it
// was there alike.
func (t *Tally) put(ctx context.Context, tx *sqlx.Tx, query string, args ...any) error {
	var isNew bool
	switch err := tx.GetContext(ctx, &isNew, query, args...); {
	case errors.Is(err, sql.ErrNoRows):
		t.Same++
	case err != nil:
		return err
	case isNew:
		t.New++
	default:
		t.Changed++
	}
	return nil
}
