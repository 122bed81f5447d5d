package registry

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"motcua/eforms"
)

// answerTime is how long a page waits for all it asks together.
const answerTime = 3 * time.Second

// Question is one source to ask. The number in it never comes from an address or a form:
// each constructor says where it is from.
type Question struct {
	source, number, name, legal string
}

// Source is the source that it asks.
func (q Question) Source() string { return q.source }

// Self asks about the person of the session.
func Self() Question { return Question{source: PopulationSelf} }

// Acting asks about a business that the caller has found the person to act for. It counts
// only when the register names legal among those who represent it: the person, or who gave
// them the power.
func Acting(taxCode, legal string) Question {
	return Question{source: BusinessActing, number: taxCode, legal: legal}
}

// Ask puts the questions all at once, within one budget of time, and answers in their order.
func (s *Service) Ask(ctx context.Context, a Asking, questions []Question) []Answer {
	answers := make([]Answer, len(questions))
	p := s.page(a)
	ctx, cancel := p.within(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for i, q := range questions {
		wg.Go(func() { answers[i] = p.answer(ctx, q) })
	}
	wg.Wait()
	return answers
}

// page is what one page asks together.
type page struct {
	*Service
	asking  Asking
	outages func(ctx context.Context) (map[string]bool, error)
	own     func(ctx context.Context) (asked[Citizen], error)
}

// asked is a register's answer with how it came.
type asked[T any] struct {
	said             T
	service, request string
	at               time.Time
}

func (s *Service) page(a Asking) *page {
	p := &page{Service: s, asking: a}
	p.outages = first(s.declared)
	p.own = first(func(ctx context.Context) (asked[Citizen], error) {
		return p.citizen(ctx, PopulationSelf, a.Person.IDNumber, a.Person.Name)
	})
	return p
}

// first asks once for all questions of a page.
func first[T any](ask func(ctx context.Context) (T, error)) func(ctx context.Context) (T, error) {
	var once sync.Once
	var value T
	err := errors.New("the first to ask did not come back")
	return func(ctx context.Context) (T, error) {
		once.Do(func() { value, err = ask(ctx) })
		return value, err
	}
}

func (p *page) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.Wait != 0 {
		return context.WithTimeout(ctx, p.Wait)
	}
	return context.WithTimeout(ctx, answerTime)
}

// answer asks one question. A reader that panics is a register that did not answer.
func (p *page) answer(ctx context.Context, q Question) (answer Answer) {
	answer = Answer{Source: q.source, Outcome: Unavailable, At: p.Now()}
	defer func() {
		if r := recover(); r != nil {
			p.log().Error("registry look-up panicked", "source", q.source, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	facts, err := p.facts(ctx, q)
	answer.Outcome, answer.Later = outcome(err), limited(err)
	if err != nil {
		return answer
	}
	answer.Facts = facts
	return answer
}

func (p *page) facts(ctx context.Context, q Question) ([]eforms.Fact, error) {
	switch q.source {
	case PopulationSelf:
		own, err := p.own(ctx)
		if err != nil {
			return nil, err
		}
		f, err := p.citizenFacts(ctx, q.source, own.said)
		return stamped(f, p.asking, q.source, own), err
	case BusinessActing:
		return p.acting(ctx, q)
	}
	return nil, fmt.Errorf("%w: %s", errNotConnected, q.source)
}

func (p *page) citizen(ctx context.Context, source, number, name string) (asked[Citizen], error) {
	l := look{source: source, service: service037, number: number, fits: idNumber.MatchString(number), other: number != p.asking.Person.IDNumber}
	return put(ctx, p, l, func(ctx context.Context, r Request) (Citizen, error) {
		return p.Population.Citizen(ctx, r, number, name)
	})
}

func (p *page) acting(ctx context.Context, q Question) ([]eforms.Fact, error) {
	l := look{source: q.source, service: serviceBusiness, number: q.number, fits: taxCode.MatchString(q.number) && idNumber.MatchString(q.legal)}
	var f []eforms.Fact
	e, err := put(ctx, p, l, func(ctx context.Context, r Request) (Enterprise, error) {
		e, err := p.Business.Enterprise(ctx, r, q.number)
		if err == nil {
			f, err = enterpriseFacts(e, q.legal)
		}
		return e, err
	})
	if err != nil {
		return nil, err
	}
	return stamped(f, p.asking, q.source, e), nil
}

// stamped says of each fact where it comes from.
func stamped[T any](facts []eforms.Fact, a Asking, source string, from asked[T]) []eforms.Fact {
	for i := range facts {
		facts[i].Source, facts[i].Service, facts[i].RequestID = Sources[source].Name, from.service, from.request
		facts[i].At, facts[i].By = from.at, a.by()
	}
	return facts
}
