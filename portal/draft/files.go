package draft

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"golang.org/x/text/unicode/norm"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/blob"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Limits of attachments (ux UP-8).
const (
	MaxFile    = 20 << 20
	MaxDossier = 50 << 20
	MaxPages   = 30 // of one paper
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
	return filesOf(ctx, q, id, round)
}

func filesOf(ctx context.Context, q sqlx.QueryerContext, id string, round int) ([]File, error) {
	var files []File
	err := sqlx.SelectContext(ctx, q, &files, `SELECT `+fileColumns+` FROM draft_files
		WHERE draft_id = $1 AND round = $2 AND removed_at IS NULL ORDER BY component, position, at`, id, round)
	if err != nil {
		return nil, fmt.Errorf("files of draft %s: %w", id, err)
	}
	return files, nil
}

// Upload is a file as it arrives.
type Upload struct {
	Component string
	Name      string // as the browser called it
	Body      io.Reader
	Replaces  string // id of the file it takes the place of, or empty
	Round     int    // 0, or the supplement request it answers
}

// Attach stores a file of a component: streamed, counted, hashed and on disk before the
// row, the row before the answer. What cannot be taken is refused with the reason.
func (s *Service) Attach(ctx context.Context, p signin.Person, id string, up Upload, key once.Key) (File, error) {
	up.Name = CleanName(up.Name)
	stored, err := s.Blobs.Put(ctx, up.Body, MaxFile)
	if err != nil {
		if problem.Is(err, problem.TooLarge) {
			return File{}, problem.New(problem.TooLarge, "draft.file_too_large", locales.S("name", up.Name), locales.N("max", MaxFile>>20))
		}
		return File{}, fmt.Errorf("store file: %w", err)
	}
	file, err := s.attach(ctx, p, id, up, stored, key)
	if err != nil || file.Blob != stored.Name { // refused, or this press was a repeat
		if removeErr := s.Blobs.Remove(stored.Name); removeErr != nil {
			s.Log.Warn("blob left without a row", "blob", stored.Name, "err", removeErr)
		}
	}
	return file, err
}

func (s *Service) attach(ctx context.Context, p signin.Person, id string, up Upload, stored blob.Info, key once.Key) (File, error) {
	media, pages, err := s.inspect(stored, up.Name)
	if err != nil {
		return File{}, err
	}
	file := File{ID: uuid.NewString(), Round: up.Round, Component: up.Component, Name: up.Name, Media: media, Size: stored.Size,
		Pages: pages, SHA256: stored.SHA256, Blob: stored.Name, At: s.Now()}
	key = BodyKey(key, id, up.Component, up.Name, up.Replaces, hex.EncodeToString(stored.SHA256))
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		answer, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil {
			return err
		}
		d, err := s.Lock(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if done {
			file, err = fileByID(ctx, tx, id, answer)
			return err
		}
		if err := s.insertFile(ctx, tx, d, up, &file); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, file.ID)
	})
	return file, err
}

func (s *Service) insertFile(ctx context.Context, tx *sqlx.Tx, d Draft, up Upload, file *File) error {
	if (d.FiledAt != nil) != (up.Round > 0) {
		return problem.New(problem.Conflict, "draft.filed_already")
	}
	files, err := filesOf(ctx, tx, d.ID, up.Round)
	if err != nil {
		return err
	}
	if up.Round == 0 && !asksFor(d.Run(s.Now()), up.Component) {
		return problem.New(problem.NotFound, "draft.not_found")
	}
	if err := place(files, up, file); err != nil {
		return err
	}
	if up.Replaces != "" {
		if err := removeFile(ctx, tx, d.ID, up.Round, up.Component, up.Replaces, file.At); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO draft_files (id, draft_id, round, component, position, name, media, size, pages, sha256, blob, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		file.ID, d.ID, file.Round, file.Component, file.Position, file.Name, file.Media, file.Size, file.Pages, file.SHA256, file.Blob, file.At)
	if err != nil {
		return fmt.Errorf("insert file: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE drafts SET saved_at = $1, version = version + 1 WHERE id = $2`, file.At, d.ID)
	if err != nil {
		return fmt.Errorf("touch draft: %w", err)
	}
	return nil
}

// place finds the file's position and holds the limits of the paper and of the dossier.
func place(files []File, up Upload, file *File) error {
	var bytes int64
	pages, last := file.Pages, 0
	for _, f := range files {
		if f.ID == up.Replaces {
			file.Position = f.Position
			continue
		}
		bytes += f.Size
		if f.Component == up.Component {
			pages += f.Pages
			last = max(last, f.Position)
		}
	}
	if file.Position == 0 {
		file.Position = last + 1
	}
	if bytes+file.Size > MaxDossier {
		return problem.New(problem.Invalid, "draft.dossier_too_large", locales.S("name", up.Name), locales.N("max", MaxDossier>>20), locales.N("used", bytes>>20))
	}
	if pages > MaxPages {
		return problem.New(problem.Invalid, "draft.too_many_pages", locales.S("name", up.Name), locales.N("max", MaxPages), locales.N("pages", int64(pages)))
	}
	return nil
}

func asksFor(run *eforms.Run, component string) bool {
	for _, c := range run.Components() {
		if c.ID == component {
			return true
		}
	}
	return false
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
	if uuid.Validate(fileID) != nil {
		return problem.New(problem.NotFound, "draft.not_found")
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
		files, err := filesOf(ctx, tx, id, round)
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

func (s *Service) change(ctx context.Context, p signin.Person, id string, round int, do func(tx *sqlx.Tx) error) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		d, err := s.Lock(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if (d.FiledAt != nil) != (round > 0) {
			return problem.New(problem.Conflict, "draft.filed_already")
		}
		if err := do(tx); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE drafts SET version = version + 1 WHERE id = $1`, id)
		return err
	})
}

// OpenFile opens the bytes of a file of the person's own draft.
func (s *Service) OpenFile(ctx context.Context, p signin.Person, id, fileID string) (File, io.ReadSeekCloser, error) {
	if uuid.Validate(id) != nil || uuid.Validate(fileID) != nil {
		return File{}, nil, problem.New(problem.NotFound, "draft.not_found")
	}
	var f File
	err := s.DB.GetContext(ctx, &f, `SELECT f.id, f.round, f.component, f.position, f.name, f.media, f.size, f.pages, f.sha256, f.blob, f.at
		FROM draft_files f JOIN drafts d ON d.id = f.draft_id
		WHERE d.id = $1 AND d.person_id = $2 AND d.deleted_at IS NULL AND f.id = $3 AND f.removed_at IS NULL`, id, p.ID, fileID)
	if errors.Is(err, errNoRows) {
		return File{}, nil, problem.New(problem.NotFound, "draft.not_found")
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

// CleanName makes a name that is safe to show and to send: composed, without folders,
// control or direction marks, at most 150 characters.
func CleanName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, ""))
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r > 0xFFFF {
			return -1
		}
		return r
	}, name)
	runes := []rune(strings.TrimSpace(name))
	if len(runes) > 150 {
		ext := []rune(filepath.Ext(name))
		if len(ext) > 8 {
			ext = nil
		}
		runes = append(runes[:150-len(ext)], ext...)
	}
	if len(runes) == 0 || string(runes) == "." || string(runes) == "/" {
		return "tep"
	}
	return string(runes)
}
