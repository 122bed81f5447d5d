package draft

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/catalogue"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Saved is what came of saving a page.
type Saved struct {
	Draft  Draft
	Faults eforms.Faults // of that page; the answers are kept all the same
	Again  bool          // a row was added or taken away: the same page is shown again
}

// Save keeps what was typed on page no, right or wrong. The answers are durable before it
// returns; the same key sent again changes nothing and gives the same result.
func (s *Service) Save(ctx context.Context, p signin.Person, id string, no int, body url.Values, key once.Key) (Saved, error) {
	known, err := s.Known(ctx, p, id)
	if err != nil {
		return Saved{}, err
	}
	var saved Saved
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now := s.Now()
		_, done, err := once.Begin(ctx, tx, key, now)
		if err != nil {
			return err
		}
		d, err := s.Lock(ctx, tx, p, known)
		if err != nil {
			return err
		}
		if d.FiledAt != nil {
			return problem.New(problem.Conflict, "draft.filed_already")
		}
		if no < 1 || no > len(d.Revision.Form.Pages) {
			return notFound()
		}
		answers, faults, again := d.Run(now).Read(no, body)
		d.Answers = answers
		saved = Saved{Draft: d, Faults: faults, Again: again}
		if done {
			return nil
		}
		if err := s.write(ctx, tx, &saved.Draft, no, saved.Faults, saved.Again, now); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, "saved")
	})
	return saved, err
}

// write stores the answers and where the person goes on: the same page while it has faults.
func (s *Service) write(ctx context.Context, tx *sqlx.Tx, d *Draft, no int, faults eforms.Faults, again bool, now time.Time) error {
	at := no
	if next, more := d.Run(now).Next(no); more && len(faults) == 0 && !again {
		at = next
	}
	d.Page, d.SavedAt, d.LapsesAt = "buoc/"+strconv.Itoa(at), now, now.Add(Life)
	d.Version++
	_, err := tx.ExecContext(ctx, `UPDATE drafts SET answers = $1, page = $2, saved_at = $3, lapses_at = $4, version = $5 WHERE id = $6`,
		pg.JSON(d.Answers), d.Page, d.SavedAt, d.LapsesAt, d.Version, d.ID)
	if err != nil {
		return fmt.Errorf("save draft %s: %w", d.ID, err)
	}
	return nil
}

// At notes where the person is, so that another device goes on there.
func (s *Service) At(ctx context.Context, p signin.Person, id, page string) error {
	return s.put(ctx, s.DB, p, id, `UPDATE drafts SET page = $4 WHERE `+open, page)
}

// Summary is a draft in a list.
type Summary struct {
	ID       string
	TaxCode  string
	Revision *catalogue.Revision
	Page     string
	SavedAt  time.Time
	LapsesAt time.Time
}

// List are the person's open drafts, last saved first.
func (s *Service) List(ctx context.Context, p signin.Person) ([]Summary, error) {
	var rows []row
	err := s.DB.SelectContext(ctx, &rows, `SELECT `+columns+` FROM drafts
		WHERE person_id = $1 AND filed_at IS NULL AND deleted_at IS NULL AND lapses_at > $2
		ORDER BY saved_at DESC LIMIT 50`, p.ID, s.Now())
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	list := make([]Summary, len(rows))
	for i, r := range rows {
		rev, err := s.Catalogue.ByID(ctx, r.RevisionID)
		if err != nil {
			return nil, err
		}
		list[i] = Summary{ID: r.ID, TaxCode: r.TaxCode, Revision: rev, Page: r.Page, SavedAt: r.SavedAt, LapsesAt: r.LapsesAt}
	}
	return list, nil
}

// Open are the person's open drafts of one procedure for the same owner, newest first: "you
// already have a draft of this".
func (s *Service) Open(ctx context.Context, p signin.Person, code string) ([]Summary, error) {
	all, err := s.List(ctx, p)
	if err != nil {
		return nil, err
	}
	var open []Summary
	for _, d := range all {
		if d.Revision.Code == code {
			open = append(open, d)
		}
	}
	return open, nil
}

// Delete puts a draft away; Restore brings it back within its life.
func (s *Service) Delete(ctx context.Context, p signin.Person, id string) error {
	return s.put(ctx, s.DB, p, id, `UPDATE drafts SET deleted_at = $3, version = version + 1 WHERE `+open)
}

// Restore brings a deleted draft back, if there is room for it.
func (s *Service) Restore(ctx context.Context, p signin.Person, id string) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if err := room(ctx, tx, p.ID, s.Now()); err != nil {
			return err
		}
		return s.put(ctx, tx, p, id, `UPDATE drafts SET deleted_at = NULL, version = version + 1
			WHERE id = $1 AND person_id = $2 AND filed_at IS NULL AND deleted_at IS NOT NULL AND lapses_at > $3`)
	})
}

// put changes one draft of the person's; none changed is none found.
func (s *Service) put(ctx context.Context, tx sqlx.ExtContext, p signin.Person, id, query string, more ...any) error {
	if !pg.UUID(id) {
		return notFound()
	}
	res, err := tx.ExecContext(ctx, query, append([]any{id, p.ID, s.Now()}, more...)...)
	if err != nil {
		return fmt.Errorf("put draft %s: %w", id, err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return notFound()
	}
	return nil
}
