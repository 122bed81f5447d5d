package content

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/audit"
	"motcua/portal/catalogue"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
	"motcua/portal/review"
)

// Send gives a version to a second person. What could not be published is not sent.
func (s *Service) Send(ctx context.Context, by catalogue.Editing, id string, version int, note string) error {
	knows, err := s.Knows(ctx)
	if err != nil {
		return err
	}
	_, err = s.do(ctx, by, id, version, "content.send", func(tx *sqlx.Tx, e Edit) (string, error) {
		if err := ready(e, knows); err != nil {
			return "", err
		}
		var authors []int64
		err := tx.SelectContext(ctx, &authors, `SELECT DISTINCT officer_id FROM content_versions WHERE edit_id = $1 ORDER BY 1`, id)
		if err != nil {
			return "", fmt.Errorf("authors of content edit %s: %w", id, err)
		}
		return "", review.Send(ctx, tx, by.Officer, review.Sending{Subject: e.Subject(), Version: e.Version, Title: e.Doc.V.Title.VI, Link: Link(id), Authors: authors, Note: note}, s.Now())
	})
	return err
}

// ready says what keeps an edit from being published.
func ready(e Edit, knows func(string) bool) error {
	switch {
	case Refused(Check(e.Kind, e.Doc.V, knows)):
		return problem.New(problem.Invalid, "content.refused")
	case e.Moved() && e.Kind != Words: // of words everything that differs from now is shown
		return problem.New(problem.Conflict, "content.moved")
	}
	return nil
}

// Decide approves the version that waits, or gives it back. Nobody decides on their own.
func (s *Service) Decide(ctx context.Context, by catalogue.Editing, id string, version int, approve bool, note string) error {
	deed := map[bool]string{true: "content.approve", false: "content.return"}[approve]
	_, err := s.do(ctx, by, id, version, deed, func(tx *sqlx.Tx, e Edit) (string, error) {
		return "", review.Decide(ctx, tx, by.Officer, e.Subject(), version, approve, note, s.Now())
	})
	return err
}

// Comment says something about a place of an edit.
func (s *Service) Comment(ctx context.Context, by catalogue.Editing, id string, version int, place, text string) error {
	_, err := s.do(ctx, by, id, version, "content.comment", func(tx *sqlx.Tx, e Edit) (string, error) {
		return "", review.Comment(ctx, tx, by.Officer, e.Subject(), version, place, text, s.Now())
	})
	return err
}

// Resolve says that a comment is answered.
func (s *Service) Resolve(ctx context.Context, by catalogue.Editing, id string, version int, comment int64) error {
	_, err := s.do(ctx, by, id, version, "content.resolve", func(tx *sqlx.Tx, e Edit) (string, error) {
		known, err := review.Of(ctx, tx, e.Subject())
		if err != nil {
			return "", err
		}
		for _, c := range known[e.Subject()].Comments {
			if c.ID == comment {
				return "", review.Resolve(ctx, tx, by.Officer, comment, s.Now())
			}
		}
		return "", problem.New(problem.NotFound, "review.not_found")
	})
	return err
}

// Recall takes a sending back.
func (s *Service) Recall(ctx context.Context, by catalogue.Editing, id string, version int) error {
	_, err := s.do(ctx, by, id, version, "content.recall", func(tx *sqlx.Tx, e Edit) (string, error) {
		return "", review.Recall(ctx, tx, by.Officer, e.Subject(), s.Now())
	})
	return err
}

// Publishing is how an edit becomes a revision.
type Publishing struct {
	Version int
	Note    string
	From    time.Time // shown from; zero: now
}

// Publish makes the approved version the text's next revision, shown now or later, and
// closes the edit.
func (s *Service) Publish(ctx context.Context, by catalogue.Editing, id string, p Publishing) (int, error) {
	if p.Note = strings.TrimSpace(p.Note); p.Note == "" {
		return 0, problem.New(problem.Invalid, "content.no_note")
	}
	if !p.From.IsZero() && p.From.Before(s.Now()) {
		return 0, problem.New(problem.Invalid, "content.past")
	}
	knows, err := s.Knows(ctx)
	if err != nil {
		return 0, err
	}
	words := false
	answer, err := s.do(ctx, by, id, p.Version, "content.publish", func(tx *sqlx.Tx, e Edit) (string, error) {
		words = e.Kind == Words
		no, err := s.publish(ctx, tx, by, e, p, knows)
		return strconv.Itoa(no), err
	})
	if err != nil {
		return 0, err
	}
	s.renew(ctx)
	if words {
		s.Catalogue.Renew(ctx)
	}
	return strconv.Atoi(answer)
}

func (s *Service) publish(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, e Edit, p Publishing, knows func(string) bool) (int, error) {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('content.publish'))`); err != nil {
		return 0, fmt.Errorf("lock the numbers of revisions: %w", err)
	}
	approved, err := review.Approved(ctx, tx, e.Subject(), e.Version)
	if err != nil {
		return 0, err
	}
	if e, err = edit(ctx, tx, e.ID); err != nil { // its newest revision may have come before the lock
		return 0, err
	}
	if err := ready(e, knows); err != nil {
		return 0, err
	}
	now := s.Now().Truncate(time.Microsecond) // as PostgreSQL keeps it, never rounded up
	from := now
	if !p.From.IsZero() {
		from = p.From
	}
	no := e.LastNo + 1
	_, err = tx.ExecContext(ctx, `
		INSERT INTO content_revisions (content_id, no, doc, sha256, in_force_from, edit_id, note, published_by, approved_by, made_at)
		VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7, $8, $9, $10)`,
		e.ContentID, no, e.Doc.V.marshal(), e.Doc.V.sum(), from, e.ID, p.Note, by.Officer.ID, approved.ByID, now)
	if err != nil {
		return 0, fmt.Errorf("publish content edit %s: %w", e.ID, err)
	}
	if e.Kind == Words {
		if err := s.apply(ctx, tx, e.Doc.V, from, now); err != nil {
			return 0, err
		}
	}
	return no, s.close(ctx, tx, by, e, no)
}

// wordsKind is the job that gives the search its words when their time has come.
const wordsKind = "content.words"

func (s *Service) apply(ctx context.Context, tx *sqlx.Tx, d Doc, from, now time.Time) error {
	if from.After(now) {
		return queue.Put(ctx, tx, wordsKind, TheWords+" "+from.UTC().Format(time.RFC3339Nano), from, nil)
	}
	return catalogue.PutSynonyms(ctx, tx, d.Words)
}

// Handlers are the work that is done later.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{wordsKind: s.bringWords}
}

// bringWords gives the search the words of the newest list whose time has come. It may be
// done twice.
func (s *Service) bringWords(ctx context.Context, _ queue.Job) error {
	err := pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		var doc []pg.JSONOf[Doc]
		err := tx.SelectContext(ctx, &doc, `
			SELECT r.doc FROM content_revisions r JOIN contents c ON c.id = r.content_id LEFT JOIN content_withdrawals w ON w.revision_id = r.id
			WHERE c.kind = $1 AND r.in_force_from <= $2 AND w.at IS NULL ORDER BY r.no DESC LIMIT 1`, Words, s.Now())
		if err != nil || len(doc) == 0 {
			return err
		}
		return catalogue.PutSynonyms(ctx, tx, doc[0].V.Words)
	})
	if err != nil {
		return fmt.Errorf("words of the search: %w", err)
	}
	s.Catalogue.Renew(ctx)
	return nil
}

// Withdraw keeps a revision that waits from ever coming, or takes the text off that people
// see. It needs no second person: what is wrong is off at once.
func (s *Service) Withdraw(ctx context.Context, by catalogue.Editing, kind, slug string, no int, why string) error {
	if err := catalogue.MayEdit(by.Officer); err != nil {
		return err
	}
	if why = strings.TrimSpace(why); why == "" {
		return problem.New(problem.Invalid, "content.no_why")
	}
	_, err := by.Do(ctx, s.DB, s.Now(), func(tx *sqlx.Tx) (string, audit.Entry, error) {
		id, err := s.idOf(ctx, tx, kind, slug)
		if err == nil {
			err = s.withdraw(ctx, tx, by, id, kind, no, why)
		}
		return "", audit.Entry{Deed: "content.withdraw", Object: fmt.Sprintf("content:%d", id), Args: map[string]any{"revision": no}}, err
	})
	if err != nil {
		return err
	}
	s.renew(ctx)
	return nil
}

func (s *Service) withdraw(ctx context.Context, tx *sqlx.Tx, by catalogue.Editing, id int64, kind string, no int, why string) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('content.publish'))`); err != nil {
		return fmt.Errorf("lock the numbers of revisions: %w", err)
	}
	var rows []row
	err := tx.SelectContext(ctx, &rows, `SELECT r.id, r.no, r.in_force_from, w.at AS withdrawn FROM content_revisions r
		LEFT JOIN content_withdrawals w ON w.revision_id = r.id WHERE r.content_id = $1 ORDER BY r.no DESC`, id)
	if err != nil {
		return fmt.Errorf("revisions of content %d: %w", id, err)
	}
	now := s.Now()
	for _, r := range rows {
		switch shown := r.counts(now); {
		case r.No == no && r.Withdrawn == nil && (r.From.After(now) || shown && kind != Words):
			_, err := tx.ExecContext(ctx, `INSERT INTO content_withdrawals (revision_id, officer_id, at, why) VALUES ($1, $2, $3, $4)`, r.ID, by.Officer.ID, now, why)
			if err != nil {
				return fmt.Errorf("withdraw revision %d: %w", r.ID, err)
			}
			return nil
		case shown: // those below are over
			return problem.New(problem.Conflict, "content.not_shown")
		}
	}
	return problem.New(problem.NotFound, "content.not_found")
}
