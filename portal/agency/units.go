package agency

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/calendar"
	"motcua/portal/pg"
)

// UnitReport is what an import of units did.
type UnitReport struct {
	Added, Renamed, Ended []Unit // an ended one with its last day
	Same                  int
	Changes               Tally
}

// ImportUnits takes a file of the country's units over, in one transaction: those that are
// new stand from its day, those called differently have their new name from it, those that
// it lists no more end the day before. The same file again changes nothing. What would
// contradict what is known is refused: an older file, a province that is gone without a
// change that says where to, a province without the communes it has.
func (s *Service) ImportUnits(ctx context.Context, f UnitFile) (UnitReport, error) {
	var r UnitReport
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		r = UnitReport{}
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('agency.import'))`); err != nil {
			return err
		}
		if err := putChanges(ctx, tx, f.Changes, &r.Changes); err != nil {
			return err
		}
		if err := s.unitsInto(ctx, tx, f, &r); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO unit_files (day, at, source, sha256) VALUES (coalesce(nullif($1, '')::date, $2::date), $2, $3, $4) ON CONFLICT DO NOTHING`,
			f.Day, s.Now(), f.Source, f.SHA256)
		return err
	})
	if err != nil {
		return UnitReport{}, fmt.Errorf("import units: %w", err)
	}
	s.forget()
	return r, nil
}

func (s *Service) unitsInto(ctx context.Context, tx *sqlx.Tx, f UnitFile, r *UnitReport) error {
	if len(f.Units) == 0 {
		return nil
	}
	known, err := readUnits(ctx, tx)
	if err != nil {
		return err
	}
	changes, err := readChanges(ctx, tx)
	if err != nil {
		return err
	}
	p := plan{file: f, standing: map[string]Unit{}, ended: map[string]string{}}
	for _, u := range known {
		if u.To == "" {
			p.standing[u.Code] = u
		} else if p.ended[u.Code] < u.To {
			p.ended[u.Code] = u.To
		}
	}
	p.make(known, changes)
	if len(p.faults) > 0 {
		return p.faults
	}
	r.Added, r.Renamed, r.Ended, r.Same = p.added, p.renamed, p.over, p.same
	return p.write(ctx, tx)
}

// plan is what an import would do, before anything is written.
type plan struct {
	file     UnitFile
	standing map[string]Unit
	ended    map[string]string // the last day of those that ended, by code

	added, renamed, over []Unit
	mended, never        []Unit // renamed on the day they stand from; listed by mistake before
	same                 int
	faults               Faults
}

func (p *plan) make(known []Unit, changes []Change) {
	day := p.file.Day
	listed := map[string]bool{}
	communes := map[string]bool{} // provinces that the file lists communes of
	for _, u := range p.file.Units {
		listed[u.Code], communes[u.Parent] = true, true
		place := fmt.Sprint(p.file.at[u.Code])
		was, stands := p.standing[u.Code]
		switch {
		case !stands && p.ended[u.Code] >= day:
			p.faults.add(p.file.Name, place, "agency.units.over", locales.S("code", u.Code), locales.S("day", p.ended[u.Code]))
		case !stands:
			p.added = append(p.added, u)
		case was.Name == u.Name && was.Parent == u.Parent:
			p.same++
		case was.From > day:
			p.faults.add(p.file.Name, place, "agency.units.older", locales.S("code", u.Code), locales.S("day", was.From))
		case was.From == day:
			p.mended, p.renamed = append(p.mended, u), append(p.renamed, u)
		default:
			p.renamed = append(p.renamed, u)
		}
	}
	for _, was := range known {
		if was.To != "" || listed[was.Code] || was.From > day {
			continue
		}
		moved := func(c Change) bool { return c.Code == was.Code && c.Day <= day && c.Day > was.From }
		switch {
		case was.Parent == "" && !slices.ContainsFunc(changes, moved):
			p.faults.add(p.file.Name, "", "agency.units.province_gone", locales.S("name", was.Name))
		case was.Parent != "" && listed[was.Parent] && !communes[was.Parent]:
			p.faults.add(p.file.Name, fmt.Sprint(p.file.at[was.Parent]), "agency.units.no_communes", locales.S("name", p.standing[was.Parent].Name))
			return
		case was.From == day:
			p.never = append(p.never, was)
		default:
			was.To = dayBefore(day)
			p.over = append(p.over, was)
		}
	}
}

// write does it, a statement for each kind of deed.
func (p *plan) write(ctx context.Context, tx *sqlx.Tx) error {
	before := dayBefore(p.file.Day)
	var fresh, closed []Unit
	fresh = append(fresh, p.added...)
	closed = append(closed, p.over...)
	for _, u := range p.renamed {
		if p.standing[u.Code].From != p.file.Day {
			fresh, closed = append(fresh, u), append(closed, u)
		}
	}
	const rows = ` jsonb_to_recordset($1::jsonb) AS u (code text, name text, parent text)`
	for _, do := range []struct {
		query string
		units []Unit
		args  []any
	}{
		{`UPDATE units t SET name = u.name, parent = u.parent FROM` + rows + ` WHERE t.code = u.code AND t.valid_from = $2::date`, p.mended, []any{p.file.Day}},
		{`DELETE FROM units t USING` + rows + ` WHERE t.code = u.code AND t.valid_from = $2::date`, p.never, []any{p.file.Day}},
		{`UPDATE units t SET valid_to = $2::date FROM` + rows + ` WHERE t.code = u.code AND t.valid_to IS NULL`, closed, []any{before}},
		{`INSERT INTO units (code, name, parent, valid_from) SELECT u.code, u.name, coalesce(u.parent, ''), $2::date FROM` + rows, fresh, []any{p.file.Day}},
	} {
		if len(do.units) == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, do.query, pg.JSON(do.units), do.args[0]); err != nil {
			return err
		}
	}
	return nil
}

func dayAfter(day string) string {
	d, _ := calendar.ParseDay(day) // from a date column, or checked
	return d.Add(1).String()
}

func dayBefore(day string) string {
	d, _ := calendar.ParseDay(day) // the file was checked
	return d.Add(-1).String()
}

// putChanges keeps what units became; a ground that is said otherwise is put right.
func putChanges(ctx context.Context, tx *sqlx.Tx, changes []Change, t *Tally) error {
	if len(changes) == 0 {
		return nil
	}
	var isNew []bool
	err := tx.SelectContext(ctx, &isNew, `
		INSERT INTO unit_changes AS t (old_code, old_name, old_within, day, new_code, ground)
		SELECT DISTINCT ON (1, 2, 3, 4, 5) coalesce(old_code, ''), old_name, coalesce(old_within, ''), day::date, new_code, ground
		FROM jsonb_to_recordset($1::jsonb) AS c (old_code text, old_name text, old_within text, day text, new_code text, ground text)
		ON CONFLICT (old_code, old_name, old_within, day, new_code) DO UPDATE SET ground = excluded.ground WHERE t.ground <> excluded.ground
		RETURNING xmax = 0`, pg.JSON(changes))
	if err != nil {
		return fmt.Errorf("changes: %w", err)
	}
	for _, added := range isNew {
		if added {
			t.New++
		} else {
			t.Changed++
		}
	}
	t.Same += len(changes) - len(isNew)
	return nil
}

// Changes are all that is known of what units became, by the code of the new one.
func (s *Service) Changes(ctx context.Context) ([]Change, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	return k.changes, nil
}

func readChanges(ctx context.Context, q sqlx.QueryerContext) ([]Change, error) {
	var changes []Change
	err := sqlx.SelectContext(ctx, q, &changes, `
		SELECT old_code, old_name, old_within, new_code, day::text AS day, ground FROM unit_changes
		ORDER BY new_code, day, old_within, old_name, old_code`)
	if err != nil {
		return nil, fmt.Errorf("unit changes: %w", err)
	}
	return changes, nil
}
