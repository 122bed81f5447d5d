package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/portal/problem"
)

const macSize = sha256.Size

// formToken is what a form carries in _csrf: the HMAC of the session cookie, or of the
// browser's when nobody is signed in, under a mask that is new each time, so that the
// compressed size of a page says nothing about it.
func (w *Web) formToken(c *fiber.Ctx) string {
	both := make([]byte, 2*macSize)
	rand.Read(both[:macSize])
	for i, b := range w.formMAC(c) {
		both[macSize+i] = b ^ both[i]
	}
	return base64.RawURLEncoding.EncodeToString(both)
}

func (w *Web) formMAC(c *fiber.Ctx) []byte {
	mac := hmac.New(sha256.New, w.Secret)
	if token := w.Token(c); token != "" {
		mac.Write([]byte("session:" + token))
	} else {
		mac.Write([]byte("browser:" + w.Browser(c)))
	}
	return mac.Sum(nil)
}

// proofField is the hidden field that a proof travels in.
const proofField = "_giu"

// Proof ties a form to this browser and to one thing: unlike the token it outlives the
// session, so that what is sent after its end, or after the same browser has signed in
// anew in another tab, is known to come from a page of ours. Whether the thing is the
// person's is asked as ever.
func (w *Web) Proof(c *fiber.Ctx, thing string) string {
	mac := hmac.New(sha256.New, w.Secret)
	mac.Write([]byte("proof:" + w.Browser(c) + ":" + thing))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (w *Web) proves(c *fiber.Ctx, thing, proof string) bool {
	return thing != "" && proof != "" && hmac.Equal([]byte(proof), []byte(w.Proof(c, thing)))
}

// BrowserMark is this browser without its cookie's value: for records of who sent what.
func (w *Web) BrowserMark(c *fiber.Ctx) []byte {
	mac := hmac.New(sha256.New, w.Secret)
	mac.Write([]byte("mark:" + w.Browser(c)))
	return mac.Sum(nil)
}

// checkToken refuses a form whose token is not of this session or browser.
func (w *Web) checkToken(c *fiber.Ctx, token string) error {
	both, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(both) != 2*macSize {
		return problem.New(problem.Forbidden, "web.stale_form")
	}
	for i := range macSize {
		both[macSize+i] ^= both[i]
	}
	if !hmac.Equal(both[macSize:], w.formMAC(c)) {
		return problem.New(problem.Forbidden, "web.stale_form")
	}
	return nil
}

// checkOrigin refuses what another site's page has sent. The token alone would do, but a
// leaked one must not be enough. Programs send neither header.
func (w *Web) checkOrigin(c *fiber.Ctx) error {
	if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return problem.New(problem.Forbidden, "web.foreign_form")
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" && !w.ours(origin, c) {
		return problem.New(problem.Forbidden, "web.foreign_form")
	}
	return nil
}

// ours says whether an origin or address is this portal's: the public address, or on plain
// http (loopback) whatever name the browser used for us.
func (w *Web) ours(address string, c *fiber.Ctx) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	if strings.EqualFold(u.Scheme, w.origin.Scheme) && strings.EqualFold(u.Host, w.origin.Host) {
		return true
	}
	return !w.secure && u.Scheme == "http" && strings.EqualFold(u.Host, string(c.Context().Host()))
}

// Local says whether next is a path here that a redirect may lead to. Browsers read a
// backslash as a slash and drop control characters, so none may be in it.
func Local(next string) bool {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, "\\") || !plainText(next) {
		return false
	}
	u, err := url.Parse(next)
	return err == nil && u.Scheme == "" && u.Host == "" && !strings.HasPrefix(u.Path, "//") && !strings.Contains(u.Path, "\\")
}

// Redirect sends the browser on with 303, to a path here only.
func (w *Web) Redirect(c *fiber.Ctx, path string) error {
	if !Local(path) {
		path = "/"
	}
	return c.Redirect(path, fiber.StatusSeeOther)
}
