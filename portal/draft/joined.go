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
	"motcua/portal/signin"
)

// Copy is what a worker made of a picture.
type Copy struct {
	CopyTurn    *int   `db:"copy_turn"` // the turn it was made with, nil before it is made
	Fault       string `db:"fault"`     // why there is none
	HintList    string `db:"hints"`
	Width       int    `db:"width"`
	Height      int    `db:"height"`
	CopySize    int64  `db:"copy_size"`
	CopySHA256  []byte `db:"copy_sha256"`
	CopyBlob    string `db:"copy_blob"`
	SmallWidth  int    `db:"small_width"`
	SmallHeight int    `db:"small_height"`
	SmallSize   int64  `db:"small_size"`
	SmallSHA256 []byte `db:"small_sha256"`
	SmallBlob   string `db:"small_blob"`
}

// Hints are what may be hard to read: dark, blurred, small.
func (c Copy) Hints() []string { return strings.Fields(c.HintList) }

// Copied says whether the worker is through with the file as it lies now.
func (f File) Copied() bool { return f.CopyTurn != nil && *f.CopyTurn == f.Turn }

// Waiting says whether a picture still waits for the worker.
func (f File) Waiting() bool { return f.Image() && !f.Copied() }

// Thumbnail says whether there is a small picture of the file as it lies now.
func (f File) Thumbnail() bool { return f.Copied() && f.Fault == "" }

// Joined is the working copy of a paper: its pictures, upright, in one PDF.
type Joined struct {
	Round     int       `db:"round"`
	Component string    `db:"component"`
	MadeOf    string    `db:"made_of"` // the paper's pictures then
	Sources   string    `db:"sources"` // those that are in it
	Pages     int       `db:"pages"`
	Size      int64     `db:"size"`
	SHA256    []byte    `db:"sha256"`
	Blob      string    `db:"blob"`
	At        time.Time `db:"at"`
}

// Of says whether the working copy has that picture in it.
func (j Joined) Of(fileID string) bool { return strings.Contains(j.Sources, `"`+fileID+`"`) }

// joinedOf are working copies ($1: draft) of the pictures that stand there now.
const joinedOf = `SELECT w.round, w.component, w.made_of, w.sources, w.pages, w.size, w.sha256, w.blob, w.at FROM working_copies w
	WHERE w.draft_id = $1 AND w.made_of = (SELECT string_agg(f.id || ':' || f.turn, ' ' ORDER BY f.position, f.at) FROM draft_files f
		WHERE f.draft_id = w.draft_id AND f.round = w.round AND f.component = w.component AND f.removed_at IS NULL AND f.media LIKE 'image/%')`

// JoinedOf reads the working copies of a draft or dossier, of all rounds. One whose
// pictures have changed since is not among them: the worker is making it anew.
func JoinedOf(ctx context.Context, q sqlx.QueryerContext, id string) ([]Joined, error) {
	var all []Joined
	if err := sqlx.SelectContext(ctx, q, &all, joinedOf, id); err != nil {
		return nil, fmt.Errorf("working copies of %s: %w", id, err)
	}
	return all, nil
}

// Joined are the working copies of a draft of the person's own.
func (s *Service) Joined(ctx context.Context, p signin.Person, id string) ([]Joined, error) {
	if _, err := s.row(ctx, s.DB, p, id, owned); err != nil {
		return nil, err
	}
	return JoinedOf(ctx, s.DB, id)
}

// OpenJoined opens the working copy of a paper of the person's.
func (s *Service) OpenJoined(ctx context.Context, p signin.Person, id string, round int, component string) (Joined, io.ReadSeekCloser, error) {
	if _, err := s.row(ctx, s.DB, p, id, owned); err != nil {
		return Joined{}, nil, err
	}
	return s.JoinedAt(ctx, id, round, component)
}

// JoinedAt opens the working copy of a paper of a dossier whose reader the caller knows.
func (s *Service) JoinedAt(ctx context.Context, id string, round int, component string) (Joined, io.ReadSeekCloser, error) {
	var j Joined
	err := s.DB.GetContext(ctx, &j, joinedOf+` AND w.round = $2 AND w.component = $3`, id, round, component)
	if errors.Is(err, sql.ErrNoRows) {
		return Joined{}, nil, notFound()
	}
	if err != nil {
		return Joined{}, nil, fmt.Errorf("working copy of %s: %w", id, err)
	}
	body, _, err := s.Blobs.Open(j.Blob)
	if err != nil {
		return Joined{}, nil, fmt.Errorf("working copy of %s: %w", id, err)
	}
	return j, body, nil
}

// OpenThumbnail opens the small picture of a file that stands with a draft of the person's.
func (s *Service) OpenThumbnail(ctx context.Context, p signin.Person, id, fileID string) (File, io.ReadSeekCloser, error) {
	f, err := s.file(ctx, p, id, fileID)
	if err != nil {
		return File{}, nil, err
	}
	if !f.Thumbnail() {
		return File{}, nil, notFound()
	}
	body, _, err := s.Blobs.Open(f.SmallBlob)
	if err != nil {
		return File{}, nil, fmt.Errorf("thumbnail of file %s: %w", fileID, err)
	}
	return f, body, nil
}

// file is a file that stands with a draft of the person's.
func (s *Service) file(ctx context.Context, p signin.Person, id, fileID string) (File, error) {
	if _, err := s.row(ctx, s.DB, p, id, owned); err != nil {
		return File{}, err
	}
	if !pg.UUID(fileID) {
		return File{}, notFound()
	}
	var f File
	err := s.DB.GetContext(ctx, &f, `SELECT `+fileColumns+fileTables+` WHERE f.draft_id = $1 AND f.id = $2 AND f.removed_at IS NULL`, id, fileID)
	if errors.Is(err, sql.ErrNoRows) {
		return File{}, notFound()
	}
	if err != nil {
		return File{}, fmt.Errorf("file %s: %w", fileID, err)
	}
	return f, nil
}
