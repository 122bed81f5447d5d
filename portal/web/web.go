// Package web is the server under every page: addresses in, pages out, and between them
// cookies, tokens, languages, errors and what a browser is told to refuse.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"motcua/portal/signin"
)

// Options are what the server is told by the program that starts it.
type Options struct {
	// PublicURL is the address people type, without a path: https://dichvucong.example.vn.
	// It decides cookie names, HSTS and what counts as our own origin. Plain http is for
	// loopback only.
	PublicURL string
	// Secret keys the tokens of forms: 32 random bytes, the same on every instance.
	Secret []byte
	// Session looks a session up by its token: problem.SignIn when it is over.
	Session func(ctx context.Context, token string) (signin.Session, error)
	// Hats says as whom a person acts; nil: everybody for themselves.
	Hats Hats
	// Site is whose portal it is. A new pointer means that pages kept in memory are stale.
	Site func(ctx context.Context) *Site
	// FormTargets are the origins a form may be redirected to: the identity provider, the
	// payment gateways. Browsers hold redirects of a form to the page's form-action.
	FormTargets []string
	// TrustedProxies are addresses or networks whose X-Forwarded-For is believed.
	TrustedProxies []string
	// Demo puts the band on every page that says this is not an official one.
	Demo bool
	// Timeout bounds the work on one request; uploads have their own.
	Timeout time.Duration
	Log     *slog.Logger
	Now     func() time.Time
}

// Web is the server: its App takes routes, its methods serve their handlers.
type Web struct {
	App *fiber.App
	Options

	origin  *url.URL
	secure  bool
	proxies proxies
	look
	kept      kept
	uploadMax int64
}

// New builds the server. It fails when a template does not parse or asks for a text,
// an icon or a file that is not there.
func New(o Options) (*Web, error) {
	w := &Web{Options: o, uploadMax: uploadBytes}
	if err := w.settings(); err != nil {
		return nil, err
	}
	var err error
	if w.look, err = shipped(); err != nil {
		return nil, err
	}
	w.App = fiber.New(fiber.Config{
		Immutable:                    true, // strings of a request outlive its handler in logs, jobs and rows
		CaseSensitive:                true,
		DisableStartupMessage:        true,
		ErrorHandler:                 w.fail,
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		BodyLimit:                    math.MaxInt, // bytes are counted while reading: Form, Parts, Body
		ReadTimeout:                  20 * time.Second,
		WriteTimeout:                 5 * time.Minute, // a result of 20 MB on a slow phone
		IdleTimeout:                  75 * time.Second,
		ReadBufferSize:               16 << 10,
		WriteBufferSize:              16 << 10, // a page and its headers leave in one write
		EnableTrustedProxyCheck:      true,     // with no proxy named to Fiber: forwarded hosts and schemes are never believed
	})
	w.App.Server().Handler = w.guard(w.App.Server().Handler)
	w.App.Use(w.begin, recover.New(), w.deadline)
	w.App.Get(staticRoot+":hash/:name", w.serveStatic)
	w.App.Get("/robots.txt", w.robots)
	return w, nil
}

// settings completes the options and refuses what cannot work.
func (w *Web) settings() error {
	if len(w.Secret) < 32 {
		return errors.New("web: the secret for form tokens must have at least 32 bytes")
	}
	origin, err := url.Parse(w.PublicURL)
	if err != nil || origin.Host == "" || (origin.Scheme != "http" && origin.Scheme != "https") {
		return fmt.Errorf("web: %q is not a public address like https://dichvucong.example.vn", w.PublicURL)
	}
	w.origin, w.secure = origin, origin.Scheme == "https"
	if w.proxies, err = parseProxies(w.TrustedProxies); err != nil {
		return err
	}
	if w.Log == nil {
		w.Log = slog.Default()
	}
	if w.Now == nil {
		w.Now = time.Now
	}
	if w.Timeout == 0 {
		w.Timeout = 20 * time.Second
	}
	if w.Site == nil {
		site := &Site{}
		w.Site = func(context.Context) *Site { return site }
	}
	return nil
}

// deadline gives the handlers a context that ends: Fiber's own never does, and a client
// that goes away cancels nothing.
func (w *Web) deadline(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), w.Timeout)
	defer cancel()
	c.SetUserContext(ctx)
	defer func() {
		if longer, ok := c.Locals(cancelKey).(context.CancelFunc); ok {
			longer()
		}
	}()
	return c.Next()
}

// lengthen gives the rest of a request the time that a whole upload may take.
func (w *Web) lengthen(c *fiber.Ctx) {
	ctx, cancel := context.WithTimeout(context.Background(), readWhole+w.Timeout)
	c.Locals(cancelKey, cancel)
	c.SetUserContext(ctx)
}

// Address is the absolute address of a path here, for QR codes, letters and redirects of
// other systems.
func (w *Web) Address(path string) string {
	return strings.TrimSuffix(w.PublicURL, "/") + path
}

func (w *Web) robots(c *fiber.Ctx) error {
	c.Type("txt", "utf-8")
	return c.SendString("User-agent: *\nDisallow: /ho-so\nDisallow: /can-bo\nDisallow: /tai-khoan\nDisallow: /tra-cuu\nDisallow: /api\n\nSitemap: " + w.Address("/sitemap.xml") + "\n")
}
