package draft

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/agency"
)

// unitLife is how long the lists of units are kept: there are 3,300, they change by decree,
// and every page of a form needs them.
const unitLife = time.Minute

// heldUnits are the lists of units made last. Whoever gets them must not change them.
type heldUnits struct {
	mu    sync.Mutex
	at    time.Time
	lists unitLists
}

// unitLists are the provinces and communes of today, and the units that ended with what
// they became.
type unitLists struct{ provinces, communes, old []eforms.Option }

func (s *Service) unitLists(ctx context.Context, today time.Time) (unitLists, error) {
	s.units.mu.Lock()
	defer s.units.mu.Unlock()
	if age := today.Sub(s.units.at); age >= 0 && age <= unitLife && s.units.lists.provinces != nil {
		return s.units.lists, nil
	}
	units, err := s.Agency.Standing(ctx, today)
	if err != nil {
		return unitLists{}, err
	}
	changes, err := s.Agency.Changes(ctx)
	if err != nil {
		return unitLists{}, err
	}
	s.units.at, s.units.lists = today, makeUnitLists(units, changes)
	return s.units.lists, nil
}

func makeUnitLists(units []agency.Unit, changes []agency.Change) unitLists {
	var l unitLists
	before := map[string][]agency.Change{}
	for _, c := range changes {
		before[c.New] = append(before[c.New], c)
	}
	for _, u := range units {
		o := eforms.Option{Value: u.Code, Label: locales.V(u.Name), Parent: u.Parent}
		if u.Parent == "" {
			l.provinces = append(l.provinces, o)
			continue
		}
		if o.Was = was(u, before[u.Code]); o.Was != "" {
			o.Same = []string{o.Was}
		}
		l.communes = append(l.communes, o)
	}
	l.old = oldUnits(changes)
	return l
}

// was says what a commune was called and where it lay: "Phường A, Xã B, Quận C, Tỉnh D".
func was(u agency.Unit, of []agency.Change) string {
	var names, places []string
	for _, c := range of {
		if c.Name != u.Name && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
		if !slices.Contains(places, c.Within) {
			places = append(places, c.Within)
		}
	}
	return strings.Trim(strings.Join(names, ", ")+", "+strings.Join(places, "; "), ", ")
}

// oldUnits puts what one unit became together: it may have been divided.
func oldUnits(changes []agency.Change) []eforms.Option {
	type unit struct{ code, name, within string }
	var out []eforms.Option
	at := map[unit]int{}
	for _, c := range changes {
		u := unit{c.Code, c.Name, c.Within}
		i, known := at[u]
		if !known {
			i = len(out)
			at[u] = i
			out = append(out, eforms.Option{Value: c.Code, Label: locales.V(c.Name), Parent: c.Within})
		}
		out[i].Became = append(out[i].Became, c.New)
	}
	return out
}
