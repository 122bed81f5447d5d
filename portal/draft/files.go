package draft

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/signature"
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
	Turn      int       `db:"turn"` // clockwise, by the person
	At        time.Time `db:"at"`
	VaultID   string    `db:"vault_id"` // the earlier paper that it is, or none

	Signatures pg.JSONOf[[]signature.Signature] `db:"signatures"`
	Copy
}

// A file with its copy: columns and tables.
const (
	fileColumns = `f.id, f.round, f.component, f.position, f.name, f.media, f.size, f.pages, f.sha256, f.blob, f.turn, f.at, coalesce(f.vault_id::text, '') AS vault_id, f.signatures,
	c.turn AS copy_turn, coalesce(c.fault, '') AS fault, coalesce(c.hints, '') AS hints, coalesce(c.width, 0) AS width, coalesce(c.height, 0) AS height,
	coalesce(c.size, 0) AS copy_size, c.sha256 AS copy_sha256, coalesce(c.blob, '') AS copy_blob, coalesce(c.small_width, 0) AS small_width,
	coalesce(c.small_height, 0) AS small_height, coalesce(c.small_size, 0) AS small_size, c.small_sha256, coalesce(c.small_blob, '') AS small_blob`
	fileTables = ` FROM draft_files f LEFT JOIN file_copies c ON c.file_id = f.id`
)

// Image says whether a browser can show the file as a picture.
func (f File) Image() bool { return strings.HasPrefix(f.Media, "image/") }

// FilesOf reads the files that stand with a draft in a round of filing.
func FilesOf(ctx context.Context, q sqlx.QueryerContext, id string, round int) ([]File, error) {
	var files []File
	err := sqlx.SelectContext(ctx, q, &files, `SELECT `+fileColumns+fileTables+`
		WHERE f.draft_id = $1 AND f.round = $2 AND f.removed_at IS NULL ORDER BY f.component, f.position, f.at`, id, round)
	if err != nil {
		return nil, fmt.Errorf("files of draft %s: %w", id, err)
	}
	return files, nil
}

func fileByID(ctx context.Context, q sqlx.QueryerContext, id, fileID string) (File, error) {
	var f File
	err := sqlx.GetContext(ctx, q, &f, `SELECT `+fileColumns+fileTables+` WHERE f.draft_id = $1 AND f.id = $2`, id, fileID)
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
	return s.change(ctx, p, paperAt{id, round, component}, nil, func(tx *sqlx.Tx) error {
		return removeFile(ctx, tx, id, round, component, fileID, s.Now())
	})
}

// Shift moves a file one place up (by = -1) or down (by = 1) among its component's.
func (s *Service) Shift(ctx context.Context, p signin.Person, id string, round int, component, fileID string, by int, key once.Key) error {
	return s.change(ctx, p, paperAt{id, round, component}, &key, func(tx *sqlx.Tx) error {
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

// Turn turns a picture clockwise by so many degrees: 90, or -90 to the left. The original
// stays as it is; the copies are made anew.
func (s *Service) Turn(ctx context.Context, p signin.Person, id string, round int, component, fileID string, degrees int, key once.Key) error {
	if !pg.UUID(fileID) {
		return notFound()
	}
	return s.change(ctx, p, paperAt{id, round, component}, &key, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE draft_files SET turn = (turn + $1 + 360) % 360
			WHERE id = $2 AND draft_id = $3 AND round = $4 AND component = $5 AND removed_at IS NULL AND media LIKE 'image/%'`,
			degrees, fileID, id, round, component)
		if err != nil {
			return fmt.Errorf("turn file %s: %w", fileID, err)
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

// change does something to the files of a paper in a round that is open, once for a key.
// The paper's copies are made anew.
func (s *Service) change(ctx context.Context, p signin.Person, at paperAt, key *once.Key, do func(tx *sqlx.Tx) error) error {
	return s.changeEach(ctx, p, at.draft, at.round, []string{at.component}, key, func(tx *sqlx.Tx, _ Draft) error { return do(tx) })
}

// takes says whether files can be put to the round now.
func (d Draft) takes(round int) bool { return d.Round != nil && *d.Round == round }

// touch notes that the draft was worked on.
func (s *Service) touch(ctx context.Context, tx *sqlx.Tx, id string) error {
	now := s.Now()
	_, err := tx.ExecContext(ctx, `UPDATE drafts SET saved_at = $1, lapses_at = $2, reminded = 0, version = version + 1 WHERE id = $3`, now, now.Add(Life), id)
	if err != nil {
		return fmt.Errorf("touch draft %s: %w", id, err)
	}
	return nil
}

// OpenFile opens the bytes of a file that stands with a draft of the person's.
func (s *Service) OpenFile(ctx context.Context, p signin.Person, id, fileID string) (File, io.ReadSeekCloser, error) {
	f, err := s.file(ctx, p, id, fileID)
	if err != nil {
		return File{}, nil, err
	}
	body, _, err := s.Blobs.Open(f.Blob)
	if err != nil {
		return File{}, nil, fmt.Errorf("open blob of file %s: %w", fileID, err)
	}
	return f, body, nil
}
