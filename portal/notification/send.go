package notification

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"motcua/locales"
	"motcua/portal/queue"
)

// The states of a letter.
const (
	waiting = "waiting"
	sent    = "sent"
	refused = "refused" // by the mail server or by ourselves, for good
)

// maxUnsure is how often a letter may be handed over without hearing the end of it: the
// connection broke, or the program was killed, after the server may have taken it. A
// reader sees a letter three times at worst, each time under the same Message-ID.
const maxUnsure = 3

// errUnsure is a hand-over of which the server's last word is missing.
var errUnsure = errors.New("handed over without an answer")

// refusal is the server's last word on a letter that it will never take.
type refusal string

func (r refusal) Error() string { return "refused: " + string(r) }

type letter struct {
	ID      string    `db:"id"`
	Address string    `db:"address"`
	Subject string    `db:"subject"`
	Body    string    `db:"body"`
	Lang    string    `db:"lang"`
	MadeAt  time.Time `db:"made_at"`
	State   string    `db:"state"`
	Unsure  int       `db:"unsure"`
}

// Send hands one letter to the mail server. It is the queue's handler: an error means
// "again later"; a letter that was sent or refused is left alone.
func (s *Service) Send(ctx context.Context, j queue.Job) error {
	id, ok := strings.CutPrefix(j.Subject, "letter:")
	if !ok {
		return fmt.Errorf("send: %q names no letter", j.Subject)
	}
	var l letter
	err := s.DB.GetContext(ctx, &l, `SELECT id, address, subject, body, lang, made_at, state, unsure FROM letters WHERE id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) { // its term is over
		return nil
	}
	if err != nil {
		return fmt.Errorf("send letter %s: %w", id, err)
	}
	if l.State != waiting {
		return nil
	}
	if l.Unsure >= maxUnsure {
		return s.close(ctx, id, refused, errUnsure.Error())
	}
	// Counted before the hand-over: a program that is killed in it leaves the count behind.
	if err := s.count(ctx, id, +1); err != nil {
		return err
	}
	return s.settle(ctx, id, s.deliver(ctx, l))
}

// settle writes down what the mail server said.
func (s *Service) settle(ctx context.Context, id string, err error) error {
	var last refusal
	switch {
	case err == nil:
		return s.close(ctx, id, sent, "")
	case errors.As(err, &last):
		return s.close(ctx, id, refused, string(last))
	case errors.Is(err, errUnsure):
		return fmt.Errorf("send letter %s: %w", id, err)
	}
	if uncount := s.count(context.WithoutCancel(ctx), id, -1); uncount != nil {
		return uncount
	}
	return fmt.Errorf("send letter %s: %w", id, err)
}

func (s *Service) count(ctx context.Context, id string, by int) error {
	_, err := s.DB.ExecContext(ctx, `UPDATE letters SET unsure = unsure + $2 WHERE id = $1 AND state = 'waiting'`, id, by)
	if err != nil {
		return fmt.Errorf("send letter %s: %w", id, err)
	}
	return nil
}

func (s *Service) close(ctx context.Context, id, state, answer string) error {
	// What the server took is written down even when the program is being stopped meanwhile.
	ctx = context.WithoutCancel(ctx)
	_, err := s.DB.ExecContext(ctx, `UPDATE letters SET state = $2, answer = $3, sent_at = CASE WHEN $2 = 'sent' THEN $4::timestamptz END
		WHERE id = $1 AND state = 'waiting'`, id, state, answer, s.Now())
	if err != nil {
		return fmt.Errorf("send letter %s: %w", id, err)
	}
	return nil
}

// deliver speaks to the mail server: nil is taken, errUnsure is perhaps taken, a refusal is
// for good, anything else is not taken now.
func (s *Service) deliver(ctx context.Context, l letter) error {
	m, err := s.message(l)
	if err != nil {
		return err
	}
	c, err := s.client()
	if err != nil {
		return err
	}
	err = c.DialAndSendWithContext(ctx, m)
	if m.IsDelivered() { // a fault after that (at QUIT, say) is none of the letter's
		return nil
	}
	if said, ok := errors.AsType[*mail.SendError](err); ok {
		return verdict(said)
	}
	return err
}

var (
	// After these the server may have the letter.
	handedOver = []mail.SendErrReason{mail.ErrWriteContent, mail.ErrSMTPDataClose}
	// A 5xx to the recipient or the content is for good. Any other 5xx (our sender, our
	// password) is for the operator to mend, and the letter waits.
	forGood = []mail.SendErrReason{mail.ErrSMTPRcptTo, mail.ErrSMTPData, mail.ErrSMTPDataClose}
)

// verdict reads the server's answer. The library's own text is not passed on: it holds the
// recipient's address, and errors go to the log.
func verdict(e *mail.SendError) error {
	answer := strings.TrimSpace(fmt.Sprintf("%d %s", e.ErrorCode(), e.EnhancedStatusCode()))
	switch {
	case e.ErrorCode() == 0 && slices.Contains(handedOver, e.Reason):
		return fmt.Errorf("%w (%s)", errUnsure, e.Reason)
	case e.ErrorCode() >= 500 && slices.Contains(forGood, e.Reason):
		return refusal(answer)
	}
	return fmt.Errorf("mail server: %s: %s", e.Reason, answer)
}

// message is the letter in plain text. Every try gives the same Message-ID and Date, so
// that a mailbox can know a repeat.
func (s *Service) message(l letter) (*mail.Msg, error) {
	from, err := netmail.ParseAddress(s.Settings.From)
	if err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.FromFormat(from.Name, from.Address); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := m.To(l.Address); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	m.SetMessageIDWithValue(l.ID + "@" + domain)
	m.SetDateWithValue(l.MadeAt.In(locales.ICT))
	m.Subject(oneLine(l.Subject))
	// RFC 3834: out-of-office answerers keep quiet.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", l.Lang)
	m.SetBodyString(mail.TypeTextPlain, l.Body)
	return m, nil
}

func (s *Service) client() (*mail.Client, error) {
	c := s.Settings
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 20 * time.Second
	}
	options := []mail.Option{mail.WithTimeout(timeout)}
	port := c.Port
	switch c.TLS {
	case Implicit:
		options = append(options, mail.WithSSL())
		port = or(port, 465)
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
		port = or(port, 25)
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
		port = or(port, 587)
	}
	options = append(options, mail.WithPort(port), mail.WithTLSConfig(&tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}))
	if c.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.User), mail.WithPassword(c.Password))
	}
	client, err := mail.NewClient(c.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server: %w", err)
	}
	return client, nil
}

func or(port, usual int) int {
	if port == 0 {
		return usual
	}
	return port
}
