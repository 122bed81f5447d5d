// Package audit records who did and who saw what, in rows that are only ever added and that
// seals bind together, so that a later change of any of them shows.
package audit

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
)

// Entry is one thing done or seen. It says what and to which thing, never the content: no
// names, numbers or answers in Args.
type Entry struct {
	Actor    string         // person:<id>, officer:<id>, system
	Deed     string         // what was done or seen, by its name in the code
	Object   string         // dossier:<uuid>, draft:<uuid>, order:<uuid> …
	Subject  []byte         // keyed hash of the number of the person whose data it is
	AgencyID int64          // the agency in whose name, 0 for none
	Args     map[string]any // codes and counts
	IP       string
	Request  string // the request's id
}

// Write adds entries in the caller's transaction. A read of personal data is written and
// committed before the page is sent.
func Write(ctx context.Context, tx sqlx.ExtContext, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	const columns = 8
	var q strings.Builder
	q.WriteString(`INSERT INTO audit (actor, deed, object, subject, agency_id, args, ip, request) VALUES `)
	args := make([]any, 0, columns*len(entries))
	for i, e := range entries {
		if i > 0 {
			q.WriteString(", ")
		}
		n := i * columns
		fmt.Fprintf(&q, "($%d, $%d, $%d, $%d, nullif($%d::bigint, 0), $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7, n+8)
		if e.Args == nil {
			e.Args = map[string]any{}
		}
		var subject any // a nil []byte would be an empty value, not none
		if len(e.Subject) > 0 {
			subject = e.Subject
		}
		args = append(args, e.Actor, e.Deed, e.Object, subject, e.AgencyID, pg.JSON(e.Args), e.IP, e.Request)
	}
	if _, err := tx.ExecContext(ctx, q.String(), args...); err != nil {
		return fmt.Errorf("write to the audit log: %w", err)
	}
	return nil
}
