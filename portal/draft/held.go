package draft

import (
	"context"
	"fmt"
	"time"

	"motcua/portal/pg"
)

// heldTime is how long a page waits for its person to sign in again.
const heldTime = 12 * time.Hour

// maxHeld is how many pages one browser may leave.
const maxHeld = 20

// Held is a page that was sent after the session was over.
type Held struct {
	Browser []byte    `db:"browser"` // keyed hash of its cookie
	Path    string    `db:"path"`
	DraftID string    `db:"draft_id"`
	Key     string    `db:"key"`
	Body    string    // the form, as it came
	At      time.Time `db:"at"`
}

// Hold keeps a page for the person's return, over what the same page left before. Who may
// leave one is the caller's to have asked: the page was drawn for this browser.
func (s *Service) Hold(ctx context.Context, h Held) error {
	if !pg.UUID(h.DraftID) {
		return notFound()
	}
	_, err := s.DB.ExecContext(ctx, `INSERT INTO held_pages (browser, path, draft_id, key, body, at)
		SELECT $1, $2, d.id, $4, $5, $6 FROM drafts d WHERE d.id = $3
			AND (SELECT count(*) FROM held_pages WHERE browser = $1 AND path <> $2) < $7
		ON CONFLICT (browser, path) DO UPDATE SET key = excluded.key, body = excluded.body, at = excluded.at`,
		h.Browser, h.Path, h.DraftID, h.Key, pg.Sealed(h.Body), s.Now(), maxHeld)
	if err != nil {
		return fmt.Errorf("hold a page of draft %s: %w", h.DraftID, err)
	}
	return nil
}

// HeldBy are the pages that a browser has left, oldest first.
func (s *Service) HeldBy(ctx context.Context, browser []byte) ([]Held, error) {
	var rows []struct {
		Held
		Sealed pg.Sealed `db:"sealed"`
	}
	err := s.DB.SelectContext(ctx, &rows, `SELECT browser, path, draft_id, key, body AS sealed, at FROM held_pages
		WHERE browser = $1 AND at > $2 ORDER BY at`, browser, s.Now().Add(-heldTime))
	if err != nil {
		return nil, fmt.Errorf("held pages: %w", err)
	}
	list := make([]Held, len(rows))
	for i, r := range rows {
		list[i] = r.Held
		list[i].Body = string(r.Sealed)
	}
	return list, nil
}

// Drop forgets a held page, unless it has been left anew.
func (s *Service) Drop(ctx context.Context, h Held) error {
	_, err := s.DB.ExecContext(ctx, `DELETE FROM held_pages WHERE browser = $1 AND path = $2 AND key = $3`, h.Browser, h.Path, h.Key)
	if err != nil {
		return fmt.Errorf("drop a held page: %w", err)
	}
	return nil
}

// Sweep forgets the pages that nobody came back for.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM held_pages WHERE at < $1`, now.Add(-heldTime)); err != nil {
		return fmt.Errorf("sweep held pages: %w", err)
	}
	return nil
}
