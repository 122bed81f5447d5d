package citizen

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/vault"
	"motcua/portal/web"
)

// place is the paper that a request is about, and whose it is.
type place struct {
	person    signin.Person
	draft     string
	component string
	at        string // address of its page
	phone     bool   // it was opened by a link: this page is all there is
}

// toPlace finds the place of a request: by the address and the session, or by the link that
// a phone was opened with.
type toPlace = func(c *fiber.Ctx) (place, error)

func (h *Filing) ownPaper(c *fiber.Ctx) (place, error) {
	s, err := h.Need(c)
	if err != nil {
		return place{}, err
	}
	at := place{person: s.Person, draft: c.Params("id"), component: c.Params("component")}
	at.at = "/ho-so/" + at.draft + "/giay-to/" + at.component
	return at, nil
}

// paperRoutes are the addresses of a paper's page under base.
func (h *Filing) paperRoutes(app fiber.Router, base string, find toPlace) {
	app.Get(base, h.papers(find))
	app.Post(base, h.changePapers(find))
	app.Get(base+"/ban-ghep.pdf", h.joined(find))
	app.Get(base+"/:file", h.draftFile(find))
	h.tusRoutes(app, base+"/tus", find)
}

// papersPage is one component with its files (ux UP): it holds no other question, so that
// nothing is lost when a phone's camera takes the memory.
type papersPage struct {
	Draft     draft.Draft
	Component eforms.Component
	Files     []draft.File
	Joined    bool   // the pictures are joined to one PDF
	Waiting   int    // what a worker has still to make
	Bytes     int64  // bytes of the whole dossier
	Pages     int    // of this paper
	At        string // address of this page
	Next      string // where "go on" leads
	Query     string // kept in the addresses of its forms, so that a person gets back to the check page
	Phone     bool

	Offers   []vault.Paper // earlier ones that may stand for this one
	Proposal []proposed    // one for each that is still lacking
	Used     map[string]vault.Paper
}

// The limits that are said before, and what is left of them.
func (p papersPage) MaxPages() int   { return draft.MaxPages }
func (p papersPage) LeftPages() int  { return max(0, draft.MaxPages-p.Pages) }
func (p papersPage) MaxBytes() int64 { return draft.MaxDossier }

// LeftBytes is rounded by the page, so what is used and left may seem a megabyte apart.
func (p papersPage) LeftBytes() int64 { return max(0, draft.MaxDossier-p.Bytes) }

func (h *Filing) papers(find toPlace) fiber.Handler {
	return func(c *fiber.Ctx) error {
		at, err := find(c)
		if err != nil {
			return err
		}
		d, err := h.draftAt(c, at)
		if err != nil && !at.phone {
			return h.filedInstead(c, signin.Session{Person: at.person}, err)
		}
		if err != nil {
			return err
		}
		return h.showPapers(c, fiber.StatusOK, at, d, nil)
	}
}

// draftAt loads the draft of a place. A phone's page moves nothing to a newer form.
func (h *Filing) draftAt(c *fiber.Ctx, at place) (draft.Draft, error) {
	if at.phone {
		return h.Drafts.Load(c.UserContext(), at.person, at.draft)
	}
	return h.draftOf(c, signin.Session{Person: at.person})
}

func (h *Filing) showPapers(c *fiber.Ctx, status int, at place, d draft.Draft, faults []web.ErrorLink) error {
	components := d.Run(h.Drafts.Now()).Components()
	i := slices.IndexFunc(components, func(k eforms.Component) bool { return k.ID == at.component })
	if i < 0 {
		return fiber.ErrNotFound
	}
	joined, err := h.Drafts.Joined(c.UserContext(), at.person, d.ID)
	if err != nil {
		return err
	}
	data := papersPage{Draft: d, Component: components[i], Files: d.FilesOf(at.component), At: at.at, Query: query(c), Phone: at.phone}
	data.count(joined)
	if !at.phone { // a link to one paper's page shows no other papers
		if err := h.propose(c, at.person, &data, components); err != nil {
			return err
		}
	}
	if strings.HasPrefix(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON) { // the page asks whether its pictures are ready
		return c.JSON(struct {
			State string `json:"state"`
		}{itoa(data.Waiting)})
	}
	back := "/ho-so/" + d.ID + "/buoc/" + itoa(components[i].Page)
	data.Next = back
	if c.Query("sua") != "" {
		data.Next = "/ho-so/" + d.ID + "/kiem-tra"
	}
	if at.phone {
		back = ""
	}
	p := web.Page{Title: components[i].Name, Frame: web.FrameForm, Service: d.Revision.Sheet.Name, Of: ofWhom(d.Capacity.Kind, d.Capacity.Name), Back: back, Errors: faults, Data: data}
	return h.Show(c, status, "citizen/papers", p)
}

// count fills in what is used and what is still to be made.
func (p *papersPage) count(joined []draft.Joined) {
	for _, f := range p.Draft.Files {
		p.Bytes += f.Size
	}
	pictures := false
	for _, f := range p.Files {
		p.Pages += f.Pages
		pictures = pictures || f.Thumbnail()
		if f.Waiting() {
			p.Waiting++
		}
	}
	p.Joined = slices.ContainsFunc(joined, func(j draft.Joined) bool { return j.Round == 0 && j.Component == p.Component.ID })
	if pictures && !p.Joined && p.Waiting == 0 {
		p.Waiting = 1
	}
}

// changePapers takes files in (multipart) or moves, turns, or takes away one (urlencoded,
// lam=).
func (h *Filing) changePapers(find toPlace) fiber.Handler {
	return func(c *fiber.Ctx) error {
		at, err := find(c)
		if err != nil {
			return err
		}
		if strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
			return h.upload(c, at)
		}
		form, err := h.Form(c)
		if err != nil {
			return err
		}
		if form.Get("lam") == "dien-thoai" {
			return h.handOff(c, at)
		}
		if slices.Contains([]string{"dung", "dung-het", "bo-dung"}, form.Get("lam")) {
			if at.phone {
				return fiber.ErrNotFound
			}
			if err := h.useEarlier(c, at, form.Get("lam"), form.Get("giay"), h.keyOf(c, at.person)); err != nil {
				return err
			}
			if no, err := strconv.Atoi(form.Get("ve")); err == nil { // pressed on a page of the form
				return h.Redirect(c, "/ho-so/"+at.draft+"/buoc/"+itoa(no))
			}
			return h.Redirect(c, at.at+query(c))
		}
		if err := h.changeFile(c, at, form.Get("lam"), form.Get("tep")); err != nil {
			return err
		}
		return h.Redirect(c, at.at+query(c))
	}
}

func (h *Filing) changeFile(c *fiber.Ctx, at place, deed, file string) error {
	ctx, key := c.UserContext(), h.keyOf(c, at.person)
	switch deed {
	case "xoa":
		return h.Drafts.Remove(ctx, at.person, at.draft, 0, at.component, file)
	case "len":
		return h.Drafts.Shift(ctx, at.person, at.draft, 0, at.component, file, -1, key)
	case "xuong":
		return h.Drafts.Shift(ctx, at.person, at.draft, 0, at.component, file, 1, key)
	case "xoay", "xoay-phai":
		return h.Drafts.Turn(ctx, at.person, at.draft, 0, at.component, file, 90, key)
	case "xoay-trai":
		return h.Drafts.Turn(ctx, at.person, at.draft, 0, at.component, file, -90, key)
	}
	return fiber.ErrBadRequest
}

func query(c *fiber.Ctx) string {
	if c.Query("sua") != "" {
		return "?sua=1"
	}
	return ""
}

// upload stores each file as it arrives. One that cannot be taken does not keep out the others.
func (h *Filing) upload(c *fiber.Ctx, at place) error {
	parts, err := h.Parts(c)
	if err != nil {
		return err
	}
	up := draft.Upload{Component: at.component, Replaces: parts.Values.Get("thay")}
	stored, faults, err := h.storeEach(c, at.person, parts, at.draft, func(string) (draft.Upload, bool) {
		next := up
		up.Replaces = "" // the first takes the place of the one to be replaced
		return next, true
	})
	if err != nil {
		return err
	}
	if stored == 0 && len(faults) == 0 {
		faults = []web.ErrorLink{{Field: "tep", Message: locales.M("draft.no_file")}}
	}
	if len(faults) == 0 {
		return h.Redirect(c, at.at+query(c))
	}
	d, err := h.Drafts.Load(c.UserContext(), at.person, at.draft)
	if err != nil {
		return err
	}
	return h.showPapers(c, statusOf(faults), at, d, faults)
}

// storeBy attaches each file of a form to the component that its field stands for.
func (h *Filing) storeBy(c *fiber.Ctx, s signin.Session, parts *web.Parts, id string, round int, component func(field string) (string, bool)) ([]web.ErrorLink, error) {
	_, faults, err := h.storeEach(c, s.Person, parts, id, func(field string) (draft.Upload, bool) {
		name, known := component(field)
		return draft.Upload{Component: name, Round: round}, known
	})
	return faults, err
}

// storeEach takes the files in one by one. Each has its own key, made of the form's and its
// place in it; a fault of one does not keep out the others.
func (h *Filing) storeEach(c *fiber.Ctx, p signin.Person, parts *web.Parts, id string, upload func(field string) (draft.Upload, bool)) (int, []web.ErrorLink, error) {
	var faults []web.ErrorLink
	stored := 0
	for n := 0; ; n++ {
		f, err := parts.Next()
		if errors.Is(err, io.EOF) {
			return stored, faults, nil
		}
		if err != nil {
			return stored, faults, err
		}
		up, known := upload(f.Field)
		if !known {
			return stored, faults, fiber.ErrBadRequest
		}
		up.Name, up.Body = f.Name, f
		_, err = h.Drafts.Attach(c.UserContext(), p, id, up, nth(h.keyOf(c, p), n))
		if fault, refused := asInvalid(err); refused {
			faults = append(faults, web.ErrorLink{Field: f.Field, Message: fault.Message})
		} else if err != nil {
			return stored, faults, err
		} else {
			stored++
		}
	}
}

// statusOf is the status of a page with faults of files: 413 when one was too large.
func statusOf(faults []web.ErrorLink) int {
	for _, f := range faults {
		if m, ok := f.Message.(locales.Message); ok && m.Key == "draft.file_too_large" {
			return fiber.StatusRequestEntityTooLarge
		}
	}
	return fiber.StatusUnprocessableEntity
}

// asInvalid is a fault of what was sent, to be shown beside it.
func asInvalid(err error) (*problem.Error, bool) {
	var p *problem.Error
	ok := errors.As(err, &p) && (p.Kind == problem.Invalid || p.Kind == problem.TooLarge)
	return p, ok
}

// nth is the key of the n-th file of a form.
func nth(key once.Key, n int) once.Key {
	key.Key = uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s#%d", key.Key, n)).String()
	return key
}

// draftFile shows a file of the person's own draft: as it came, or its thumbnail (?nho).
func (h *Filing) draftFile(find toPlace) fiber.Handler {
	return func(c *fiber.Ctx) error {
		at, err := find(c)
		if err != nil {
			return err
		}
		small, open := c.Context().QueryArgs().Has("nho"), h.Drafts.OpenFile
		if small {
			open = h.Drafts.OpenThumbnail
		}
		f, body, err := open(c.UserContext(), at.person, at.draft, c.Params("file"))
		if err != nil {
			return err
		}
		if f.Component != at.component {
			return errors.Join(fiber.ErrNotFound, body.Close())
		}
		if small {
			return h.Send(c, web.Download{Name: f.Name + ".jpg", Media: "image/jpeg", Size: f.SmallSize}, body)
		}
		return h.Send(c, web.Download{Name: f.Name, Media: f.Media, Size: f.Size}, body)
	}
}

// joined shows the pictures of a paper as the agency will see them: one PDF.
func (h *Filing) joined(find toPlace) fiber.Handler {
	return func(c *fiber.Ctx) error {
		at, err := find(c)
		if err != nil {
			return err
		}
		j, body, err := h.Drafts.OpenJoined(c.UserContext(), at.person, at.draft, 0, at.component)
		if err != nil {
			return err
		}
		return h.Send(c, web.Download{Name: strings.ReplaceAll(at.component, "_", "-") + ".pdf", Media: "application/pdf", Size: j.Size}, body)
	}
}
