package vault

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"motcua/portal/signin"
)

// Permit is a result issued to a business, with the procedure that gives it anew.
type Permit struct {
	Paper
	Procedure string
}

// Permits are the results of a business that hold or have ended without a newer one, those
// that end soonest first: of the procedures that the person may see there.
func (s *Service) Permits(ctx context.Context, p signin.Person, taxCode string) ([]Permit, error) {
	papers, err := s.papers(ctx, selectPapers+`WHERE v.tax_code = $1 AND v.tax_code <> '' AND v.status = 'issued' AND v.replaced_by IS NULL
			AND EXISTS (SELECT FROM standings($3) s WHERE s.person_id = $2 AND s.tax_code = v.tax_code AND s.may_see AND s.procedure_code IN ('', d.procedure_code))
		ORDER BY v.valid_to NULLS LAST, v.at DESC, v.id LIMIT $4`, taxCode, p.ID, s.Now(), shown)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(papers))
	for i, one := range papers {
		ids[i] = one.Dossier
	}
	var rows []struct {
		ID   string `db:"id"`
		Code string `db:"procedure_code"`
	}
	if err := s.DB.SelectContext(ctx, &rows, `SELECT id, procedure_code FROM dossiers WHERE id = ANY($1::uuid[])`, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("procedures of permits: %w", err)
	}
	codes := make(map[string]string, len(rows))
	for _, r := range rows {
		codes[r.ID] = r.Code
	}
	all := make([]Permit, len(papers))
	for i, one := range papers {
		all[i] = Permit{one, codes[one.Dossier]}
	}
	return all, nil
}
