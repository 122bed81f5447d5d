package agency

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// IsStaff says whether the person with that hashed number holds a role today. It asks in
// the caller's transaction: a sign-in must not wait for a second connection.
func (s *Service) IsStaff(ctx context.Context, tx sqlx.QueryerContext, idHash []byte) (bool, error) {
	var staff bool
	err := sqlx.GetContext(ctx, tx, &staff, `SELECT EXISTS (SELECT FROM officers o JOIN officer_roles r ON r.officer_id = o.id
		WHERE o.id_hash = $1 AND r.valid_from <= $2::date AND (r.valid_to IS NULL OR r.valid_to >= $2::date))`, idHash, s.today())
	if err != nil {
		return false, fmt.Errorf("is staff: %w", err)
	}
	return staff, nil
}
