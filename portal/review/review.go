// Package review holds what editors send to a second person before it is published. It
// knows no content: a subject is an edit by its kind and id, and an approval is of one
// version of it. Whose subject it is holds its lock and writes the audit log; a deed here
// is part of their transaction.
package review

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// The kinds of what is reviewed.
const (
	Sheet   = "sheet"   // an edit of a procedure's sheet
	Form    = "form"    // an edit of its form
	Batch   = "batch"   // edits of many sheets, looked at as one
	Content = "content" // a text of the site
	Agency  = "agency"  // a merge or split of agencies
)

// The states of a subject. One that was recalled, or never sent, has none.
const (
	StateSent     = "sent"
	StateReturned = "returned"
	StateApproved = "approved"
)

// Subject is what is reviewed: an edit, by its uuid.
type Subject struct {
	Kind string `db:"kind"`
	ID   string `db:"subject"`
}

// Sending is a version of a subject on its way to a second person.
type Sending struct {
	Subject
	Version int
	Title   string
	Link    string  // where it is looked at
	Authors []int64 // all who changed something since the base; who sends is one of them
	Note    string
}

// Review is what became of one sending.
type Review struct {
	Number  int64 `db:"id"`
	Subject       // Kind, ID
	Version int   `db:"version"`
	Title   string
	Link    string
	Authors pq.Int64Array
	Note    string
	SentBy  string     `db:"sent_by"` // names
	SentAt  time.Time  `db:"sent_at"`
	State   string     `db:"state"`
	Decided *time.Time `db:"decided_at"`
	By      string     `db:"decided_by"`
	ByID    int64      `db:"decider"`
	Why     string     `db:"decision"`
}

// Own says whether the officer is one of those who may not decide on it.
func (r Review) Own(o agency.Officer) bool { return slices.Contains(r.Authors, o.ID) }

// most is how many characters a note or a comment may have.
const most = 4000

// may is asked first by every deed. To who does not edit there is nothing here.
func may(o agency.Officer) error {
	if o.Edits() {
		return nil
	}
	return problem.New(problem.NotFound, "review.not_found")
}

func words(text string) error {
	if utf8.RuneCountInString(text) > most {
		return problem.New(problem.Invalid, "review.too_long", locales.N("most", most))
	}
	return nil
}

// Send gives a version to a second person. An older version that still waits waits no
// more; the same one is not sent twice.
func Send(ctx context.Context, tx *sqlx.Tx, by agency.Officer, s Sending, now time.Time) error {
	if err := may(by); err != nil {
		return err
	}
	note := strings.TrimSpace(s.Note)
	if err := words(note); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE reviews SET state = 'superseded', decided_by = $4, decided_at = $5
		WHERE kind = $1 AND subject = $2 AND state IN ('sent', 'approved') AND version < $3::bigint`, s.Kind, s.ID, s.Version, by.ID, now)
	if err != nil {
		return fmt.Errorf("supersede reviews of %s %s: %w", s.Kind, s.ID, err)
	}
	before, err := last(ctx, tx, s.Subject)
	if err != nil {
		return err
	}
	if before.Version == s.Version && (before.State == StateSent || before.State == StateApproved) {
		return problem.New(problem.Conflict, "review.already_sent")
	}
	authors := append(slices.Clone(s.Authors), by.ID)
	slices.Sort(authors)
	_, err = tx.ExecContext(ctx, `INSERT INTO reviews (kind, subject, version, title, link, authors, note, sent_by, sent_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, s.Kind, s.ID, s.Version, s.Title, s.Link, pq.Int64Array(slices.Compact(authors)), note, by.ID, now)
	if pg.Violates(err, "reviews_sent_key") { // two at once, of a subject that nobody locked
		return problem.New(problem.Conflict, "review.already_sent")
	}
	if err != nil {
		return fmt.Errorf("send %s %s to review: %w", s.Kind, s.ID, err)
	}
	return nil
}

// Decide approves the version that waits, or gives it back. Nobody decides on their own.
func Decide(ctx context.Context, tx *sqlx.Tx, by agency.Officer, s Subject, version int, approve bool, note string, now time.Time) error {
	if err := may(by); err != nil {
		return err
	}
	if note = strings.TrimSpace(note); !approve && note == "" {
		return problem.New(problem.Invalid, "review.no_note")
	}
	if err := words(note); err != nil {
		return err
	}
	r, err := lock(ctx, tx, s)
	switch {
	case err != nil:
		return err
	case r.State != StateSent || r.Version != version:
		return problem.New(problem.Conflict, "review.not_waiting")
	case r.Own(by):
		return problem.New(problem.Forbidden, "review.own")
	}
	state := StateReturned
	if approve {
		state = StateApproved
		if err := settled(ctx, tx, s); err != nil {
			return err
		}
	}
	return r.end(ctx, tx, by, state, note, now)
}

// Recall takes a sending back, also one that is approved, as long as its subject was not
// published: whoever calls has looked.
func Recall(ctx context.Context, tx *sqlx.Tx, by agency.Officer, s Subject, now time.Time) error {
	if err := may(by); err != nil {
		return err
	}
	r, err := lock(ctx, tx, s)
	if err != nil {
		return err
	}
	if r.State != StateSent && r.State != StateApproved {
		return problem.New(problem.Conflict, "review.not_waiting")
	}
	return r.end(ctx, tx, by, "recalled", "", now)
}

func (r Review) end(ctx context.Context, tx *sqlx.Tx, by agency.Officer, state, note string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE reviews SET state = $2, decided_by = $3, decided_at = $4, decision = $5 WHERE id = $1`,
		r.Number, state, by.ID, now, note)
	if err != nil {
		return fmt.Errorf("end review %d as %s: %w", r.Number, state, err)
	}
	return nil
}

// Approved is the approval of that very version. Without one it is a Conflict: what was
// changed after the approval has to be sent again.
func Approved(ctx context.Context, q sqlx.QueryerContext, s Subject, version int) (Review, error) {
	r, err := last(ctx, q, s)
	if err != nil {
		return r, err
	}
	if r.State != StateApproved || r.Version != version {
		return Review{}, problem.New(problem.Conflict, "review.not_approved")
	}
	return r, nil
}

const columns = `r.id, r.kind, r.subject, r.version, r.title, r.link, r.authors, r.note, s.name AS sent_by, r.sent_at, r.state,
	r.decided_at, coalesce(d.name, '') AS decided_by, coalesce(r.decided_by, 0) AS decider, r.decision
	FROM reviews r JOIN officers s ON s.id = r.sent_by LEFT JOIN officers d ON d.id = r.decided_by `

// last is the newest sending of a subject, the zero one when there is none.
func last(ctx context.Context, q sqlx.QueryerContext, s Subject) (Review, error) {
	var r Review
	if !pg.UUID(s.ID) {
		return r, problem.New(problem.NotFound, "review.not_found")
	}
	err := sqlx.GetContext(ctx, q, &r, `SELECT `+columns+`WHERE r.subject = $1 AND r.kind = $2 ORDER BY r.id DESC LIMIT 1`, s.ID, s.Kind)
	if errors.Is(err, sql.ErrNoRows) {
		return Review{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("review of %s %s: %w", s.Kind, s.ID, err)
	}
	return r, nil
}

// lock is last, for a deed on it: who comes second sees what the first did.
func lock(ctx context.Context, tx *sqlx.Tx, s Subject) (Review, error) {
	if !pg.UUID(s.ID) {
		return Review{}, problem.New(problem.NotFound, "review.not_found")
	}
	if _, err := tx.ExecContext(ctx, `SELECT FROM reviews WHERE subject = $1 AND kind = $2 FOR UPDATE`, s.ID, s.Kind); err != nil {
		return Review{}, fmt.Errorf("lock the review of %s %s: %w", s.Kind, s.ID, err)
	}
	return last(ctx, tx, s)
}
