package national

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// piece is how much of a file one row keeps.
const piece = 1 << 20

// Start takes a file in and has it read: nothing but a report comes of it by itself. The
// same file again is the same upload.
func (s *Service) Start(ctx context.Context, by catalogue.Editing, name string, file []byte) (string, error) {
	switch {
	case len(bytes.TrimSpace(file)) == 0:
		return "", bad("national.file.empty")
	case len(file) > MaxBytes:
		return "", problem.New(problem.TooLarge, "national.file.too_large", locales.N("max", MaxBytes>>20))
	}
	return by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		now := s.Now()
		id, fresh, err := s.insert(ctx, tx, by.Officer.ID, name, file)
		if err != nil || !fresh {
			return id, audit.Entry{}, err
		}
		if err := putBytes(ctx, tx, id, file); err != nil {
			return "", audit.Entry{}, err
		}
		entry := audit.Entry{Deed: "national.upload", Object: "national:" + id, Args: map[string]any{"bytes": len(file)}}
		return id, entry, queue.Put(ctx, tx, readKind, id, now, nil)
	})
}

// insert makes the row of an upload; not fresh: the file is there already.
func (s *Service) insert(ctx context.Context, tx *sqlx.Tx, officer int64, name string, file []byte) (id string, fresh bool, err error) {
	sum := sha256.Sum256(file)
	id = uuid.NewString()
	r, err := tx.ExecContext(ctx, `
		INSERT INTO national_uploads (id, name, sha256, size, officer_id, at) VALUES ($1, $2, $3, $4, nullif($5::bigint, 0), $6)
		ON CONFLICT (sha256) WHERE state IN ('reading', 'read', 'kept') DO NOTHING`, id, cleanName(name), sum[:], len(file), officer, s.Now())
	if err != nil {
		return "", false, fmt.Errorf("insert upload: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return id, true, err
	}
	err = tx.GetContext(ctx, &id, `SELECT id FROM national_uploads WHERE sha256 = $1 AND state IN ('reading', 'read', 'kept')`, sum[:])
	if err != nil {
		return "", false, fmt.Errorf("upload of the same bytes: %w", err)
	}
	return id, false, nil
}

func putBytes(ctx context.Context, tx *sqlx.Tx, id string, file []byte) error {
	for no := 0; len(file) > 0; no++ {
		n := min(piece, len(file))
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if _, err := z.Write(file[:n]); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO national_bytes (upload_id, no, bytes) VALUES ($1, $2, $3)`, id, no, b.Bytes()); err != nil {
			return fmt.Errorf("bytes of upload %s: %w", id, err)
		}
		file = file[n:]
	}
	return nil
}

func (s *Service) bytes(ctx context.Context, id string) ([]byte, error) {
	var pieces [][]byte
	if err := s.DB.SelectContext(ctx, &pieces, `SELECT bytes FROM national_bytes WHERE upload_id = $1 ORDER BY no`, id); err != nil {
		return nil, fmt.Errorf("bytes of upload %s: %w", id, err)
	}
	var file bytes.Buffer
	for _, p := range pieces {
		z, err := gzip.NewReader(bytes.NewReader(p))
		if err != nil {
			return nil, fmt.Errorf("bytes of upload %s: %w", id, err)
		}
		if _, err := io.Copy(&file, io.LimitReader(z, piece)); err != nil {
			return nil, fmt.Errorf("bytes of upload %s: %w", id, err)
		}
	}
	return file.Bytes(), nil
}

// read is the work on a file: done again from the beginning where it was broken off.
func (s *Service) read(ctx context.Context, j queue.Job) error {
	u, err := upload(ctx, s.DB, j.Subject)
	if problem.Is(err, problem.NotFound) || err == nil && u.State != Reading {
		return nil
	}
	if err != nil {
		return err
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	file, err := s.bytes(ctx, u.ID)
	if err != nil {
		return err
	}
	about, all, err := s.apart(ctx, file)
	switch problem.KindOf(err) {
	case problem.Invalid, problem.TooLarge:
		if err != nil {
			return s.failed(ctx, u.ID, about, err)
		}
	}
	if err != nil {
		return err
	}
	return s.store(ctx, u.ID, about, all)
}

// apart reads a file with the lists of today.
func (s *Service) apart(ctx context.Context, file []byte) (About, []Record, error) {
	lists, err := s.lists(ctx)
	if err != nil {
		return About{}, nil, err
	}
	var all []Record
	about, err := Read(file, lists, func(r Record) error {
		all = append(all, r)
		return ctx.Err()
	})
	return about, all, err
}

func (s *Service) failed(ctx context.Context, id string, about About, why error) error {
	text := say(locales.M("national.failed"))
	var fault *problem.Error
	if errors.As(why, &fault) {
		text = say(fault.Message)
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE national_uploads SET state = 'failed', why = $2, about = $3, read_at = $4 WHERE id = $1 AND state = 'reading'`,
			id, pg.JSON(text), pg.JSON(about), s.Now())
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM national_bytes WHERE upload_id = $1`, id)
		}
		if err != nil {
			return fmt.Errorf("upload %s has failed: %w", id, err)
		}
		return nil
	})
}

// perStatement is how many records one statement carries.
const perStatement = 500

// row is a record on its way into the table.
type row struct {
	No     int             `json:"no"`
	Line   int             `json:"line"`
	Code   string          `json:"code"`
	Name   string          `json:"name"`
	Said   json.RawMessage `json:"-"`
	Faults []Fault         `json:"faults"`
	Faulty bool            `json:"faulty"`
	Wrong  bool            `json:"wrong"`
}

// store keeps the records, some at a time so that the page can tell how far it is, and then
// compares them with the catalogue.
func (s *Service) store(ctx context.Context, id string, about About, all []Record) error {
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM national_rows WHERE upload_id = $1`, id); err != nil {
		return fmt.Errorf("rows of upload %s: %w", id, err)
	}
	if _, err := s.DB.ExecContext(ctx, `UPDATE national_uploads SET records = $2, done = 0, about = $3 WHERE id = $1`, id, len(all), pg.JSON(about)); err != nil {
		return fmt.Errorf("upload %s: %w", id, err)
	}
	wrong := 0
	for from := 0; from < len(all); from += perStatement {
		rows := make([]row, 0, perStatement)
		for i, r := range all[from:min(from+perStatement, len(all))] {
			one, err := rowOf(from+i+1, r)
			if err != nil {
				return err
			}
			if one.Wrong {
				wrong++
			}
			rows = append(rows, one)
		}
		if err := s.putRows(ctx, id, rows, from+len(rows)); err != nil {
			return err
		}
	}
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE national_uploads SET state = 'read', wrong = $2, read_at = $3 WHERE id = $1 AND state = 'reading'`, id, wrong, s.Now())
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM national_bytes WHERE upload_id = $1`, id)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("upload %s is read: %w", id, err)
	}
	return s.compare(ctx, id)
}

func rowOf(no int, r Record) (row, error) {
	said, err := json.Marshal(r.Said)
	if err != nil {
		return row{}, fmt.Errorf("record on line %d: %w", r.Line, err)
	}
	name, _ := objectOf(r.Said["name"])["vi"].(string)
	faults := r.Faults
	if faults == nil {
		faults = []Fault{}
	}
	return row{No: no, Line: r.Line, Code: r.Code, Name: name, Said: said, Faults: faults, Faulty: len(faults) > 0, Wrong: r.Wrong()}, nil
}

func (s *Service) putRows(ctx context.Context, id string, rows []row, done int) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		said := make([]string, len(rows)) // beside the rest: in one big document they would be read twice
		for i, r := range rows {
			said[i] = string(r.Said)
		}
		_, err := tx.ExecContext(ctx, `
			INSERT INTO national_rows (upload_id, no, line, code, name, said, faults, faulty, wrong)
			SELECT $1, r.no, r.line, r.code, r.name, r.said::jsonb, r.faults, r.faulty, r.wrong
			FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (no int, line int, code text, name text, faults jsonb, faulty boolean, wrong boolean),
				unnest($3::text[])) AS r (no, line, code, name, faults, faulty, wrong, said)`, id, pg.JSON(rows), pq.Array(said))
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE national_uploads SET done = $2 WHERE id = $1`, id, done)
		}
		if err != nil {
			return fmt.Errorf("rows of upload %s: %w", id, err)
		}
		return nil
	})
}

// cleanName is a file's name as it can be shown.
func cleanName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if name = shown(strings.TrimSpace(name)); name == "" {
		return "?"
	}
	return name
}

// Forget is how long a file that nobody kept stays, and one that was kept after another
// took its place.
const Forget, ForgetKept = 30 * 24 * time.Hour, 365 * 24 * time.Hour

// Sweep forgets files that are over.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	_, err := s.DB.ExecContext(ctx, `DELETE FROM national_uploads u WHERE at < $1 AND state IN ('reading', 'read', 'failed')
		OR at < $2 AND (state = 'replaced' OR state = 'kept' AND NOT whole)`, now.Add(-Forget), now.Add(-ForgetKept))
	if err != nil {
		return fmt.Errorf("sweep uploads: %w", err)
	}
	return nil
}
