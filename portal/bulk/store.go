package bulk

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/signin"
)

func (s *Service) one(ctx context.Context, q sqlx.QueryerContext, where string, how []string, args ...any) (Batch, error) {
	var b Batch
	if id, ok := args[0].(string); ok && !pg.UUID(id) {
		return b, notFound()
	}
	err := sqlx.GetContext(ctx, q, &b, `SELECT `+batchColumns+` FROM batches b WHERE `+where+strings.Join(how, ""), args...)
	if errors.Is(err, sql.ErrNoRows) {
		return b, notFound()
	}
	if err != nil {
		return b, fmt.Errorf("load batch: %w", err)
	}
	b.Revision, err = s.Catalogue.ByID(ctx, b.RevisionID)
	return b, err
}

// own is a batch of the person's for a business that they may file for.
func (s *Service) own(ctx context.Context, p signin.Person, id string) (Batch, error) {
	b, err := s.one(ctx, s.DB, `b.id = $1 AND b.person_id = $2`, nil, id, p.ID)
	if err != nil {
		return b, err
	}
	return b, s.may(ctx, p, b.TaxCode, b.Procedure)
}

// rows reads lines of a batch.
func (s *Service) rows(ctx context.Context, id, which string) ([]Row, error) {
	var raw []struct {
		Row
		Sealed pg.Sealed `db:"cells"`
		Wrongs pg.Sealed `db:"faults"`
	}
	err := s.DB.SelectContext(ctx, &raw, `SELECT line, cells, faults, wrong, state, draft_id, dossier_id, code, why FROM batch_rows WHERE batch_id = $1 `+which, id)
	if err != nil {
		return nil, fmt.Errorf("lines of batch %s: %w", id, err)
	}
	rows := make([]Row, len(raw))
	for i, r := range raw {
		rows[i] = r.Row
		if err := json.Unmarshal([]byte(r.Sealed), &rows[i].Cells); err != nil {
			return nil, fmt.Errorf("line %d of batch %s: %w", r.Line, id, err)
		}
		if r.Wrongs == "" {
			continue
		}
		if err := json.Unmarshal([]byte(r.Wrongs), &rows[i].Faults); err != nil {
			return nil, fmt.Errorf("faults of line %d of batch %s: %w", r.Line, id, err)
		}
	}
	return rows, nil
}

// List are the person's batches for a business, the newest first.
func (s *Service) List(ctx context.Context, p signin.Person, taxCode string) ([]Batch, error) {
	var all []Batch
	err := s.DB.SelectContext(ctx, &all, `SELECT `+batchColumns+` FROM batches b WHERE b.person_id = $1 AND b.tax_code = $2 ORDER BY b.made_at DESC LIMIT 20`, p.ID, taxCode)
	if err != nil {
		return nil, fmt.Errorf("batches: %w", err)
	}
	for i := range all {
		if all[i].Revision, err = s.Catalogue.ByID(ctx, all[i].RevisionID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// File is a spreadsheet as it arrives.
type File struct {
	Name string
	Data []byte
}

// Start takes a file in and has it checked; nothing of it is filed. The same key gives the
// same batch.
func (s *Service) Start(ctx context.Context, p signin.Person, taxCode, code string, f File, key once.Key) (string, error) {
	rev, err := s.Procedure(ctx, p, taxCode, code)
	if err != nil {
		return "", err
	}
	lists, err := s.listsOf(ctx, rev)
	if err != nil {
		return "", err
	}
	read, err := s.Read(f.Data, rev.Form.Entry(lists))
	if err != nil {
		return "", err
	}
	var id string
	key = draft.BodyKey(key, taxCode, code, f.Name, string(f.Data))
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now := s.Now()
		answer, done, err := once.Begin(ctx, tx, key, now)
		if id = answer; err != nil || done {
			return err
		}
		if err := s.room(ctx, tx, p, now); err != nil {
			return err
		}
		id = uuid.NewString()
		_, err = tx.ExecContext(ctx, `INSERT INTO batches (id, person_id, tax_code, procedure_code, revision_id, name, columns, state, lang, made_at, lapses_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'checking', $8, $9, $10)`,
			id, p.ID, taxCode, rev.Code, rev.ID, draft.CleanName(f.Name), pg.JSON(read.Columns), string(p.Lang), now, over(now))
		if err != nil {
			return fmt.Errorf("insert batch: %w", err)
		}
		if err := insertRows(ctx, tx, id, read); err != nil {
			return err
		}
		if err := queue.Put(ctx, tx, checkKind, id, now, nil); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, id)
	})
	return id, err
}

// room refuses one more batch than a person may have open.
func (s *Service) room(ctx context.Context, tx *sqlx.Tx, p signin.Person, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `SELECT 1 FROM persons WHERE id = $1 FOR UPDATE`, p.ID); err != nil {
		return fmt.Errorf("lock person: %w", err)
	}
	var open int
	err := sqlx.GetContext(ctx, tx, &open, `SELECT count(*) FROM batches WHERE person_id = $1 AND state IN ('checking', 'checked', 'filing') AND lapses_at > $2`, p.ID, now)
	if err != nil {
		return fmt.Errorf("count batches: %w", err)
	}
	if open >= mostOpen {
		return problem.New(problem.Conflict, "bulk.too_many", locales.N("max", mostOpen))
	}
	return nil
}

func insertRows(ctx context.Context, tx *sqlx.Tx, id string, read Book) error {
	lines, positions, cells := make([]int64, len(read.Lines)), make([]int64, len(read.Lines)), make([]string, len(read.Lines))
	for i, l := range read.Lines {
		sealed, err := seal(l.Cells)
		if err != nil {
			return err
		}
		value, err := sealed.Value()
		if err != nil {
			return err
		}
		lines[i], positions[i] = int64(l.No), int64(i)
		cells[i], _ = value.(string)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO batch_rows (batch_id, line, position, cells, state)
		SELECT $1, l.line, l.position, l.cells, 'new' FROM unnest($2::int[], $3::int[], $4::text[]) AS l (line, position, cells)
		ON CONFLICT (batch_id, line) DO UPDATE SET position = excluded.position, cells = excluded.cells, faults = '', wrong = 0, state = 'new'`,
		id, pq.Array(lines), pq.Array(positions), pq.Array(cells))
	if err != nil {
		return fmt.Errorf("insert lines of batch %s: %w", id, err)
	}
	return nil
}

// Replace takes a corrected file in the place of the one before: a line keeps its draft and
// the papers attached to it by its number, one that is no longer there is put away.
func (s *Service) Replace(ctx context.Context, p signin.Person, id string, f File, key once.Key) error {
	known, err := s.own(ctx, p, id)
	if err != nil {
		return err
	}
	rev, err := s.Procedure(ctx, p, known.TaxCode, known.Procedure)
	if err != nil {
		return err
	}
	lists, err := s.listsOf(ctx, rev)
	if err != nil {
		return err
	}
	read, err := s.Read(f.Data, rev.Form.Entry(lists))
	if err != nil {
		return err
	}
	key = draft.BodyKey(key, id, f.Name, string(f.Data))
	return s.deed(ctx, id, key, func(tx *sqlx.Tx, b Batch, now time.Time) error {
		if b.State != Checking && b.State != Checked {
			return problem.New(problem.Conflict, "bulk.confirmed")
		}
		if err := dropMissing(ctx, tx, id, read, now); err != nil {
			return err
		}
		if err := insertRows(ctx, tx, id, read); err != nil {
			return err
		}
		return s.again(ctx, tx, b, rev.ID, draft.CleanName(f.Name), read.Columns, now)
	})
}

// Recheck looks at all lines once more, after a register was out or a form has changed.
func (s *Service) Recheck(ctx context.Context, p signin.Person, id string, key once.Key) error {
	known, err := s.own(ctx, p, id)
	if err != nil {
		return err
	}
	rev, err := s.Procedure(ctx, p, known.TaxCode, known.Procedure)
	if err != nil {
		return err
	}
	return s.deed(ctx, id, key, func(tx *sqlx.Tx, b Batch, now time.Time) error {
		if b.State != Checked {
			return problem.New(problem.Conflict, "bulk.confirmed")
		}
		if _, err := tx.ExecContext(ctx, `UPDATE batch_rows SET state = 'new', faults = '', wrong = 0 WHERE batch_id = $1`, id); err != nil {
			return fmt.Errorf("lines of batch %s anew: %w", id, err)
		}
		return s.again(ctx, tx, b, rev.ID, b.Name, b.Columns.V, now)
	})
}

func (s *Service) again(ctx context.Context, tx *sqlx.Tx, b Batch, revision int64, name string, columns []string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE batches SET state = 'checking', version = version + 1, revision_id = $2, name = $3, columns = $4, checked_at = NULL, lapses_at = $5 WHERE id = $1`,
		b.ID, revision, name, pg.JSON(columns), over(now))
	if err != nil {
		return fmt.Errorf("check batch %s again: %w", b.ID, err)
	}
	return queue.Put(ctx, tx, checkKind, b.ID, now, nil)
}

func dropMissing(ctx context.Context, tx *sqlx.Tx, id string, read Book, now time.Time) error {
	lines := make([]int64, len(read.Lines))
	for i, l := range read.Lines {
		lines[i] = int64(l.No)
	}
	var gone []string
	err := tx.SelectContext(ctx, &gone, `WITH gone AS (DELETE FROM batch_rows WHERE batch_id = $1 AND line <> ALL($2::int[]) RETURNING draft_id)
		SELECT draft_id FROM gone WHERE draft_id IS NOT NULL`, id, pq.Array(lines))
	if err != nil {
		return fmt.Errorf("lines that are gone from batch %s: %w", id, err)
	}
	return draft.DropLines(ctx, tx, gone, now)
}

// deed does something to a batch, once for a key, with its row locked.
func (s *Service) deed(ctx context.Context, id string, key once.Key, do func(tx *sqlx.Tx, b Batch, now time.Time) error) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		now := s.Now()
		_, done, err := once.Begin(ctx, tx, key, now)
		if err != nil || done {
			return err
		}
		b, err := s.byID(ctx, tx, id, locked)
		if err != nil {
			return err
		}
		if err := do(tx, b, now); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, id)
	})
}

// Sweep forgets batches that nobody has touched for long; what was filed of them stays.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM batches WHERE lapses_at < $1 AND state NOT IN ('checking', 'filing')`, now); err != nil {
		return fmt.Errorf("sweep batches: %w", err)
	}
	return nil
}
