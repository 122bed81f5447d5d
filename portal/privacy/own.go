package privacy

import (
	"context"
	"io"

	"motcua/portal/signin"
)

// perPage is how many lines a list has.
const perPage = 50

// Mine are the person's reports and questions, newest first.
func (s *Service) Mine(ctx context.Context, p signin.Person) ([]Report, error) {
	return s.query(ctx, s.DB, `WHERE r.person_id = $1 ORDER BY r.made_at DESC, r.id LIMIT $2`, p.ID, perPage)
}

// Own reads a report of the person's; another's is not found.
func (s *Service) Own(ctx context.Context, p signin.Person, id string) (Report, error) {
	r, err := s.one(ctx, id)
	if err != nil {
		return Report{}, err
	}
	if r.PersonID != p.ID {
		return Report{}, notFound()
	}
	return r, nil
}

// OwnFile opens the file of a report of the person's.
func (s *Service) OwnFile(ctx context.Context, p signin.Person, id string) (File, io.ReadSeekCloser, error) {
	r, err := s.Own(ctx, p, id)
	if err != nil {
		return File{}, nil, err
	}
	return s.open(r)
}

func (s *Service) open(r Report) (File, io.ReadSeekCloser, error) {
	if r.File == nil {
		return File{}, nil, notFound()
	}
	body, err := s.Drafts.OpenBlob(r.blob)
	return *r.File, body, err
}

// OfThing are the reports about a draft or dossier, newest first: for the officer who has
// the case, and for the person's own page of it.
func (s *Service) OfThing(ctx context.Context, id string) ([]Report, error) {
	return s.query(ctx, s.DB, `WHERE r.thing_id = $1 AND r.kind = 'wrong' ORDER BY r.made_at DESC, r.id LIMIT $2`, id, perPage)
}
