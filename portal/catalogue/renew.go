package catalogue

import (
	"context"
	"time"

	"motcua/portal/pg"
)

// channel is where instances are told that the catalogue was changed.
const channel = "catalogue"

// Renew tells the other instances that the catalogue was changed, and reads it after that
// here. It is called when the change is committed.
func (s *Service) Renew(ctx context.Context) {
	if err := pg.Notify(ctx, s.DB, channel); err != nil && s.Log != nil {
		s.Log.Warn("other instances will find the catalogue's change by themselves", "err", err)
	}
	s.renew(ctx)
}

func (s *Service) renew(ctx context.Context) {
	s.asking.Lock()
	defer s.asking.Unlock()
	if err := s.ask(ctx, s.Now().Truncate(time.Microsecond)); err != nil {
		if h := s.held.Load(); h != nil {
			s.held.Store(&held{edition: h.edition}) // it is there: the next question reads it
		}
		if s.Log != nil && ctx.Err() == nil {
			s.Log.Error("catalogue not renewed", "err", err)
		}
	}
}

// Listen keeps what is held as new as what any instance publishes, without anybody asking
// for it, until ctx ends. A connection that breaks is made anew; meanwhile the fingerprint,
// which is compared each second, tells the same.
func (s *Service) Listen(ctx context.Context, dsn string) {
	pg.Listen(ctx, dsn, channel, s.Log, s.renew)
}
