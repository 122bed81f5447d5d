package notification

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/queue"
)

// SMS is a short message to one phone. What it says is worth nothing after Until.
type SMS struct {
	Person int64  // 0: to a phone whose owner has not signed in
	Object string // what it is about: "draft:<uuid>"
	Phone  string
	Body   string
	Until  time.Time
}

// smsKind is the queue's kind of "send this message"; its subject is sms:<id>.
const smsKind = "sms.send"

// CanText says whether messages can be sent from here at all.
func (s *Service) CanText() bool { return s.SMS != nil }

// Text puts a message into the queue, in the caller's transaction, and returns its id.
func (s *Service) Text(ctx context.Context, tx sqlx.ExtContext, m SMS) (string, error) {
	phone, ok := Mobile(m.Phone)
	if !ok {
		return "", problem.New(problem.Invalid, "sms.not_mobile")
	}
	if s.SMS == nil {
		return "", problem.New(problem.Unavailable, "sms.none")
	}
	body := unmarked(oneLine(m.Body))
	segments, wide := Segments(body)
	if wide { // it would not fit anyway: then with its marks
		body = oneLine(m.Body)
		segments, _ = Segments(body)
	}
	id := uuid.NewString()
	_, err := tx.ExecContext(ctx, `INSERT INTO sms (id, person_id, object, phone, body, segments, made_at, until)
		VALUES ($1, nullif($2::bigint, 0), $3, $4, $5, $6, $7, $8)`, id, m.Person, m.Object, pg.Sealed(phone), pg.Sealed(body), segments, s.Now(), m.Until)
	if err != nil {
		return "", fmt.Errorf("keep a message about %s: %w", m.Object, err)
	}
	return id, queue.Put(ctx, tx, smsKind, "sms:"+id, s.Now(), nil)
}

// sendSMS hands one message to the operator. It is the queue's handler: an error means
// "again later". The operator takes the same id once, so a repeat after a lost answer, or
// after the program was killed, is no second message.
func (s *Service) sendSMS(ctx context.Context, j queue.Job) error {
	id, ok := strings.CutPrefix(j.Subject, "sms:")
	if !ok {
		return fmt.Errorf("send: %q names no message", j.Subject)
	}
	var m struct {
		Phone pg.Sealed `db:"phone"`
		Body  pg.Sealed `db:"body"`
		Until time.Time `db:"until"`
		State string    `db:"state"`
	}
	err := s.DB.GetContext(ctx, &m, `SELECT phone, body, until, state FROM sms WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) || err == nil && m.State != waiting {
		return nil
	}
	switch {
	case err != nil:
		return fmt.Errorf("send message %s: %w", id, err)
	case !s.Now().Before(m.Until):
		return s.closeSMS(ctx, id, refused, "too late")
	case s.SMS == nil:
		return s.closeSMS(ctx, id, refused, "no operator")
	}
	answer, err := s.SMS.Send(ctx, id, string(m.Phone), string(m.Body))
	var last refusal
	switch {
	case errors.As(err, &last):
		return s.closeSMS(ctx, id, refused, string(last))
	case err != nil:
		return fmt.Errorf("send message %s: %w", id, err)
	}
	return s.closeSMS(ctx, id, sent, answer)
}

// closeSMS notes the end of a message and forgets what it said.
func (s *Service) closeSMS(ctx context.Context, id, state, answer string) error {
	ctx = context.WithoutCancel(ctx) // what was taken is written down even when the program is being stopped
	_, err := s.DB.ExecContext(ctx, `UPDATE sms SET state = $2, answer = $3, body = $5, sent_at = CASE WHEN $2 = 'sent' THEN $4::timestamptz END
		WHERE id = $1 AND state = 'waiting'`, id, state, answer, s.Now(), pg.Sealed(""))
	if err != nil {
		return fmt.Errorf("send message %s: %w", id, err)
	}
	return nil
}

// SMSState is what has become of the last message about something.
type SMSState struct {
	State string    `db:"state"`
	At    time.Time `db:"made_at"`
	Phone pg.Sealed `db:"phone"`
}

// Ends are the last three digits of the number it went to.
func (m SMSState) Ends() string { return string(m.Phone[max(0, len(m.Phone)-3):]) }

// LastSMS is the last message about an object; zero when there was none.
func (s *Service) LastSMS(ctx context.Context, object string) (SMSState, error) {
	var m SMSState
	err := s.DB.GetContext(ctx, &m, `SELECT state, made_at, phone FROM sms WHERE object = $1 ORDER BY made_at DESC LIMIT 1`, object)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return m, fmt.Errorf("last message about %s: %w", object, err)
	}
	return m, nil
}
