package vault

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/pg"
	"motcua/portal/signin"
)

// Owned are whose papers a person may see: their own, and those of businesses they act for.
type Owned struct {
	Hashes     [][]byte
	Businesses []applicant.Business
}

func (s *Service) owned(ctx context.Context, p signin.Person) (Owned, error) {
	businesses, err := s.Applicant.Businesses(ctx, p.ID)
	if err != nil {
		return Owned{}, err
	}
	o := Owned{Hashes: [][]byte{s.Key.Hash(p.IDNumber)}, Businesses: businesses}
	for _, b := range businesses {
		o.Hashes = append(o.Hashes, s.Key.Hash(b.TaxCode))
	}
	return o, nil
}

// shown is how many papers a page lists; nobody has as many.
const shown = 500

// List is a person's papers, newest first, and what of theirs nobody has checked yet.
type List struct {
	Papers     []Paper
	Unchecked  []Upload
	Hidden     int
	Businesses []applicant.Business
}

// Of lists the papers of the person and of the businesses they act for; hidden ones when
// they ask for them.
func (s *Service) Of(ctx context.Context, p signin.Person, hidden bool) (List, error) {
	o, err := s.owned(ctx, p)
	if err != nil {
		return List{}, err
	}
	all, err := s.papers(ctx, selectPapers+`WHERE v.owner_hash = ANY($1) ORDER BY v.at DESC, v.id LIMIT $2`, pq.ByteaArray(o.Hashes), shown)
	if err != nil {
		return List{}, err
	}
	l := List{Businesses: o.Businesses}
	for _, one := range all {
		if one.HiddenAt != nil {
			l.Hidden++
		}
		if hidden == (one.HiddenAt != nil) {
			l.Papers = append(l.Papers, one)
		}
	}
	if !hidden {
		l.Unchecked, err = s.unchecked(ctx, o)
	}
	return l, err
}

// One is a paper of the person's, or of a business they act for; another's is not found.
func (s *Service) One(ctx context.Context, p signin.Person, id string) (Paper, error) {
	if !pg.UUID(id) {
		return Paper{}, notFound()
	}
	o, err := s.owned(ctx, p)
	if err != nil {
		return Paper{}, err
	}
	all, err := s.papers(ctx, selectPapers+`WHERE v.id = $1 AND v.owner_hash = ANY($2)`, id, pq.ByteaArray(o.Hashes))
	if err != nil {
		return Paper{}, err
	}
	if len(all) == 0 {
		return Paper{}, notFound()
	}
	return all[0], nil
}

// Open opens a file of a person's paper: byte for byte as it came, or the small picture.
func (s *Service) Open(ctx context.Context, p signin.Person, id string, position int, small bool) (File, io.ReadSeekCloser, error) {
	paper, err := s.One(ctx, p, id)
	if err != nil {
		return File{}, nil, err
	}
	i := slices.IndexFunc(paper.Files, func(f File) bool { return f.Position == position })
	if i < 0 || small && paper.Files[i].SmallBlob == "" {
		return File{}, nil, notFound()
	}
	f := paper.Files[i]
	name := f.Blob
	if small {
		name = f.SmallBlob
	}
	body, _, err := s.Blobs.Open(name)
	if err != nil {
		return File{}, nil, fmt.Errorf("file %d of paper %s: %w", position, id, err)
	}
	return f, body, nil
}

// Hide puts a paper out of its owner's sight, and out of what forms offer; or brings it back.
func (s *Service) Hide(ctx context.Context, p signin.Person, id string, hide bool) error {
	paper, err := s.One(ctx, p, id)
	if err != nil {
		return err
	}
	var at *time.Time
	if now := s.Now(); hide {
		at = &now
	}
	if _, err := s.DB.ExecContext(ctx, `UPDATE vault_papers SET hidden_at = $2 WHERE id = $1`, paper.ID, at); err != nil {
		return fmt.Errorf("hide paper %s: %w", id, err)
	}
	return nil
}

// Upload is a paper in a dossier that nobody has received yet.
type Upload struct {
	Dossier   string       `db:"dossier_id"`
	Code      string       `db:"code"`
	TaxCode   string       `db:"tax_code"`
	Component string       `db:"component"`
	Name      locales.Text `db:"-"`
	File      string       `db:"file"` // the first of its files
	Pages     int          `db:"pages"`
	At        time.Time    `db:"at"`

	Revision int64 `db:"revision_id"`
}

// unchecked are the papers that were filed and wait for an officer: never offered again.
func (s *Service) unchecked(ctx context.Context, o Owned) ([]Upload, error) {
	var all []Upload
	err := s.DB.SelectContext(ctx, &all, `SELECT a.dossier_id, d.code, d.tax_code, d.revision_id, a.component,
			(array_agg(a.id ORDER BY a.position))[1] AS file, sum(a.pages) AS pages, max(a.at) AS at
		FROM attachments a JOIN dossiers d ON d.id = a.dossier_id
		WHERE d.owner_hash = ANY($1) AND d.received_at IS NULL AND d.state IN ('filed', 'supplement') AND a.filing = 1 AND a.vault_id IS NULL
		GROUP BY a.dossier_id, d.code, d.tax_code, d.revision_id, a.component ORDER BY max(a.at) DESC, a.component LIMIT $2`, pq.ByteaArray(o.Hashes), shown)
	if err != nil {
		return nil, fmt.Errorf("unchecked papers: %w", err)
	}
	for i, u := range all {
		rev, err := s.Catalogue.ByID(ctx, u.Revision) // held in memory
		if err != nil {
			return nil, err
		}
		if q, found := rev.Form.Question(u.Component); found {
			all[i].Name = q.Label
		}
	}
	return all, nil
}
