package editorial

import (
	"context"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
)

// Withdraw takes a revision back that was published for later and has not begun. It needs no
// second person: what is in force stays in force.
func (s *Service) Withdraw(ctx context.Context, by catalogue.Editing, revision int64, why string) error {
	entry := audit.Entry{Deed: "revision.withdraw", Object: "revision:" + strconv.FormatInt(revision, 10)}
	return s.takeBack(ctx, by, why, entry, func(tx *sqlx.Tx) error {
		return s.Catalogue.Withdraw(ctx, tx, by.Officer, revision, strings.TrimSpace(why))
	})
}

// KeepOn takes the planned end of a procedure back, as long as it has not come.
func (s *Service) KeepOn(ctx context.Context, by catalogue.Editing, code, why string) error {
	entry := audit.Entry{Deed: "procedure.keep_on", Object: "procedure:" + code}
	return s.takeBack(ctx, by, why, entry, func(tx *sqlx.Tx) error {
		if _, err := s.Catalogue.InForce(ctx, code); err != nil { // over already, or never there
			return err
		}
		return s.Catalogue.Revoke(ctx, tx, code)
	})
}

func (s *Service) takeBack(ctx context.Context, by catalogue.Editing, why string, entry audit.Entry, deed func(tx *sqlx.Tx) error) error {
	if err := catalogue.MayEdit(by.Officer); err != nil {
		return err
	}
	if strings.TrimSpace(why) == "" {
		return problem.New(problem.Invalid, "editorial.no_why")
	}
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		return "", entry, deed(tx)
	})
	if err == nil {
		s.Catalogue.Renew(ctx)
	}
	return err
}
