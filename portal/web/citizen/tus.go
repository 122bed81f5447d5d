package citizen

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"motcua/portal/draft"
	"motcua/portal/problem"
)

// Files in pieces by the open protocol tus 1.0.0 (tus.io): creation, offset, pieces,
// expiration, termination. A piece is on disk before it is acknowledged, so a phone that
// loses its line goes on where it was.
const (
	tusVersion = "1.0.0"
	tusPiece   = "application/offset+octet-stream"
)

func (h *Filing) tusRoutes(app fiber.Router, base string, find toPlace) {
	app.Post(base, h.tus(find, h.tusBegin))
	app.Head(base+"/:upload", h.tus(find, h.tusOffset))
	app.Patch(base+"/:upload", h.tus(find, h.tusPiece))
	app.Delete(base+"/:upload", h.tus(find, h.tusDrop))
}

// tus is what every call of the protocol begins with.
func (h *Filing) tus(find toPlace, do func(c *fiber.Ctx, at place) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set("Tus-Resumable", tusVersion)
		at, err := find(c)
		if err != nil {
			return err
		}
		if c.Get("Tus-Resumable") != tusVersion {
			c.Set("Tus-Version", tusVersion)
			return c.SendStatus(fiber.StatusPreconditionFailed)
		}
		if c.Method() != fiber.MethodHead { // which changes nothing
			if err := h.Call(c); err != nil {
				return err
			}
		}
		return do(c, at)
	}
}

func (h *Filing) tusBegin(c *fiber.Ctx, at place) error {
	length, err := strconv.ParseInt(c.Get("Upload-Length"), 10, 64)
	if err != nil || length < 0 {
		return fiber.ErrBadRequest
	}
	about, err := metadata(c.Get("Upload-Metadata"))
	if err != nil {
		return err
	}
	up := draft.Upload{Component: at.component, Name: about["filename"], Replaces: about["thay"]}
	u, err := h.Drafts.BeginUpload(c.UserContext(), at.person, at.draft, up, length)
	if err != nil {
		return err
	}
	c.Set("Location", at.at+"/tus/"+u.ID)
	return said(c.Status(fiber.StatusCreated), u)
}

// said puts how far an upload is into the headers.
func said(c *fiber.Ctx, u draft.Pending) error {
	c.Set("Upload-Offset", strconv.FormatInt(u.Got, 10))
	c.Set("Upload-Expires", u.EndsAt.UTC().Format(http.TimeFormat))
	return nil
}

// metadata are the pairs of a name and a value in base64, with commas between.
func metadata(header string) (map[string]string, error) {
	all := map[string]string{}
	for pair := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), " ")
		plain, err := base64.StdEncoding.DecodeString(value)
		if err != nil || !utf8.Valid(plain) || strings.Contains(string(plain), "\x00") {
			return nil, fiber.ErrBadRequest
		}
		all[name] = string(plain)
	}
	return all, nil
}

func (h *Filing) tusOffset(c *fiber.Ctx, at place) error {
	u, err := h.Drafts.Pending(c.UserContext(), at.person, at.draft, at.component, c.Params("upload"))
	if err != nil {
		return err
	}
	c.Set("Upload-Length", strconv.FormatInt(u.Length, 10))
	return said(c, u)
}

// tusPiece stores what came, also of a piece that broke off.
func (h *Filing) tusPiece(c *fiber.Ctx, at place) error {
	if c.Get(fiber.HeaderContentType) != tusPiece {
		return fiber.ErrUnsupportedMediaType
	}
	offset, err := strconv.ParseInt(c.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return fiber.ErrBadRequest
	}
	// who it is for and where it belongs is asked before its bytes are read
	u, err := h.Drafts.Pending(c.UserContext(), at.person, at.draft, at.component, c.Params("upload"))
	if err != nil {
		return err
	}
	if u.Got != offset {
		return problem.New(problem.Conflict, "draft.upload_offset")
	}
	piece, torn := h.Piece(c, draft.MaxPiece)
	if torn != nil && len(piece) == 0 {
		return torn
	}
	u, err = h.Drafts.Piece(c.UserContext(), at.person, at.draft, at.component, u.ID, offset, piece)
	if err != nil {
		return err
	}
	if torn != nil {
		return torn
	}
	return said(c.Status(fiber.StatusNoContent), u)
}

func (h *Filing) tusDrop(c *fiber.Ctx, at place) error {
	if err := h.Drafts.DropUpload(c.UserContext(), at.person, at.draft, at.component, c.Params("upload")); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}
