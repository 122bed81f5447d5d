package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/signin"
)

// Whole is a batch with its lines as they stand now.
type Whole struct {
	Batch
	Lines   []Standing
	Pattern *draft.Draft // with what the registers said
	Ready   int          // lines that a confirmation files
	Wrong   int          // lines with faults
	Waiting int          // lines that lack papers only
	Seen    string       // what the person sees of the lines that are ready
}

// Standing is a line with its draft.
type Standing struct {
	Row
	Draft   *draft.Draft
	Papers  []eforms.Component // that are asked for
	Missing []eforms.Component // those of them that must be there and are not
	Other   eforms.Faults      // what else the draft lacks: it was changed on its pages
	Name    string             // what it is known by
}

// Ready says whether a confirmation files the line.
func (l Standing) Ready() bool {
	return l.State == Looked && l.Wrong == 0 && l.Draft != nil && len(l.Missing) == 0 && len(l.Other) == 0
}

// Of reads a batch of the person's whole.
func (s *Service) Of(ctx context.Context, p signin.Person, id string) (Whole, error) {
	b, err := s.own(ctx, p, id)
	if err != nil {
		return Whole{}, err
	}
	rows, err := s.rows(ctx, b.ID, `ORDER BY position`)
	if err != nil {
		return Whole{}, err
	}
	drafts, err := s.Drafts.OfBatch(ctx, p, b.ID)
	if err != nil {
		return Whole{}, err
	}
	byID := make(map[string]*draft.Draft, len(drafts))
	for i := range drafts {
		byID[drafts[i].ID] = &drafts[i]
	}
	w := Whole{Batch: b, Lines: make([]Standing, len(rows))}
	if b.PatternID != nil {
		w.Pattern = byID[*b.PatternID]
	}
	sum := sha256.New()
	fmt.Fprint(sum, b.ID, b.Version)
	for i, r := range rows {
		l := Standing{Row: r, Name: nameOf(b, r)}
		if r.DraftID != nil {
			l.Draft = byID[*r.DraftID]
		}
		l.look(s.Now())
		switch {
		case l.Ready():
			w.Ready++
			fmt.Fprint(sum, l.Draft.ID, l.Draft.Version)
		case l.State == Looked && l.Wrong == 0 && len(l.Other) == 0:
			w.Waiting++
		case l.State == Looked:
			w.Wrong++
		}
		w.Lines[i] = l
	}
	w.Seen = hex.EncodeToString(sum.Sum(nil)[:8])
	return w, nil
}

// look asks the draft what it still lacks.
func (l *Standing) look(now time.Time) {
	if l.Draft == nil || l.State != Looked {
		return
	}
	run := l.Draft.Run(now)
	missing := map[string]bool{}
	if l.Papers = run.Components(); l.Wrong > 0 { // papers can come before the corrected file does
		return
	}
	for _, c := range l.Papers {
		if c.Required && !c.Brought && run.Attached[c.ID] == 0 {
			l.Missing, missing[c.ID] = append(l.Missing, c), true
		}
	}
	for _, f := range run.Faults() {
		if !missing[f.Field] {
			l.Other = append(l.Other, f)
		}
	}
}

// nameOf is what a line is known by: its first words.
func nameOf(b Batch, r Row) string {
	if b.Revision.Form == nil {
		return ""
	}
	best := ""
	for _, code := range b.Columns.V {
		q, ok := b.Revision.Form.Question(code)
		text := r.Cells[code].Text
		switch {
		case text == "" || !ok:
		case q.Kind == eforms.TextKind:
			return cut(text, 120)
		case best == "":
			best = cut(text, 120)
		}
	}
	return best
}

// Confirm has every line filed that is ready, as the person has seen it. Said again it
// changes nothing.
func (s *Service) Confirm(ctx context.Context, p signin.Person, id string, declared bool, seen string, key once.Key) error {
	w, err := s.Of(ctx, p, id)
	if err != nil {
		return err
	}
	if w.State == Filing || w.State == Done {
		return nil
	}
	switch {
	case !declared:
		return problem.New(problem.Invalid, "eforms.declare")
	case w.State != Checked || seen != w.Seen:
		return problem.New(problem.Conflict, "bulk.changed")
	case w.Ready == 0:
		return problem.New(problem.Conflict, "bulk.none_ready")
	}
	var lines []int64
	for _, l := range w.Lines {
		if l.Ready() {
			lines = append(lines, int64(l.Line))
		}
	}
	return s.deed(ctx, id, key, func(tx *sqlx.Tx, b Batch, now time.Time) error {
		if b.State == Filing || b.State == Done { // by another press
			return nil
		}
		if b.State != Checked || b.Version != w.Version {
			return problem.New(problem.Conflict, "bulk.changed")
		}
		_, err := tx.ExecContext(ctx, `UPDATE batch_rows SET state = 'queued' WHERE batch_id = $1 AND line = ANY($2::int[]) AND state = 'checked'`, id, pq.Array(lines))
		if err != nil {
			return fmt.Errorf("queue lines of batch %s: %w", id, err)
		}
		_, err = tx.ExecContext(ctx, `UPDATE batches SET state = 'filing', version = version + 1, confirmed_at = $2, lapses_at = $3 WHERE id = $1`, id, now, over(now))
		if err != nil {
			return fmt.Errorf("confirm batch %s: %w", id, err)
		}
		if err := audit.Write(ctx, tx, audit.Entry{Actor: fmt.Sprintf("person:%d", p.ID), Deed: "bulk.confirm", Object: "batch:" + id,
			Args: map[string]any{"lines": len(lines), "procedure": b.Procedure, "tax_code": b.TaxCode}}); err != nil {
			return err
		}
		return queue.Put(ctx, tx, fileKind, id, now, nil)
	})
}

// Cancel ends a batch: what is filed stays filed, what is not never will be.
func (s *Service) Cancel(ctx context.Context, p signin.Person, id string, key once.Key) error {
	if _, err := s.own(ctx, p, id); err != nil {
		return err
	}
	return s.deed(ctx, id, key, func(tx *sqlx.Tx, b Batch, now time.Time) error {
		if b.State == Done || b.State == Cancelled {
			return nil
		}
		if err := s.dropOpen(ctx, tx, id, []string{"new", "checked", "queued"}, Dropped, nil, now); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE batches SET state = 'cancelled', version = version + 1, ended_at = $2 WHERE id = $1`, id, now)
		if err != nil {
			return fmt.Errorf("cancel batch %s: %w", id, err)
		}
		return nil
	})
}

// dropOpen ends lines that are not being filed at this moment.
func (s *Service) dropOpen(ctx context.Context, tx *sqlx.Tx, id string, from []string, to RowState, why *locales.Text, now time.Time) error {
	var reason any
	if why != nil {
		reason = pg.JSON(*why)
	}
	var drafts []string
	err := tx.SelectContext(ctx, &drafts, `WITH ended AS (UPDATE batch_rows SET state = $2, why = $3::jsonb
			WHERE batch_id = $1 AND state = ANY($4) RETURNING draft_id)
		SELECT draft_id FROM ended WHERE draft_id IS NOT NULL`, id, string(to), reason, pq.Array(from))
	if err != nil {
		return fmt.Errorf("end lines of batch %s: %w", id, err)
	}
	return draft.DropLines(ctx, tx, drafts, now)
}

// fileAll files the lines of a confirmed batch one by one. Each is a deed of its own with
// its own one-time key, made of batch and line: begun again after its end was not heard of,
// it is the same dossier.
func (s *Service) fileAll(ctx context.Context, j queue.Job) error {
	b, err := s.byID(ctx, s.DB, j.Subject)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := s.person(ctx, b.PersonID)
	if err != nil {
		return err
	}
	for {
		line, draftID, err := s.claim(ctx, b.ID)
		if err != nil {
			return err
		}
		if line == 0 {
			return s.done(ctx, b)
		}
		if err := s.may(ctx, p, b.TaxCode, b.Procedure); err != nil {
			if !refused(err) {
				return err
			}
			if err := s.failed(ctx, b, line, problem.New(problem.Forbidden, "bulk.revoked")); err != nil {
				return err
			}
			return s.stop(ctx, b, Done, problem.New(problem.Forbidden, "bulk.revoked"))
		}
		if err := s.fileLine(ctx, p, b, line, draftID); err != nil {
			return err
		}
	}
}

// claim takes the next line in hand: one that was in hand when a worker was killed comes
// first. A batch that was cancelled gives no new ones.
func (s *Service) claim(ctx context.Context, id string) (line int, draftID string, err error) {
	var got struct {
		Line  int    `db:"line"`
		Draft string `db:"draft_id"`
	}
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, err := s.byID(ctx, tx, id, locked); err != nil {
			return err
		}
		var some []struct {
			Line  int    `db:"line"`
			Draft string `db:"draft_id"`
		}
		err := tx.SelectContext(ctx, &some, `UPDATE batch_rows SET state = 'filing' WHERE batch_id = $1 AND line = (
				SELECT line FROM batch_rows WHERE batch_id = $1 AND state IN ('filing', 'queued') ORDER BY state = 'queued', position LIMIT 1)
			RETURNING line, draft_id`, id)
		if err == nil && len(some) > 0 {
			got = some[0]
		}
		return err
	})
	if err != nil {
		return 0, "", fmt.Errorf("next line of batch %s: %w", id, err)
	}
	return got.Line, got.Draft, nil
}

func (s *Service) fileLine(ctx context.Context, p signin.Person, b Batch, line int, draftID string) error {
	key := once.Key{Person: fmt.Sprintf("person:%d", p.ID), Key: keyOf(b.ID, fmt.Sprintf("line %d", line)), Route: "bulk.file", Body: sha256.Sum256([]byte(draftID))}
	id, err := s.Dossiers.File(ctx, p, draftID, true, key)
	var faulty *dossier.Faulty
	switch {
	case errors.As(err, &faulty):
		fault := problem.New(problem.Invalid, "bulk.stopped")
		if len(faulty.Faults) > 0 {
			fault.Message = faulty.Faults[0].Message
		}
		return s.failed(ctx, b, line, fault)
	case refused(err):
		return s.failed(ctx, b, line, err)
	case err != nil:
		return err
	}
	_, err = s.DB.ExecContext(ctx, `UPDATE batch_rows SET state = 'filed', dossier_id = $3, code = (SELECT code FROM dossiers WHERE id = $3)
		WHERE batch_id = $1 AND line = $2 AND state = 'filing'`, b.ID, line, id)
	if err != nil {
		return fmt.Errorf("line %d of batch %s is filed: %w", line, b.ID, err)
	}
	return nil
}

// failed says of a line why it was not filed; the others go on.
func (s *Service) failed(ctx context.Context, b Batch, line int, why error) error {
	text := say(locales.M("bulk.stopped"))
	var fault *problem.Error
	if errors.As(why, &fault) {
		text = say(fault.Message)
	}
	_, err := s.DB.ExecContext(ctx, `UPDATE batch_rows SET state = 'failed', why = $3 WHERE batch_id = $1 AND line = $2 AND state = 'filing'`, b.ID, line, pg.JSON(text))
	if err != nil {
		return fmt.Errorf("line %d of batch %s is not filed: %w", line, b.ID, err)
	}
	return nil
}

func (s *Service) done(ctx context.Context, b Batch) error {
	_, err := s.DB.ExecContext(ctx, `UPDATE batches SET state = 'done', ended_at = $2 WHERE id = $1 AND state = 'filing'`, b.ID, s.Now())
	if err != nil {
		return fmt.Errorf("batch %s is done: %w", b.ID, err)
	}
	return nil
}

// Attach puts a file to the paper of several lines at once.
func (s *Service) Attach(ctx context.Context, p signin.Person, id string, lines []int, up draft.Upload, key once.Key) error {
	w, err := s.Of(ctx, p, id)
	if err != nil {
		return err
	}
	if w.State != Checked {
		return problem.New(problem.Conflict, "bulk.confirmed")
	}
	var drafts []string
	for _, l := range w.Lines {
		for _, no := range lines {
			if l.Line == no && l.Draft != nil {
				drafts = append(drafts, l.Draft.ID)
			}
		}
	}
	if len(drafts) == 0 {
		return problem.New(problem.Invalid, "bulk.choose_lines")
	}
	return s.Drafts.AttachToEach(ctx, p, id, drafts, up, key)
}
