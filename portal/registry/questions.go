package registry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

// Question is one source to ask. The number in it never comes from an address or a form:
// each constructor says where it is from.
type Question struct {
	source, number, name, legal string
}

// Source is the source that it asks.
func (q Question) Source() string { return q.source }

// Self asks about the person of the session.
func Self() Question { return Question{source: PopulationSelf} }

// Spouse asks about whom the person's own record names as husband or wife.
func Spouse() Question { return Question{source: PopulationSpouse} }

// OwnMarriage asks which marriage of the person is in force.
func OwnMarriage() Question { return Question{source: CivilMarriage} }

// OwnLand asks which land the person has a certificate for.
func OwnLand() Question { return Question{source: LandOwn} }

// OwnLicence asks which licence to drive the person has.
func OwnLicence() Question { return Question{source: LicenceOwn} }

// Ward asks about a child or ward. The number may be anybody's: it leaves the house only
// when a register has named it to be theirs, asked about the person alone.
func Ward(number string) Question { return Question{source: PopulationSubject, number: number} }

// Giver asks about who has authorised the person; the caller has found the authorisation,
// which that one gave in their own account, to be in force.
func Giver(number, name string) Question {
	return Question{source: PopulationSubject, number: number, name: name, legal: giver}
}

const giver = "giver"

// Acting asks about a business that the caller has found the person to act for. It counts
// only when the register names legal among those who represent it: the person, or who gave
// them the power.
func Acting(taxCode, legal string) Question {
	return Question{source: BusinessActing, number: taxCode, legal: legal}
}

// Connected says whether the portal has a way to the register of a source.
func (s *Service) Connected(source string) bool {
	switch RegisterOf(source) {
	case Population:
		return s.Population != nil
	case Business:
		return s.Business != nil
	case Civil:
		return s.Civil != nil
	case Land:
		return s.Land != nil
	case Licences:
		return s.Licence != nil
	}
	return false
}

func (p *page) facts(ctx context.Context, q Question) ([]eforms.Fact, error) {
	if !p.Connected(q.source) {
		return nil, fmt.Errorf("%w: %s", errNotConnected, q.source)
	}
	switch q.source {
	case PopulationSelf:
		own, err := p.own(ctx)
		return p.personFacts(ctx, q.source, own, err)
	case PopulationSpouse:
		return p.spouse(ctx)
	case PopulationSubject:
		return p.subject(ctx, q)
	case BusinessActing:
		return p.acting(ctx, q)
	case CivilMarriage:
		return ofOwn(ctx, p, q.source, "ket-hon", p.Civil.Marriage, marriageFacts)
	case LandOwn:
		return ofOwn(ctx, p, q.source, "giay-chung-nhan", p.Land.Certificates, landFacts)
	case LicenceOwn:
		today := p.Now().In(locales.ICT).Format(time.DateOnly)
		return ofOwn(ctx, p, q.source, "giay-phep", p.Licence.Licences, func(all []Licence) []eforms.Fact { return licenceFacts(all, today) })
	}
	return nil, fmt.Errorf("%w: %s", errNotConnected, q.source)
}

// ofOwn asks a register about the person themself.
func ofOwn[T any](ctx context.Context, p *page, source, service string, ask func(context.Context, Request, string) (T, error), read func(T) []eforms.Fact) ([]eforms.Fact, error) {
	got, err := own(ctx, p, source, service, ask)
	if err != nil {
		return nil, err
	}
	return stamped(read(got.said), p.asking, source, got), nil
}

func own[T any](ctx context.Context, p *page, source, service string, ask func(context.Context, Request, string) (T, error)) (asked[T], error) {
	number := p.asking.Person.IDNumber
	return put(ctx, p, look{source: source, service: service, number: number, fits: idNumber.MatchString(number)},
		func(ctx context.Context, r Request) (T, error) { return ask(ctx, r, number) })
}

func (p *page) citizen(ctx context.Context, source, number, name string) (asked[Citizen], error) {
	l := look{source: source, service: service037, number: number, fits: idNumber.MatchString(number), other: number != p.asking.Person.IDNumber}
	return put(ctx, p, l, func(ctx context.Context, r Request) (Citizen, error) {
		return p.Population.Citizen(ctx, r, number, name)
	})
}

func (p *page) personFacts(ctx context.Context, source string, c asked[Citizen], err error) ([]eforms.Fact, error) {
	if err != nil {
		return nil, err
	}
	f, err := p.citizenFacts(ctx, source, c.said)
	return stamped(f, p.asking, source, c), err
}

// spouse is known from the own record only.
func (p *page) spouse(ctx context.Context) ([]eforms.Fact, error) {
	me, err := p.own(ctx)
	if err != nil {
		return nil, err
	}
	if !idNumber.MatchString(me.said.SpouseNumber) || me.said.SpouseNumber == p.asking.Person.IDNumber {
		return nil, fmt.Errorf("%w: the own record names nobody", ErrNotFound)
	}
	c, err := p.citizen(ctx, PopulationSpouse, me.said.SpouseNumber, me.said.SpouseName)
	return p.personFacts(ctx, PopulationSpouse, c, err)
}

func (p *page) subject(ctx context.Context, q Question) ([]eforms.Fact, error) {
	if !idNumber.MatchString(q.number) || q.number == p.asking.Person.IDNumber {
		return nil, fmt.Errorf("%w: not a number that may be asked for", ErrRefused)
	}
	if q.legal != giver {
		name, err := p.confirmed(ctx, q.number)
		if err != nil {
			return nil, err
		}
		q.name = name
	}
	c, err := p.citizen(ctx, PopulationSubject, q.number, q.name)
	return p.personFacts(ctx, PopulationSubject, c, err)
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

// WardOf is a child or ward whom the civil-status register names as a person's.
type WardOf struct{ Number, Name, BirthDate, Relation string } // child, ward

// Wards are the children under age and the wards of the person, as the civil-status register
// has them; for the page on which one chooses for whom to file.
func (s *Service) Wards(ctx context.Context, a Asking) ([]WardOf, Outcome) {
	a.Purpose = Kin
	if !s.Connected(Civil) {
		return nil, Unavailable
	}
	p := s.page(a)
	ctx, cancel := p.within(ctx)
	defer cancel()
	all, err := p.wards(ctx)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return all, outcome(err)
}

// wards asks for births and guardianships, both about the person alone. What one of them
// gave counts even when the other failed: it says so with the error.
func (p *page) wards(ctx context.Context) ([]WardOf, error) {
	var births asked[[]Birth]
	var guardianships asked[[]Guardianship]
	var errs [2]error
	var wg sync.WaitGroup
	wg.Go(p.guarded(&errs[0], func() error {
		var err error
		births, err = own(ctx, p, Civil+".births", "khai-sinh", p.Civil.Births)
		return err
	}))
	wg.Go(p.guarded(&errs[1], func() error {
		var err error
		guardianships, err = own(ctx, p, Civil+".guardianships", "giam-ho", p.Civil.Guardianships)
		return err
	}))
	wg.Wait()
	var all []WardOf
	adult := p.Now().In(locales.ICT).AddDate(-18, 0, 0).Format(time.DateOnly)
	for _, b := range births.said {
		if c := b.Child; c.BirthDate > adult && idNumber.MatchString(c.IDNumber) {
			all = append(all, WardOf{c.IDNumber, c.Name, c.BirthDate, "child"})
		}
	}
	for _, g := range guardianships.said {
		if c := g.Ward; idNumber.MatchString(c.IDNumber) {
			all = append(all, WardOf{c.IDNumber, c.Name, c.BirthDate, "ward"})
		}
	}
	for _, err := range errs {
		if err != nil && !errors.Is(err, ErrNotFound) {
			return all, err
		}
	}
	return all, nil
}

// confirmed is the name under which a register names somebody as the person's ward; the
// number has not left the house when this says no. Who shares the person's household may be
// asked about by both numbers; nobody else.
func (p *page) confirmed(ctx context.Context, number string) (string, error) {
	var failed error
	if p.Connected(Civil) {
		all, err := p.kin(ctx)
		for _, w := range all {
			if w.Number == number {
				return w.Name, nil
			}
		}
		failed = err
	}
	h, err := own(ctx, p, Population+".household", service033, p.Population.Household)
	for _, m := range h.said.Members {
		if m.IDNumber == number && err == nil {
			return p.related(ctx, m)
		}
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		failed = err
	}
	if failed != nil { // a register that did not answer has not said no
		return "", failed
	}
	return "", p.foreign(ctx, number)
}

// related asks what somebody of the own household is to the person.
func (p *page) related(ctx context.Context, m Member) (string, error) {
	number := p.asking.Person.IDNumber
	l := look{source: Population + ".relation", service: askKin, number: m.IDNumber, fits: true, other: true}
	got, err := put(ctx, p, l, func(ctx context.Context, r Request) (Relation, error) {
		return p.Population.Relation(ctx, r, number, m.IDNumber)
	})
	if err != nil {
		return "", err
	}
	if got.said != IsChild && got.said != IsWard {
		return "", fmt.Errorf("%w: of the household, but no ward", ErrRefused)
	}
	return m.Name, nil
}
