package privacy

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/agency"
)

// Pass gives the open reports that an agency has to answer to who took its work over. One
// that is answered where its dossier is follows the dossier by itself.
func Pass(ctx context.Context, tx *sqlx.Tx, p agency.Passing) (int, error) {
	if p.Field != "" { // reports are of no field
		return 0, nil
	}
	res, err := tx.ExecContext(ctx, `UPDATE fact_reports SET agency_id = $2, version = version + 1 WHERE agency_id = $1 AND closed_at IS NULL`, p.From.ID, p.To.ID)
	if err != nil {
		return 0, fmt.Errorf("pass reports from %s to %s: %w", p.Pass.From, p.Pass.To, err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}
