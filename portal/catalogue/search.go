package catalogue

import (
	"cmp"
	"context"
	"slices"

	"motcua/locales"
)

// PageSize is how many hits a page shows.
const PageSize = 20

// Query is what people ask for. Empty parts do not narrow it down.
type Query struct {
	Text     string
	Field    string // code of a field
	Agency   string // code of an agency, or a level: "commune" is every commune
	Audience string
	Level    string // full, partial, information
	Hat      string // as whom the person acts, an audience: what is for it comes first
	Page     int    // from 1
}

// Results is a page of what was found, with what it can be narrowed down to.
type Results struct {
	Query       Query
	Hits        []*Revision // of this page, best first
	Total       int
	Pages       int
	Fields      []Count
	Agencies    []Count
	Audiences   []Count // words: public.audience.<value>
	Levels      []Count // words: public.level.<value>
	Corrected   string  // how the text was understood, when it had slips
	Unfiltered  int     // hits without any filter
	Suggestions []*Revision
}

// Count is a filter's value with the number of hits it would leave.
type Count struct {
	Value  string
	Name   locales.Text // empty where the program has the words
	N      int
	Chosen bool
}

// suggestions is how many are offered when nothing was found.
const suggestions = 5

// Search finds procedures as people ask for them: with or without marks, with slips of the
// keyboard, in daily words, by code. Without a text all are found, in the order of fields.
func (s *Service) Search(ctx context.Context, q Query) (Results, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return Results{}, err
	}
	return e.search(q), nil
}

// typed is how many procedures are offered while somebody types.
const typed = 8

// Suggest offers procedures while somebody types: the first of what the text finds.
func (s *Service) Suggest(ctx context.Context, text, hat string) ([]*Revision, error) {
	e, err := s.fresh(ctx)
	if err != nil || len(words(text)) == 0 {
		return nil, err
	}
	all, _ := e.matching(text, hat)
	return all[:min(len(all), typed)], nil
}

func (e *edition) search(q Query) Results {
	all, corrected := e.matching(q.Text, q.Hat)
	r := Results{Query: q, Corrected: corrected, Unfiltered: len(all)}
	hits := e.count(&r, all)
	r.Total = len(hits)
	r.Pages = (len(hits) + PageSize - 1) / PageSize
	r.Query.Page = max(1, min(q.Page, r.Pages))
	first := (r.Query.Page - 1) * PageSize
	r.Hits = hits[min(first, len(hits)):min(first+PageSize, len(hits))]
	if len(hits) == 0 {
		r.Suggestions = e.suggest(q.Text, all)
	}
	return r
}

// matching are the procedures that answer a text, best first.
func (e *edition) matching(text, hat string) ([]*Revision, string) {
	if len(words(text)) == 0 {
		return e.index.listed, ""
	}
	found, corrected := e.index.find(text, hat)
	all := make([]*Revision, len(found))
	for i, f := range found {
		all[i] = e.index.docs[f.doc].rev
	}
	return all, corrected
}

// suggest offers what comes nearest, or what people can do here at once.
func (e *edition) suggest(text string, all []*Revision) []*Revision {
	if len(all) == 0 {
		for _, f := range e.index.nearest(text) {
			all = append(all, e.index.docs[f.doc].rev)
		}
	}
	if len(all) == 0 {
		all = e.index.listed
	}
	return all[:min(len(all), suggestions)]
}

// filter is one way to narrow down: the value that is asked for, and how the values are named.
type filter struct {
	want  string
	name  func(r *Revision, value string) locales.Text
	into  *[]Count
	order []string // fixed, or empty for the most frequent first
}

// facets are the values of a procedure, one list for each filter.
type facets [4][]string

func facetsOf(r *Revision) facets {
	return facets{{r.Field.Code}, r.receivers(), r.Sheet.Audience, {r.Sheet.Service()}}
}

// count narrows the hits down and counts each filter's values among the hits that the
// other filters leave.
func (e *edition) count(r *Results, all []*Revision) []*Revision {
	filters := [...]filter{
		{r.Query.Field, func(r *Revision, _ string) locales.Text { return r.Field.Name }, &r.Fields, nil},
		{r.Query.Agency, (*Revision).receiver, &r.Agencies, nil},
		{r.Query.Audience, nil, &r.Audiences, Audiences},
		{r.Query.Level, nil, &r.Levels, Levels},
	}
	var counts [len(filters)]map[string]*Count
	for i := range filters {
		counts[i] = map[string]*Count{}
	}
	var hits []*Revision
	for _, rev := range all {
		has := e.facets[rev]
		misses, missed := 0, 0
		for i, f := range filters {
			if f.want != "" && !slices.Contains(has[i], f.want) {
				misses, missed = misses+1, i
			}
		}
		for i, f := range filters {
			if misses == 0 || misses == 1 && missed == i {
				f.tally(counts[i], rev, has[i])
			}
		}
		if misses == 0 {
			hits = append(hits, rev)
		}
	}
	for i, f := range filters {
		*f.into = f.list(counts[i])
	}
	return hits
}

func (f filter) tally(counts map[string]*Count, rev *Revision, values []string) {
	for _, v := range values {
		c := counts[v]
		if c == nil {
			c = &Count{Value: v, Chosen: v == f.want}
			if f.name != nil {
				c.Name = f.name(rev, v)
			}
			counts[v] = c
		}
		c.N++
	}
}

// list puts the counts in order. What was chosen stays to be taken away, also at nothing.
func (f filter) list(counts map[string]*Count) []Count {
	if f.want != "" && counts[f.want] == nil {
		counts[f.want] = &Count{Value: f.want, Chosen: true}
	}
	var out []Count
	for _, c := range counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Count) int {
		if f.order != nil {
			return cmp.Or(cmp.Compare(slices.Index(f.order, a.Value), slices.Index(f.order, b.Value)), cmp.Compare(a.Value, b.Value))
		}
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name.VI, b.Name.VI), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// receivers are the agencies that take dossiers, by what a search is narrowed down to.
func (r *Revision) receivers() []string {
	var keys []string
	for _, o := range r.Sheet.Agencies {
		if k := o.key(); o.Role == Receives && k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

func (r *Revision) receiver(key string) locales.Text {
	for _, o := range r.Sheet.Agencies {
		if o.key() == key {
			return o.Name
		}
	}
	return locales.V(key)
}
