package agency

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/calendar"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Press is a deed of an officer's on the shared lists, with its one-time key.
type Press struct {
	Officer Officer
	Key     once.Key
	IP      string
	Request string
}

// deed does something to the lists: who may, the one-time key, the line in the audit log.
func (s *Service) deed(ctx context.Context, by Press, e audit.Entry, do func(tx *sqlx.Tx) error) error {
	if !by.Officer.Edits() {
		return problem.New(problem.NotFound, "agency.not_found")
	}
	e.Actor, e.IP, e.Request = fmt.Sprintf("officer:%d", by.Officer.ID), by.IP, by.Request
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, done, err := once.Begin(ctx, tx, by.Key, s.Now()); err != nil || done {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, e); err != nil {
			return err
		}
		return once.Finish(ctx, tx, by.Key, "")
	})
	if err == nil {
		s.forget()
	}
	return err
}

// Wrong are the faults of what was typed into a list, by field.
type Wrong map[string]locales.Message

func (w Wrong) Error() string { return fmt.Sprintf("%d faults in a row of a list", len(w)) }

// Unwrap makes it a fault that people may see.
func (w Wrong) Unwrap() error { return problem.New(problem.Invalid, "list.wrong") }

func (w Wrong) need(field, value string) {
	if strings.TrimSpace(value) == "" {
		w[field] = locales.M("list.empty")
	}
}

func (w Wrong) err() error {
	if len(w) == 0 {
		return nil
	}
	return w
}

var (
	oldIdentifier = regexp.MustCompile(`^\d{3}(\.\d{2}){2}\.[A-Z]\d{2}$|^[A-Z]\d{2}(\.\d{1,3}){0,2}$`)
	email         = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// Describe puts right what an agency is called and how it is reached. Its code, level and
// days change by a change of agencies only. What papers said before stays on them.
func (s *Service) Describe(ctx context.Context, by Press, a Agency) error {
	w := Wrong{}
	w.need("ten-vi", a.Name.VI)
	w.need("ten-en", a.Name.EN)
	w.need("can-cu", a.Source)
	if a.Email != "" && !email.MatchString(a.Email) {
		w["thu"] = locales.M("list.email")
	}
	for _, code := range a.Before {
		if !oldIdentifier.MatchString(code) {
			w["ma-cu"] = locales.M("agency.import.code", locales.S("code", cut(code)))
		}
	}
	if err := w.err(); err != nil {
		return err
	}
	return s.deed(ctx, by, audit.Entry{Deed: "agency.describe", Object: fmt.Sprintf("agency:%d", a.ID)}, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, `
			UPDATE agencies SET name = $2, address = $3, phone = $4, email = $5, tax_code = $6, postal = $7, source = $8, old_codes = $9 WHERE id = $1`,
			a.ID, pg.JSON(a.Name), a.Address, a.Phone, a.Email, a.TaxCode, a.Postal, a.Source, pg.JSON(append([]string{}, a.Before...)))
		if err != nil {
			return fmt.Errorf("describe agency %d: %w", a.ID, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return problem.Because(err, problem.NotFound, "agency.not_found")
		}
		return nil
	})
}

// Everything are all agencies, of today and of before, each with what it became, by code.
func (s *Service) Everything(ctx context.Context) ([]Former, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Former, len(k.agencies))
	for i, a := range k.agencies {
		all[i] = Former{a, k.heirsOf(a)}
	}
	slices.SortStableFunc(all, func(a, b Former) int { return compareCodes(a.Code, b.Code) })
	return all, nil
}

// compareCodes orders codes by their parts as numbers: H01.9 comes before H01.14.
func compareCodes(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if d := cmpCode(x[i], y[i]); d != 0 {
			return d
		}
	}
	return len(x) - len(y)
}

// Days are the special days of a year, by date.
func (s *Service) Days(ctx context.Context, year int) ([]Day, error) {
	var rows []struct {
		Day     string `db:"day"`
		Working bool   `db:"working"`
		Name    string `db:"name"`
		Ground  string `db:"ground"`
	}
	err := s.DB.SelectContext(ctx, &rows, `SELECT day::text AS day, working, name, ground FROM calendar_days
		WHERE NOT withdrawn AND extract(year FROM day) = $1 ORDER BY day`, year)
	if err != nil {
		return nil, fmt.Errorf("days of %d: %w", year, err)
	}
	days := make([]Day, len(rows))
	for i, r := range rows {
		day, err := calendar.ParseDay(r.Day)
		if err != nil {
			return nil, err
		}
		days[i] = Day{Day: day, Working: r.Working, Name: r.Name, Ground: r.Ground}
	}
	return days, nil
}

// SetDay says that a day is not as its weekday: off, or worked. Due dates that were given
// out stay as they were told; what is counted from now on knows the day.
func (s *Service) SetDay(ctx context.Context, by Press, d Day) error {
	w := Wrong{}
	w.need("ten", d.Name)
	w.need("can-cu", d.Ground)
	if d.Day == (calendar.Day{}) {
		w["ngay"] = locales.M("list.day.wrong")
	}
	weekend := d.Day.Weekday() == 0 || d.Day.Weekday() == 6
	if d.Day != (calendar.Day{}) && d.Working != weekend {
		w["ngay"] = locales.M("list.day.as_it_is")
	}
	if err := w.err(); err != nil {
		return err
	}
	entry := audit.Entry{Deed: "calendar.set", Object: "day:" + d.Day.String(), Args: map[string]any{"working": d.Working}}
	return s.deed(ctx, by, entry, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO calendar_days (day, working, name, ground) VALUES ($1::date, $2, $3, $4)
			ON CONFLICT (day) DO UPDATE SET working = excluded.working, name = excluded.name, ground = excluded.ground, withdrawn = false`,
			d.Day.String(), d.Working, d.Name, d.Ground)
		if err != nil {
			return fmt.Errorf("set %s: %w", d.Day, err)
		}
		return nil
	})
}

// WithdrawDay makes a day as its weekday again.
func (s *Service) WithdrawDay(ctx context.Context, by Press, day calendar.Day) error {
	return s.deed(ctx, by, audit.Entry{Deed: "calendar.withdraw", Object: "day:" + day.String()}, func(tx *sqlx.Tx) error {
		var known bool
		err := tx.GetContext(ctx, &known, `UPDATE calendar_days SET withdrawn = true WHERE day = $1::date RETURNING true`, day.String())
		if errors.Is(err, sql.ErrNoRows) {
			return problem.New(problem.NotFound, "list.no_day")
		}
		if err != nil {
			return fmt.Errorf("withdraw %s: %w", day, err)
		}
		return nil
	})
}
