package editorial

import (
	"context"

	"github.com/jmoiron/sqlx"

	"motcua/portal/catalogue"
)

// Candidate is what an edit would publish: the newest revision with what the edit changed.
type Candidate struct {
	Edit     Edit
	Before   *catalogue.Revision // the newest revision; nil for a new procedure
	Revision *catalogue.Revision // what would come
	Moved    []string            // parts that were published anew since the edit began, and that it changes too
	Parts    Parts               // the document that would come
	SHA256   []byte              // its hash

	doc    []byte // what the hash is of
	newest catalogue.Stored
}

// Same says whether publishing would change nothing.
func (c *Candidate) Same() bool { return string(c.SHA256) == string(c.newest.SHA256) }

// Candidate is the edit as it would be published now.
func (s *Service) Candidate(ctx context.Context, e Edit) (*Candidate, error) {
	all, err := s.Candidates(ctx, s.DB, e)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Candidates are edits as they would be published now, in their order. Who publishes them
// asks in the transaction that holds the catalogue's lock.
func (s *Service) Candidates(ctx context.Context, q sqlx.QueryerContext, edits ...Edit) ([]*Candidate, error) {
	codes := make([]string, len(edits))
	for i, e := range edits {
		codes[i] = e.Code
	}
	newest, err := s.Catalogue.Newest(ctx, q, codes...)
	if err != nil {
		return nil, err
	}
	all := make([]*Candidate, len(edits))
	for i, e := range edits {
		if all[i], err = s.candidate(ctx, e, newest[e.Code]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Service) candidate(ctx context.Context, e Edit, newest catalogue.Stored) (*Candidate, error) {
	c := &Candidate{Edit: e, newest: newest, Parts: overlay(newest.Parts, nil)}
	for name, part := range e.Own.V {
		now := newest.Parts[name]
		if newest.ID != e.BaseID.Int64 && !catalogue.SamePart(now, e.base[name]) && !catalogue.SamePart(now, part) {
			c.Moved = append(c.Moved, name)
		}
		c.Parts[name] = part
	}
	var err error
	if newest.ID != 0 {
		if c.Before, err = s.Catalogue.OpenStored(ctx, newest); err != nil {
			return nil, err
		}
	}
	if c.Revision, err = s.Catalogue.Open(ctx, c.Parts); err != nil {
		return nil, err
	}
	c.Revision.No = newest.No + 1
	c.doc, c.SHA256, err = c.Parts.Sum()
	return c, err
}
