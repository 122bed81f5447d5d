package dossier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"motcua/locales"
	"motcua/portal/applicant"
)

// Basis is by what right a dossier was filed, in words: by whom and for whom.
type Basis struct {
	Applicant string // who filed it
	Says      locales.Message
	Unproven  bool // shown by a paper that the officer must look at
}

// Basis reads by what right a dossier was filed that the caller may see. Of one that the
// applicant filed for themself nothing is to be said.
func (s *Service) Basis(ctx context.Context, d Dossier) (*Basis, error) {
	kind := owned(d).Kind
	if kind == applicant.Self {
		return nil, nil // most dossiers are
	}
	b := Basis{Unproven: !d.Proven}
	if err := s.DB.GetContext(ctx, &b.Applicant, `SELECT name FROM persons WHERE id = $1`, d.PersonID); err != nil {
		return nil, fmt.Errorf("applicant of %s: %w", d.ID, err)
	}
	by := locales.S("name", b.Applicant)
	switch {
	case kind == applicant.Ward && d.Relation == "ward":
		b.Says = locales.M("basis.ward", by)
	case kind == applicant.Ward:
		b.Says = locales.M("basis.child", by)
	case kind == applicant.Authorised && d.GrantID == 0:
		b.Says = locales.M("basis.paper", by)
	case kind == applicant.Authorised:
		b.Says = locales.M("basis.authorised", by, locales.N("no", d.GrantID))
	case d.GrantID == 0:
		b.Says = locales.M("basis.legal", by)
	default:
		var giver string
		err := s.DB.GetContext(ctx, &giver, `SELECT p.name FROM powers w JOIN persons p ON p.id = w.giver_id WHERE w.id = $1`, d.GrantID)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, fmt.Errorf("power of %s: %w", d.ID, err)
		}
		b.Says = locales.M("basis.power", by, locales.N("no", d.GrantID), locales.S("giver", giver))
	}
	return &b, nil
}
