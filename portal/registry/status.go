package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/sony/gobreaker/v2"

	"motcua/locales"
)

// SourceStatus is how a register is.
type SourceStatus struct {
	Register  string
	Connected bool
	Resting   bool // it has failed several times and is let alone for some seconds, by this instance
	Outage    *DeclaredOutage
	Hour      map[Outcome]int // answers of the last hour
	Slowest   time.Duration   // that 95 of 100 of them stayed under
	Today     int             // questions since midnight
	LastFound *time.Time
}

// Failing says whether most of the last hour's questions were not answered.
func (s SourceStatus) Failing() bool {
	all := 0
	for _, n := range s.Hour {
		all += n
	}
	return all > 0 && 2*s.Hour[Unavailable] > all
}

// Status is how every register is, in the order of Registers.
func (s *Service) Status(ctx context.Context) ([]SourceStatus, error) {
	outages, err := s.Outages(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]SourceStatus, len(Registers))
	byName := map[string]*SourceStatus{}
	for i, name := range Registers {
		all[i] = SourceStatus{Register: name, Connected: s.Connected(name), Hour: map[Outcome]int{},
			Resting: s.door(name).breaker.State() == gobreaker.StateOpen}
		byName[name] = &all[i]
	}
	for _, o := range outages {
		if st := byName[o.Register]; st != nil {
			st.Outage = &o
		}
	}
	if err := s.answers(ctx, byName); err != nil {
		return nil, err
	}
	return all, s.today(ctx, byName)
}

func (s *Service) answers(ctx context.Context, byName map[string]*SourceStatus) error {
	var rows []struct {
		Register string `db:"register"`
		Outcome  string `db:"outcome"`
		Count    int    `db:"count"`
		P95      int64  `db:"p95"`
	}
	err := s.DB.SelectContext(ctx, &rows, `
		WITH hour AS (SELECT split_part(source, '.', 1) AS register, outcome, took_ms FROM lookups WHERE at > $1),
		slow AS (SELECT register, percentile_disc(0.95) WITHIN GROUP (ORDER BY took_ms) AS p95 FROM hour GROUP BY register)
		SELECT h.register, h.outcome, count(*), s.p95 FROM hour h JOIN slow s USING (register) GROUP BY h.register, h.outcome, s.p95`,
		s.Now().Add(-time.Hour))
	if err != nil {
		return fmt.Errorf("answers of the last hour: %w", err)
	}
	for _, r := range rows {
		if st := byName[r.Register]; st != nil {
			st.Hour[Outcome(r.Outcome)], st.Slowest = r.Count, time.Duration(r.P95)*time.Millisecond
		}
	}
	return nil
}

func (s *Service) today(ctx context.Context, byName map[string]*SourceStatus) error {
	var rows []struct {
		Register string     `db:"register"`
		Count    int        `db:"count"`
		Last     *time.Time `db:"last"`
	}
	now := s.Now().In(locales.ICT)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, locales.ICT)
	err := s.DB.SelectContext(ctx, &rows, `
		SELECT split_part(source, '.', 1) AS register, count(*), max(at) FILTER (WHERE outcome = 'found') AS last
		FROM lookups WHERE at >= $1 GROUP BY 1`, midnight)
	if err != nil {
		return fmt.Errorf("questions of today: %w", err)
	}
	for _, r := range rows {
		if st := byName[r.Register]; st != nil {
			st.Today, st.LastFound = r.Count, r.Last
		}
	}
	return nil
}
