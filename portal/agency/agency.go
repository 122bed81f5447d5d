// Package agency knows the province: its agencies and their officers, its administrative
// units, its working calendar, each with the dates between which it holds.
package agency

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/calendar"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// The levels of agencies. Districts ended on 2025-06-30 and stay readable on old papers.
const (
	Provincial = "province"
	Department = "department"
	District   = "district"
	Communal   = "commune"
)

// Agency is a body of the province for the time it exists under a name and code. Days are
// written 2006-01-02, so that they compare as text.
type Agency struct {
	ID      int64        `json:"-"`
	Code    string       `json:"code"`                // mã định danh điện tử (QĐ 20/2020/QĐ-TTg)
	Before  []string     `json:"old_codes,omitempty"` // its identifiers of before: 000.00.15.H01 (QCVN 102:2016/BTTTT)
	Name    locales.Text `json:"name"`
	Level   string       `json:"level"`
	Parent  string       `json:"parent,omitempty"` // code of the agency it belongs to
	Unit    string       `json:"unit,omitempty"`   // code of the administrative unit it serves
	Address string       `json:"address,omitempty"`
	Phone   string       `json:"phone,omitempty"`
	Email   string       `json:"email,omitempty"`
	TaxCode string       `json:"tax_code,omitempty"`
	Postal  string       `json:"postal,omitempty"` // province code of the postal carrier
	Source  string       `json:"source,omitempty"` // the decision that made it
	From    string       `json:"valid_from"`
	To      string       `json:"valid_to,omitempty"` // last day, empty while it exists
}

// On says whether the agency exists on a day.
func (a Agency) On(day string) bool { return within(a.From, a.To, day) }

// Unit is an administrative unit. A code means something only together with a day: 91 was
// one province until 2025-06-30 and is another since.
type Unit struct {
	Code   string `json:"code" db:"code"`
	Name   string `json:"name" db:"name"`
	Parent string `json:"parent,omitempty" db:"parent"`
	From   string `json:"valid_from" db:"valid_from"`
	To     string `json:"valid_to,omitempty" db:"valid_to"`
}

// On says whether the unit exists on a day.
func (u Unit) On(day string) bool { return within(u.From, u.To, day) }

func within(from, to, day string) bool { return from <= day && (to == "" || day <= to) }

// Service answers questions about the province. What changes seldom is held in memory for
// a few seconds; who holds which role is always asked.
type Service struct {
	DB  *sqlx.DB
	Key pg.LookupKey
	Now func() time.Time

	held    atomic.Pointer[held]
	reading sync.Mutex
}

func (s *Service) today() string { return calendar.DayOf(s.Now()).String() }

// All are the agencies that exist on the day, by code.
func (s *Service) All(ctx context.Context, day time.Time) ([]Agency, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	on := calendar.DayOf(day).String()
	var all []Agency
	for _, a := range k.agencies {
		if a.On(on) {
			all = append(all, a)
		}
	}
	return all, nil
}

// ByID is one agency, also one that exists no more: old dossiers keep theirs.
func (s *Service) ByID(ctx context.Context, id int64) (Agency, error) {
	return s.find(ctx, func(a Agency) bool { return a.ID == id })
}

// ByCode is the agency that has the code today.
func (s *Service) ByCode(ctx context.Context, code string) (Agency, error) {
	today := s.today()
	return s.find(ctx, func(a Agency) bool { return a.Code == code && a.On(today) })
}

func (s *Service) find(ctx context.Context, is func(Agency) bool) (Agency, error) {
	k, err := s.known(ctx)
	if err != nil {
		return Agency{}, err
	}
	for _, a := range k.agencies {
		if is(a) {
			return a, nil
		}
	}
	return Agency{}, problem.New(problem.NotFound, "agency.not_found")
}

// Units are the units directly under parent on the day, by code; an empty parent gives
// the provinces.
func (s *Service) Units(ctx context.Context, parent string, day time.Time) ([]Unit, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	on := calendar.DayOf(day).String()
	var units []Unit
	for _, u := range k.units[parent] {
		if u.On(on) {
			units = append(units, u)
		}
	}
	return units, nil
}

// Standing are all units of the day, provinces and communes, by code.
func (s *Service) Standing(ctx context.Context, day time.Time) ([]Unit, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	on := calendar.DayOf(day).String()
	var units []Unit
	for _, u := range k.all {
		if u.On(on) {
			units = append(units, u)
		}
	}
	return units, nil
}

// Unit is what the code meant on the day.
func (s *Service) Unit(ctx context.Context, code string, day time.Time) (Unit, error) {
	k, err := s.known(ctx)
	if err != nil {
		return Unit{}, err
	}
	on := calendar.DayOf(day).String()
	for _, u := range k.byCode[code] {
		if u.On(on) {
			return u, nil
		}
	}
	return Unit{}, problem.New(problem.NotFound, "agency.unit_not_found")
}

// Calendar is the province's working time.
func (s *Service) Calendar(ctx context.Context) (calendar.Calendar, error) {
	k, err := s.known(ctx)
	if err != nil {
		return calendar.Calendar{}, err
	}
	return k.calendar, nil
}

// Province is the installation's own settings.
func (s *Service) Province(ctx context.Context) (Province, error) {
	k, err := s.known(ctx)
	if err != nil {
		return Province{}, err
	}
	if k.province == nil {
		return Province{}, problem.New(problem.Unavailable, "agency.no_province")
	}
	return *k.province, nil
}

// row is a row of the agencies table.
type row struct {
	ID      int64                   `db:"id"`
	Code    string                  `db:"code"`
	Name    pg.JSONOf[locales.Text] `db:"name"`
	Level   string                  `db:"level"`
	Parent  string                  `db:"parent"`
	Unit    string                  `db:"unit"`
	Address string                  `db:"address"`
	Phone   string                  `db:"phone"`
	Email   string                  `db:"email"`
	TaxCode string                  `db:"tax_code"`
	Postal  string                  `db:"postal"`
	Before  pg.JSONOf[[]string]     `db:"old_codes"`
	Source  string                  `db:"source"`
	From    string                  `db:"valid_from"`
	To      string                  `db:"valid_to"`
}

func (r row) agency() Agency {
	return Agency{ID: r.ID, Code: r.Code, Name: r.Name.V, Level: r.Level, Parent: r.Parent, Unit: r.Unit, Address: r.Address,
		Phone: r.Phone, Email: r.Email, TaxCode: r.TaxCode, Postal: r.Postal, Before: r.Before.V, Source: r.Source, From: r.From, To: r.To}
}

func readAgencies(ctx context.Context, q sqlx.QueryerContext) ([]Agency, error) {
	var rows []row
	err := sqlx.SelectContext(ctx, q, &rows, `
		SELECT id, code, name, level, parent, unit, address, phone, email, tax_code, postal, old_codes, source,
			valid_from::text AS valid_from, coalesce(valid_to::text, '') AS valid_to
		FROM agencies ORDER BY code, valid_from`)
	if err != nil {
		return nil, fmt.Errorf("agencies: %w", err)
	}
	all := make([]Agency, len(rows))
	for i, r := range rows {
		all[i] = r.agency()
	}
	return all, nil
}

func readUnits(ctx context.Context, q sqlx.QueryerContext) ([]Unit, error) {
	var units []Unit
	err := sqlx.SelectContext(ctx, q, &units, `
		SELECT code, name, parent, valid_from::text AS valid_from, coalesce(valid_to::text, '') AS valid_to
		FROM units ORDER BY code, valid_from`)
	if err != nil {
		return nil, fmt.Errorf("units: %w", err)
	}
	return units, nil
}

func readProvince(ctx context.Context, q sqlx.QueryerContext) (*Province, error) {
	var pack pg.JSONOf[Province]
	err := sqlx.GetContext(ctx, q, &pack, `SELECT pack FROM province`)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // not set up yet: Province says so to who asks
	}
	if err != nil {
		return nil, fmt.Errorf("province: %w", err)
	}
	return &pack.V, nil
}
