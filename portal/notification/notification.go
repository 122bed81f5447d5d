// Package notification tells people what happened to their dossiers: on the portal and,
// where they gave an address, by e-mail.
package notification

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/queue"
)

// Notice is one thing to tell one person. EventKey names the event; the same event is told
// once however often it is reported. Link is the portal's own address of the matter, for
// the inbox; letters only name the portal. Email "" sends no letter.
type Notice struct {
	Person   int64
	Dossier  string // uuid, or none
	EventKey string
	Kind     string
	Args     []locales.Arg
	Email    string
	Lang     locales.Lang
	Link     string
}

// TLS says how the connection to the mail server is protected.
type TLS string

// The ways of protection.
const (
	StartTLS TLS = "starttls" // asked for after the greeting, and insisted on; port 587
	Implicit TLS = "tls"      // from the first byte; port 465
	NoTLS    TLS = "none"     // only for a server on this machine; port 25
)

// Settings are the mail server and how the portal names itself.
type Settings struct {
	Host      string
	Port      int // 0 is the usual one of the TLS way
	User      string
	Password  string
	TLS       TLS
	From      string        // "Name <address>"
	PortalURL string        // short and spelt out in letters
	Timeout   time.Duration // of a step of the conversation; 0 is 20 s
}

// Check names all faults of the settings together.
func (s Settings) Check() error {
	var faults []error
	if s.Host == "" {
		faults = append(faults, errors.New("mail: no host"))
	}
	if _, err := mail.ParseAddress(s.From); err != nil {
		faults = append(faults, fmt.Errorf("mail: sender %q: %w", s.From, err))
	}
	if s.PortalURL == "" {
		faults = append(faults, errors.New("mail: no portal address to put into letters"))
	}
	switch s.TLS {
	case StartTLS, Implicit:
	case NoTLS:
		if ip := net.ParseIP(s.Host); s.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			faults = append(faults, fmt.Errorf("mail: letters to %s would travel in the open", s.Host))
		}
	default:
		faults = append(faults, fmt.Errorf("mail: TLS is starttls, tls or none, not %q", s.TLS))
	}
	return errors.Join(faults...)
}

// Service keeps notices and sends letters.
type Service struct {
	DB       *sqlx.DB
	Settings Settings
	SMS      *ESMS // nil: no messages are sent
	Now      func() time.Time
	Log      *slog.Logger
}

// sendKind is the queue's kind of "send this letter"; its subject is letter:<id>.
const sendKind = "letter.send"

// Handlers are what the queue's worker calls here.
func (s *Service) Handlers() map[string]queue.Handler {
	return map[string]queue.Handler{sendKind: s.Send, smsKind: s.sendSMS}
}
