package draft

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"golang.org/x/text/unicode/norm"

	"motcua/locales"
	"motcua/portal/blob"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signature"
	"motcua/portal/signin"
)

// Limits of attachments (ux UP-8).
const (
	MaxFile    = 20 << 20
	MaxDossier = 50 << 20
	MaxPages   = 30 // of one paper
)

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
	known, err := s.Known(ctx, p, id) // not a byte is stored for somebody else's
	if err != nil {
		return File{}, err
	}
	up.Name = CleanName(up.Name)
	stored, err := s.Blobs.Put(ctx, up.Body, MaxFile)
	if err != nil {
		return File{}, tooLarge(err, up.Name)
	}
	file, kept, err := s.attach(ctx, p, known, up, stored, key)
	if !kept { // refused, or this press was a repeat
		if removeErr := s.Blobs.Remove(stored.Name); removeErr != nil {
			s.Log.Warn("blob left without a row", "blob", stored.Name, "err", removeErr)
		}
	}
	return file, err
}

// tooLarge says of a file over the limit which it is.
func tooLarge(err error, name string) error {
	if problem.Is(err, problem.TooLarge) {
		return problem.New(problem.TooLarge, "draft.file_too_large", locales.S("name", name), locales.N("max", MaxFile>>20))
	}
	return fmt.Errorf("store file: %w", err)
}

// attach is kept from the moment its row is ready to be committed: a connection that breaks
// during the commit leaves it open whether the row is there, and a row without bytes is
// worse than bytes without a row.
func (s *Service) attach(ctx context.Context, p signin.Person, known Draft, up Upload, stored blob.Info, key once.Key) (file File, kept bool, err error) {
	is, err := s.inspect(ctx, stored, up.Name)
	if err != nil {
		return File{}, false, err
	}
	file = File{ID: uuid.NewString(), Round: up.Round, Component: up.Component, Name: up.Name, Media: is.media, Size: stored.Size,
		Pages: is.pages, SHA256: stored.SHA256, Blob: stored.Name, At: s.Now()}
	file.Signatures.V = append([]signature.Signature{}, is.signatures...) // never null
	key = BodyKey(key, known.ID, up.Component, up.Name, up.Replaces, hex.EncodeToString(stored.SHA256))
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		answer, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil {
			return err
		}
		d, err := s.Lock(ctx, tx, p, known)
		if err != nil {
			return err
		}
		if done {
			file, err = fileByID(ctx, tx, d.ID, answer)
			return err
		}
		if err := s.insertFile(ctx, tx, d, up, &file); err != nil {
			return err
		}
		err = once.Finish(ctx, tx, key, file.ID)
		kept = err == nil
		return err
	})
	if err != nil {
		return File{}, kept, err
	}
	return file, kept, nil
}

func (s *Service) insertFile(ctx context.Context, tx *sqlx.Tx, d Draft, up Upload, file *File) error {
	if !d.takes(up.Round) {
		return problem.New(problem.Conflict, "draft.filed_already")
	}
	most, err := s.mostFiles(d, up)
	if err != nil {
		return err
	}
	files, err := FilesOf(ctx, tx, d.ID, up.Round)
	if err != nil {
		return err
	}
	if err := place(files, up, most, file); err != nil {
		return err
	}
	if up.Replaces != "" {
		if err := removeFile(ctx, tx, d.ID, up.Round, up.Component, up.Replaces, file.At); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO draft_files (id, draft_id, round, component, position, name, media, size, pages, sha256, blob, signatures, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		file.ID, d.ID, file.Round, file.Component, file.Position, file.Name, file.Media, file.Size, file.Pages, file.SHA256, file.Blob, file.Signatures, file.At)
	if err != nil {
		return fmt.Errorf("insert file: %w", err)
	}
	if err := s.touch(ctx, tx, d.ID); err != nil {
		return err
	}
	return s.queueCopies(ctx, tx, paperAt{d.ID, up.Round, up.Component})
}

// mostFiles is how many files the paper takes; one that the form does not ask for now is
// not found. What answers a supplement request is bounded by its pages alone.
func (s *Service) mostFiles(d Draft, up Upload) (int, error) {
	if up.Round > 0 {
		return MaxPages, nil
	}
	for _, c := range d.Run(s.Now()).Components() {
		if c.ID == up.Component {
			return cmp.Or(c.MaxFiles, MaxPages), nil
		}
	}
	return 0, notFound()
}

// place finds the file's position and holds the limits of the paper and of the dossier.
func place(files []File, up Upload, most int, file *File) error {
	var bytes int64
	pages, last, count := file.Pages, 0, 1
	for _, f := range files {
		if f.ID == up.Replaces && f.Component == up.Component {
			file.Position = f.Position
			continue
		}
		bytes += f.Size
		if f.Component == up.Component {
			pages, count = pages+f.Pages, count+1
			last = max(last, f.Position)
		}
	}
	if file.Position == 0 {
		file.Position = last + 1
	}
	name := locales.S("name", up.Name)
	switch {
	case bytes+file.Size > MaxDossier:
		return problem.New(problem.Invalid, "draft.dossier_too_large", name, locales.N("max", MaxDossier>>20), locales.N("used", bytes>>20))
	case pages > MaxPages:
		return problem.New(problem.Invalid, "draft.too_many_pages", name, locales.N("max", MaxPages), locales.N("pages", int64(pages)))
	case count > most:
		return problem.New(problem.Invalid, "draft.too_many_files", name, locales.N("max", int64(most)))
	}
	return nil
}

// CleanName makes a name that is safe to show and to send: composed, without folders,
// control or direction marks, at most 150 characters.
func CleanName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r > 0xFFFF {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(strings.TrimSpace(name), ".")
	if name == "" {
		return "tep"
	}
	if runes := []rune(name); len(runes) > 150 {
		ext := []rune(filepath.Ext(name))
		if len(ext) > 8 {
			ext = nil
		}
		name = string(append(runes[:150-len(ext)], ext...))
	}
	return name
}

// Judged is a file that came with something else than a dossier: judged as one of a dossier
// is, its bytes on disk, its row the caller's to write.
type Judged struct {
	Name   string
	Media  string
	Pages  int
	Size   int64
	SHA256 []byte
	Blob   string
}

// Judge stores a file and looks into it. What cannot be taken is refused with the reason,
// and its bytes are gone.
func (s *Service) Judge(ctx context.Context, body io.Reader, name string) (Judged, error) {
	j := Judged{Name: CleanName(name)}
	stored, err := s.Blobs.Put(ctx, body, MaxFile)
	if problem.Is(err, problem.TooLarge) {
		return Judged{}, problem.New(problem.TooLarge, "draft.file_too_large", locales.S("name", j.Name), locales.N("max", MaxFile>>20))
	}
	if err != nil {
		return Judged{}, fmt.Errorf("store file: %w", err)
	}
	j.Size, j.SHA256, j.Blob = stored.Size, stored.SHA256, stored.Name
	is, err := s.inspect(ctx, stored, j.Name)
	if err != nil {
		s.Discard(j)
		return Judged{}, err
	}
	j.Media, j.Pages = is.media, is.pages
	return j, nil
}

// Discard takes away the bytes of a judged file that got no row.
func (s *Service) Discard(j Judged) {
	if err := s.Blobs.Remove(j.Blob); err != nil {
		s.Log.Warn("blob left without a row", "blob", j.Blob, "err", err)
	}
}

// OpenBlob opens bytes whose row the caller has.
func (s *Service) OpenBlob(name string) (io.ReadSeekCloser, error) {
	body, _, err := s.Blobs.Open(name)
	return body, err
}
