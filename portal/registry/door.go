package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/sony/gobreaker/v2"

	"motcua/portal/audit"
	"motcua/portal/pg"
)

// When a register is let alone, and how many questions wait for one at a time: what a slow
// register holds up may not be all there is.
const (
	failuresOpen = 5
	restTime     = 10 * time.Second
	mostWaiting  = 64
)

var errBusy = errors.New("too many questions wait for the register")

// door is the way to one register: everything that is asked goes through it.
type door struct {
	breaker *gobreaker.CircuitBreaker[any]
	waiting chan struct{}
}

// door lets a register rest that has failed several times running, so that nobody waits
// three seconds for nothing; after the rest one question goes first. A register that
// answers "no" works.
func (s *Service) door(register string) *door {
	s.once.Do(func() {
		rest := s.Rest
		if rest == 0 {
			rest = restTime
		}
		s.doors = map[string]*door{}
		for _, name := range Registers {
			s.doors[name] = &door{waiting: make(chan struct{}, mostWaiting), breaker: gobreaker.NewCircuitBreaker[any](gobreaker.Settings{
				Name:         name,
				Timeout:      rest,
				ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresOpen },
				IsSuccessful: func(err error) bool { return outcome(err) != Unavailable },
				IsExcluded: func(err error) bool { // the person went away; we have no room
					return errors.Is(err, context.Canceled) || errors.Is(err, errBusy)
				},
			})}
		}
	})
	return s.doors[register]
}

// look is one question to a register.
type look struct {
	source, service, number string
	fits                    bool // the number may be asked for at all
	other                   bool // it is about another person than the one of the session
}

// put asks a register, if it may be asked now, and writes down what came of it. What is not
// on record is not given.
func put[T any](ctx context.Context, p *page, l look, ask func(ctx context.Context, r Request) (T, error)) (asked[T], error) {
	got := asked[T]{service: l.service, request: uuid.NewString(), at: p.Now()}
	began := time.Now()
	err := p.pass(ctx, l, func() error {
		var err error
		got.said, err = ask(ctx, Request{ID: got.request, By: who(p.asking), Issue: p.asking.Object})
		return err
	})
	if err != nil {
		p.log().Warn("registry look-up", "source", l.source, "service", l.service, "outcome", outcome(err), "request", got.request, "err", err)
	}
	if kept := p.record(ctx, l, outcome(err), got.request, got.at, time.Since(began)); kept != nil {
		p.log().Error("registry look-up not recorded", "source", l.source, "request", got.request, "err", kept)
		return asked[T]{}, kept
	}
	return got, err
}

// who is the asker as the register is told: by our own number, never by theirs.
func who(a Asking) string { return strings.Replace(a.by(), ":", "-", 1) }

// pass lets a question through to its register.
func (p *page) pass(ctx context.Context, l look, ask func() error) error {
	if !l.fits {
		return fmt.Errorf("%w: not a number that may be asked for", ErrRefused)
	}
	register := RegisterOf(l.source)
	declared, err := p.outages(ctx)
	if err != nil {
		return err
	}
	if declared[register] {
		return errOutage
	}
	if err := p.allowed(ctx, l); err != nil {
		return err
	}
	d := p.door(register)
	_, err = d.breaker.Execute(func() (any, error) {
		select {
		case d.waiting <- struct{}{}:
			defer func() { <-d.waiting }()
			return nil, ask()
		default:
			return nil, errBusy
		}
	})
	return err
}

// record writes the look-up and its audit entry. The person may have gone away meanwhile;
// that they asked stays true.
func (p *page) record(ctx context.Context, l look, o Outcome, request string, at time.Time, took time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	a, subject, purpose := p.asking, p.Key.Hash(l.number), p.asking.Purpose
	if purpose == "" {
		purpose = Fill
	}
	return pg.InTx(ctx, p.DB, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO lookups (at, source, service, request_id, person_id, officer_id, agency_id, subject, object, procedure_code, purpose, outcome, took_ms)
			VALUES ($1, $2, $3, $4, nullif($5::bigint, 0), nullif($6::bigint, 0), nullif($7::bigint, 0), $8, $9, $10, $11, $12, $13)`,
			at, l.source, l.service, request, a.Person.ID, a.Officer, a.AgencyID, subject, a.Object, a.Procedure, string(purpose), string(o), took.Milliseconds())
		if err != nil {
			return fmt.Errorf("record the look-up: %w", err)
		}
		return audit.Write(ctx, tx, audit.Entry{
			Actor: a.by(), Deed: "registry." + RegisterOf(l.source), Object: a.Object, Subject: subject, AgencyID: a.AgencyID,
			Args: map[string]any{"source": l.source, "service": l.service, "outcome": o, "procedure": a.Procedure}, Request: request,
		})
	})
}
