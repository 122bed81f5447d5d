package web

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// methods are the ones routes may have. The rest (TRACE, CONNECT, PROPFIND …) is refused
// before routing: Fiber answers a method it does not know without running any middleware.
var methods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true}

// guard stands before the router: it refuses odd methods and makes sure that no byte of a
// body is left on a connection that is used again.
func (w *Web) guard(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		track(ctx)
		if methods[string(ctx.Method())] {
			next(ctx)
		} else {
			w.protect(&ctx.Response.Header)
			ctx.Response.Header.Set("Allow", "GET, HEAD, POST")
			ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
		}
		finish(ctx)
	}
}

// begin is the first middleware: headers, request id, and addresses that nothing behind
// it should have to think about.
func (w *Web) begin(c *fiber.Ctx) error {
	c.Locals(idKey, newID())
	c.Set(fiber.HeaderXRequestID, RequestID(c))
	w.protect(&c.Context().Response.Header)
	if !plainAddress(c.Context().URI()) {
		return fiber.NewError(fiber.StatusBadRequest)
	}
	w.chooseLang(c)
	return c.Next()
}

// plainAddress says whether path and query are what they look like after one decoding. A
// percent sign that is left means a second decoding somewhere could turn the path into
// another one (GO-2026-4950); NUL and broken UTF-8 are refused by PostgreSQL only later,
// as a fault of ours.
func plainAddress(uri *fasthttp.URI) bool {
	path, err := url.PathUnescape(string(uri.PathOriginal()))
	if err != nil || strings.ContainsAny(path, "%\\") || !plainText(path) {
		return false
	}
	query, err := url.QueryUnescape(string(uri.QueryString()))
	return err == nil && !strings.Contains(query, "\x00") && utf8.ValidString(query)
}

func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

type localKey int

const (
	idKey localKey = iota
	langKey
	sessionKey
	browserKey
	formKey
	cancelKey
	helpingKey
)

// RequestID is the name of this request in the log and on an error page.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(idKey).(string)
	return id
}

func newID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// protect sets what every answer carries, also errors and redirects.
func (w *Web) protect(h *fasthttp.ResponseHeader) {
	h.Set("Content-Security-Policy", w.policy("'none'"))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY") // browsers older than frame-ancestors
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
	h.Set("Cache-Control", "no-store") // pages are personal until one says it is not
	if w.secure {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// policy is the Content-Security-Policy of pages with who may frame them.
func (w *Web) policy(ancestors string) string {
	targets := strings.Join(append([]string{"'self'"}, w.FormTargets...), " ")
	return "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; " +
		"object-src 'none'; base-uri 'none'; form-action " + targets + "; frame-ancestors " + ancestors
}

// Framed lets our own pages show this one in a frame: the preview of a page.
func (w *Web) Framed(c *fiber.Ctx) {
	c.Set("Content-Security-Policy", w.policy("'self'"))
	c.Set("X-Frame-Options", "SAMEORIGIN")
}

// inert keeps a file that somebody sent from acting when a browser shows it in place: it
// loads nothing, sends nothing, and a picture has no origin either. A PDF keeps its: older
// viewers of browsers show nothing in a sandbox. framed lets our own pages show it in a
// frame: the officer's viewer of papers.
func inert(c *fiber.Ctx, media string, framed bool) {
	policy, ancestors := "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ", "'none'"
	if framed {
		ancestors = "'self'"
		c.Set("X-Frame-Options", "SAMEORIGIN")
	}
	policy += ancestors
	if media != "application/pdf" {
		policy += "; sandbox"
	}
	c.Set("Content-Security-Policy", policy)
}
