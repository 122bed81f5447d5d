package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/portal/agency"
	"motcua/portal/pg"
)

// Status is how a subject stands: by its last sending, with all that was said about it.
type Status struct {
	State     string // "", sent, returned, approved
	Version   int    // the one that was sent
	SentBy    string
	SentAt    time.Time
	DecidedBy string
	DecidedAt time.Time
	Note      string // of who sent
	Why       string // of who decided
	Authors   []int64
	Comments  []Remark // the oldest first
}

// Stands says whether the state is that of the subject as it is now. What was changed
// since it was sent is neither waiting nor approved.
func (s Status) Stands(state string, version int) bool {
	return s.State == state && s.Version == version
}

// Open are the comments that nobody has answered.
func (s Status) Open() int {
	n := 0
	for _, c := range s.Comments {
		if c.Resolved == nil {
			n++
		}
	}
	return n
}

// Own says whether the officer is one of those who may not decide on it.
func (s Status) Own(o agency.Officer) bool { return Review{Authors: s.Authors}.Own(o) }

// Of is how subjects stand. One that was never sent or commented on has the zero Status.
func Of(ctx context.Context, q sqlx.QueryerContext, subjects ...Subject) (map[Subject]Status, error) {
	ids := make([]string, 0, len(subjects))
	for _, s := range subjects {
		if pg.UUID(s.ID) {
			ids = append(ids, s.ID)
		}
	}
	all := make(map[Subject]Status, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	var sendings []Review
	err := sqlx.SelectContext(ctx, q, &sendings, `SELECT DISTINCT ON (r.kind, r.subject) `+columns+`
		WHERE r.subject = ANY ($1::uuid[]) ORDER BY r.kind, r.subject, r.id DESC`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("reviews: %w", err)
	}
	for _, r := range sendings {
		all[r.Subject] = r.status()
	}
	var remarks []Remark
	err = sqlx.SelectContext(ctx, q, &remarks, `SELECT c.id, c.kind, c.subject, c.version, c.place, c.text, o.name AS by, c.at, c.resolved_at
		FROM review_comments c JOIN officers o ON o.id = c.officer_id WHERE c.subject = ANY ($1::uuid[]) ORDER BY c.id`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("review comments: %w", err)
	}
	for _, c := range remarks {
		st := all[c.Subject]
		st.Comments = append(st.Comments, c)
		all[c.Subject] = st
	}
	return all, nil
}

func (r Review) status() Status {
	st := Status{State: r.State, Version: r.Version, SentBy: r.SentBy, SentAt: r.SentAt, DecidedBy: r.By, Note: r.Note, Why: r.Why, Authors: r.Authors}
	if r.Decided != nil {
		st.DecidedAt = *r.Decided
	}
	if r.State != StateSent && r.State != StateReturned && r.State != StateApproved {
		st.State = ""
	}
	return st
}

// longest is how many reviews the queue shows; what waits longest comes first.
const longest = 500

// Waiting are the reviews that nobody has decided on, those that the officer may decide on
// before their own, each by age.
func Waiting(ctx context.Context, q sqlx.QueryerContext, by agency.Officer) ([]Review, error) {
	if err := may(by); err != nil {
		return nil, err
	}
	var all []Review
	err := sqlx.SelectContext(ctx, q, &all, `SELECT `+columns+`
		WHERE r.state = 'sent' ORDER BY $1::bigint = ANY (r.authors), r.sent_at, r.id LIMIT $2`, by.ID, longest)
	if err != nil {
		return nil, fmt.Errorf("reviews that wait: %w", err)
	}
	return all, nil
}

// ApprovedOf are those of the subjects whose version, by subject, is approved, the longest waiting first.
func ApprovedOf(ctx context.Context, q sqlx.QueryerContext, versions map[Subject]int) ([]Review, error) {
	ids := make([]string, 0, len(versions))
	for s := range versions {
		ids = append(ids, s.ID)
	}
	var all []Review
	err := sqlx.SelectContext(ctx, q, &all, `SELECT `+columns+`
		WHERE r.state = 'approved' AND r.subject = ANY ($1::uuid[]) ORDER BY r.decided_at, r.id`, pq.Array(ids))
	if err != nil {
		return nil, fmt.Errorf("approved reviews: %w", err)
	}
	return slices.DeleteFunc(all, func(r Review) bool { return versions[r.Subject] != r.Version }), nil
}
