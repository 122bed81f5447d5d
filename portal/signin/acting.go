package signin

import (
	"context"
	"fmt"
)

// Act notes for which business the session acts from now on, "" for the person themselves.
// Whether the person may is the caller's to have asked.
func (s *Service) Act(ctx context.Context, of Session, taxCode string) error {
	if _, err := s.DB.ExecContext(ctx, `UPDATE sessions SET acting = $2 WHERE token_hash = $1`, hash(of.Token), taxCode); err != nil {
		return fmt.Errorf("act for a business: %w", err)
	}
	return nil
}
