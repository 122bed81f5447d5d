package catalogue

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"motcua/portal/agency"
)

// Work is how many procedures of a field an agency receives.
type Work struct {
	Field Field
	N     int
}

// TakenBy is what an agency receives, by field, the most first.
func (s *Service) TakenBy(ctx context.Context, a agency.Agency) ([]Work, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	counts := map[string]*Work{}
	for _, r := range e.revisions {
		if !r.Sheet.TakenBy(a) {
			continue
		}
		w := counts[r.Field.Code]
		if w == nil {
			w = &Work{Field: r.Field}
			counts[r.Field.Code] = w
		}
		w.N++
	}
	all := make([]Work, 0, len(counts))
	for _, w := range counts {
		all = append(all, *w)
	}
	slices.SortFunc(all, func(a, b Work) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Field.Name.VI, b.Field.Name.VI))
	})
	return all, nil
}

// FieldNames are all fields there are, by code.
func (s *Service) FieldNames(ctx context.Context) (map[string]Field, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return e.fields, nil
}

// Alike says whether all words of what was typed are in a name, marks and their ways of
// being written aside.
func Alike(name, typed string) bool {
	in := words(name)
	for _, w := range words(typed) {
		if !slices.ContainsFunc(in, func(n word) bool { return strings.HasPrefix(n.bare, w.bare) }) {
			return false
		}
	}
	return true
}
