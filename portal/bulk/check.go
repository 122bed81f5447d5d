package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/signin"
)

// check goes through the lines of a batch, each as the pages would; a line that was looked
// at is not looked at again, so a worker that is killed is gone on from.
func (s *Service) check(ctx context.Context, j queue.Job) error {
	b, err := s.byID(ctx, s.DB, j.Subject)
	if problem.Is(err, problem.NotFound) || err == nil && b.State != Checking {
		return nil
	}
	if err != nil {
		return err
	}
	p, err := s.person(ctx, b.PersonID)
	if err != nil {
		return err
	}
	pattern, err := s.pattern(ctx, p, b)
	if refused(err) {
		return s.stop(ctx, b, Cancelled, err)
	}
	if err != nil {
		return err
	}
	entry := pattern.Revision.Form.Entry(pattern.Lists)
	for {
		rows, err := s.rows(ctx, b.ID, `AND state = 'new' ORDER BY position LIMIT 20`)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return s.checked(ctx, b, pattern)
		}
		for _, r := range rows {
			if on, err := s.checkRow(ctx, b, pattern, entry, r); err != nil || !on {
				return err
			}
		}
	}
}

// refused says whether an error is an answer, not an outage.
func refused(err error) bool {
	switch problem.KindOf(err) {
	case problem.Invalid, problem.NotFound, problem.Forbidden, problem.Conflict:
		return err != nil
	}
	return false
}

// pattern is the batch's draft that the registers have filled: asked once for all lines, and
// again, as starting it again does, while a register has not answered.
func (s *Service) pattern(ctx context.Context, p signin.Person, b Batch) (draft.Draft, error) {
	if err := s.may(ctx, p, b.TaxCode, b.Procedure); err != nil {
		return draft.Draft{}, err
	}
	key := once.Key{Person: fmt.Sprintf("person:%d", p.ID), Key: keyOf(b.ID, fmt.Sprintf("pattern %d", b.RevisionID)), Route: "bulk.pattern"}
	id, err := s.Drafts.StartFrom(ctx, p, b.Procedure, b.TaxCode, draft.Earlier{Batch: b.ID}, key)
	if err != nil {
		return draft.Draft{}, err
	}
	d, err := s.Drafts.Load(ctx, p, id)
	if err != nil {
		return draft.Draft{}, err
	}
	if _, err := s.DB.ExecContext(ctx, `UPDATE batches SET pattern_id = $2 WHERE id = $1`, b.ID, id); err != nil {
		return draft.Draft{}, fmt.Errorf("pattern of batch %s: %w", b.ID, err)
	}
	return d, nil
}

// checkRow looks at a line and gives its draft its answers. False: the batch is another one
// now.
func (s *Service) checkRow(ctx context.Context, b Batch, pattern draft.Draft, entry *eforms.Entry, r Row) (bool, error) {
	now := s.Now()
	run := pattern.Run(now)
	run.Answers, run.Attached = eforms.Answers{}, nil
	line := map[string]string{}
	var faults []Fault
	for name, c := range r.Cells {
		if c.Bad != "" {
			faults = append(faults, r.fault(entry, eforms.CellFault{Name: name, Message: locales.M("bulk.cell." + c.Bad)}))
			continue
		}
		line[name] = c.Text
	}
	slices.SortFunc(faults, func(x, y Fault) int { return natural(x.At, y.At) })
	answers, found := entry.Enter(run.With(eforms.Answers{}), line)
	for _, f := range found {
		if r.Cells[f.Name].Bad == "" {
			faults = append(faults, r.fault(entry, f))
		}
	}
	wrong := 0
	for _, f := range faults {
		if !f.Note {
			wrong++
		}
	}
	on := true
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now, err := s.byID(ctx, tx, b.ID, locked)
		if err != nil {
			return err
		}
		if on = now.State == Checking && now.Version == b.Version; !on {
			return nil
		}
		id := ""
		if r.DraftID != nil {
			id = *r.DraftID
		}
		if id, err = draft.PutLine(ctx, tx, pattern, id, answers, s.Now()); err != nil {
			return err
		}
		sealed, err := seal(faults)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE batch_rows SET state = 'checked', faults = $3, wrong = $4, draft_id = $5
			WHERE batch_id = $1 AND line = $2 AND state = 'new'`, b.ID, r.Line, sealed, wrong, id)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("check line %d of batch %s: %w", r.Line, b.ID, err)
	}
	return on, nil
}

// fault puts what is wrong to its cell. A number that was read where a code was meant has
// lost its leading zeros, which is worth saying instead.
func (r Row) fault(entry *eforms.Entry, f eforms.CellFault) Fault {
	out := Fault{Name: f.Name, Says: say(f.Message), Note: f.Note, Register: f.Register}
	cell, there := r.Cells[f.Name]
	out.At, out.Sheet = cell.At, cell.Sheet
	c, known := entry.Column(f.Name)
	if !known {
		return out
	}
	out.Column = c.Label
	code := slices.Contains([]eforms.Kind{eforms.PersonalID, eforms.TaxCode, eforms.Phone}, c.Question.Kind)
	if there && cell.Number && code && !f.Note {
		out.Says = say(locales.M("bulk.cell.zeros", locales.T("label", c.Label)))
	}
	if f.Register {
		out.Says = say(locales.M("bulk.cell.register", locales.T("label", c.Label)))
	}
	return out
}

// checked ends the look at the lines.
func (s *Service) checked(ctx context.Context, b Batch, pattern draft.Draft) error {
	_, err := s.DB.ExecContext(ctx, `UPDATE batches SET state = 'checked', checked_at = $3, revision_id = $4 WHERE id = $1 AND state = 'checking' AND version = $2`,
		b.ID, b.Version, s.Now(), pattern.Revision.ID)
	if err != nil {
		return fmt.Errorf("batch %s is checked: %w", b.ID, err)
	}
	return nil
}

// stop ends a batch with the reason; what is filed stays filed.
func (s *Service) stop(ctx context.Context, b Batch, state State, why error) error {
	text := say(locales.M("bulk.stopped"))
	var fault *problem.Error
	if errors.As(why, &fault) {
		text = say(fault.Message)
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now := s.Now()
		open := []string{"queued"} // the lines that were not confirmed stay as they are
		if state == Cancelled {
			open = []string{"new", "checked"}
		}
		if err := s.dropOpen(ctx, tx, b.ID, open, Failed, &text, now); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE batches SET state = $2, stopped = $3, ended_at = $4 WHERE id = $1 AND state IN ('checking', 'filing')`,
			b.ID, state, pg.JSON(text), now)
		return err
	})
}

// locked takes the batch's row until the transaction ends.
const locked = ` FOR UPDATE OF b`

func (s *Service) byID(ctx context.Context, q sqlx.QueryerContext, id string, how ...string) (Batch, error) {
	return s.one(ctx, q, `b.id = $1`, how, id)
}

func seal(v any) (pg.Sealed, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("seal a line: %w", err)
	}
	return pg.Sealed(b), nil
}

// over is when a batch is forgotten that nobody touches any more.
func over(now time.Time) time.Time { return now.Add(Life) }
