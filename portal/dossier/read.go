package dossier

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signature"
	"motcua/portal/signin"
)

// Attachment is a filed file.
type Attachment struct {
	ID        string    `db:"id"`
	Filing    int       `db:"filing"`
	Component string    `db:"component"`
	Position  int       `db:"position"`
	Name      string    `db:"name"`
	Media     string    `db:"media"`
	Size      int64     `db:"size"`
	Pages     int       `db:"pages"`
	SHA256    []byte    `db:"sha256"`
	Blob      string    `db:"blob"`
	At        time.Time `db:"at"`
	VaultID   string    `db:"vault_id"` // the earlier paper that it is, or none

	Signatures pg.JSONOf[[]signature.Signature] `db:"signatures"`
}

// Image says whether a browser can show it as a picture.
func (a Attachment) Image() bool { return strings.HasPrefix(a.Media, "image/") }

// Whole is a dossier with what was filed and what happened.
type Whole struct {
	Dossier
	Filings     []Filing
	Attachments []Attachment
	Events      []Event
	Papers      []Paper
	Request     *Request // the last supplement request, if there is one
}

// First is what was filed first.
func (w Whole) First() Filing {
	if len(w.Filings) == 0 {
		return Filing{}
	}
	return w.Filings[0]
}

// Run is the form as filed last, for showing.
func (w Whole) Run(lists map[string][]eforms.Option) *eforms.Run {
	last := w.Filings[len(w.Filings)-1]
	return &eforms.Run{Form: w.Revision.Form, Answers: last.Answers, Facts: last.Facts, Lists: lists, Today: last.At.In(locales.ICT)}
}

// OfPerson reads a dossier of the person's whole. Another's is not found.
func (s *Service) OfPerson(ctx context.Context, p signin.Person, id string) (Whole, error) {
	d, err := s.own(ctx, p, id, See)
	if err != nil {
		return Whole{}, err
	}
	return s.Whole(ctx, d)
}

// Whole reads the rest of a dossier; who may see it is the caller's to have asked.
func (s *Service) Whole(ctx context.Context, d Dossier) (Whole, error) {
	w := Whole{Dossier: d}
	var err error
	if w.Filings, err = s.filings(ctx, s.DB, d.ID); err != nil {
		return Whole{}, err
	}
	if w.Attachments, err = s.attachments(ctx, d.ID); err != nil {
		return Whole{}, err
	}
	if w.Events, err = s.Events(ctx, d.ID); err != nil {
		return Whole{}, err
	}
	if w.Papers, err = s.papers(ctx, d.ID); err != nil {
		return Whole{}, err
	}
	w.Request, err = s.request(ctx, s.DB, d.ID)
	return w, err
}

func (s *Service) filings(ctx context.Context, q sqlx.QueryerContext, id string) ([]Filing, error) {
	var rows []struct {
		No      int                       `db:"no"`
		Answers pg.JSONOf[eforms.Answers] `db:"answers"`
		Facts   pg.Sealed                 `db:"facts"`
		Sources pg.JSONOf[draft.Sources]  `db:"sources"`
		SHA256  []byte                    `db:"sha256"`
		At      time.Time                 `db:"at"`
	}
	err := sqlx.SelectContext(ctx, q, &rows, `SELECT no, answers, facts, sources, sha256, at FROM filings WHERE dossier_id = $1 ORDER BY no`, id)
	if err != nil {
		return nil, fmt.Errorf("filings of %s: %w", id, err)
	}
	list := make([]Filing, len(rows))
	for i, r := range rows {
		facts, err := draft.OpenFacts(r.Facts)
		if err != nil {
			return nil, fmt.Errorf("facts of %s: %w", id, err)
		}
		list[i] = Filing{No: r.No, Answers: r.Answers.V, Facts: facts, Sources: r.Sources.V, SHA256: r.SHA256, At: r.At}
	}
	return list, nil
}

const attachmentColumns = `id, filing, component, position, name, media, size, pages, sha256, blob, signatures, at, coalesce(vault_id::text, '') AS vault_id`

func (s *Service) attachments(ctx context.Context, id string) ([]Attachment, error) {
	var list []Attachment
	err := s.DB.SelectContext(ctx, &list, `SELECT `+attachmentColumns+` FROM attachments WHERE dossier_id = $1
		ORDER BY filing, component, position`, id)
	if err != nil {
		return nil, fmt.Errorf("attachments of %s: %w", id, err)
	}
	return list, nil
}

// Attachment opens a filed file of the person's dossier, byte for byte as it was received.
func (s *Service) Attachment(ctx context.Context, p signin.Person, id, fileID string) (Attachment, io.ReadSeekCloser, error) {
	d, err := s.own(ctx, p, id, See)
	if err != nil {
		return Attachment{}, nil, err
	}
	return s.OpenAttachment(ctx, d, fileID)
}

// OpenAttachment opens a file of a dossier that the caller has asked May about.
func (s *Service) OpenAttachment(ctx context.Context, d Dossier, fileID string) (Attachment, io.ReadSeekCloser, error) {
	if !pg.UUID(fileID) {
		return Attachment{}, nil, notFound()
	}
	var a Attachment
	err := s.DB.GetContext(ctx, &a, `SELECT `+attachmentColumns+` FROM attachments WHERE dossier_id = $1 AND id = $2`, d.ID, fileID)
	if errors.Is(err, sql.ErrNoRows) {
		return Attachment{}, nil, notFound()
	}
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("attachment %s: %w", fileID, err)
	}
	body, _, err := s.Blobs.Open(a.Blob)
	if err != nil {
		return Attachment{}, nil, fmt.Errorf("attachment %s: %w", fileID, err)
	}
	return a, body, nil
}

// OpenJoined opens the working copy of a paper that was filed; of one that stayed behind
// with the draft there is none here.
func (s *Service) OpenJoined(ctx context.Context, d Dossier, filing int, component string) (draft.Joined, io.ReadSeekCloser, error) {
	var filed bool
	err := s.DB.GetContext(ctx, &filed, `SELECT EXISTS (SELECT FROM attachments
		WHERE dossier_id = $1 AND filing = $2 AND component = $3 AND media LIKE 'image/%')`, d.ID, filing, component)
	if err != nil {
		return draft.Joined{}, nil, fmt.Errorf("working copy of %s: %w", d.ID, err)
	}
	if !filed {
		return draft.Joined{}, nil, notFound()
	}
	return s.Drafts.JoinedAt(ctx, d.ID, filing-1, component)
}

// Tracked is what anyone may see who knows the code and the last four digits.
type Tracked struct {
	Code      string
	Procedure locales.Text
	Agency    locales.Text
	State     State
	FiledAt   time.Time
	DueAt     *time.Time
	Events    []Event // kinds and times only
}

// Limits of tracking: tries of one address and tries of one code, an hour.
const (
	tracksPerAddress = 30
	tracksPerCode    = 10
)

var (
	codeShape   = regexp.MustCompile(`^[A-Z0-9.]{1,40}-\d{6}-\d{4,6}$`)
	digitsShape = regexp.MustCompile(`^\d{4}$`)
)

// Track finds a dossier by its printed code and the last four digits of the owner's number.
// A wrong code and wrong digits are the same answer.
func (s *Service) Track(ctx context.Context, code, digits, ip string) (Tracked, error) {
	unknown := problem.New(problem.NotFound, "track.unknown")
	code = strings.ToUpper(strings.Join(strings.Fields(code), ""))
	if err := s.try(ctx, "track.address", ip, tracksPerAddress); err != nil {
		return Tracked{}, err
	}
	if !codeShape.MatchString(code) || !digitsShape.MatchString(digits) {
		return Tracked{}, unknown
	}
	if err := s.try(ctx, "track.code", code, tracksPerCode); err != nil {
		return Tracked{}, err
	}
	list, err := s.Query(ctx, s.DB, Select+`WHERE d.code = $1`, code)
	if err != nil {
		return Tracked{}, err
	}
	if len(list) == 0 || !strings.HasSuffix(strings.ReplaceAll(list[0].OwnerNumber, "-", ""), digits) {
		return Tracked{}, unknown
	}
	d := list[0]
	t := Tracked{Code: d.Code, Procedure: d.Revision.Sheet.Name, Agency: d.Agency.Name, State: d.State, FiledAt: d.FiledAt, DueAt: d.DueAt}
	events, err := s.Events(ctx, d.ID)
	for _, e := range events {
		t.Events = append(t.Events, Event{At: e.At, Kind: e.Kind, From: e.From, To: e.To})
	}
	return t, err
}

// try counts a try under a limit of an hour.
func (s *Service) try(ctx context.Context, limit, key string, most int) error {
	allowed, err := pg.Allow(ctx, s.DB, limit, key, most, time.Hour, s.Now())
	if err != nil {
		return err
	}
	if !allowed {
		return problem.New(problem.TooMany, "track.too_many")
	}
	return nil
}
