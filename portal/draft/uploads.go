package draft

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Limits of files that come in pieces.
const (
	MaxPiece = 512 << 10 // so little is lost when a line breaks

	uploadLife  = 24 * time.Hour // from the last piece
	openUploads = 10             // of a draft; the oldest gives way
	uploadsHour = 300            // begun by a person in an hour
)

// Pending is a file on its way in pieces. What it says it has got is on disk.
type Pending struct {
	ID        string    `db:"id"`
	Draft     string    `db:"draft_id"`
	Component string    `db:"component"`
	Name      string    `db:"name"`
	Replaces  string    `db:"replaces"`
	Length    int64     `db:"length"`
	Got       int64     `db:"got"`
	FileID    *string   `db:"file_id"` // what it has become
	EndsAt    time.Time `db:"ends_at"`
}

// BeginUpload makes room for a file of that length. What is too long is refused before its
// first byte; its contents are judged when they are there.
func (s *Service) BeginUpload(ctx context.Context, p signin.Person, id string, up Upload, length int64) (Pending, error) {
	known, err := s.Load(ctx, p, id)
	if err != nil {
		return Pending{}, err
	}
	up.Name = CleanName(up.Name)
	if err := s.fits(known, up, length); err != nil {
		return Pending{}, err
	}
	allowed, err := pg.Allow(ctx, s.DB, "upload.person", fmt.Sprint(p.ID), uploadsHour, time.Hour, s.Now())
	if err != nil {
		return Pending{}, err
	}
	if !allowed {
		return Pending{}, problem.New(problem.TooMany, "draft.too_many_uploads")
	}
	now := s.Now()
	u := Pending{ID: uuid.NewString(), Draft: id, Component: up.Component, Name: up.Name, Replaces: up.Replaces, Length: length, EndsAt: now.Add(uploadLife)}
	var gone []string
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO uploads (id, draft_id, person_id, component, name, replaces, length, made_at, ends_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, u.ID, id, p.ID, u.Component, u.Name, u.Replaces, length, now, u.EndsAt)
		if err != nil {
			return fmt.Errorf("begin upload: %w", err)
		}
		gone, err = dropUploads(ctx, tx, `id IN (SELECT id FROM uploads WHERE draft_id = $1 ORDER BY made_at DESC, (id = $2) DESC, id OFFSET $3)`, id, u.ID, openUploads)
		return err
	})
	if err != nil {
		return Pending{}, err
	}
	s.removeBlobs(gone)
	return u, nil
}

// fits holds the limits that the length alone can break.
func (s *Service) fits(d Draft, up Upload, length int64) error {
	name := locales.S("name", up.Name)
	if _, err := s.mostFiles(d, up); err != nil {
		return err
	}
	var used int64
	for _, f := range d.Files {
		if f.ID != up.Replaces {
			used += f.Size
		}
	}
	switch {
	case length <= 0:
		return problem.New(problem.Invalid, "draft.file_empty", name)
	case length > MaxFile:
		return problem.New(problem.TooLarge, "draft.file_too_large", name, locales.N("max", MaxFile>>20))
	case used+length > MaxDossier:
		return problem.New(problem.TooLarge, "draft.dossier_too_large", name, locales.N("max", MaxDossier>>20), locales.N("used", used>>20))
	}
	return nil
}

// Pending reads how far an upload of the person's to that paper has come.
func (s *Service) Pending(ctx context.Context, p signin.Person, id, component, upload string) (Pending, error) {
	var u Pending
	if !pg.UUID(id) || !pg.UUID(upload) {
		return u, noUpload()
	}
	err := s.DB.GetContext(ctx, &u, `SELECT id, draft_id, component, name, replaces, length, got, file_id, ends_at FROM uploads
		WHERE id = $1 AND draft_id = $2 AND person_id = $3 AND component = $4 AND ends_at > $5`, upload, id, p.ID, component, s.Now())
	if errors.Is(err, sql.ErrNoRows) {
		return u, noUpload()
	}
	if err != nil {
		return u, fmt.Errorf("upload %s: %w", upload, err)
	}
	return u, nil
}

func noUpload() error { return problem.New(problem.NotFound, "draft.no_upload") }

// Piece takes in what comes at offset: on disk before it returns. With the last byte the
// file is attached as any other, once, however often the end is sent; an empty piece at the
// end asks for that again.
func (s *Service) Piece(ctx context.Context, p signin.Person, id, component, upload string, offset int64, piece []byte) (Pending, error) {
	u, err := s.Pending(ctx, p, id, component, upload)
	if err != nil {
		return u, err
	}
	if offset != u.Got {
		return u, problem.New(problem.Conflict, "draft.upload_offset")
	}
	if offset+int64(len(piece)) > u.Length || len(piece) > MaxPiece {
		return u, problem.New(problem.TooLarge, "draft.upload_too_long")
	}
	if len(piece) > 0 {
		if err := s.storePiece(ctx, &u, piece); err != nil {
			return u, err
		}
	}
	if u.Got == u.Length && u.FileID == nil {
		err = s.complete(ctx, p, &u)
	}
	return u, err
}

// storePiece writes the bytes, then the row. Of two pieces for one place one is taken.
func (s *Service) storePiece(ctx context.Context, u *Pending, piece []byte) error {
	stored, err := s.Blobs.Put(ctx, bytes.NewReader(piece), MaxPiece)
	if err != nil {
		return fmt.Errorf("store a piece: %w", err)
	}
	ends := s.Now().Add(uploadLife)
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE uploads SET got = got + $3, ends_at = $4 WHERE id = $1 AND got = $2`, u.ID, u.Got, stored.Size, ends)
		if err != nil {
			return fmt.Errorf("upload %s: %w", u.ID, err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return problem.New(problem.Conflict, "draft.upload_offset")
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO upload_parts (upload_id, start, size, sha256, blob) VALUES ($1, $2, $3, $4, $5)`,
			u.ID, u.Got, stored.Size, stored.SHA256, stored.Name)
		if err != nil {
			return fmt.Errorf("upload %s: %w", u.ID, err)
		}
		return nil
	})
	if problem.Is(err, problem.Conflict) { // after any other fault the commit may be in doubt: the sweep knows
		s.removeBlobs([]string{stored.Name})
	}
	if err != nil {
		return err
	}
	u.Got, u.EndsAt = u.Got+stored.Size, ends
	return nil
}

// complete attaches the whole file with a key that is the upload's own, then forgets the
// pieces. What is refused is forgotten too.
func (s *Service) complete(ctx context.Context, p signin.Person, u *Pending) error {
	body := &pieces{s: s}
	err := s.DB.SelectContext(ctx, &body.names, `SELECT blob FROM upload_parts WHERE upload_id = $1 ORDER BY start`, u.ID)
	if err != nil {
		return fmt.Errorf("pieces of %s: %w", u.ID, err)
	}
	defer body.Close()
	key := once.Key{Person: fmt.Sprintf("person:%d", p.ID), Key: u.ID, Route: "upload", Body: sha256.Sum256([]byte(u.ID))}
	f, err := s.Attach(ctx, p, u.Draft, Upload{Component: u.Component, Name: u.Name, Body: body, Replaces: u.Replaces}, key)
	if problem.Is(err, problem.Invalid) || problem.Is(err, problem.TooLarge) {
		return errors.Join(err, s.DropUpload(ctx, p, u.Draft, u.Component, u.ID))
	}
	if err != nil {
		return err
	}
	u.FileID = &f.ID
	var gone []string
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE uploads SET file_id = $2 WHERE id = $1`, u.ID, f.ID); err != nil {
			return err
		}
		return tx.SelectContext(ctx, &gone, `DELETE FROM upload_parts WHERE upload_id = $1 RETURNING blob`, u.ID)
	})
	if err != nil {
		return fmt.Errorf("complete upload %s: %w", u.ID, err)
	}
	s.removeBlobs(gone)
	return nil
}

// DropUpload gives an upload up.
func (s *Service) DropUpload(ctx context.Context, p signin.Person, id, component, upload string) error {
	if _, err := s.Pending(ctx, p, id, component, upload); err != nil {
		return err
	}
	return s.dropAll(ctx, `id = $1`, upload)
}

// SweepUploads forgets uploads that had no piece for a day, and what phones were opened for.
func (s *Service) SweepUploads(ctx context.Context, now time.Time) error {
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM phones WHERE ends_at <= $1`, now); err != nil {
		return fmt.Errorf("sweep phones: %w", err)
	}
	return s.dropAll(ctx, `ends_at <= $1`, now)
}

func (s *Service) dropAll(ctx context.Context, where string, args ...any) error {
	var gone []string
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) (err error) {
		gone, err = dropUploads(ctx, tx, where, args...)
		return err
	})
	if err == nil {
		s.removeBlobs(gone)
	}
	return err
}

// dropUploads deletes rows and returns the blobs that can go once that is committed.
func dropUploads(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]string, error) {
	var ids, blobs []string
	if err := tx.SelectContext(ctx, &ids, `SELECT id FROM uploads WHERE `+where+` FOR UPDATE`, args...); err != nil {
		return nil, fmt.Errorf("drop uploads: %w", err)
	}
	if err := tx.SelectContext(ctx, &blobs, `DELETE FROM upload_parts WHERE upload_id = ANY($1::uuid[]) RETURNING blob`, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("drop uploads: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM uploads WHERE id = ANY($1::uuid[])`, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("drop uploads: %w", err)
	}
	return blobs, nil
}

// removeBlobs takes bytes away that no row knows any more; what stays is swept a day later.
func (s *Service) removeBlobs(names []string) {
	for _, name := range names {
		if err := s.Blobs.Remove(name); err != nil {
			s.Log.Warn("blob left without a row", "blob", name, "err", err)
		}
	}
}

// pieces reads one after the other.
type pieces struct {
	s     *Service
	names []string
	open  io.ReadCloser
}

func (r *pieces) Read(b []byte) (int, error) {
	for {
		if r.open == nil {
			if len(r.names) == 0 {
				return 0, io.EOF
			}
			body, _, err := r.s.Blobs.Open(r.names[0])
			if err != nil {
				return 0, err
			}
			r.open, r.names = body, r.names[1:]
		}
		n, err := r.open.Read(b)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		r.open, err = nil, r.open.Close()
		if err != nil {
			return 0, err
		}
	}
}

func (r *pieces) Close() error {
	if r.open == nil {
		return nil
	}
	return r.open.Close()
}
