package draft

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/notification"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// endedKind is the queue's kind of "this procedure ended"; its subject is the procedure's
// code. It is put by who publishes the end.
const endedKind = "procedure.ended"

// ended tells everybody with an open draft of a procedure that is over, once each: it can
// not be filed any more. An end that was taken back meanwhile is told to nobody.
func (s *Service) ended(ctx context.Context, job queue.Job) error {
	rev, end, err := s.Catalogue.Ended(ctx, job.Subject)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	after := "00000000-0000-0000-0000-000000000000"
	for {
		var rows []struct {
			ID     string
			Person int64 `db:"person_id"`
		}
		err := s.DB.SelectContext(ctx, &rows, `SELECT id, person_id FROM drafts
			WHERE procedure_code = $1 AND filed_at IS NULL AND deleted_at IS NULL AND lapses_at > $2 AND id > $3 ORDER BY id LIMIT 200`, rev.Code, s.Now(), after)
		if err != nil {
			return fmt.Errorf("drafts of %s: %w", rev.Code, err)
		}
		if len(rows) == 0 {
			return nil
		}
		err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
			for _, r := range rows {
				n := notification.Notice{Person: r.Person, EventKey: fmt.Sprintf("draft:%s:ended:%d", r.ID, end.ID), Kind: "procedure_ended",
					Args: []locales.Arg{locales.S("code", rev.Code), locales.T("procedure", rev.Sheet.Name)}, Link: "/thu-tuc/" + rev.Code}
				if err := s.Notices.Tell(ctx, tx, n); err != nil {
					return err
				}
				after = r.ID
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
