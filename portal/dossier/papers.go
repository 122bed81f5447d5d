package dossier

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/paper"
	"motcua/portal/pg"
	"motcua/portal/queue"
	"motcua/portal/signin"
)

// The kinds of papers of a dossier.
const (
	Acknowledgement   = "acknowledgement" // Mẫu 01
	SupplementRequest = "supplement"      // Mẫu 02
	Refusal           = "refusal"         // Mẫu 03
	Result            = "result"
)

// Paper is a paper of a dossier: the data it is drawn from, and its bytes once drawn.
type Paper struct {
	ID      string    `db:"id"`
	Dossier string    `db:"dossier_id"`
	Kind    string    `db:"kind"`
	No      int       `db:"no"`
	Number  string    `db:"number"`
	Data    string    `db:"data"`
	Lookup  string    `db:"lookup"`
	At      time.Time `db:"at"`
	Blob    string    `db:"blob"`
	Size    int64     `db:"size"`
	SHA256  []byte    `db:"sha256"`
}

const paperColumns = `id, dossier_id, kind, no, number, data, lookup, at, blob, size, sha256`

func (s *Service) papers(ctx context.Context, id string) ([]Paper, error) {
	var list []Paper
	err := s.DB.SelectContext(ctx, &list, `SELECT `+paperColumns+` FROM papers WHERE dossier_id = $1 ORDER BY at, no`, id)
	if err != nil {
		return nil, fmt.Errorf("papers of %s: %w", id, err)
	}
	return list, nil
}

// add stores a paper's data in the transaction of the deed that makes it; a worker draws it.
func (s *Service) add(ctx context.Context, tx *sqlx.Tx, p Paper, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("paper %s of %s: %w", p.Kind, p.Dossier, err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO papers (id, dossier_id, kind, no, number, data, lookup, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		p.ID, p.Dossier, p.Kind, p.No, p.Number, string(b), p.Lookup, p.At)
	if err != nil {
		return fmt.Errorf("paper %s of %s: %w", p.Kind, p.Dossier, err)
	}
	return queue.Put(ctx, tx, "paper.draw", p.ID, p.At, nil)
}

// draw is the worker's part: the paper's bytes, kept for good.
func (s *Service) draw(ctx context.Context, j queue.Job) error {
	var p Paper
	if err := s.DB.GetContext(ctx, &p, `SELECT `+paperColumns+` FROM papers WHERE id = $1`, j.Subject); err != nil {
		return fmt.Errorf("paper %s: %w", j.Subject, err)
	}
	_, err := s.drawn(ctx, p)
	return err
}

// drawn are the bytes of a paper: the ones kept, or those drawn now from the same data,
// which are the same, and kept.
func (s *Service) drawn(ctx context.Context, p Paper) ([]byte, error) {
	if p.Blob != "" {
		body, _, err := s.Blobs.Open(p.Blob)
		if err != nil {
			return nil, fmt.Errorf("paper %s: %w", p.ID, err)
		}
		defer body.Close()
		return io.ReadAll(body)
	}
	pdf, err := render(p)
	if err != nil {
		return nil, err
	}
	stored, err := s.Blobs.Put(ctx, bytes.NewReader(pdf), int64(len(pdf)))
	if err != nil {
		return nil, fmt.Errorf("paper %s: %w", p.ID, err)
	}
	res, err := s.DB.ExecContext(ctx, `UPDATE papers SET blob = $2, size = $3, sha256 = $4 WHERE id = $1 AND blob = ''`, p.ID, stored.Name, stored.Size, stored.SHA256)
	if err != nil {
		return nil, fmt.Errorf("paper %s: %w", p.ID, err)
	}
	if n, _ := res.RowsAffected(); n == 0 { // somebody else drew it meanwhile: the same bytes
		return pdf, s.Blobs.Remove(stored.Name)
	}
	return pdf, nil
}

// render draws a paper from its stored data.
func render(p Paper) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch p.Kind {
	case Acknowledgement:
		err = drawAs(&b, p.Data, paper.Acknowledgement)
	case SupplementRequest:
		err = drawAs(&b, p.Data, paper.SupplementRequest)
	case Refusal:
		err = drawAs(&b, p.Data, paper.Refusal)
	case Result:
		err = drawAs(&b, p.Data, paper.Result)
	default:
		err = fmt.Errorf("no such kind")
	}
	if err != nil {
		return nil, fmt.Errorf("draw paper %s (%s): %w", p.ID, p.Kind, err)
	}
	return b.Bytes(), nil
}

func drawAs[T any](w io.Writer, data string, draw func(io.Writer, T) error) error {
	var d T
	if err := json.Unmarshal([]byte(data), &d); err != nil {
		return err
	}
	return draw(w, d)
}

// PaperOf is a paper of a dossier that the caller has asked May about, with its bytes.
func (s *Service) PaperOf(ctx context.Context, d Dossier, paperID string) (Paper, []byte, error) {
	if !pg.UUID(paperID) {
		return Paper{}, nil, notFound()
	}
	return s.onePaper(ctx, `dossier_id = $1 AND id = $2`, d.ID, paperID)
}

// OwnPaper is the latest paper of a kind of the person's dossier; a result is had by OwnResult.
func (s *Service) OwnPaper(ctx context.Context, p signin.Person, id, kind string) (Paper, []byte, error) {
	d, err := s.own(ctx, p, id, See)
	if err != nil {
		return Paper{}, nil, err
	}
	if kind == Result {
		return Paper{}, nil, notFound()
	}
	return s.LastPaper(ctx, d, kind)
}

// OwnResult is the result paper of the person's dossier, once it has been returned.
func (s *Service) OwnResult(ctx context.Context, p signin.Person, id, paperID string) (Paper, []byte, error) {
	d, err := s.own(ctx, p, id, See)
	if err != nil {
		return Paper{}, nil, err
	}
	if d.State != Returned {
		return Paper{}, nil, notFound()
	}
	paper, pdf, err := s.PaperOf(ctx, d, paperID)
	if err == nil && paper.Kind != Result {
		return Paper{}, nil, notFound()
	}
	return paper, pdf, err
}

// LastPaper is the latest paper of a kind of a dossier that the caller has asked May about.
func (s *Service) LastPaper(ctx context.Context, d Dossier, kind string) (Paper, []byte, error) {
	return s.onePaper(ctx, `dossier_id = $1 AND kind = $2 ORDER BY no DESC LIMIT 1`, d.ID, kind)
}

func (s *Service) onePaper(ctx context.Context, where string, args ...any) (Paper, []byte, error) {
	var p Paper
	err := s.DB.GetContext(ctx, &p, `SELECT `+paperColumns+` FROM papers WHERE `+where, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return Paper{}, nil, notFound()
	}
	if err != nil {
		return Paper{}, nil, fmt.Errorf("paper: %w", err)
	}
	pdf, err := s.drawn(ctx, p)
	return p, pdf, err
}

// lookupShape is that of what newLookup makes.
var lookupShape = regexp.MustCompile(`^[A-Z0-9]{12}$`)

// Verified is what anyone may know of a paper by the code printed on it.
type Verified struct {
	Kind   string
	Number string
	Code   string
	Agency locales.Text
	At     time.Time
}

// Verify says whether there is a paper with that code, and which.
func (s *Service) Verify(ctx context.Context, lookup string) (Verified, error) {
	if !lookupShape.MatchString(lookup) {
		return Verified{}, notFound()
	}
	var p Paper
	err := s.DB.GetContext(ctx, &p, `SELECT `+paperColumns+` FROM papers WHERE lookup = $1`, lookup)
	if errors.Is(err, sql.ErrNoRows) {
		return Verified{}, notFound()
	}
	if err != nil {
		return Verified{}, fmt.Errorf("verify: %w", err)
	}
	d, err := s.ByID(ctx, p.Dossier)
	if err != nil {
		return Verified{}, err
	}
	return Verified{Kind: p.Kind, Number: p.Number, Code: d.Code, Agency: d.Agency.Name, At: p.At}, nil
}
