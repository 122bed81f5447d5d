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

// knowledge is all that changes seldom: some two hundred rows.
type knowledge struct {
	agencies []Agency
	units    map[string][]Unit // by parent
	byCode   map[string][]Unit
	calendar calendar.Calendar
	province *Province
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
	k, err := read(ctx, s.DB)
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

func read(ctx context.Context, q sqlx.QueryerContext) (*knowledge, error) {
	k := &knowledge{units: map[string][]Unit{}, byCode: map[string][]Unit{}}
	var err error
	if k.agencies, err = readAgencies(ctx, q); err != nil {
		return nil, err
	}
	units, err := readUnits(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		k.units[u.Parent] = append(k.units[u.Parent], u)
		k.byCode[u.Code] = append(k.byCode[u.Code], u)
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
	if err := sqlx.SelectContext(ctx, q, &rows, `SELECT day::text AS day, working, name FROM calendar_days`); err != nil {
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
