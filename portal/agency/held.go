package agency

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/calendar"
)

// holdFor is how long what was read is used without asking again: another instance's
// import shows here that much later.
const holdFor = 5 * time.Second

// holdPlaces is the same for the units of the country: thousands, that change by decree.
const holdPlaces = time.Minute

// knowledge is all that changes seldom: some two hundred rows, and the places.
type knowledge struct {
	*places
	agencies []Agency
	heirs    []Heir // by day
	calendar calendar.Calendar
	province *Province
}

// places are the administrative units, and what became of those of before.
type places struct {
	units   map[string][]Unit // by parent
	byCode  map[string][]Unit
	all     []Unit   // by code
	changes []Change // by new code
	at      time.Time
}

// held is what was read and when.
type held struct {
	*knowledge
	at time.Time
}

// known is what is held. Once it is old, one caller reads it again while the others go on
// with it: a caller in a transaction never waits for a second connection.
func (s *Service) known(ctx context.Context) (*knowledge, error) {
	now := s.Now()
	h := s.held.Load()
	if h == nil {
		s.reading.Lock()
		defer s.reading.Unlock()
		if h = s.held.Load(); h != nil {
			return h.knowledge, nil
		}
		return s.renew(ctx, now)
	}
	if age := now.Sub(h.at); age >= 0 && age < holdFor || !s.reading.TryLock() {
		return h.knowledge, nil
	}
	defer s.reading.Unlock()
	return s.renew(ctx, now)
}

func (s *Service) renew(ctx context.Context, now time.Time) (*knowledge, error) {
	var known *places
	if h := s.held.Load(); h != nil {
		if age := now.Sub(h.places.at); age >= 0 && age < holdPlaces {
			known = h.places
		}
	}
	if known == nil {
		var err error
		if known, err = readPlaces(ctx, s.DB, now); err != nil {
			return nil, err
		}
	}
	k, err := read(ctx, s.DB, known)
	if err != nil {
		return nil, err
	}
	s.held.Store(&held{k, now})
	return k, nil
}

// forget makes the next question read again.
func (s *Service) forget() {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.held.Store(nil)
}

func readPlaces(ctx context.Context, q sqlx.QueryerContext, now time.Time) (*places, error) {
	p := &places{units: map[string][]Unit{}, byCode: map[string][]Unit{}, at: now}
	units, err := readUnits(ctx, q)
	if err != nil {
		return nil, err
	}
	p.all = units
	for _, u := range units {
		p.units[u.Parent] = append(p.units[u.Parent], u)
		p.byCode[u.Code] = append(p.byCode[u.Code], u)
	}
	p.changes, err = readChanges(ctx, q)
	return p, err
}

func read(ctx context.Context, q sqlx.QueryerContext, known *places) (*knowledge, error) {
	k := &knowledge{places: known}
	var err error
	if k.agencies, err = readAgencies(ctx, q); err != nil {
		return nil, err
	}
	if k.heirs, err = readHeirs(ctx, q); err != nil {
		return nil, err
	}
	if k.province, err = readProvince(ctx, q); err != nil {
		return nil, err
	}
	if k.province != nil {
		k.calendar.Open, k.calendar.CutOff = k.province.Open, k.province.CutOff
	}
	k.calendar.Special, err = readDays(ctx, q)
	return k, err
}

func readDays(ctx context.Context, q sqlx.QueryerContext) (map[calendar.Day]calendar.SpecialDay, error) {
	var rows []struct {
		Day     string `db:"day"`
		Working bool   `db:"working"`
		Name    string `db:"name"`
	}
	if err := sqlx.SelectContext(ctx, q, &rows, `SELECT day::text AS day, working, name FROM calendar_days WHERE NOT withdrawn`); err != nil {
		return nil, fmt.Errorf("calendar days: %w", err)
	}
	days := make(map[calendar.Day]calendar.SpecialDay, len(rows))
	for _, r := range rows {
		day, err := calendar.ParseDay(r.Day)
		if err != nil {
			return nil, err
		}
		days[day] = calendar.SpecialDay{Working: r.Working, Name: r.Name}
	}
	return days, nil
}
