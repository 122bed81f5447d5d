package dossier

import (
	"context"
	"fmt"

	"github.com/lib/pq"

	"motcua/portal/applicant"
	"motcua/portal/signin"
)

// Visible are those of the dossiers that the person may see now.
func (s *Service) Visible(ctx context.Context, p signin.Person, ids []string) (map[string]bool, error) {
	a, err := s.ActorOf(ctx, p)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID        string `db:"id"`
		PersonID  int64  `db:"person_id"`
		TaxCode   string `db:"tax_code"`
		Capacity  string `db:"capacity"`
		GrantID   int64  `db:"grant_id"`
		Procedure string `db:"procedure_code"`
	}
	err = s.DB.SelectContext(ctx, &rows, `SELECT id, person_id, tax_code, capacity, grant_id, procedure_code FROM dossiers WHERE id = ANY($1::uuid[])`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("which dossiers may be seen: %w", err)
	}
	all := map[string]bool{}
	for _, r := range rows {
		o := applicant.Owned{PersonID: r.PersonID, Kind: applicant.KindOf(r.Capacity, r.TaxCode), TaxCode: r.TaxCode, GrantID: r.GrantID, Procedure: r.Procedure}
		_, all[r.ID] = a.Standings.May(o, applicant.See)
	}
	return all, nil
}
