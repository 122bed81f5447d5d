package draft

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	drawing "motcua/portal/paper"
	"motcua/portal/pg"
	"motcua/portal/photo"
	"motcua/portal/queue"
)

// Handlers are the kinds of work that are done later, each bearing a repeat.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{copiesKind: s.copies, endedKind: s.ended}
}

const (
	copiesKind = "draft.copies"

	picturesARun = 8               // then the lease of the job begins anew
	busyPause    = 2 * time.Second // while another paper's pictures are being made
)

// gate lets so many in at a time.
type gate struct {
	once sync.Once
	free chan struct{}
}

func (g *gate) places(n int) chan struct{} {
	g.once.Do(func() { g.free = make(chan struct{}, n) })
	return g.free
}

// enter waits for a place and gives it back with leave.
func (g *gate) enter(ctx context.Context, n int) (leave func(), err error) {
	places := g.places(n)
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// try is enter for who has other work to do.
func (g *gate) try(n int) (leave func(), ok bool) {
	places := g.places(n)
	select {
	case places <- struct{}{}:
		return func() { <-places }, true
	default:
		return nil, false
	}
}

// paperAt is a paper of a draft in a round of filing.
type paperAt struct {
	draft     string
	round     int
	component string
}

func (p paperAt) String() string { return p.draft + "/" + strconv.Itoa(p.round) + "/" + p.component }

func parsePaper(subject string) (paperAt, error) {
	parts := strings.SplitN(subject, "/", 3)
	if len(parts) != 3 {
		return paperAt{}, fmt.Errorf("copies of %q: no such paper", subject)
	}
	round, err := strconv.Atoi(parts[1])
	return paperAt{parts[0], round, parts[2]}, err
}

// queueCopies has the copies of a paper made anew, in the transaction that changes its
// files. A paper that never had a picture has none.
func (s *Service) queueCopies(ctx context.Context, tx *sqlx.Tx, at paperAt) error {
	var pictures bool
	err := sqlx.GetContext(ctx, tx, &pictures, `SELECT EXISTS (SELECT FROM draft_files
		WHERE draft_id = $1 AND round = $2 AND component = $3 AND media LIKE 'image/%')`, at.draft, at.round, at.component)
	if err != nil || !pictures {
		return err
	}
	return queue.Put(ctx, tx, copiesKind, at.String(), s.Now(), nil)
}

// copies makes what is missing of a paper's copies: of each picture, then of all together.
// One picture of the whole program is in memory at a time, for each can take hundreds of
// megabytes; a job that finds the place taken comes again, so that other work goes on.
func (s *Service) copies(ctx context.Context, j queue.Job) error {
	at, err := parsePaper(j.Subject)
	if err != nil {
		return err
	}
	leave, free := s.pictures.try(1)
	if !free {
		return queue.Put(ctx, s.DB, j.Kind, j.Subject, s.Now().Add(busyPause), nil)
	}
	defer leave()
	files, err := picturesOf(ctx, s.DB, at)
	if err != nil {
		return err
	}
	made := 0
	for i := range files {
		if files[i].Copied() {
			continue
		}
		if made == picturesARun {
			return queue.Put(ctx, s.DB, j.Kind, j.Subject, s.Now(), nil)
		}
		if files[i].Copy, err = s.copyFile(ctx, files[i]); err != nil {
			return err
		}
		made++
	}
	return s.join(ctx, at, files)
}

// picturesOf are the pictures of a paper in their order.
func picturesOf(ctx context.Context, q sqlx.QueryerContext, at paperAt) ([]File, error) {
	var files []File
	err := sqlx.SelectContext(ctx, q, &files, `SELECT `+fileColumns+fileTables+`
		WHERE f.draft_id = $1 AND f.round = $2 AND f.component = $3 AND f.removed_at IS NULL AND f.media LIKE 'image/%'
		ORDER BY f.position, f.at`, at.draft, at.round, at.component)
	if err != nil {
		return nil, fmt.Errorf("pictures of %s: %w", at, err)
	}
	return files, nil
}

// copyFile makes the copy of one picture, or notes why there can be none.
func (s *Service) copyFile(ctx context.Context, f File) (Copy, error) {
	content, err := s.bytes(f.Blob)
	if err != nil {
		return Copy{}, fmt.Errorf("copy of file %s: %w", f.ID, err)
	}
	made, err := photo.Make(ctx, content, f.Turn)
	c := Copy{CopyTurn: &f.Turn}
	switch {
	case errors.Is(err, photo.ErrTooMuch):
		c.Fault = "too_much"
	case errors.Is(err, photo.ErrBroken):
		c.Fault = "broken"
	case err != nil:
		return Copy{}, fmt.Errorf("copy of file %s: %w", f.ID, err)
	default:
		if err := s.store(ctx, &c, made); err != nil {
			return Copy{}, fmt.Errorf("copy of file %s: %w", f.ID, err)
		}
	}
	return c, s.putCopy(ctx, f.ID, c)
}

func (s *Service) bytes(name string) ([]byte, error) {
	body, _, err := s.Blobs.Open(name)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

// store keeps the pictures. What a failure after it leaves behind is swept as any bytes
// without a row.
func (s *Service) store(ctx context.Context, c *Copy, made photo.Copy) error {
	page, err := s.Blobs.Put(ctx, bytes.NewReader(made.Page.JPEG), MaxFile)
	if err != nil {
		return err
	}
	small, err := s.Blobs.Put(ctx, bytes.NewReader(made.Small.JPEG), MaxFile)
	if err != nil {
		return err
	}
	for _, h := range made.Hints {
		c.HintList += string(h) + " "
	}
	c.HintList = strings.TrimSpace(c.HintList)
	c.Width, c.Height, c.CopySize, c.CopySHA256, c.CopyBlob = made.Page.Width, made.Page.Height, page.Size, page.SHA256, page.Name
	c.SmallWidth, c.SmallHeight, c.SmallSize, c.SmallSHA256, c.SmallBlob = made.Small.Width, made.Small.Height, small.Size, small.SHA256, small.Name
	return nil
}

func (s *Service) putCopy(ctx context.Context, fileID string, c Copy) error {
	_, err := s.DB.ExecContext(ctx, `
		INSERT INTO file_copies (file_id, turn, fault, hints, width, height, size, sha256, blob, small_width, small_height, small_size, small_sha256, small_blob, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (file_id) DO UPDATE SET turn = excluded.turn, fault = excluded.fault, hints = excluded.hints,
			width = excluded.width, height = excluded.height, size = excluded.size, sha256 = excluded.sha256, blob = excluded.blob,
			small_width = excluded.small_width, small_height = excluded.small_height, small_size = excluded.small_size,
			small_sha256 = excluded.small_sha256, small_blob = excluded.small_blob, at = excluded.at`,
		fileID, *c.CopyTurn, c.Fault, c.HintList, c.Width, c.Height, c.CopySize, c.CopySHA256, c.CopyBlob,
		c.SmallWidth, c.SmallHeight, c.SmallSize, c.SmallSHA256, c.SmallBlob, s.Now())
	if err != nil {
		return fmt.Errorf("copy of file %s: %w", fileID, err)
	}
	return nil
}

// source is an original that a working copy was made of.
type source struct {
	File   string `json:"file"`
	SHA256 []byte `json:"sha256"`
	Turn   int    `json:"turn"`
}

// join makes the one PDF of a paper's pictures, unless it is there already; a paper without
// a picture that could be opened has none.
func (s *Service) join(ctx context.Context, at paperAt, files []File) error {
	madeOf := madeOf(files)
	files, sources := usable(files)
	if len(files) == 0 {
		_, err := s.DB.ExecContext(ctx, `DELETE FROM working_copies WHERE draft_id = $1 AND round = $2 AND component = $3`, at.draft, at.round, at.component)
		return err
	}
	var same bool
	err := s.DB.GetContext(ctx, &same, `SELECT EXISTS (SELECT FROM working_copies
		WHERE draft_id = $1 AND round = $2 AND component = $3 AND made_of = $4)`, at.draft, at.round, at.component, madeOf)
	if err != nil || same {
		return err
	}
	pdf, err := s.joined(files)
	if err != nil {
		return fmt.Errorf("working copy of %s: %w", at, err)
	}
	stored, err := s.Blobs.Put(ctx, bytes.NewReader(pdf), int64(len(pdf)))
	if err != nil {
		return fmt.Errorf("working copy of %s: %w", at, err)
	}
	_, err = s.DB.ExecContext(ctx, `
		INSERT INTO working_copies (draft_id, round, component, sources, made_of, pages, size, sha256, blob, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (draft_id, round, component) DO UPDATE SET sources = excluded.sources, made_of = excluded.made_of,
			pages = excluded.pages, size = excluded.size, sha256 = excluded.sha256, blob = excluded.blob, at = excluded.at`,
		at.draft, at.round, at.component, pg.JSON(json.RawMessage(sources)), madeOf, len(files), stored.Size, stored.SHA256, stored.Name, s.Now())
	if err != nil {
		return fmt.Errorf("working copy of %s: %w", at, err)
	}
	return nil
}

// joined draws the document. Equal pictures give equal bytes.
func (s *Service) joined(files []File) ([]byte, error) {
	var photos []drawing.Photo
	var last time.Time
	for _, f := range files {
		jpeg, err := s.bytes(f.CopyBlob)
		if err != nil {
			return nil, err
		}
		photos = append(photos, drawing.Photo{JPEG: jpeg, Width: f.Width, Height: f.Height})
		if f.At.After(last) {
			last = f.At
		}
	}
	var b bytes.Buffer
	err := drawing.Photos(&b, last, photos)
	return b.Bytes(), err
}

// usable are the pictures that have a copy, and the list of them that is kept.
func usable(files []File) ([]File, []byte) {
	var good []File
	var sources []source
	for _, f := range files {
		if f.Fault == "" {
			good = append(good, f)
			sources = append(sources, source{f.ID, f.SHA256, f.Turn})
		}
	}
	list, _ := json.Marshal(sources) // strings and numbers
	return good, list
}

// madeOf names the pictures of a paper in their order, with their turns: a working copy of
// other ones is not of this paper. copiesSQL makes the same text.
func madeOf(files []File) string {
	var names []string
	for _, f := range files {
		if f.Image() {
			names = append(names, f.ID+":"+strconv.Itoa(f.Turn))
		}
	}
	return strings.Join(names, " ")
}
