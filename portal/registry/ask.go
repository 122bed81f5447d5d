package registry

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"motcua/eforms"
)

// answerTime is how long a page waits for all it asks together.
const answerTime = 3 * time.Second

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
	kin     func(ctx context.Context) ([]WardOf, error)
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
	p.kin = first(p.wards)
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

// answer asks one question.
func (p *page) answer(ctx context.Context, q Question) Answer {
	answer := Answer{Source: q.source, Outcome: Unavailable, At: p.Now()}
	var facts []eforms.Fact
	var err error
	p.guarded(&err, func() error {
		var err error
		facts, err = p.facts(ctx, q)
		return err
	})()
	answer.Outcome, answer.Later = outcome(err), limited(err)
	if err == nil {
		answer.Facts = facts
	}
	return answer
}

// guarded makes a panic an error: what a register sends may not end the program.
func (p *page) guarded(err *error, ask func() error) func() {
	return func() {
		defer func() {
			if r := recover(); r != nil {
				p.log().Error("registry look-up panicked", "panic", r, "stack", string(debug.Stack()))
				*err = errors.New("the reader panicked")
			}
		}()
		*err = ask()
	}
}

// stamped says of each fact where it comes from.
func stamped[T any](facts []eforms.Fact, a Asking, source string, from asked[T]) []eforms.Fact {
	for i := range facts {
		facts[i].Source, facts[i].Service, facts[i].RequestID = Sources[source].Name, from.service, from.request
		facts[i].At, facts[i].By = from.at, a.by()
	}
	return facts
}
