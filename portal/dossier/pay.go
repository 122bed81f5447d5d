package dossier

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/signin"
)

// ToPay reads a dossier for who may pay for it; another's is not found. That somebody begins
// to pay by a power is written for both sides, once for each of them and dossier.
func (s *Service) ToPay(ctx context.Context, p signin.Person, id string) (Dossier, error) {
	seen, err := s.own(ctx, p, id, PayFee)
	if err != nil {
		return Dossier{}, err
	}
	return seen, pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		d, err := s.Lock(ctx, tx, seen)
		if err != nil {
			return err
		}
		grant, err := s.Applicant.Hold(ctx, tx, p.ID, owned(d), rights[PayFee])
		if err != nil || grant == 0 {
			return err
		}
		var said bool
		err = tx.GetContext(ctx, &said, `SELECT EXISTS (SELECT FROM standing_events WHERE dossier_id = $1 AND kind = $2 AND actor_id = $3)`, id, PayFee, p.ID)
		if err != nil {
			return fmt.Errorf("who pays for %s: %w", id, err)
		}
		if said {
			return nil
		}
		return s.Applicant.Used(ctx, tx, p, owned(d).Kind, grant, string(PayFee), id)
	})
}

// MayPay says whether the person may pay for the dossier that they see.
func (s *Service) MayPay(ctx context.Context, p signin.Person, d Dossier) (bool, error) {
	a, err := s.ActorOf(ctx, p)
	return err == nil && May(a, PayFee, d), err
}
