package dossier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Item is one defect of a dossier: which paper or answer, what is wrong, how to mend it.
type Item struct {
	Component string `json:"component"`       // of the form, or empty for an answer
	Field     string `json:"field,omitempty"` // the question, of an answer
	Name      string `json:"name"`            // as people know it
	What      string `json:"what"`
	How       string `json:"how"`
}

// Request is what an officer asked to be supplied, all defects at once.
type Request struct {
	No      int
	Items   []Item
	Answers map[string]string // by item number: the applicant's note
	AskedAt time.Time
	Until   time.Time
	SentAt  *time.Time
	Files   []draft.File   // put ready, not yet sent
	Copy    eforms.Answers // as they will be filed; nil until one is changed
	Stamps  map[string]draft.Stamp
}

// FilesOf are the files put ready for an item.
func (r Request) FilesOf(item int) []draft.File {
	var files []draft.File
	for _, f := range r.Files {
		if f.Component == ItemComponent(item) {
			files = append(files, f)
		}
	}
	return files
}

// Note is what the applicant wrote to an item.
func (r Request) Note(item int) string { return r.Answers[ItemComponent(item)] }

// ItemComponent is the name under which the files that answer an item are kept.
func ItemComponent(item int) string { return fmt.Sprintf("bo-sung-%d", item+1) }

func (s *Service) request(ctx context.Context, q sqlx.QueryerContext, id string) (*Request, error) {
	var r struct {
		No      int                               `db:"no"`
		Items   pg.JSONOf[[]Item]                 `db:"items"`
		Answers pg.JSONOf[map[string]string]      `db:"answers"`
		AskedAt time.Time                         `db:"asked_at"`
		Until   time.Time                         `db:"until"`
		SentAt  *time.Time                        `db:"sent_at"`
		Copy    pg.JSONOf[eforms.Answers]         `db:"copy"`
		Stamps  pg.JSONOf[map[string]draft.Stamp] `db:"stamps"`
	}
	err := sqlx.GetContext(ctx, q, &r, `SELECT no, items, answers, asked_at, until, sent_at, coalesce(copy, 'null') AS copy, stamps FROM supplements
		WHERE dossier_id = $1 ORDER BY no DESC LIMIT 1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil // most dossiers are never sent back
	}
	if err != nil {
		return nil, fmt.Errorf("supplement of %s: %w", id, err)
	}
	files, err := draft.FilesOf(ctx, q, id, r.No)
	if err != nil {
		return nil, err
	}
	return &Request{No: r.No, Items: r.Items.V, Answers: r.Answers.V, AskedAt: r.AskedAt, Until: r.Until, SentAt: r.SentAt, Files: files, Copy: r.Copy.V, Stamps: r.Stamps.V}, nil
}

// Ask stores the next supplement request in the transaction of the officer's deed.
func (s *Service) Ask(ctx context.Context, tx *sqlx.Tx, d Dossier, items []Item, until time.Time) error {
	no := d.Supplements + 1
	_, err := tx.ExecContext(ctx, `INSERT INTO supplements (dossier_id, no, items, asked_at, until) VALUES ($1, $2, $3, $4, $5::date)`,
		d.ID, no, pg.JSON(items), s.Now(), until.In(locales.ICT).Format(time.DateOnly))
	if err != nil {
		return fmt.Errorf("ask supplement of %s: %w", d.ID, err)
	}
	return draft.OpenRound(ctx, tx, d.ID, no)
}

// NoteSupplement keeps what the applicant wrote to each item, without sending it.
func (s *Service) NoteSupplement(ctx context.Context, p signin.Person, id string, notes map[string]string) error {
	seen, err := s.own(ctx, p, id, Supply)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		d, err := s.Lock(ctx, tx, seen)
		if err != nil {
			return err
		}
		return s.note(ctx, tx, d, notes)
	})
}

func (s *Service) note(ctx context.Context, tx *sqlx.Tx, d Dossier, notes map[string]string) error {
	for _, note := range notes {
		if err := bounded(note); err != nil {
			return err
		}
	}
	if d.State != Supplement {
		return problem.New(problem.Conflict, "dossier.not_now")
	}
	if len(notes) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE supplements SET answers = answers || $3::jsonb WHERE dossier_id = $1 AND no = $2 AND sent_at IS NULL`,
		d.ID, d.Supplements, pg.JSON(notes))
	if err != nil {
		return fmt.Errorf("note supplement of %s: %w", d.ID, err)
	}
	return nil
}

// SendSupplement files the answer to a request: each item has a file, a note or a changed
// answer, or the first one without is named. Earlier filings stay as they were.
func (s *Service) SendSupplement(ctx context.Context, p signin.Person, id string, notes map[string]string, key once.Key) error {
	calendar, err := s.Agency.Calendar(ctx)
	if err != nil {
		return err
	}
	seen, err := s.own(ctx, p, id, Supply)
	if err != nil {
		return err
	}
	lists, err := s.Drafts.Lists(ctx, seen.Revision)
	if err != nil {
		return err
	}
	return s.deed(ctx, p, id, Supply, key, func(tx *sqlx.Tx, d *Dossier) (map[string]any, error) {
		now := s.Now()
		if err := s.note(ctx, tx, *d, notes); err != nil {
			return nil, err
		}
		d.AnswerBy = calendar.AddWorkingHours(now, d.Revision.AnswerWithin.Amount)
		return nil, s.supply(ctx, tx, d, lists, now)
	})
}

func (s *Service) supply(ctx context.Context, tx *sqlx.Tx, d *Dossier, lists map[string][]eforms.Option, now time.Time) error {
	req, err := s.request(ctx, tx, d.ID)
	if err != nil {
		return err
	}
	if req == nil || req.SentAt != nil {
		return problem.New(problem.Conflict, "dossier.not_now")
	}
	w := Whole{Dossier: *d, Request: req}
	if w.Filings, err = s.filings(ctx, tx, d.ID); err != nil {
		return err
	}
	if err := w.answered(lists); err != nil {
		return err
	}
	if err := s.fileCopy(ctx, tx, d, w, lists, now); err != nil {
		return err
	}
	no := d.Supplements + 1
	if err := attach(ctx, tx, d.ID, no, d.Supplements, nil, now); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE supplements SET sent_at = $3 WHERE dossier_id = $1 AND no = $2`, d.ID, d.Supplements, now)
	if err != nil {
		return fmt.Errorf("send supplement of %s: %w", d.ID, err)
	}
	return nil
}

// answered finds the first item that nothing was done about.
func (w Whole) answered(lists map[string][]eforms.Option) error {
	changed := w.CopyChanges(lists)
	for i, item := range w.Request.Items {
		mended := slices.ContainsFunc(changed, func(c Changed) bool { return c.After.ID == item.Field })
		if !mended && len(w.Request.FilesOf(i)) == 0 && w.Request.Note(i) == "" {
			return problem.New(problem.Invalid, "dossier.item_unanswered", locales.S("item", item.Name))
		}
	}
	return nil
}

// MaxNote is how long what people write freely may be, in characters.
const MaxNote = 2000

func bounded(note string) error {
	if utf8.RuneCountInString(note) > MaxNote {
		return problem.New(problem.Invalid, "dossier.note_too_long", locales.N("max", MaxNote))
	}
	return nil
}

// Withdraw ends a dossier at its owner's wish.
func (s *Service) Withdraw(ctx context.Context, p signin.Person, id, reason string, key once.Key) error {
	if err := bounded(reason); err != nil {
		return err
	}
	return s.deed(ctx, p, id, Withdraw, key, func(*sqlx.Tx, *Dossier) (map[string]any, error) {
		return map[string]any{"reason": reason}, nil
	})
}

// Rate keeps the owner's word on how they were served; the last word counts.
func (s *Service) Rate(ctx context.Context, p signin.Person, id string, score int, note string) error {
	d, err := s.own(ctx, p, id, Rate)
	if err == nil {
		err = bounded(note)
	}
	if err != nil {
		return err
	}
	if !Can(Rate, d) || score < 1 || score > 5 {
		return problem.New(problem.Conflict, "dossier.not_now")
	}
	_, err = s.DB.ExecContext(ctx, `INSERT INTO ratings (dossier_id, score, note, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (dossier_id) DO UPDATE SET score = excluded.score, note = excluded.note, at = excluded.at`, d.ID, score, note, s.Now())
	if err != nil {
		return fmt.Errorf("rate %s: %w", id, err)
	}
	return nil
}
