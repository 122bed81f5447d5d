package staff

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/portal/desk"
	"motcua/portal/dossier"
	"motcua/portal/draft"
	"motcua/portal/signature"
	"motcua/portal/vault"
)

// sheet is one thing in the viewer: a file as it was received, or the working copy of a
// paper with the photographs that it was made of beside it.
type sheet struct {
	ID        string
	Path      string
	Name      string
	Component string
	Filing    int
	Pages     int
	Size      int64
	Image     bool
	Alone     bool                 // a photograph whose working copy is not made yet, or cannot be
	Originals []dossier.Attachment // of a working copy

	Signatures []signature.Signature
	Earlier    *vault.Paper // that it was before: an agency has checked it
}

// sheets are what an officer looks at, in the order of the papers: photographs as the one
// PDF they were joined to, where there is one, and whatever else was received as it is.
func sheets(k desk.Case) []sheet {
	var all []sheet
	at := map[string]int{} // where the working copies stand
	for _, a := range k.Attachments {
		j, ok := joinedOf(k, a)
		if !ok {
			all = append(all, sheet{ID: a.ID, Path: "/can-bo/ho-so/" + k.ID + "/tep/" + a.ID, Name: a.Name, Component: a.Component,
				Filing: a.Filing, Pages: a.Pages, Size: a.Size, Image: a.Image(), Alone: a.Image(), Signatures: a.Signatures.V, Earlier: earlier(k, a)})
			continue
		}
		id := fmt.Sprintf("%d-%s", a.Filing, a.Component)
		i, there := at[id]
		if !there {
			i = len(all)
			at[id] = i
			all = append(all, sheet{ID: id, Path: fmt.Sprintf("/can-bo/ho-so/%s/ban-ghep/%d/%s", k.ID, a.Filing, a.Component),
				Name: fmt.Sprintf("%02d-%s.pdf", len(at), paperName(a.Component)), Component: a.Component, Filing: a.Filing, Pages: j.Pages, Size: j.Size, Earlier: earlier(k, a)})
		}
		all[i].Originals = append(all[i].Originals, a)
	}
	return all
}

// earlier is the paper of the owner's that a file was used again of, nil for an upload.
func earlier(k desk.Case, a dossier.Attachment) *vault.Paper {
	if p, found := k.Earlier[a.VaultID]; found {
		return &p
	}
	return nil
}

// joinedOf is the working copy that the file is in.
func joinedOf(k desk.Case, a dossier.Attachment) (draft.Joined, bool) {
	for _, j := range k.Joined {
		if j.Round == a.Filing-1 && j.Component == a.Component && j.Of(a.ID) {
			return j, true
		}
	}
	return draft.Joined{}, false
}

// paperName is a component as a name of a file, which the system gives (ux UP-9).
func paperName(component string) string { return strings.ReplaceAll(component, "_", "-") }

// attachment streams a filed file into the viewer, as it was received.
func (h *Pages) attachment(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	a, body, err := h.Desk.Attachment(c.UserContext(), o, c.Params("id"), c.Params("file"), h.seen(c))
	if err != nil {
		return err
	}
	return h.send(c, a.Name, a.Media, a.Size, body)
}

// joined streams the working copy of a paper into the viewer.
func (h *Pages) joined(c *fiber.Ctx) error {
	_, o, err := h.officer(c)
	if err != nil {
		return err
	}
	filing, _ := strconv.Atoi(c.Params("filing")) // none has 0
	j, body, err := h.Desk.Joined(c.UserContext(), o, c.Params("id"), filing, c.Params("component"), h.seen(c))
	if err != nil {
		return err
	}
	return h.send(c, paperName(j.Component)+".pdf", "application/pdf", j.Size, body)
}
