package vault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/eforms"
	"motcua/portal/applicant"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Want is a place for a paper: a component of the form, or an item of a supplement request,
// with the type that it asks for.
type Want struct {
	Component string
	Type      string
}

// WantOf is the place of a component that a form asks for now.
func WantOf(k eforms.Component) Want { return Want{k.ID, k.Paper} }

// wantsOf are the places of a draft in a round of filing.
func (s *Service) wantsOf(ctx context.Context, p signin.Person, d draft.Draft, round int) ([]Want, error) {
	var all []Want
	if round == 0 {
		for _, k := range d.Run(s.Now()).Components() {
			all = append(all, WantOf(k))
		}
		return all, nil
	}
	w, err := s.Dossiers.OfPerson(ctx, p, d.ID)
	if err != nil {
		return nil, err
	}
	return ItemWants(w), nil
}

// ItemWants are the places of the items of a dossier's supplement request.
func ItemWants(w dossier.Whole) []Want {
	if w.Request == nil {
		return nil
	}
	var all []Want
	for i, item := range w.Request.Items {
		if q, found := w.Revision.Form.Question(item.Component); found && q.Kind == eforms.Attachment {
			all = append(all, Want{dossier.ItemComponent(i), q.PaperType()})
		}
	}
	return all
}

// ownerOf is the keyed hash of whose dossier a draft will be, false where nobody's papers are
// offered: of somebody who only gave an authorisation, of a ward whom no register confirmed,
// or while somebody else helps to fill it in.
func (s *Service) ownerOf(p signin.Person, d draft.Draft) ([]byte, bool) {
	switch {
	case d.TaxCode != "":
		return s.Key.Hash(d.TaxCode), true
	case p.ID != d.PersonID || d.Capacity.Kind == applicant.Authorised:
		return nil, false
	case d.Capacity.Kind == applicant.Ward:
		return s.Key.Hash(d.Capacity.Number), d.Capacity.Verified && d.Capacity.Number != ""
	}
	return s.Key.Hash(p.IDNumber), true
}

// usable are papers v that may stand for an upload on a day ($2): the newest, not hidden,
// checked by an agency, and certain to hold still.
const usable = `v.replaced_by IS NULL AND v.hidden_at IS NULL AND v.type <> '' AND (NOT v.limited OR v.valid_to >= $2::date)`

// Offers are the papers of a draft's owner that may stand for what it asks, by component,
// newest first. The draft is one that the person may go on with.
func (s *Service) Offers(ctx context.Context, p signin.Person, d draft.Draft, wants []Want) (map[string][]Paper, error) {
	if d.Help != nil { // an officer who helps sees the draft, and nothing else of its person
		return nil, nil
	}
	types, err := s.typesOf(ctx, wants)
	if err != nil || len(types) == 0 {
		return nil, err
	}
	owner, offered := s.ownerOf(p, d)
	if !offered {
		return nil, nil
	}
	all, err := s.papers(ctx, selectPapers+`WHERE v.owner_hash = $1 AND `+usable+` AND v.type = ANY($3) AND v.dossier_id <> $4
		ORDER BY v.at DESC, v.id LIMIT $5`, owner, today(s.Now()), pq.Array(types), d.ID, shown)
	if err != nil {
		return nil, err
	}
	offers := map[string][]Paper{}
	for _, w := range wants {
		for _, one := range all {
			if one.Type == w.Type {
				offers[w.Component] = append(offers[w.Component], one)
			}
		}
	}
	return offers, nil
}

// typesOf are the types that are asked for and may be used again: what tells of one birth or
// one death is asked for anew.
func (s *Service) typesOf(ctx context.Context, wants []Want) ([]string, error) {
	known, err := s.Catalogue.PaperTypes(ctx)
	if err != nil {
		return nil, err
	}
	var types []string
	for _, w := range wants {
		if kind, ok := known[w.Type]; ok && !kind.Event && !slices.Contains(types, w.Type) {
			types = append(types, w.Type)
		}
	}
	return types, nil
}

// Choice is a paper for a place.
type Choice struct {
	Component string
	Paper     Paper
}

// Proposal is a paper for each that a draft still lacks, when there is one for all of them
// and no doubt which; else nothing is proposed.
func Proposal(d draft.Draft, components []eforms.Component, offers map[string][]Paper) []Choice {
	var all []Choice
	for _, k := range components {
		if !k.Required || k.Brought || len(d.FilesOf(k.ID)) > 0 {
			continue
		}
		if len(offers[k.ID]) != 1 {
			return nil
		}
		all = append(all, Choice{k.ID, offers[k.ID][0]})
	}
	return all
}

// Use puts earlier papers in the place of uploads, all in one transaction. One that is not
// the owner's, not of the type, or of no use any more is not found; used twice is used once.
func (s *Service) Use(ctx context.Context, p signin.Person, id string, round int, picks map[string]string, key once.Key) error {
	d, err := s.Drafts.Known(ctx, p, id)
	if err != nil {
		return err
	}
	wants, err := s.wantsOf(ctx, p, d, round)
	if err != nil {
		return err
	}
	offers, err := s.Offers(ctx, p, d, wants)
	if err != nil {
		return err
	}
	var papers []draft.Reuse
	for component, paper := range picks {
		i := slices.IndexFunc(offers[component], func(one Paper) bool { return one.ID == paper })
		if i < 0 {
			return notFound()
		}
		papers = append(papers, offers[component][i].reuse(component))
	}
	slices.SortFunc(papers, func(a, b draft.Reuse) int { return strings.Compare(a.Component, b.Component) })
	return s.Drafts.Reuse(ctx, p, id, round, papers, key, func(tx *sqlx.Tx, _ draft.Draft) error {
		return s.used(ctx, tx, p, id, round, papers)
	})
}

// reuse is the paper as the files of a component.
func (p Paper) reuse(component string) draft.Reuse {
	r := draft.Reuse{Component: component, VaultID: p.ID}
	for _, f := range p.Files {
		r.Files = append(r.Files, draft.File{ID: f.FileID, Name: f.Name, Media: f.Media, Size: f.Size, Pages: f.Pages, SHA256: f.SHA256,
			Blob: f.Blob, Turn: f.Turn, Signatures: f.Signatures})
	}
	return r
}

// used writes the uses down, unless a paper has been replaced or hidden meanwhile.
func (s *Service) used(ctx context.Context, tx *sqlx.Tx, p signin.Person, id string, round int, papers []draft.Reuse) error {
	for _, r := range papers {
		var good bool
		err := tx.GetContext(ctx, &good, `SELECT EXISTS (SELECT FROM vault_papers v WHERE v.id = $1 AND `+usable+`)`, r.VaultID, today(s.Now()))
		if err != nil {
			return fmt.Errorf("use of paper %s: %w", r.VaultID, err)
		}
		if !good {
			return problem.New(problem.Conflict, "vault.not_usable")
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO vault_uses (paper_id, draft_id, round, component, person_id, at)
			SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT FROM vault_uses
				WHERE paper_id = $1 AND draft_id = $2 AND round = $3 AND component = $4 AND undone_at IS NULL)`, r.VaultID, id, round, r.Component, p.ID, s.Now())
		if err != nil {
			return fmt.Errorf("use of paper %s: %w", r.VaultID, err)
		}
	}
	return nil
}

// Undo takes a used paper away from a draft again.
func (s *Service) Undo(ctx context.Context, p signin.Person, id string, round int, component, paper string, key once.Key) error {
	if !pg.UUID(paper) {
		return notFound()
	}
	return s.Drafts.Unuse(ctx, p, id, round, component, paper, key, func(tx *sqlx.Tx, _ draft.Draft) error {
		_, err := tx.ExecContext(ctx, `UPDATE vault_uses SET undone_at = $5 WHERE paper_id = $1 AND draft_id = $2 AND round = $3 AND component = $4 AND undone_at IS NULL`,
			paper, id, round, component, s.Now())
		if err != nil {
			return fmt.Errorf("undo the use of paper %s: %w", paper, err)
		}
		return nil
	})
}

// Used is a dossier in which a paper stood for an upload.
type Used struct {
	Dossier string    `db:"id"`
	Code    string    `db:"code"`
	At      time.Time `db:"at"`
}

// Uses are the dossiers in which a paper of the person's was filed again.
func (s *Service) Uses(ctx context.Context, paper Paper) ([]Used, error) {
	var all []Used
	err := s.DB.SelectContext(ctx, &all, `SELECT d.id, d.code, min(a.at) AS at FROM attachments a JOIN dossiers d ON d.id = a.dossier_id
		WHERE a.vault_id = $1 GROUP BY d.id, d.code ORDER BY min(a.at) DESC LIMIT $2`, paper.ID, shown)
	if err != nil {
		return nil, fmt.Errorf("uses of paper %s: %w", paper.ID, err)
	}
	return all, nil
}

// ByIDs are the papers that attachments of a dossier are, by id: for officers whom the caller
// has asked that they may see the dossier.
func (s *Service) ByIDs(ctx context.Context, ids []string) (map[string]Paper, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	all, err := s.papers(ctx, selectPapers+`WHERE v.id = ANY($1::uuid[])`, pq.Array(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[string]Paper, len(all))
	for _, p := range all {
		byID[p.ID] = p
	}
	return byID, nil
}
