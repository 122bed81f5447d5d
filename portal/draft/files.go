package draft

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// File is one stored attachment: the original, byte for byte.
type File struct {
	ID        string    `db:"id"`
	Round     int       `db:"round"`
	Component string    `db:"component"`
	Position  int       `db:"position"`
	Name      string    `db:"name"`
	Media     string    `db:"media"`
	Size      int64     `db:"size"`
	Pages     int       `db:"pages"`
	SHA256    []byte    `db:"sha256"`
	Blob      string    `db:"blob"`
	At        time.Time `db:"at"`
}

const fileColumns = `id, round, component, position, name, media, size, pages, sha256, blob, at`

// Image says whether a browser can show the file as a picture.
func (f File) Image() bool { return strings.HasPrefix(f.Media, "image/") }

// FilesOf reads the files that stand with a draft in a round of filing.
func FilesOf(ctx context.Context, q sqlx.QueryerContext, id string, round int) ([]File, error) {
	var files []File
	err := sqlx.SelectContext(ctx, q, &files, `SELECT `+fileColumns+` FROM draft_files
		WHERE draft_id = $1 AND round = $2 AND removed_at IS NULL ORDER BY component, position, at`, id, round)
	if err != nil {
		return nil, fmt.Errorf("files of draft %s: %w", id, err)
	}
	return files, nil
}

func fileByID(ctx context.Context, q sqlx.QueryerContext, id, fileID string) (File, error) {
	var f File
	err := sqlx.GetContext(ctx, q, &f, `SELECT `+fileColumns+` FROM draft_files WHERE draft_id = $1 AND id = $2`, id, fileID)
	if err != nil {
		return File{}, fmt.Errorf("file %s: %w", fileID, err)
	}
	return f, nil
}

// removeFile takes a file away; its bytes go days later.
func removeFile(ctx context.Context, tx *sqlx.Tx, id string, round int, component, fileID string, at time.Time) error {
	if !pg.UUID(fileID) {
		return notFound()
	}
	_, err := tx.ExecContext(ctx, `UPDATE draft_files SET removed_at = $1
		WHERE id = $2 AND draft_id = $3 AND round = $4 AND component = $5 AND removed_at IS NULL`, at, fileID, id, round, component)
	if err != nil {
		return fmt.Errorf("remove file %s: %w", fileID, err)
	}
	return nil
}

// Remove takes a file away. Taking it away twice is the same as once.
func (s *Service) Remove(ctx context.Context, p signin.Person, id string, round int, component, fileID string) error {
	return s.change(ctx, p, id, round, func(tx *sqlx.Tx) error {
		return removeFile(ctx, tx, id, round, component, fileID, s.Now())
	})
}

// Shift moves a file one place up (by = -1) or down (by = 1) among its component's.
func (s *Service) Shift(ctx context.Context, p signin.Person, id string, round int, component, fileID string, by int) error {
	return s.change(ctx, p, id, round, func(tx *sqlx.Tx) error {
		files, err := FilesOf(ctx, tx, id, round)
		if err != nil {
			return err
		}
		var own []File
		for _, f := range files {
			if f.Component == component {
				own = append(own, f)
			}
		}
		for i, f := range own {
			if j := i + by; f.ID == fileID && j >= 0 && j < len(own) {
				own[i], own[j] = own[j], own[i]
				return renumber(ctx, tx, own)
			}
		}
		return nil
	})
}

func renumber(ctx context.Context, tx *sqlx.Tx, files []File) error {
	ids := make([]string, len(files))
	for i, f := range files {
		ids[i] = f.ID
	}
	_, err := tx.ExecContext(ctx, `UPDATE draft_files f SET position = o.no
		FROM unnest(string_to_array($1, ',')::uuid[]) WITH ORDINALITY AS o (id, no) WHERE f.id = o.id`, strings.Join(ids, ","))
	if err != nil {
		return fmt.Errorf("reorder files: %w", err)
	}
	return nil
}

// change does something to the files of a round that is open.
func (s *Service) change(ctx context.Context, p signin.Person, id string, round int, do func(tx *sqlx.Tx) error) error {
	known, err := s.Known(ctx, p, id)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		d, err := s.Lock(ctx, tx, p, known)
		if err != nil {
			return err
		}
		if !d.takes(round) {
			return problem.New(problem.Conflict, "draft.filed_already")
		}
		if err := do(tx); err != nil {
			return err
		}
		return s.touch(ctx, tx, id)
	})
}

// takes says whether files can be put to the round now.
func (d Draft) takes(round int) bool { return d.Round != nil && *d.Round == round }

// touch notes that the draft was worked on.
func (s *Service) touch(ctx context.Context, tx *sqlx.Tx, id string) error {
	now := s.Now()
	_, err := tx.ExecContext(ctx, `UPDATE drafts SET saved_at = $1, lapses_at = $2, version = version + 1 WHERE id = $3`, now, now.Add(Life), id)
	if err != nil {
		return fmt.Errorf("touch draft %s: %w", id, err)
	}
	return nil
}

// OpenFile opens the bytes of a file that stands with a draft of the person's.
func (s *Service) OpenFile(ctx context.Context, p signin.Person, id, fileID string) (File, io.ReadSeekCloser, error) {
	if _, err := s.row(ctx, s.DB, p, id, owned); err != nil {
		return File{}, nil, err
	}
	if !pg.UUID(fileID) {
		return File{}, nil, notFound()
	}
	var f File
	err := s.DB.GetContext(ctx, &f, `SELECT `+fileColumns+` FROM draft_files WHERE draft_id = $1 AND id = $2 AND removed_at IS NULL`, id, fileID)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, nil, notFound()
	}
	if err != nil {
		return File{}, nil, fmt.Errorf("file %s: %w", fileID, err)
	}
	body, _, err := s.Blobs.Open(f.Blob)
	if err != nil {
		return File{}, nil, fmt.Errorf("open blob of file %s: %w", fileID, err)
	}
	return f, body, nil
}
