package vault

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/notification"
	"motcua/portal/pg"
)

// ending is a paper whose owner is to be reminded.
type ending struct {
	ID       string    `db:"id"`
	Owner    []byte    `db:"owner_hash"`
	TaxCode  string    `db:"tax_code"`
	ValidTo  time.Time `db:"valid_to"`
	Reminded int       `db:"reminded"`
	Dossier  string    `db:"dossier_id"`
}

// due says of a paper v that a reminder is due on a day ($1): the first with 30 days left,
// the last with 7.
const due = `v.valid_to IS NOT NULL AND v.replaced_by IS NULL AND v.hidden_at IS NULL AND v.reminded < 2 AND v.valid_to >= $1::date
	AND (v.reminded = 0 AND v.valid_to <= $1::date + 30 OR v.valid_to <= $1::date + 7)`

// Remind tells owners of papers that hold for 30 days more, and for 7: each once, however
// often it runs.
func (s *Service) Remind(ctx context.Context, now time.Time) error {
	for {
		var ids []string
		if err := s.DB.SelectContext(ctx, &ids, `SELECT v.id FROM vault_papers v WHERE `+due+` ORDER BY v.valid_to LIMIT 200`, today(now)); err != nil {
			return fmt.Errorf("papers to remind of: %w", err)
		}
		if len(ids) == 0 {
			return nil
		}
		for _, id := range ids {
			if err := s.remind(ctx, id, now); err != nil {
				return err
			}
		}
	}
}

// remind marks the paper and tells whom it belongs to, all or none.
func (s *Service) remind(ctx context.Context, id string, now time.Time) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		var all []ending
		err := tx.SelectContext(ctx, &all, `UPDATE vault_papers v SET reminded = CASE WHEN v.valid_to <= $1::date + 7 THEN 2 ELSE 1 END
			WHERE v.id = $2 AND `+due+` RETURNING v.id, v.owner_hash, v.tax_code, v.valid_to, v.reminded, v.dossier_id`, today(now), id)
		if err != nil {
			return fmt.Errorf("remind of paper %s: %w", id, err)
		}
		for _, e := range all { // one, or none when another instance was first
			if err := s.tell(ctx, tx, e, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// tell writes to the owner, to who filed for a ward, or to those who act for the business that owns it.
func (s *Service) tell(ctx context.Context, tx *sqlx.Tx, e ending, now time.Time) error {
	var people []struct {
		ID    int64  `db:"id"`
		Email string `db:"email"`
		Lang  string `db:"lang"`
		Code  string `db:"code"`
	}
	err := tx.SelectContext(ctx, &people, `SELECT p.id, p.email, p.lang, d.code FROM persons p JOIN dossiers d ON d.id = $1
		WHERE $2 = '' AND p.id_hash = $3 OR d.capacity = 'ward' AND p.id = d.person_id OR $2 <> '' AND EXISTS (SELECT FROM representations r
			WHERE r.person_id = p.id AND r.tax_code = $2 AND r.ended_at IS NULL)`, e.Dossier, e.TaxCode, e.Owner)
	if err != nil {
		return fmt.Errorf("owners of paper %s: %w", e.ID, err)
	}
	for _, p := range people {
		lang, _ := locales.ParseLang(p.Lang)
		err := s.Notices.Tell(ctx, tx, notification.Notice{Person: p.ID, Dossier: e.Dossier, EventKey: fmt.Sprintf("vault:%s:%d:%d", e.ID, e.Reminded, p.ID),
			Kind: "paper_ends", Email: p.Email, Lang: lang, Link: "/tai-khoan/giay-to/" + e.ID, Args: []locales.Arg{
				locales.S("code", p.Code), locales.N("days", int64(daysLeft(e.ValidTo, now))), locales.S("until", locales.FormatDate(dayIn(&e.ValidTo)))}})
		if err != nil {
			return err
		}
	}
	return nil
}

// daysLeft counts the days from today to the last one.
func daysLeft(last, now time.Time) int {
	y, m, d := now.In(locales.ICT).Date()
	return int(dayIn(&last).Sub(time.Date(y, m, d, 0, 0, 0, 0, locales.ICT)).Hours() / 24)
}
