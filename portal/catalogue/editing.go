package catalogue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Editing is who edits what people will read, with the one-time key of the page that was sent.
type Editing struct {
	Officer     agency.Officer
	Key         once.Key
	IP, Request string // for the audit log
}

// MayEdit says whether an officer edits the catalogue. To others it has no inside.
func MayEdit(o agency.Officer) error {
	if slices.ContainsFunc(o.Roles, func(r agency.Role) bool { return r.Role == agency.Editor || r.Role == agency.Admin }) {
		return nil
	}
	return problem.New(problem.NotFound, "catalogue.not_found")
}

// Do carries out an editor's deed: one transaction, once a key. What the deed gives is the
// answer to a repeat; an entry without a deed is not written down, because nothing was done.
func (by Editing) Do(ctx context.Context, db *sqlx.DB, now time.Time, deed func(tx *sqlx.Tx) (answer string, entry audit.Entry, err error)) (string, error) {
	if err := MayEdit(by.Officer); err != nil {
		return "", err
	}
	var answer string
	err := pg.InTx(ctx, db, func(tx *sqlx.Tx) error {
		var done bool
		var err error
		if answer, done, err = once.Begin(ctx, tx, by.Key, now); err != nil || done {
			return err
		}
		var entry audit.Entry
		if answer, entry, err = deed(tx); err != nil {
			return err
		}
		return by.finish(ctx, tx, answer, entry)
	})
	return answer, err
}

// finish writes down who did it and keeps the answer for a repeat.
func (by Editing) finish(ctx context.Context, tx *sqlx.Tx, answer string, entry audit.Entry) error {
	if entry.Deed != "" {
		entry.Actor, entry.IP, entry.Request = fmt.Sprintf("officer:%d", by.Officer.ID), by.IP, by.Request
		if len(by.Officer.Roles) > 0 {
			entry.AgencyID = by.Officer.Roles[0].AgencyID
		}
		if err := audit.Write(ctx, tx, entry); err != nil {
			return err
		}
	}
	return once.Finish(ctx, tx, by.Key, answer)
}
