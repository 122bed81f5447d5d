package agency

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/problem"
)

// Heir says who has an agency's work since a day: of one field, or of everything that no
// other row of the same agency and day names. An agency that ended has at least one.
type Heir struct {
	Old    string `json:"old_code" db:"old_code"`
	Field  string `json:"field,omitempty" db:"field"` // code of a field of the catalogue; empty: all the rest
	New    string `json:"new_code" db:"new_code"`
	Day    string `json:"day" db:"day"` // the first day with the new one
	Ground string `json:"ground" db:"ground"`
}

// Former is a body that exists no more, with what it became.
type Former struct {
	Agency
	Heirs []Heir
}

// Formers are all bodies that ended before today, by code.
func (s *Service) Formers(ctx context.Context) ([]Former, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	today := s.today()
	var all []Former
	for _, a := range k.agencies {
		if a.To != "" && a.To < today {
			all = append(all, Former{a, k.heirsOf(a)})
		}
	}
	return all, nil
}

// heirsOf are who took over from an agency when it ended.
func (k *knowledge) heirsOf(a Agency) []Heir {
	var heirs []Heir
	for _, h := range k.heirs {
		if h.Old == a.Code && a.To != "" && h.Day == dayAfter(a.To) {
			heirs = append(heirs, h)
		}
	}
	return heirs
}

// Last is the agency that has the code today, or that had it last: papers and dossiers of
// before name it.
func (s *Service) Last(ctx context.Context, code string) (Agency, error) {
	k, err := s.known(ctx)
	if err != nil {
		return Agency{}, err
	}
	today := s.today()
	var last Agency
	for _, a := range k.agencies { // of one code the earlier come first
		if (a.Code == code || slices.Contains(a.Before, code)) && a.From <= today {
			last = a
		}
	}
	if last.ID == 0 {
		return Agency{}, problem.New(problem.NotFound, "agency.not_found")
	}
	return last, nil
}

// Today are the agencies of today that have the work of an agency, through every change
// since: itself while it exists. field narrows it to one field of the catalogue.
func (s *Service) Today(ctx context.Context, a Agency, field string) ([]Agency, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	today := s.today()
	var found []Agency
	seen := map[string]bool{}
	var follow func(a Agency)
	follow = func(a Agency) {
		if key := a.Code + a.From; seen[key] {
			return
		} else {
			seen[key] = true
		}
		if a.On(today) {
			found = append(found, a)
			return
		}
		for _, h := range rightful(k.heirsOf(a), field) {
			for _, next := range k.agencies {
				if next.Code == h.New && next.On(h.Day) {
					follow(next)
				}
			}
		}
	}
	follow(a)
	slices.SortFunc(found, func(a, b Agency) int { return cmpCode(a.Code, b.Code) })
	return found, nil
}

// rightful are those of the heirs who have the field: who were named for it, or else who
// took all the rest. Without a field, all of them.
func rightful(heirs []Heir, field string) []Heir {
	if field == "" {
		return heirs
	}
	named := slices.DeleteFunc(slices.Clone(heirs), func(h Heir) bool { return h.Field != field })
	if len(named) > 0 {
		return named
	}
	return slices.DeleteFunc(slices.Clone(heirs), func(h Heir) bool { return h.Field != "" })
}

func cmpCode(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func putHeir(ctx context.Context, tx *sqlx.Tx, h Heir, t *Tally) error {
	return t.put(ctx, tx, `
		INSERT INTO agency_heirs AS t (old_code, field, new_code, day, ground) VALUES ($1, $2, $3, $4::date, $5)
		ON CONFLICT (old_code, day, field, new_code) DO UPDATE SET ground = excluded.ground WHERE t.ground <> excluded.ground
		RETURNING xmax = 0`, h.Old, h.Field, h.New, h.Day, h.Ground)
}

func readHeirs(ctx context.Context, q sqlx.QueryerContext) ([]Heir, error) {
	var heirs []Heir
	err := sqlx.SelectContext(ctx, q, &heirs, `
		SELECT old_code, field, new_code, day::text AS day, ground FROM agency_heirs ORDER BY day, old_code, field, new_code`)
	if err != nil {
		return nil, fmt.Errorf("heirs: %w", err)
	}
	return heirs, nil
}

// checkHeirs wants every row to lead from an agency that stood the day before to one that
// stands on the day, and an agency that ended to lead somewhere.
func (p Pack) checkHeirs(f *Faults) {
	led := map[string]bool{}
	for i, h := range p.Heirs {
		place := fmt.Sprintf("heirs[%d] %s", i, h.Old)
		checkDates(f, agenciesFile, place, h.Day, "")
		if h.Ground == "" {
			f.add(agenciesFile, place, "agency.import.empty")
		}
		if !dayFormat.MatchString(h.Day) {
			continue
		}
		if before := dayBefore(h.Day); !p.hasAgency(h.Old, before, before) {
			f.add(agenciesFile, place, "agency.import.no_agency", locales.S("code", h.Old))
		}
		if !p.hasAgency(h.New, h.Day, h.Day) {
			f.add(agenciesFile, place, "agency.import.no_agency", locales.S("code", h.New))
		}
		led[h.Old+h.Day] = true
	}
	for i, a := range p.Agencies {
		if dayFormat.MatchString(a.To) && !led[a.Code+dayAfter(a.To)] && len(p.Heirs) > 0 {
			f.add(agenciesFile, fmt.Sprintf("agencies[%d] %s", i, a.Code), "agency.import.no_heir", locales.S("code", a.Code))
		}
	}
}
