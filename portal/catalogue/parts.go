package catalogue

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
)

// Parts are a revision's document by the names of its parts. A part that is not there is
// not in the document.
type Parts map[string]json.RawMessage

// The names of parts, by who changes them: editors of the sheet, and editors of the form.
var (
	SheetParts = []string{"sheet", "fees", "terms", "papers", "notices"}
	FormParts  = []string{"form", "tests"}
	AllParts   = []string{"sheet", "form", "fees", "workflow", "terms", "papers", "notices", "tests"}
)

// Terms are the part of that name: the deadlines that are computed with.
type Terms = terms

// Stored is a published document with its place among the revisions.
type Stored struct {
	ID     int64
	Code   string
	No     int
	SHA256 []byte
	From   time.Time // in force from
	Parts  Parts
}

func (d document) parts() (Parts, error) {
	p := Parts{}
	for name, raw := range map[string]json.RawMessage{"sheet": d.Sheet, "form": d.Form, "fees": d.Fees, "workflow": d.Workflow, "papers": d.Papers, "notices": d.Notices} {
		if len(raw) > 0 {
			p[name] = raw
		}
	}
	var err error
	if t := (terms{d.Deadline, d.AnswerWithin}); t != (terms{}) {
		p["terms"], err = json.Marshal(t)
	}
	if err == nil && len(d.Recordings) > 0 {
		p["tests"], err = json.Marshal(d.Recordings)
	}
	return p, err
}

// document puts the parts together. One that says nothing is left out.
func (p Parts) document() (document, error) {
	var t terms
	part := func(name string) json.RawMessage {
		if raw := bytes.TrimSpace(p[name]); !slices.Contains([]string{"", "null", "[]", "{}"}, string(raw)) {
			return raw
		}
		return nil
	}
	d := document{Sheet: part("sheet"), Form: part("form"), Fees: part("fees"), Workflow: part("workflow"), Papers: part("papers"), Notices: part("notices")}
	if raw := part("terms"); raw != nil {
		if err := json.Unmarshal(raw, &t); err != nil {
			return d, fmt.Errorf("terms: %w", err)
		}
	}
	d.Deadline, d.AnswerWithin = t.Deadline, t.AnswerWithin
	if raw := part("tests"); raw != nil {
		if err := json.Unmarshal(raw, &d.Recordings); err != nil {
			return d, fmt.Errorf("tests: %w", err)
		}
	}
	return d, nil
}

// SamePart says whether two texts of a part say the same, however they are written.
func SamePart(a, b json.RawMessage) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	x, err := canonical(a)
	if err != nil {
		return false
	}
	y, err := canonical(b)
	return err == nil && bytes.Equal(x, y)
}

// Sum is the document that a revision of the parts would have, as hashes are taken of it,
// and its hash.
func (p Parts) Sum() (doc, sha []byte, err error) {
	d, err := p.document()
	if err != nil {
		return nil, nil, err
	}
	return sum(d)
}

// Open makes a revision of parts as if they were published: without id, number or day.
func (s *Service) Open(ctx context.Context, p Parts) (*Revision, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	d, err := p.document()
	if err != nil {
		return nil, err
	}
	rev, err := d.open()
	if err != nil {
		return nil, err
	}
	rev.Field = fieldOf(e.fields, rev.Sheet.Field)
	return rev, nil
}

// OpenStored makes the revision of a stored document.
func (s *Service) OpenStored(ctx context.Context, d Stored) (*Revision, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	if rev, ok := e.byID[d.ID]; ok {
		return rev, nil
	}
	rev, err := s.Open(ctx, d.Parts)
	if err != nil {
		return nil, fmt.Errorf("revision %d of %s: %w", d.No, d.Code, err)
	}
	rev.ID, rev.Code, rev.No, rev.SHA256, rev.InForceFrom = d.ID, d.Code, d.No, d.SHA256, d.From.In(locales.ICT)
	return rev, nil
}

// storedOf opens the rows' documents as far as their parts.
func storedOf(rows []row) ([]Stored, error) {
	all := make([]Stored, len(rows))
	for i, r := range rows {
		var d document
		if err := json.Unmarshal([]byte(r.Doc), &d); err != nil {
			return nil, fmt.Errorf("revision %d of %s: %w", r.No, r.Code, err)
		}
		parts, err := d.parts()
		if err != nil {
			return nil, fmt.Errorf("revision %d of %s: %w", r.No, r.Code, err)
		}
		all[i] = Stored{ID: r.ID, Code: r.Code, No: r.No, SHA256: r.SHA256, From: r.From, Parts: parts}
	}
	return all, nil
}

// Newest are the last revisions of procedures, also those that still wait for their day, by
// code. One that was taken back is none.
func (s *Service) Newest(ctx context.Context, q sqlx.QueryerContext, codes ...string) (map[string]Stored, error) {
	var rows []row
	err := sqlx.SelectContext(ctx, q, &rows, `
		SELECT DISTINCT ON (procedure_code) `+columns+` FROM revisions r
		WHERE procedure_code = ANY ($1) AND `+standing+` ORDER BY procedure_code, no DESC`, pq.Array(codes))
	if err != nil {
		return nil, fmt.Errorf("newest revisions: %w", err)
	}
	all, err := storedOf(rows)
	byCode := make(map[string]Stored, len(all))
	for _, one := range all {
		byCode[one.Code] = one
	}
	return byCode, err
}

// StoredByID are revisions by their ids.
func (s *Service) StoredByID(ctx context.Context, q sqlx.QueryerContext, ids ...int64) (map[int64]Stored, error) {
	var rows []row
	err := sqlx.SelectContext(ctx, q, &rows, `SELECT `+columns+` FROM revisions WHERE id = ANY ($1)`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("revisions by id: %w", err)
	}
	all, err := storedOf(rows)
	byID := make(map[int64]Stored, len(all))
	for _, one := range all {
		byID[one.ID] = one
	}
	return byID, err
}

// New is a document that is to be a procedure's next revision.
type New struct {
	Code  string
	Parts Parts
	From  time.Time // in force from; zero: now

	Doc, SHA256 []byte // what Sum gives, where the caller asked already
}

// Lock keeps others from publishing until the transaction is over. Whoever compares with the
// newest revision before publishing takes it first.
func (s *Service) Lock(ctx context.Context, tx *sqlx.Tx) error { return lockNumbers(ctx, tx) }

// Put writes the next revisions of procedures in the caller's transaction and gives what
// became of each, by code. Renew is to be called after the commit.
func (s *Service) Put(ctx context.Context, tx *sqlx.Tx, all []New) (map[string]Stored, error) {
	if err := lockNumbers(ctx, tx); err != nil {
		return nil, err
	}
	codes := make([]string, len(all))
	for i, n := range all {
		codes[i] = n.Code
	}
	last, err := numbers(ctx, tx, codes)
	if err != nil {
		return nil, err
	}
	now := s.Now().Truncate(time.Microsecond) // as PostgreSQL keeps it, never rounded up
	rows := make([]fresh, len(all))
	for i, n := range all {
		canon, sha := n.Doc, n.SHA256
		if canon == nil {
			if canon, sha, err = n.Parts.Sum(); err != nil {
				return nil, fmt.Errorf("%s: %w", n.Code, err)
			}
		}
		from := now
		if n.From.After(now) {
			from = n.From
		}
		rows[i] = fresh{n.Code, last[n.Code] + 1, canon, hex.EncodeToString(sha), from}
	}
	if err := putRevisions(ctx, tx, rows); err != nil {
		return nil, err
	}
	return put(ctx, tx, codes)
}

// numbers are the last numbers of procedures, those of revisions that were taken back too.
func numbers(ctx context.Context, tx *sqlx.Tx, codes []string) (map[string]int, error) {
	var rows []lastRow
	err := tx.SelectContext(ctx, &rows, `SELECT procedure_code, max(no) AS no FROM revisions WHERE procedure_code = ANY ($1) GROUP BY procedure_code`, pq.Array(codes))
	if err != nil {
		return nil, fmt.Errorf("numbers of revisions: %w", err)
	}
	last := make(map[string]int, len(rows))
	for _, r := range rows {
		last[r.Code] = r.No
	}
	return last, nil
}

// put is what was just written, without the documents.
func put(ctx context.Context, tx *sqlx.Tx, codes []string) (map[string]Stored, error) {
	var rows []row
	err := tx.SelectContext(ctx, &rows, `
		SELECT DISTINCT ON (procedure_code) id, procedure_code, no, sha256, in_force_from FROM revisions
		WHERE procedure_code = ANY ($1) ORDER BY procedure_code, no DESC`, pq.Array(codes))
	if err != nil {
		return nil, fmt.Errorf("new revisions: %w", err)
	}
	byCode := make(map[string]Stored, len(rows))
	for _, r := range rows {
		byCode[r.Code] = Stored{ID: r.ID, Code: r.Code, No: r.No, SHA256: r.SHA256, From: r.From}
	}
	return byCode, nil
}

// ProcedureCode says whether a text is written as a procedure's code.
func ProcedureCode(code string) bool { return procedureCode.MatchString(code) }

// FieldsNow are the fields of state management by code. Not to be changed.
func (s *Service) FieldsNow(ctx context.Context) (map[string]Field, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return e.fields, nil
}

// Waiting are the revisions that are published for later, the earliest first. For editors.
func (s *Service) Waiting(ctx context.Context) ([]*Revision, error) {
	e, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return e.waiting, nil
}
