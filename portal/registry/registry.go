// Package registry asks the base registries of the state: the population database about
// the person who is signed in, the business register about a business they act for.
package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/sony/gobreaker/v2"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/signin"
)

// Outcome is what came of a look-up.
type Outcome string

// The outcomes. Only Found comes with facts.
const (
	Found       Outcome = "found"
	NotFound    Outcome = "not_found"   // the register knows no such number
	Refused     Outcome = "refused"     // asked too often, or the answer cannot be taken for this person
	Unavailable Outcome = "unavailable" // no answer in time
)

// The sources, by the first word of their facts' names.
const (
	Population = "population"
	Business   = "business"
)

// Names are the sources as people read them beside a value.
var Names = map[string]locales.Text{
	Population: {VI: "CSDL quốc gia về dân cư", EN: "National Population Database"},
	Business:   {VI: "CSDL quốc gia về đăng ký doanh nghiệp", EN: "National Business Registration Database"},
}

// Answer is what a registry said, or that it did not.
type Answer struct {
	Source  string
	Outcome Outcome
	At      time.Time
	Facts   []eforms.Fact
}

// What the clients' failures mean; every other error is "no answer".
var (
	ErrNotFound = errors.New("the register knows no such number")
	ErrRefused  = errors.New("the answer cannot be used")
)

// The limits of asking. Those over people and over everybody hold for all instances.
const (
	answerTime   = 3 * time.Second // a page waits for it
	perPersonDay = 60
	perHour      = 20_000 // five times the busiest hour there is; beyond it someone is harvesting
	failuresOpen = 5
	restTime     = 10 * time.Second
)

// Service asks and keeps record. It never fails: the outcome says what came of it, and the
// person goes on by hand.
type Service struct {
	DB         *sqlx.DB
	Key        pg.LookupKey
	Population Populations
	Business   Businesses
	Civil      *CivilClient // nil: not connected, as with the next two
	Land       *LandClient
	Licence    *LicenceClient
	Now        func() time.Time
	Log        *slog.Logger  // nil: the default one
	Wait       time.Duration // for one answer; 0 is three seconds
	Rest       time.Duration // in which a register that failed is let alone; 0 is ten seconds

	once     sync.Once
	breakers map[string]*gobreaker.CircuitBreaker[[]eforms.Fact]
}

var (
	idNumber = regexp.MustCompile(`^\d{12}$`)
	taxCode  = regexp.MustCompile(`^\d{10}(-\d{3})?$`)
)

// Self asks the population database about the person of the session, and about nobody
// else: the number is the session's own. object is what it is for, "draft:<uuid>".
func (s *Service) Self(ctx context.Context, p signin.Person, object string) Answer {
	q := question{source: Population, service: service037, number: p.IDNumber, object: object, person: p.ID}
	if idNumber.MatchString(p.IDNumber) {
		q.ask = func(ctx context.Context, request string) ([]eforms.Fact, error) {
			c, err := s.Population.Citizen(ctx, Request{ID: request}, p.IDNumber, p.Name)
			if err != nil {
				return nil, err
			}
			return s.citizenFacts(ctx, c)
		}
	}
	return s.look(ctx, q)
}

// Acting asks the business register about a business that the caller has found the person
// to act for. Its answer counts only when the register itself names the person among the
// representatives.
func (s *Service) Acting(ctx context.Context, p signin.Person, code, object string) Answer {
	q := question{source: Business, service: serviceBusiness, number: code, object: object, person: p.ID}
	if taxCode.MatchString(code) && idNumber.MatchString(p.IDNumber) {
		q.ask = func(ctx context.Context, request string) ([]eforms.Fact, error) {
			e, err := s.Business.Enterprise(ctx, Request{ID: request}, code)
			if err != nil {
				return nil, err
			}
			return enterpriseFacts(e, p.IDNumber)
		}
	}
	return s.look(ctx, q)
}

// question is one look-up on its way.
type question struct {
	source, service, number, object string
	person                          int64
	ask                             func(ctx context.Context, request string) ([]eforms.Fact, error) // nil: it may not be asked
}

func (s *Service) look(ctx context.Context, q question) Answer {
	a := Answer{Source: q.source, At: s.Now()}
	request, began := uuid.NewString(), time.Now()
	facts, err := s.asked(ctx, q, request)
	a.Outcome = outcome(err)
	if err != nil {
		s.log().Warn("registry look-up", "source", q.source, "outcome", a.Outcome, "request", request, "err", err)
	}
	// What is not on record is not shown.
	if err := s.record(ctx, q, a, request, time.Since(began)); err != nil {
		s.log().Error("registry look-up not recorded", "source", q.source, "request", request, "err", err)
		return Answer{Source: q.source, Outcome: Unavailable, At: a.At}
	}
	for i := range facts {
		facts[i].Source, facts[i].Service, facts[i].RequestID, facts[i].At = Names[q.source], q.service, request, a.At
	}
	a.Facts = facts
	return a
}

// asked puts the question, if it may be put and the register has not been failing.
func (s *Service) asked(ctx context.Context, q question, request string) ([]eforms.Fact, error) {
	if q.ask == nil {
		return nil, fmt.Errorf("%w: not a number that may be asked for", ErrRefused)
	}
	if err := s.allowed(ctx, q); err != nil {
		return nil, err
	}
	return s.breaker(q.source).Execute(func() ([]eforms.Fact, error) {
		wait := s.Wait
		if wait == 0 {
			wait = answerTime
		}
		ctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		return q.ask(ctx, request)
	})
}

func (s *Service) allowed(ctx context.Context, q question) error {
	now := s.Now()
	ok, err := pg.Allow(ctx, s.DB, "registry.person", strconv.FormatInt(q.person, 10), perPersonDay, 24*time.Hour, now)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%w: person %d has asked too often", ErrRefused, q.person)
	}
	if ok, err = pg.Allow(ctx, s.DB, "registry.all", q.source, perHour, time.Hour, now); err != nil {
		return err
	}
	if !ok {
		s.log().Error("registry look-ups over the hourly limit of all people", "source", q.source)
		return fmt.Errorf("%w: all people together have asked too often", ErrRefused)
	}
	return nil
}

func outcome(err error) Outcome {
	switch {
	case err == nil:
		return Found
	case errors.Is(err, ErrNotFound):
		return NotFound
	case errors.Is(err, ErrRefused):
		return Refused
	}
	return Unavailable
}

// record writes the look-up and its audit entry. The person may have gone away meanwhile;
// that they asked stays true.
func (s *Service) record(ctx context.Context, q question, a Answer, request string, took time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	subject := s.Key.Hash(q.number)
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO lookups (at, source, service, request_id, person_id, subject, object, outcome, took_ms)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			a.At, q.source, q.service, request, q.person, subject, q.object, string(a.Outcome), took.Milliseconds())
		if err != nil {
			return fmt.Errorf("record the look-up: %w", err)
		}
		return audit.Write(ctx, tx, audit.Entry{
			Actor: fmt.Sprintf("person:%d", q.person), Deed: "registry." + q.source, Object: q.object, Subject: subject,
			Args: map[string]any{"service": q.service, "outcome": a.Outcome}, Request: request,
		})
	})
}

// breaker lets a register rest that has failed several times running, so that nobody waits
// three seconds for nothing. A register that answers "no" works.
func (s *Service) breaker(source string) *gobreaker.CircuitBreaker[[]eforms.Fact] {
	s.once.Do(func() {
		rest := s.Rest
		if rest == 0 {
			rest = restTime
		}
		s.breakers = map[string]*gobreaker.CircuitBreaker[[]eforms.Fact]{}
		for name := range Names {
			s.breakers[name] = gobreaker.NewCircuitBreaker[[]eforms.Fact](gobreaker.Settings{
				Name:         name,
				Timeout:      rest,
				ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= failuresOpen },
				IsSuccessful: func(err error) bool { return outcome(err) != Unavailable },
				IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) }, // the person went away
			})
		}
	})
	return s.breakers[source]
}

func (s *Service) log() *slog.Logger {
	if s.Log != nil {
		return s.Log
	}
	return slog.Default()
}
