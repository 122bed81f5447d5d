package draft

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
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

// Theirs is a draft of the person's whatever has become of it: filed, put away or lapsed.
// Only for telling them so: nothing can be done with it.
func (s *Service) Theirs(ctx context.Context, p signin.Person, id string) (Draft, error) {
	return s.known(ctx, p, id, theirs)
}

// theirs is owned without asking whether the draft ($1) is open now ($3).
const theirs = `id = $1 AND made_at <= $3 AND CASE WHEN filed_at IS NULL THEN ` + stands + ` ELSE ` + filedFor + ` END`

// WhyNot is why a page cannot be saved to the person's draft, in words.
func (d Draft) WhyNot(in Sent, day, now time.Time) locales.Message {
	var fault *problem.Error
	saved, err := Lay(d, in, day, now)
	switch {
	case errors.As(err, &fault) && fault.Kind == problem.Conflict:
		return fault.Message
	case err == nil && len(saved.Overtaken) > 0:
		return locales.M("unsaved.overtaken")
	}
	return locales.M("unsaved.changed")
}

// Gone is what has become of a draft that is not open any more, the empty message of one that is.
func (d Draft) Gone(now time.Time) locales.Message {
	switch {
	case d.FiledAt != nil:
		return locales.M("draft.filed_already")
	case d.DeletedAt != nil:
		return locales.M("unsaved.deleted")
	case !d.LapsesAt.After(now):
		return locales.M("unsaved.lapsed")
	}
	return locales.Message{}
}

// Typed is what a page says in words, as the form asked it when the page was drawn.
func (s *Service) Typed(ctx context.Context, d Draft, in Sent) []eforms.Row {
	if id, err := strconv.ParseInt(in.Shown.Revision, 10, 64); err == nil && id != d.Revision.ID {
		if rev, err := s.Catalogue.ByID(ctx, id); err == nil && rev.Code == d.Revision.Code && rev.Form != nil {
			d.Revision = rev
		}
	}
	return d.Run(s.Now()).Typed(in.No, in.Body)
}

// Sweep forgets the pages that nobody came back for.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM held_pages WHERE at < $1`, now.Add(-heldTime)); err != nil {
		return fmt.Errorf("sweep held pages: %w", err)
	}
	return nil
}
