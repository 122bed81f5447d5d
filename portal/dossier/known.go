package dossier

import (
	"context"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/eforms"
	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/once"
	"motcua/portal/paper"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Known is a dossier with all that a deed of an officer takes from other rooms. It is read
// before the deed's transaction: within it a second connection would be waited for by those
// who together hold all there are.
type Known struct {
	Dossier
	Province   agency.Province
	Calendar   calendar.Calendar
	Head       paper.Letterhead
	Lists      map[string][]eforms.Option
	Colleagues []agency.Officer // of the dossier's agency
}

// Know reads a dossier for a deed; who may do it is the caller's to ask once it is locked.
func (s *Service) Know(ctx context.Context, id string) (Known, error) {
	d, err := s.ByID(ctx, id)
	if err != nil {
		return Known{}, err
	}
	k := Known{Dossier: d}
	if k.Province, err = s.Agency.Province(ctx); err != nil {
		return Known{}, err
	}
	if k.Calendar, err = s.Agency.Calendar(ctx); err != nil {
		return Known{}, err
	}
	if k.Head, err = s.letterhead(ctx, d.Agency); err != nil {
		return Known{}, err
	}
	if k.Lists, err = s.Drafts.Lists(ctx, d.Revision); err != nil {
		return Known{}, err
	}
	k.Colleagues, err = s.Agency.Officers(ctx, d.AgencyID)
	return k, err
}

// Lock reads a dossier again and keeps others from changing it until tx ends. What other
// rooms know of it comes from seen.
func (s *Service) Lock(ctx context.Context, tx *sqlx.Tx, seen Dossier) (Dossier, error) {
	r, err := byID(ctx, tx, seen.ID, ` FOR UPDATE OF d`)
	if err != nil {
		return Dossier{}, err
	}
	if r.AgencyID != seen.AgencyID {
		return Dossier{}, problem.New(problem.Conflict, "dossier.changed")
	}
	return r.of(seen.Revision, seen.Agency), nil
}

// ActorOf is the person with what they stand for now.
func (s *Service) ActorOf(ctx context.Context, p signin.Person) (Actor, error) {
	st, err := s.Applicant.StandingsOf(ctx, s.DB, p.ID)
	return Actor{Standings: st}, err
}

// own reads a dossier of the person's, for a deed; another's is not found.
func (s *Service) own(ctx context.Context, p signin.Person, id string, deed Deed) (Dossier, error) {
	a, err := s.ActorOf(ctx, p)
	if err != nil {
		return Dossier{}, err
	}
	d, err := s.ByID(ctx, id)
	if err != nil {
		return Dossier{}, err
	}
	if !May(a, deed, d) {
		return Dossier{}, notFound()
	}
	return d, nil
}

// deed carries out what an owner does to their dossier, in one transaction: the deed's own
// part, the move, the key. Repeated, it does nothing twice.
func (s *Service) deed(ctx context.Context, p signin.Person, id string, deed Deed, key once.Key, part func(tx *sqlx.Tx, d *Dossier) (map[string]any, error)) error {
	seen, err := s.own(ctx, p, id, deed)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, done, err := once.Begin(ctx, tx, key, s.Now())
		if err != nil || done {
			return err
		}
		d, err := s.Lock(ctx, tx, seen)
		if err != nil {
			return err
		}
		grant, err := s.Applicant.Hold(ctx, tx, p.ID, owned(d), rights[deed])
		if err != nil {
			return err
		}
		if err := s.Applicant.Used(ctx, tx, p, owned(d).Kind, grant, string(deed), id); err != nil {
			return err
		}
		if !Can(deed, d) {
			return problem.New(problem.Conflict, "dossier.not_now")
		}
		args, err := part(tx, &d)
		if err != nil {
			return err
		}
		if err := s.Move(ctx, tx, &d, Move{Deed: deed, By: person(p), Args: args}); err != nil {
			return err
		}
		return once.Finish(ctx, tx, key, id)
	})
}

func person(p signin.Person) string { return fmt.Sprintf("person:%d", p.ID) }
