package citizen

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"motcua/eforms"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/signin"
	"motcua/portal/vault"
)

// proposed is an earlier paper for a component.
type proposed struct {
	Component eforms.Component
	vault.Paper
}

// useEarlier puts earlier papers in the place of uploads, or takes one away again.
func (h *Filing) useEarlier(c *fiber.Ctx, at place, deed, paper string, key once.Key) error {
	ctx := c.UserContext()
	switch deed {
	case "dung":
		return h.Vault.Use(ctx, at.person, at.draft, 0, map[string]string{at.component: paper}, key)
	case "bo-dung":
		return h.Vault.Undo(ctx, at.person, at.draft, 0, at.component, paper, key)
	}
	d, err := h.Drafts.Load(ctx, at.person, at.draft)
	if err != nil {
		return err
	}
	_, proposal, err := h.offers(c, at.person, d)
	if err != nil {
		return err
	}
	picks := map[string]string{}
	for _, choice := range proposal {
		picks[choice.Component] = choice.Paper.ID
	}
	return h.Vault.Use(ctx, at.person, at.draft, 0, picks, key)
}

// offers are the earlier papers for each component that the draft asks for now, and all
// together where they make the dossier complete.
func (h *Filing) offers(c *fiber.Ctx, p signin.Person, d draft.Draft) (map[string][]vault.Paper, []vault.Choice, error) {
	components := d.Run(h.Drafts.Now()).Components()
	wants := make([]vault.Want, len(components))
	for i, k := range components {
		wants[i] = vault.WantOf(k)
	}
	found, err := h.Vault.Offers(c.UserContext(), p, d, wants)
	return found, vault.Proposal(d, components, found), err
}

// propose gives a paper's page the earlier ones that may stand for it, but those that do
// already, and which they are.
func (h *Filing) propose(c *fiber.Ctx, of signin.Person, p *papersPage, components []eforms.Component) error {
	found, proposal, err := h.offers(c, of, p.Draft)
	if err != nil {
		return err
	}
	p.Used = map[string]vault.Paper{}
	for _, one := range found[p.Component.ID] {
		if slices.ContainsFunc(p.Files, func(f draft.File) bool { return f.VaultID == one.ID }) {
			p.Used[one.ID] = one
		} else {
			p.Offers = append(p.Offers, one)
		}
	}
	if len(proposal) > 1 { // one alone is an offer
		p.Proposal = together(proposal, components)
	}
	return nil
}

func together(proposal []vault.Choice, components []eforms.Component) []proposed {
	var all []proposed
	for _, choice := range proposal {
		i := slices.IndexFunc(components, func(k eforms.Component) bool { return k.ID == choice.Component })
		all = append(all, proposed{components[i], choice.Paper})
	}
	return all
}

// offerOn tells a page of the form that asks for papers which of them are there already: all
// that the dossier lacks with one press, or where to look.
func (h *Filing) offerOn(c *fiber.Ctx, p *formPage, run *eforms.Run) error {
	if !slices.ContainsFunc(p.Model.Fields, func(f eforms.Field) bool { return f.Kind == eforms.Attachment }) {
		return nil
	}
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	found, proposal, err := h.offers(c, s.Person, p.Draft)
	if err != nil {
		return err
	}
	components := run.Components()
	p.Proposal = together(proposal, components)
	for _, k := range components {
		if k.Page == p.Model.No && len(found[k.ID]) > 0 && len(p.Draft.FilesOf(k.ID)) == 0 {
			p.Offered = append(p.Offered, k)
		}
	}
	return nil
}
