package dossier

import (
	"context"
	"fmt"

	"motcua/locales"
	"motcua/portal/applicant"
)

// addressee is somebody who is told what happens to a dossier.
type addressee struct {
	ID    int64  `db:"id"`
	Email string `db:"email"`
	Lang  string `db:"lang"`
}

// addressees are the applicant, at the address that the dossier gives; of one who may not
// see it any more the business's representatives or the giver instead, at their own.
func (s *Service) addressees(ctx context.Context, d Dossier) ([]addressee, error) {
	st, err := s.Applicant.StandingsOf(ctx, s.DB, d.PersonID)
	if err != nil {
		return nil, err
	}
	if _, still := st.May(owned(d), applicant.See); still {
		return []addressee{{d.PersonID, d.Email, d.Lang}}, nil
	}
	var all []addressee
	err = s.DB.SelectContext(ctx, &all, `SELECT p.id, coalesce(nullif(p.own_email, ''), p.email) AS email, p.lang FROM persons p
		WHERE p.id IN (SELECT person_id FROM representations WHERE tax_code = $1 AND tax_code <> '' AND ended_at IS NULL
			UNION SELECT giver_id FROM authorisations WHERE id = $2 AND $1 = '') ORDER BY p.id`, d.TaxCode, d.GrantID)
	if err != nil {
		return nil, fmt.Errorf("who is told of dossier %s: %w", d.ID, err)
	}
	return all, nil
}

func (a addressee) lang() locales.Lang {
	lang, _ := locales.ParseLang(a.Lang)
	return lang
}
