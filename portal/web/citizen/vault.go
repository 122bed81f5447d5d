package citizen

import (
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/applicant"
	"motcua/portal/signin"
	"motcua/portal/vault"
	"motcua/portal/web"
)

const (
	vaultAddress  = "/tai-khoan/giay-to"
	sharedAddress = "/giay-to"
)

// vaultRoutes are "Giấy tờ của tôi" (ux C20), and what others see of a shared paper.
func (h *Filing) vaultRoutes(app fiber.Router) {
	app.Get(vaultAddress, h.vaulted)
	app.Get(vaultAddress+"/:paper", h.vaultPaper)
	app.Get(vaultAddress+"/:paper/tep/:no", h.vaultFile)
	app.Post(vaultAddress+"/:paper/an", h.hidePaper)
	app.Post(vaultAddress+"/:paper/chia-se", h.sharePaper)
	app.Post(vaultAddress+"/:paper/chia-se/:share/dung", h.unshare)
	app.Get(sharedAddress, h.askCode)
	app.Post(sharedAddress, h.showShared)
}

// vaultPage is a person's papers, under the heading of whose they are.
type vaultPage struct {
	Groups []vaultGroup
	Hidden bool // these are the hidden ones
	Away   int  // how many there are of those
	None   bool
}

// vaultGroup is what one owner has, by kind of paper.
type vaultGroup struct {
	Business  *applicant.Business // nil: the person's own
	Papers    []vaultLine
	Unchecked []vault.Upload
}

// vaultLine is a paper with how it stands today.
type vaultLine struct {
	vault.Paper
	State string
}

func (h *Filing) vaulted(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	hidden := c.Query("an") != ""
	l, err := h.Vault.Of(c.UserContext(), s.Person, hidden)
	if err != nil {
		return err
	}
	d := vaultPage{Hidden: hidden, Away: l.Hidden, None: len(l.Papers)+len(l.Unchecked) == 0}
	d.Groups = append(d.Groups, h.vaultGroup(l, nil))
	for _, b := range l.Businesses {
		if g := h.vaultGroup(l, &b); len(g.Papers)+len(g.Unchecked) > 0 {
			d.Groups = append(d.Groups, g)
		}
	}
	return h.Show(c, fiber.StatusOK, "citizen/vault", web.Page{Title: locales.M("vault.title"), Crumbs: crumbs(web.Crumb{Path: "/ho-so", Name: locales.M("mine.title")}), Data: d})
}

// vaultGroup takes the papers of one owner, those of a kind together, the newest first.
func (h *Filing) vaultGroup(l vault.List, b *applicant.Business) vaultGroup {
	g, code := vaultGroup{Business: b}, ""
	if b != nil {
		code = b.TaxCode
	}
	kinds := map[string]int{} // in the order of their newest
	for _, p := range l.Papers {
		if p.TaxCode != code {
			continue
		}
		if _, met := kinds[kindOf(p)]; !met {
			kinds[kindOf(p)] = len(kinds)
		}
		g.Papers = append(g.Papers, vaultLine{p, p.State(h.Vault.Now())})
	}
	slices.SortStableFunc(g.Papers, func(a, b vaultLine) int { return kinds[kindOf(a.Paper)] - kinds[kindOf(b.Paper)] })
	for _, u := range l.Unchecked {
		if u.TaxCode == code {
			g.Unchecked = append(g.Unchecked, u)
		}
	}
	return g
}

// kindOf is what papers are put together by: the type, or the name where there is none.
func kindOf(p vault.Paper) string {
	if p.Type != "" {
		return p.Type
	}
	return p.Name.VI
}

// vaultPaperPage is one paper with where it was used and to whom it is open.
type vaultPaperPage struct {
	vaultLine
	Uses   []vault.Used
	Shares []shareLine
	Terms  []term
}

type shareLine struct {
	vault.Share
	Open bool
}

// term is how long a paper may be shared for.
type term struct {
	Value string
	Words locales.Message
}

// termValues are the terms' names in forms.
var termValues = map[string]time.Duration{"1h": time.Hour, "1d": 24 * time.Hour, "7d": 7 * 24 * time.Hour}

func termsOf(p vault.Paper) []term {
	var all []term
	for _, t := range p.Terms() {
		for value, of := range termValues {
			if of == t {
				all = append(all, term{value, vault.TermWords(t)})
			}
		}
	}
	return all
}

func (h *Filing) vaultPaper(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	return h.showVaultPaper(c, s, fiber.StatusOK, nil)
}

func (h *Filing) showVaultPaper(c *fiber.Ctx, s signin.Session, status int, faults []web.ErrorLink) error {
	ctx := c.UserContext()
	p, err := h.Vault.One(ctx, s.Person, c.Params("paper"))
	if err != nil {
		return err
	}
	d := vaultPaperPage{vaultLine: vaultLine{p, p.State(h.Vault.Now())}, Terms: termsOf(p)}
	if d.Uses, err = h.Vault.Uses(ctx, p); err != nil {
		return err
	}
	shares, err := h.Vault.Shares(ctx, p)
	if err != nil {
		return err
	}
	for _, one := range shares {
		d.Shares = append(d.Shares, shareLine{one, one.Open(h.Vault.Now())})
	}
	return h.Show(c, status, "citizen/vault-paper", web.Page{Title: p.Name, Crumbs: crumbs(web.Crumb{Path: vaultAddress, Name: locales.M("vault.title")}), Errors: faults, Data: d})
}

// vaultFile sends a file of the person's paper: as it came, its thumbnail (?nho), or to be
// kept (?luu).
func (h *Filing) vaultFile(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	no, err := number(c, "no")
	if err != nil {
		return err
	}
	args := c.Context().QueryArgs()
	f, body, err := h.Vault.Open(c.UserContext(), s.Person, c.Params("paper"), no, args.Has("nho"))
	if err != nil {
		return err
	}
	if args.Has("nho") {
		return h.Send(c, web.Download{Name: f.Name + ".jpg", Media: "image/jpeg", Size: f.SmallSize}, body)
	}
	return h.Send(c, web.Download{Name: f.Name, Media: f.Media, Size: f.Size, Save: args.Has("luu")}, body)
}

func (h *Filing) hidePaper(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	if err := h.Vault.Hide(c.UserContext(), s.Person, c.Params("paper"), form.Get("an") == "1"); err != nil {
		return err
	}
	return h.Redirect(c, vaultAddress)
}
