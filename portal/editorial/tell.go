package editorial

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/notification"
)

// reader is an officer who has signed in at least once: others have no inbox.
type reader struct {
	Officer int64 `db:"officer"`
	Person  int64 `db:"person"`
}

const readers = `SELECT DISTINCT o.id AS officer, p.id AS person FROM officers o JOIN persons p ON p.id_hash = o.id_hash `

// tellEditors tells all who edit today but some.
func (s *Service) tellEditors(ctx context.Context, tx *sqlx.Tx, but []int64, t telling) error {
	var all []reader
	err := tx.SelectContext(ctx, &all, readers+`
		JOIN officer_roles r ON r.officer_id = o.id AND r.role = ANY ($1) AND r.valid_from <= $2::date AND coalesce(r.valid_to, 'infinity') >= $2::date
		WHERE NOT o.id = ANY ($3)`, pq.Array([]string{agency.Editor, agency.Admin}), calendar.DayOf(s.Now()).String(), pq.Array(but))
	if err != nil {
		return fmt.Errorf("editors to tell: %w", err)
	}
	return s.tell(ctx, tx, all, t)
}

// tellOfficers tells some officers.
func (s *Service) tellOfficers(ctx context.Context, tx *sqlx.Tx, ids []int64, t telling) error {
	var all []reader
	if err := tx.SelectContext(ctx, &all, readers+`WHERE o.id = ANY ($1)`, pq.Array(ids)); err != nil {
		return fmt.Errorf("officers to tell: %w", err)
	}
	return s.tell(ctx, tx, all, t)
}

func (s *Service) tell(ctx context.Context, tx *sqlx.Tx, all []reader, t telling) error {
	if s.Notices == nil {
		return nil
	}
	for _, r := range all {
		err := s.Notices.Tell(ctx, tx, notification.Notice{Person: r.Person, EventKey: t.key(r.Officer), Kind: t.Kind, Args: t.args(), Link: t.Of.Link})
		if err != nil {
			return err
		}
	}
	return nil
}
