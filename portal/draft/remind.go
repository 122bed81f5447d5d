package draft

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/notification"
	"motcua/portal/pg"
)

// lapsing is a draft that its person is to be reminded of.
type lapsing struct {
	ID         string    `db:"id"`
	PersonID   int64     `db:"person_id"`
	RevisionID int64     `db:"revision_id"`
	LapsesAt   time.Time `db:"lapses_at"`
	Reminded   int       `db:"reminded"`
	Email      string    `db:"email"`
	Lang       string    `db:"lang"`
}

// due says of a draft d that a reminder is due: the first with seven days left, the last
// with one (ux SAVE-2). $1 is now.
const due = `d.filed_at IS NULL AND d.deleted_at IS NULL AND d.batch_id IS NULL AND d.lapses_at > $1::timestamptz AND d.lapses_at <= $1::timestamptz + interval '7 days'
	AND (d.reminded = 0 OR d.reminded > 1 AND d.lapses_at <= $1::timestamptz + interval '1 day')`

// reminded is who is told of a draft d: its person, or who represents the business where
// they may not file for it any more.
const reminded = `CASE WHEN d.tax_code = '' OR EXISTS (SELECT FROM standings($1) s WHERE s.person_id = d.person_id AND s.tax_code = d.tax_code AND s.may_file)
	THEN d.person_id ELSE coalesce((SELECT max(r.person_id) FROM representations r WHERE r.tax_code = d.tax_code AND r.ended_at IS NULL), d.person_id) END`

// Remind tells people of drafts that have seven days left, and one: each once, however
// often it runs. A draft that is saved in between counts anew.
func (s *Service) Remind(ctx context.Context, now time.Time) error {
	for {
		var some []lapsing
		err := s.DB.SelectContext(ctx, &some, `SELECT d.id, d.revision_id FROM drafts d WHERE `+due+` ORDER BY d.lapses_at LIMIT 200`, now)
		if err != nil {
			return fmt.Errorf("drafts to remind of: %w", err)
		}
		if len(some) == 0 {
			return nil
		}
		for _, d := range some {
			rev, err := s.Catalogue.ByID(ctx, d.RevisionID)
			if err != nil {
				return err
			}
			if err := s.remind(ctx, d.ID, rev, now); err != nil {
				return err
			}
		}
	}
}

// remind marks the draft and tells its person, both or neither.
func (s *Service) remind(ctx context.Context, id string, rev *catalogue.Revision, now time.Time) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		var all []lapsing
		err := tx.SelectContext(ctx, &all, `UPDATE drafts d SET reminded = CASE WHEN d.lapses_at <= $1::timestamptz + interval '1 day' THEN 1 ELSE 7 END
			FROM persons p WHERE p.id = `+reminded+` AND d.id = $2 AND `+due+`
			RETURNING d.id, p.id AS person_id, d.revision_id, d.lapses_at, d.reminded, coalesce(nullif(p.own_email, ''), p.email) AS email, p.lang`, now, id)
		if err != nil {
			return fmt.Errorf("remind of draft %s: %w", id, err)
		}
		for _, d := range all { // one, or none when it was saved meanwhile
			if err := s.Notices.Tell(ctx, tx, d.notice(rev, now)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d lapsing) notice(rev *catalogue.Revision, now time.Time) notification.Notice {
	lang, _ := locales.ParseLang(d.Lang)
	return notification.Notice{Person: d.PersonID, EventKey: fmt.Sprintf("draft:%s:%d:%d", d.ID, d.LapsesAt.Unix(), d.Reminded),
		Kind: "draft_lapses", Email: d.Email, Lang: lang, Link: "/ho-so/" + d.ID, Args: []locales.Arg{
			locales.S("code", rev.Code), locales.T("procedure", rev.Sheet.Name),
			locales.N("days", int64(daysLeft(d.LapsesAt, now))), locales.S("until", locales.FormatTime(d.LapsesAt))}}
}
