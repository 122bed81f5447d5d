package draft

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Saved is what came of saving a page.
type Saved struct {
	Draft     Draft
	Faults    eforms.Faults // of that page; the answers are kept all the same
	Again     bool          // a row was added or taken away: the same page is shown again
	Overtaken []string      // fields that were changed elsewhere: both texts wait to be chosen from
	Left      Shown         // what a page that stays open has shown now

	typed eforms.Answers
}

// Typed are the answers as the page has them, those overtaken too.
func (s Saved) Typed() eforms.Answers { return s.typed }

// Save keeps what was typed on page no over the answers of now.
func (s *Service) Save(ctx context.Context, p signin.Person, id string, no int, body url.Values, key once.Key) (Saved, error) {
	return s.SaveSent(ctx, p, id, Sent{No: no, Body: body}, key)
}

// SaveSent keeps what was typed on a page, right or wrong. The answers are durable before it
// returns; the same key sent again changes nothing and gives the same result. Nothing that
// another page has saved since this one was drawn is overwritten.
func (s *Service) SaveSent(ctx context.Context, p signin.Person, id string, in Sent, key once.Key) (Saved, error) {
	known, err := s.Known(ctx, p, id)
	if err != nil {
		return Saved{}, err
	}
	var saved Saved
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now := s.Now()
		answer, done, err := once.Begin(ctx, tx, key, now)
		if err != nil {
			return err
		}
		d, err := s.Lock(ctx, tx, p, known)
		if err != nil {
			return err
		}
		if saved, err = s.read(d, in, now); err != nil {
			return err
		}
		if done {
			saved.Draft, saved.Overtaken = d, nil
			if fields, some := strings.CutPrefix(answer, overtakenAnswer); some {
				saved.Overtaken = strings.Split(fields, ",")
			}
			return nil
		}
		if err := s.write(ctx, tx, &saved, in, now); err != nil {
			return err
		}
		answer = "saved"
		if len(saved.Overtaken) > 0 {
			answer = overtakenAnswer + strings.Join(saved.Overtaken, ",")
		}
		return once.Finish(ctx, tx, key, answer)
	})
	return saved, err
}

// overtakenAnswer begins the answer of a deed some of whose fields were overtaken.
const overtakenAnswer = "overtaken:"

// read lays what the page says over the answers of now.
func (s *Service) read(d Draft, in Sent, now time.Time) (Saved, error) {
	if d.FiledAt != nil {
		return Saved{}, problem.New(problem.Conflict, "draft.filed_already")
	}
	return Lay(d, in, now, now)
}

// Lay is what a page comes to over a draft's answers, as of a day; nothing is stored.
func Lay(d Draft, in Sent, day, now time.Time) (Saved, error) {
	if in.No < 1 || in.No > len(d.Revision.Form.Pages) {
		return Saved{}, notFound()
	}
	saved := Saved{Draft: d, typed: d.Answers}
	saved.Draft.Stamps = maps.Clone(d.Stamps)
	saved.Draft.Overtaken = slices.Clone(d.Overtaken)
	for _, no := range in.pages(d) {
		run := saved.Draft.Run(day)
		if in.Shown.Fields != nil && !run.Shows(no) { // answered away in another tab: nothing here would be read
			return Saved{}, problem.New(problem.Conflict, "draft.page_gone")
		}
		answers, faults, again := run.Read(no, in.Body)
		overtaken, err := saved.Draft.merge(answers, no, in, now)
		if err != nil {
			return Saved{}, err
		}
		saved.typed, saved.Faults, saved.Again = answers, faults, again
		saved.Overtaken = append(saved.Overtaken, overtaken...)
		saved.judge(no, day)
	}
	if in.Shown.Revision != "" && in.Shown.Revision != strconv.FormatInt(d.Revision.ID, 10) {
		saved.Again = true // the page is another one now
	}
	saved.Left = saved.left(in)
	return saved, nil
}

// judge looks at the page again where the answers kept are not the ones that were typed.
func (s *Saved) judge(no int, now time.Time) {
	for _, q := range s.Draft.Revision.Form.Pages[no-1].Questions {
		if digest(s.Draft.Answers[q.ID]) == digest(s.typed[q.ID]) {
			continue
		}
		// what counts is what is kept
		s.Faults = slices.DeleteFunc(s.Draft.Run(now).Faults(), func(f eforms.Fault) bool { return f.Page != no })
		return
	}
}

// write stores the answers and where the person goes on: the same page while it has faults,
// and where they were when it was only the script that saved.
func (s *Service) write(ctx context.Context, tx *sqlx.Tx, saved *Saved, in Sent, now time.Time) error {
	d := &saved.Draft
	if !in.Auto {
		at := in.No
		if next, more := d.Run(now).Next(in.No); more && len(saved.Faults) == 0 && !saved.Again {
			at = next
		}
		d.Page = "buoc/" + strconv.Itoa(at)
	}
	return s.keep(ctx, tx, d, now)
}

// keep stores a draft that was worked on.
func (s *Service) keep(ctx context.Context, tx *sqlx.Tx, d *Draft, now time.Time) error {
	d.SavedAt, d.LapsesAt = now, now.Add(Life)
	d.Version++
	_, err := tx.ExecContext(ctx, `UPDATE drafts SET answers = $1, stamps = $2, overtaken = $3, page = $4, saved_at = $5, lapses_at = $6,
		reminded = 0, version = $7 WHERE id = $8`,
		pg.JSON(d.Answers), pg.JSON(d.Stamps), pg.JSON(d.Overtaken), d.Page, d.SavedAt, d.LapsesAt, d.Version, d.ID)
	if err != nil {
		return fmt.Errorf("save draft %s: %w", d.ID, err)
	}
	return nil
}

// At notes where the person is, so that another device goes on there.
func (s *Service) At(ctx context.Context, p signin.Person, id, page string) error {
	return s.put(ctx, s.DB, p, id, `UPDATE drafts SET page = $4 WHERE `+open, page)
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
