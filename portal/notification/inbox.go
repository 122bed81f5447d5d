package notification

import (
	"context"
	"fmt"
	"time"
)

// Item is a notice as the inbox shows it: in the words it went out with.
type Item struct {
	ID      int64     `db:"id"`
	At      time.Time `db:"at"`
	Kind    string    `db:"kind"`
	Dossier string    `db:"dossier"`
	Lang    string    `db:"lang"`
	Subject string    `db:"subject"`
	Body    string    `db:"body"`
	Link    string    `db:"link"`
	Letter  string    `db:"letter"`  // what became of the e-mail: waiting, sent, refused, or none
	Address string    `db:"address"` // where it went
	New     bool      `db:"new"`     // not seen before
}

// Inbox is what the person was told, newest first.
func (s *Service) Inbox(ctx context.Context, person int64, limit int) ([]Item, error) {
	var items []Item
	err := s.DB.SelectContext(ctx, &items, `
		SELECT n.id, n.at, n.kind, coalesce(n.dossier_id::text, '') AS dossier, n.lang, n.subject, n.body, n.link,
		       coalesce(l.state, '') AS letter, coalesce(l.address, '') AS address,
		       n.at > coalesce(s.until, '-infinity') AS new
		FROM notices n
		LEFT JOIN letters l ON l.id = n.letter_id
		LEFT JOIN seen_notices s ON s.person_id = n.person_id
		WHERE n.person_id = $1
		ORDER BY n.at DESC, n.id DESC LIMIT $2`, person, limit)
	if err != nil {
		return nil, fmt.Errorf("inbox of %d: %w", person, err)
	}
	return items, nil
}

// Unread is how many notices the person has not seen.
func (s *Service) Unread(ctx context.Context, person int64) (int, error) {
	var n int
	err := s.DB.GetContext(ctx, &n, `SELECT count(*) FROM notices
		WHERE person_id = $1 AND at > coalesce((SELECT until FROM seen_notices WHERE person_id = $1), '-infinity')`, person)
	if err != nil {
		return 0, fmt.Errorf("unread of %d: %w", person, err)
	}
	return n, nil
}

// Seen notes that the person has seen everything up to the notice of that instant (the
// newest Item shown). What came while they read stays new; an older page undoes nothing.
func (s *Service) Seen(ctx context.Context, person int64, until time.Time) error {
	_, err := s.DB.ExecContext(ctx, `INSERT INTO seen_notices (person_id, until) VALUES ($1, $2)
		ON CONFLICT (person_id) DO UPDATE SET until = greatest(seen_notices.until, excluded.until)`, person, until)
	if err != nil {
		return fmt.Errorf("seen by %d: %w", person, err)
	}
	return nil
}
