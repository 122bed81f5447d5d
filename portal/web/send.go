package web

import (
	"io"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Download is a file that a person may have, with the name and type that we gave it.
type Download struct {
	Name  string
	Media string
	Size  int64
	Save  bool // to be saved, not shown
	Frame bool // our own pages may show it in a frame
}

// shown are the types a browser may show in place; all others are saved, so that nothing
// that was uploaded is ever run as a page of ours.
var shown = map[string]bool{"application/pdf": true, "image/jpeg": true, "image/png": true, "text/calendar": true}

// Send answers with a file. A body that is a Closer is closed when it has been sent.
func (w *Web) Send(c *fiber.Ctx, d Download, body io.Reader) error {
	how, media := "inline", d.Media
	if d.Save || !shown[media] {
		how = "attachment"
	}
	if !shown[media] {
		media = fiber.MIMEOctetStream
	}
	inert(c, media, d.Frame)
	c.Set(fiber.HeaderContentType, media)
	c.Set(fiber.HeaderContentDisposition, how+`; filename="`+asciiName(d.Name)+`"; filename*=UTF-8''`+strings.ReplaceAll(url.QueryEscape(d.Name), "+", "%20"))
	c.Set("X-Robots-Tag", "noindex")
	c.Context().SetBodyStream(body, int(d.Size))
	return nil
}

// asciiName is a name for programs that do not read RFC 8187.
func asciiName(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
}
