package vault

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/lib/pq"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/pg"
	"motcua/portal/signin"
)

// seen are the papers that a person ($1) may see at an instant ($2): of the owner with that
// hash ($3), which is their own; of wards for whom they filed; of businesses ($4: their hashes),
// where their power reaches the procedure that a paper came from.
const seen = `SELECT w.id, w.tax_code = '' OR EXISTS (SELECT FROM standings($2) s WHERE s.person_id = $1 AND s.tax_code = w.tax_code AND s.power_id = 0) AS own
	FROM vault_papers w JOIN dossiers x ON x.id = w.dossier_id
	WHERE w.owner_hash = $3 OR w.owner_hash = ANY($4) AND w.tax_code <> '' AND EXISTS (SELECT FROM standings($2) s
		WHERE s.person_id = $1 AND s.tax_code = w.tax_code AND s.may_see AND s.procedure_code IN ('', x.procedure_code))
	UNION SELECT w.id, true FROM dossiers x JOIN vault_papers w ON w.dossier_id = x.id WHERE x.person_id = $1 AND x.capacity = 'ward'`

// selectSeen is selectPapers for who is not the only one that may see them.
var selectSeen = strings.Replace(selectPapers, "false AS own", "o.own", 1) + `JOIN (` + seen + `) o ON o.id = v.id `

// seer are the first arguments of selectSeen.
func (s *Service) seer(ctx context.Context, p signin.Person) (args []any, businesses []applicant.Business, err error) {
	if businesses, err = s.Applicant.Businesses(ctx, p.ID); err != nil {
		return nil, nil, err
	}
	hashes := make([][]byte, len(businesses))
	for i, b := range businesses {
		hashes[i] = s.Key.Hash(b.TaxCode)
	}
	return []any{p.ID, s.Now(), s.Key.Hash(p.IDNumber), pq.ByteaArray(hashes)}, businesses, nil
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
	args, businesses, err := s.seer(ctx, p)
	if err != nil {
		return List{}, err
	}
	all, err := s.papers(ctx, selectSeen+`ORDER BY v.at DESC, v.id LIMIT $5`, append(args, shown)...)
	if err != nil {
		return List{}, err
	}
	l := List{Businesses: businesses}
	for _, one := range all {
		if one.HiddenAt != nil {
			l.Hidden++
		}
		if hidden == (one.HiddenAt != nil) {
			l.Papers = append(l.Papers, one)
		}
	}
	if !hidden {
		l.Unchecked, err = s.unchecked(ctx, args)
	}
	return l, err
}

// One is a paper of the person's, or of a business they act for; another's is not found.
func (s *Service) One(ctx context.Context, p signin.Person, id string) (Paper, error) {
	if !pg.UUID(id) {
		return Paper{}, notFound()
	}
	args, _, err := s.seer(ctx, p)
	if err != nil {
		return Paper{}, err
	}
	all, err := s.papers(ctx, selectSeen+`WHERE v.id = $5`, append(args, id)...)
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

// own is a paper that the person may share and hide: a member of the business that owns it
// may only see it.
func (s *Service) own(ctx context.Context, p signin.Person, id string) (Paper, error) {
	paper, err := s.One(ctx, p, id)
	if err == nil && !paper.Own {
		return Paper{}, notFound()
	}
	return paper, err
}

// Hide puts a paper out of its owner's sight, and out of what forms offer; or brings it back.
func (s *Service) Hide(ctx context.Context, p signin.Person, id string, hide bool) error {
	paper, err := s.own(ctx, p, id)
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
func (s *Service) unchecked(ctx context.Context, seer []any) ([]Upload, error) {
	var all []Upload
	err := s.DB.SelectContext(ctx, &all, `SELECT a.dossier_id, d.code, d.tax_code, d.revision_id, a.component,
			(array_agg(a.id ORDER BY a.position))[1] AS file, sum(a.pages) AS pages, max(a.at) AS at
		FROM attachments a JOIN dossiers d ON d.id = a.dossier_id
		WHERE d.id IN (SELECT id FROM dossiers WHERE owner_hash = $3 UNION SELECT id FROM dossiers WHERE person_id = $1 AND capacity = 'ward'
				UNION SELECT x.id FROM dossiers x JOIN standings($2) s ON s.tax_code = x.tax_code AND s.may_see AND s.procedure_code IN ('', x.procedure_code)
				WHERE s.person_id = $1 AND x.owner_hash = ANY($4) AND x.tax_code <> '')
			AND d.received_at IS NULL AND d.state IN ('filed', 'supplement') AND a.filing = 1 AND a.vault_id IS NULL
		GROUP BY a.dossier_id, d.code, d.tax_code, d.revision_id, a.component ORDER BY max(a.at) DESC, a.component LIMIT $5`, append(seer, shown)...)
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
