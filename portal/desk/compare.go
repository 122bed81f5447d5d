package desk

import (
	"context"
	"slices"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/dossier"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/registry"
)

// Compare asks the registers anew about a dossier that the officer has in hand: one of
// their agency that is not closed. What they do is on record before anybody is asked, and
// pressed twice it is done once.
func (s *Service) Compare(ctx context.Context, p Press, seen audit.Entry) error {
	d, err := s.Dossiers.ByID(ctx, p.Dossier)
	if err != nil {
		return err
	}
	again := false
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		var err error
		if _, again, err = once.Begin(ctx, tx, p.Key, s.Now()); err != nil || again {
			return err
		}
		if d, err = s.Dossiers.Lock(ctx, tx, d); err != nil {
			return err
		}
		switch {
		case !dossier.May(dossier.Actor{Officer: &p.Officer}, dossier.See, d):
			return problem.New(problem.NotFound, "dossier.not_found")
		case d.ClosedAt != nil:
			return problem.New(problem.Conflict, "dossier.not_now")
		}
		seen.Actor, seen.Deed, seen.Object, seen.AgencyID = officer(p.Officer), "dossier.ask_registers", "dossier:"+d.ID, d.AgencyID
		seen.Subject = s.Dossiers.Key.Hash(d.OwnerNumber)
		if err := audit.Write(ctx, tx, seen); err != nil {
			return err
		}
		return once.Finish(ctx, tx, p.Key, d.ID)
	})
	if err != nil || again {
		return err
	}
	asking := registry.Asking{Officer: p.Officer.ID, OfficerName: p.Officer.Name, AgencyID: d.AgencyID}
	_, err = s.Dossiers.Compare(ctx, d, asking, officer(p.Officer))
	return err
}

// Comparison is what one source said of the dossier after it was filed, in words.
type Comparison struct {
	dossier.FactCheck
	Name  locales.Text      // of the register
	Pairs []eforms.Compared // those that differ first
}

// Differs is how many answers the register has otherwise.
func (c Comparison) Differs() int { return len(c.Differences) }

// Comparisons are those of the case, by source.
func (s *Service) Comparisons(ctx context.Context, c Case, lists map[string][]eforms.Option) ([]Comparison, error) {
	checks, err := s.Dossiers.FactChecks(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	all := make([]Comparison, len(checks))
	for i, k := range checks {
		all[i] = Comparison{FactCheck: k, Name: registry.NameOf(k.Source)}
		for _, pair := range c.Run(lists).Compare(k.Facts) {
			if eforms.SourceOf(pair.Fact.Name) == k.Source {
				all[i].Pairs = append(all[i].Pairs, pair)
			}
		}
		slices.SortStableFunc(all[i].Pairs, func(a, b eforms.Compared) int {
			if a.Same == b.Same {
				return 0
			}
			if a.Same {
				return 1
			}
			return -1
		})
	}
	return all, nil
}
