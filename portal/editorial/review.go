package editorial

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/review"
)

// subject is what is reviewed here, held for a deed on it: an edit of a sheet or of a form,
// or a batch.
type subject struct {
	review.Subject
	Version int
	Code    string // of the procedure; of a batch none
	Title   string
	Link    string
	authors []int64
}

// object is the subject's name in the audit log.
func object(s review.Subject) string {
	return map[string]string{review.Sheet: "sheet_edit:", review.Form: "form_edit:", review.Batch: "edit_batch:"}[s.Kind] + s.ID
}

// Where a subject is looked at.
const (
	editAt  = "/can-bo/danh-muc/sua/"
	batchAt = "/can-bo/danh-muc/loat/"
	formAt  = "/can-bo/bieu-mau/"
)

// LinkTo is the page where a subject is compared and decided on.
func LinkTo(s review.Subject) string {
	switch s.Kind {
	case review.Form:
		return formAt + s.ID + "/so-sanh"
	case review.Batch:
		return batchAt + s.ID
	}
	return editAt + s.ID + "/so-sanh"
}

// hold locks a subject that is open and at the version.
func (s *Service) hold(ctx context.Context, tx *sqlx.Tx, of review.Subject, version int) (subject, error) {
	held := subject{Subject: of, Version: version, Link: LinkTo(of)}
	switch of.Kind {
	case review.Sheet:
		e, err := s.lock(ctx, tx, of.ID, version)
		if err == nil && e.Batch != "" {
			err = problem.New(problem.Conflict, "editorial.in_batch")
		}
		if err != nil {
			return held, err
		}
		held.Code, held.Title = e.Code, e.Sheet().Name.VI
		held.authors, err = Authors(ctx, tx, of.ID)
		return held, err
	case review.Form:
		e, authors, err := s.Catalogue.LockForm(ctx, tx, of.ID, version)
		if err != nil {
			return held, err
		}
		held.Code, held.authors = e.Code, authors
		rev, err := s.Catalogue.ByID(ctx, e.BaseID)
		if err == nil {
			held.Title = rev.Sheet.Name.VI
		}
		return held, err
	case review.Batch:
		b, err := s.lockBatch(ctx, tx, of.ID, version)
		if err != nil {
			return held, err
		}
		held.Title = b.Title
		err = tx.SelectContext(ctx, &held.authors, `SELECT DISTINCT v.officer_id FROM sheet_versions v JOIN sheet_edits e ON e.id = v.edit_id
			WHERE e.batch_id = $1 UNION SELECT opened_by FROM edit_batches WHERE id = $1 ORDER BY 1`, of.ID)
		return held, err
	}
	return held, problem.New(problem.NotFound, "catalogue.not_found")
}

// onReview carries out a deed on the review of a subject: one transaction, once a key.
func (s *Service) onReview(ctx context.Context, by catalogue.Editing, of review.Subject, version int, deed string, args map[string]any, do func(tx *sqlx.Tx, held subject) error) error {
	if !pg.UUID(of.ID) {
		return problem.New(problem.NotFound, "catalogue.not_found")
	}
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		held, err := s.hold(ctx, tx, of, version)
		if err == nil {
			err = do(tx, held)
		}
		entry := audit.Entry{Deed: "review." + deed, Object: object(of), Args: map[string]any{"version": version}}
		for name, v := range args {
			entry.Args[name] = v
		}
		return "", entry, err
	})
	return err
}

// Send gives the version to a second person, and tells the other editors.
func (s *Service) Send(ctx context.Context, by catalogue.Editing, of review.Subject, version int, note string) error {
	return s.onReview(ctx, by, of, version, "send", nil, func(tx *sqlx.Tx, held subject) error {
		sending := review.Sending{Subject: of, Version: version, Title: held.Title, Link: held.Link, Authors: held.authors, Note: note}
		if err := review.Send(ctx, tx, by.Officer, sending, s.Now()); err != nil {
			return err
		}
		return s.tellEditors(ctx, tx, append(held.authors, by.Officer.ID), telling{Kind: "review_waits", Of: held})
	})
}

// Decide approves the version that waits, or gives it back, and tells its authors.
func (s *Service) Decide(ctx context.Context, by catalogue.Editing, of review.Subject, version int, approve bool, note string) error {
	kind := "review_returned"
	if approve {
		kind = "review_approved"
	}
	return s.onReview(ctx, by, of, version, "decide", map[string]any{"approved": approve}, func(tx *sqlx.Tx, held subject) error {
		if err := review.Decide(ctx, tx, by.Officer, of, version, approve, note, s.Now()); err != nil {
			return err
		}
		return s.tellOfficers(ctx, tx, held.authors, telling{Kind: kind, Of: held})
	})
}

// Recall takes the subject back from review, also when it is approved.
func (s *Service) Recall(ctx context.Context, by catalogue.Editing, of review.Subject, version int) error {
	return s.onReview(ctx, by, of, version, "recall", nil, func(tx *sqlx.Tx, _ subject) error {
		return review.Recall(ctx, tx, by.Officer, of, s.Now())
	})
}

// Comment says something about a place of the subject.
func (s *Service) Comment(ctx context.Context, by catalogue.Editing, of review.Subject, version int, place, text string) error {
	return s.onReview(ctx, by, of, version, "comment", nil, func(tx *sqlx.Tx, _ subject) error {
		return review.Comment(ctx, tx, by.Officer, of, version, place, text, s.Now())
	})
}

// Resolve says that a comment on the subject is answered.
func (s *Service) Resolve(ctx context.Context, by catalogue.Editing, of review.Subject, version int, comment int64) error {
	return s.onReview(ctx, by, of, version, "resolve", map[string]any{"comment": comment}, func(tx *sqlx.Tx, _ subject) error {
		st, err := review.Of(ctx, tx, of)
		if err != nil {
			return err
		}
		for _, c := range st[of].Comments {
			if c.ID == comment {
				return review.Resolve(ctx, tx, by.Officer, comment, s.Now())
			}
		}
		return problem.New(problem.NotFound, "review.not_found")
	})
}

// Status is how the review of a subject stands.
func (s *Service) Status(ctx context.Context, by agency.Officer, of review.Subject) (review.Status, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return review.Status{}, err
	}
	all, err := review.Of(ctx, s.DB, of)
	return all[of], err
}

// Queue are the reviews that wait for somebody.
func (s *Service) Queue(ctx context.Context, by agency.Officer) ([]review.Review, error) {
	return review.Waiting(ctx, s.DB, by)
}

// telling is a word to editors about a subject.
type telling struct {
	Kind string
	Of   subject
	No   int // of the revision, where it is about one
}

func (t telling) key(officer int64) string {
	return t.Kind + ":" + t.Of.ID + ":" + strconv.Itoa(t.Of.Version) + ":" + strconv.FormatInt(officer, 10)
}

func (t telling) args() []locales.Arg {
	code := t.Of.Code
	if code == "" {
		code = t.Of.Title
	}
	return []locales.Arg{locales.S("code", code)}
}

// Approved are the subjects of this room that a second person approved as they stand, and
// that are not published yet, the longest waiting first.
func (s *Service) Approved(ctx context.Context, by agency.Officer) ([]review.Review, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, err
	}
	var open []struct {
		Kind    string `db:"kind"`
		ID      string `db:"id"`
		Version int    `db:"version"`
	}
	err := s.DB.SelectContext(ctx, &open, `
		SELECT 'sheet' AS kind, id, version FROM sheet_edits WHERE closed_at IS NULL AND batch_id IS NULL
		UNION ALL SELECT 'form', id, version FROM form_edits WHERE closed_at IS NULL
		UNION ALL SELECT 'batch', id, version FROM edit_batches WHERE closed_at IS NULL`)
	if err != nil {
		return nil, fmt.Errorf("what is being edited: %w", err)
	}
	versions := map[review.Subject]int{}
	for _, o := range open {
		versions[review.Subject{Kind: o.Kind, ID: o.ID}] = o.Version
	}
	return review.ApprovedOf(ctx, s.DB, versions)
}

// BatchPage is a page of a batch's edits, by code, without their texts.
func (s *Service) BatchPage(ctx context.Context, by agency.Officer, batch string, size, page int) (edits []Edit, more bool, err error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, false, err
	}
	edits, err = s.edits(ctx, s.DB, `WHERE e.batch_id = $1 ORDER BY e.procedure_code LIMIT $2 OFFSET $3`, batch, size+1, (page-1)*size)
	if len(edits) > size {
		return edits[:size], true, err
	}
	return edits, false, err
}
