package payments

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"motcua/locales"
	"motcua/portal/problem"

	"github.com/jmoiron/sqlx"
)

// Provider is a payment gateway: another party's machine.
type Provider interface {
	// Begin makes the address to which the payer's browser goes. It is called in a
	// transaction and asks no one.
	Begin(o Order, a Attempt, ip string, lang locales.Lang) (redirect string, err error)
	// Query asks the gateway what became of an attempt. Its word is verified like a
	// notice's; ErrNoAnswer and ErrNotKnown are the other two things it may come to.
	Query(ctx context.Context, a Attempt) (Notice, error)
}

// What a query may come to beside a notice.
var (
	ErrNoAnswer = errors.New("payments: the provider gave no answer that can be relied on")
	ErrNotKnown = errors.New("payments: the provider does not know the attempt")
)

// Service starts payments, takes in what providers say, and asks them when they are silent.
type Service struct {
	DB        *sqlx.DB
	Providers map[string]Provider
	// Issuer says in whose name, with which template and series a receipt is made out on a
	// day. It is asked before a transaction is opened, never inside.
	Issuer func(ctx context.Context, payee int64, on time.Time) (Issuer, error)
	Window time.Duration // how long an attempt can be paid; 0 is 15 minutes
	Every  time.Duration // how often Sweep looks; 0 is a minute
	Now    func() time.Time
	Log    *slog.Logger
}

// ByID is the order with its attempts. Who may see it is the caller's to ask.
func (s *Service) ByID(ctx context.Context, id string) (Order, error) {
	o, err := oneOrder(ctx, s.DB, `id = $1`, id)
	return withAttempts(ctx, s.DB, o, err)
}

// OfSubject is the order of a subject; a void one only where there is no other.
func (s *Service) OfSubject(ctx context.Context, subject string) (Order, error) {
	o, err := oneOrder(ctx, s.DB, `subject = $1 ORDER BY (state = 'void'), made_at DESC LIMIT 1`, subject)
	return withAttempts(ctx, s.DB, o, err)
}

// ByRef is the attempt that a provider calls by a reference.
func (s *Service) ByRef(ctx context.Context, provider, ref string) (Attempt, error) {
	return attemptBy(ctx, s.DB, `txn_ref = $1 AND provider = $2`, ref, provider)
}

func (s *Service) provider(name string) (Provider, error) {
	p, ok := s.Providers[name]
	if !ok {
		return nil, problem.New(problem.Invalid, "payments.no_provider")
	}
	return p, nil
}
