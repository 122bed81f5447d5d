package citizen

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"motcua/eforms"
	"motcua/locales"
	"motcua/portal/draft"
	"motcua/portal/once"
	"motcua/portal/problem"
	"motcua/portal/signin"
	"motcua/portal/web"
)

// papersPage is one component with its files (ux UP): it holds no other question, so that
// nothing is lost when a phone's camera takes the memory.
type papersPage struct {
	Draft     draft.Draft
	Component eforms.Component
	Files     []draft.File
	Used      int64 // bytes of the whole dossier
	Pages     int
	Next      string // where "go on" leads
	Query     string // kept in the addresses of its forms, so that a person gets back to the check page
}

func (h *Filing) papers(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	d, err := h.draftOf(c, s)
	if err != nil {
		return h.filedInstead(c, s, err)
	}
	return h.showPapers(c, fiber.StatusOK, d, nil)
}

func (h *Filing) showPapers(c *fiber.Ctx, status int, d draft.Draft, faults []web.ErrorLink) error {
	run := d.Run(h.Drafts.Now())
	i := slices.IndexFunc(run.Components(), func(k eforms.Component) bool { return k.ID == c.Params("component") })
	if i < 0 {
		return fiber.ErrNotFound
	}
	component := run.Components()[i]
	data := papersPage{Draft: d, Component: component, Files: d.FilesOf(component.ID)}
	for _, f := range d.Files {
		data.Used += f.Size
	}
	for _, f := range data.Files {
		data.Pages += f.Pages
	}
	data.Query = query(c)
	back := "/ho-so/" + d.ID + "/buoc/" + itoa(component.Page)
	data.Next = back
	if c.Query("sua") != "" {
		data.Next = "/ho-so/" + d.ID + "/kiem-tra"
	}
	p := web.Page{Title: component.Name, Frame: web.FrameForm, Service: d.Revision.Sheet.Name, Back: back, Errors: faults, Data: data}
	return h.Show(c, status, "citizen/papers", p)
}

// changePapers takes files in (multipart) or moves, turns away or replaces one (urlencoded,
// lam=).
func (h *Filing) changePapers(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	if strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) {
		return h.upload(c, s)
	}
	form, err := h.Form(c)
	if err != nil {
		return err
	}
	id, component, file := c.Params("id"), c.Params("component"), form.Get("tep")
	switch form.Get("lam") {
	case "xoa":
		err = h.Drafts.Remove(c.UserContext(), s.Person, id, 0, component, file)
	case "len":
		err = h.Drafts.Shift(c.UserContext(), s.Person, id, 0, component, file, -1, h.key(c, s))
	case "xuong":
		err = h.Drafts.Shift(c.UserContext(), s.Person, id, 0, component, file, 1, h.key(c, s))
	default:
		err = fiber.ErrBadRequest
	}
	if err != nil {
		return err
	}
	return h.Redirect(c, "/ho-so/"+id+"/giay-to/"+component+query(c))
}

func query(c *fiber.Ctx) string {
	if c.Query("sua") != "" {
		return "?sua=1"
	}
	return ""
}

// upload stores each file as it arrives. One that cannot be taken does not keep out the others.
func (h *Filing) upload(c *fiber.Ctx, s signin.Session) error {
	parts, err := h.Parts(c)
	if err != nil {
		return err
	}
	id, component := c.Params("id"), c.Params("component")
	stored, faults, err := h.storeAll(c, s, parts, id, draft.Upload{Component: component, Replaces: parts.Values.Get("thay")})
	if err != nil {
		return err
	}
	if stored == 0 && len(faults) == 0 {
		faults = []web.ErrorLink{{Field: "tep", Message: locales.M("draft.no_file")}}
	}
	if len(faults) == 0 {
		return h.Redirect(c, "/ho-so/"+id+"/giay-to/"+component+query(c))
	}
	d, err := h.Drafts.Load(c.UserContext(), s.Person, id)
	if err != nil {
		return err
	}
	return h.showPapers(c, statusOf(faults), d, faults)
}

// storeAll attaches the files of a form to one component. The first takes the place of the
// one to be replaced.
func (h *Filing) storeAll(c *fiber.Ctx, s signin.Session, parts *web.Parts, id string, up draft.Upload) (int, []web.ErrorLink, error) {
	return h.storeEach(c, s, parts, id, func(string) (draft.Upload, bool) {
		next := up
		up.Replaces = ""
		return next, true
	})
}

// storeBy attaches each file of a form to the component that its field stands for.
func (h *Filing) storeBy(c *fiber.Ctx, s signin.Session, parts *web.Parts, id string, round int, component func(field string) (string, bool)) ([]web.ErrorLink, error) {
	_, faults, err := h.storeEach(c, s, parts, id, func(field string) (draft.Upload, bool) {
		name, known := component(field)
		return draft.Upload{Component: name, Round: round}, known
	})
	return faults, err
}

// storeEach takes the files in one by one. Each has its own key, made of the form's and its
// place in it; a fault of one does not keep out the others.
func (h *Filing) storeEach(c *fiber.Ctx, s signin.Session, parts *web.Parts, id string, upload func(field string) (draft.Upload, bool)) (int, []web.ErrorLink, error) {
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
		_, err = h.Drafts.Attach(c.UserContext(), s.Person, id, up, nth(h.key(c, s), n))
		if p, refused := asInvalid(err); refused {
			faults = append(faults, web.ErrorLink{Field: f.Field, Message: p.Message})
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

// draftFile shows a file of the person's own draft.
func (h *Filing) draftFile(c *fiber.Ctx) error {
	s, err := h.Need(c)
	if err != nil {
		return err
	}
	f, body, err := h.Drafts.OpenFile(c.UserContext(), s.Person, c.Params("id"), c.Params("file"))
	if err != nil {
		return err
	}
	if f.Component != c.Params("component") {
		return errors.Join(fiber.ErrNotFound, body.Close())
	}
	return h.Send(c, web.Download{Name: f.Name, Media: f.Media, Size: f.Size}, body)
}
