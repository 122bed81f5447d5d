package signin

import (
	"context"
	"fmt"
	"net/mail"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// SetContact keeps where a person wants to be reached, over what the provider says; empty
// is what the provider says again.
func (s *Service) SetContact(ctx context.Context, p Person, number, email string) error {
	number = strings.NewReplacer(" ", "", ".", "", "-", "").Replace(number)
	if number != "" && !phone.MatchString(number) {
		return problem.New(problem.Invalid, "account.phone")
	}
	if a, err := mail.ParseAddress(email); email != "" && (err != nil || a.Address != email || len(email) > 254) {
		return problem.New(problem.Invalid, "account.email")
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE persons SET own_phone = $2, own_email = $3 WHERE id = $1`, p.ID, number, email); err != nil {
			return fmt.Errorf("keep a contact: %w", err)
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor(p.ID), Deed: "account.contact", Object: actor(p.ID), Subject: p.IDHash})
	})
}
