package web

import (
	"crypto/rand"
	"encoding/base64"
	"time"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// cookieName is the name of one of our cookies: __Host- over https, so that no neighbour
// under the same domain can set it; browsers refuse that prefix on plain http.
func (w *Web) cookieName(what string) string {
	if w.secure {
		return "__Host-" + what
	}
	return "motcua_" + what
}

func (w *Web) setCookie(c *fiber.Ctx, what, value string, expires time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: w.cookieName(what), Value: value, Path: "/", Expires: expires,
		Secure: w.secure, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
	})
}

// SetSession gives the browser its session after a sign-in. The cookie goes when the
// browser closes; how long the session lasts is the server's to say.
func (w *Web) SetSession(c *fiber.Ctx, s signin.Session) {
	w.setCookie(c, "session", s.Token, time.Time{})
	c.Locals(sessionKey, &s)
}

// EndSession takes the session from the browser and what the browser kept of its pages.
func (w *Web) EndSession(c *fiber.Ctx) {
	w.setCookie(c, "session", "", time.Unix(1, 0))
	c.Set("Clear-Site-Data", `"cache"`)
	c.Locals(sessionKey, (*signin.Session)(nil))
}

// Token is the session cookie as it came, "" without one. It proves nothing by itself.
func (w *Web) Token(c *fiber.Ctx) string { return c.Cookies(w.cookieName("session")) }

// SetPhone keeps a paper's page open on a phone that a link was opened on.
func (w *Web) SetPhone(c *fiber.Ctx, secret string) { w.setCookie(c, "phone", secret, time.Time{}) }

// Phone is the secret that SetPhone gave, "" without one. It proves nothing by itself.
func (w *Web) Phone(c *fiber.Ctx) string { return c.Cookies(w.cookieName("phone")) }

// Session is who is signed in, nil for nobody. It asks the database once a request.
func (w *Web) Session(c *fiber.Ctx) (*signin.Session, error) {
	if s, asked := c.Locals(sessionKey).(*signin.Session); asked {
		return s, nil
	}
	var found *signin.Session
	if token := w.Token(c); token != "" && w.Options.Session != nil {
		s, err := w.Options.Session(c.UserContext(), token)
		switch {
		case err == nil:
			found = &s
		case !problem.Is(err, problem.SignIn):
			return nil, err
		}
	}
	c.Locals(sessionKey, found)
	return found, nil
}

// Need is who is signed in; nobody is sent to sign in and comes back to the same page.
func (w *Web) Need(c *fiber.Ctx) (signin.Session, error) {
	s, err := w.Session(c)
	if err != nil {
		return signin.Session{}, err
	}
	if s == nil {
		return signin.Session{}, problem.New(problem.SignIn, "web.sign_in_needed")
	}
	return *s, nil
}

// Browser is a random value that stays with this browser: it ties a sign-in to where it
// began and guards forms before anyone is signed in. It is given at first use.
func (w *Web) Browser(c *fiber.Ctx) string {
	if b, ok := c.Locals(browserKey).(string); ok {
		return b
	}
	b := c.Cookies(w.cookieName("browser"))
	if raw, err := base64.RawURLEncoding.DecodeString(b); err != nil || len(raw) != 32 {
		var fresh [32]byte
		rand.Read(fresh[:])
		b = base64.RawURLEncoding.EncodeToString(fresh[:])
		w.setCookie(c, "browser", b, time.Time{})
	}
	c.Locals(browserKey, b)
	return b
}

// chooseLang takes the language from ?lang=, which is kept, else from the cookie.
func (w *Web) chooseLang(c *fiber.Ctx) {
	lang, kept := locales.ParseLang(c.Cookies(w.cookieName("lang")))
	if asked, ok := locales.ParseLang(c.Query("lang")); ok {
		if !kept || asked != lang {
			w.setCookie(c, "lang", string(asked), w.Now().AddDate(1, 0, 0))
		}
		lang = asked
	}
	c.Locals(langKey, lang)
}

// Speak answers this request in a language, and only this one.
func (w *Web) Speak(c *fiber.Ctx, l locales.Lang) { c.Locals(langKey, l) }

// Lang is the language of this request.
func (w *Web) Lang(c *fiber.Ctx) locales.Lang {
	if l, ok := c.Locals(langKey).(locales.Lang); ok {
		return l
	}
	return locales.VI
}
