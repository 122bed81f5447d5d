package web

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"motcua/locales"
	"motcua/portal/problem"
)

// statuses are what each kind of problem is to a browser.
var statuses = map[problem.Kind]int{
	problem.Invalid:     fiber.StatusUnprocessableEntity,
	problem.NotFound:    fiber.StatusNotFound,
	problem.Forbidden:   fiber.StatusForbidden,
	problem.Conflict:    fiber.StatusConflict,
	problem.Unavailable: fiber.StatusServiceUnavailable,
	problem.TooLarge:    fiber.StatusRequestEntityTooLarge,
	problem.TooMany:     fiber.StatusTooManyRequests,
	problem.SignIn:      fiber.StatusUnauthorized,
}

// titles are the headings of error pages by status; any other has that of its hundred.
var titles = map[int]string{
	400: "web.error.bad_request",
	403: "web.error.forbidden",
	404: "web.error.not_found",
	405: "web.error.method",
	408: "web.error.timeout",
	409: "web.error.conflict",
	413: "web.error.too_large",
	415: "web.error.bad_request",
	422: "web.error.invalid",
	429: "web.error.too_many",
	431: "web.error.bad_request",
	500: "web.error.internal",
	503: "web.error.unavailable",
}

// fault is an error as it will be answered.
type fault struct {
	Status  int
	Title   locales.Message
	Message locales.Message // "" key: the title's own explanation is enough
	ID      string          // on pages of our own faults, the same as in the log
}

// faultOf sorts an error: what people may see keeps its words, the rest is ours and says
// nothing.
func faultOf(err error, id string) fault {
	var p *problem.Error
	var f *fiber.Error
	switch {
	case errors.As(err, &p) && p.Kind != problem.Internal:
		status := statuses[p.Kind]
		return fault{Status: status, Title: locales.M(titles[status]), Message: p.Message}
	case errors.As(err, &f) && f.Code < 500:
		title, ok := titles[f.Code]
		if !ok {
			title = titles[400]
		}
		return fault{Status: f.Code, Title: locales.M(title)}
	case errors.Is(err, context.DeadlineExceeded):
		return fault{Status: fiber.StatusServiceUnavailable, Title: locales.M(titles[503]), Message: locales.M("web.error.busy"), ID: id}
	}
	return fault{Status: fiber.StatusInternalServerError, Title: locales.M(titles[500]), ID: id}
}

// fail answers every error of every handler.
func (w *Web) fail(c *fiber.Ctx, err error) error {
	if RequestID(c) == "" { // the request was broken before any middleware saw it
		c.Locals(idKey, newID())
		w.protect(&c.Context().Response.Header)
	}
	f := faultOf(err, RequestID(c))
	w.report(c, f, err)
	c.Set(fiber.HeaderCacheControl, "no-store")
	if f.Status == fiber.StatusServiceUnavailable || f.Status == fiber.StatusTooManyRequests {
		c.Set(fiber.HeaderRetryAfter, "30")
	}
	if wantsJSON(c) {
		return w.failJSON(c, f)
	}
	switch {
	case f.Status == fiber.StatusUnauthorized:
		return c.Redirect("/dang-nhap?tiep="+url.QueryEscape(w.comeBack(c)), fiber.StatusSeeOther)
	case f.Status == fiber.StatusNotFound:
		return w.notFound(c)
	}
	return w.errorPage(c, f)
}

// report logs what happened: our own faults as errors, refusals as warnings. Neither has
// the query, where a person may have typed anything.
func (w *Web) report(c *fiber.Ctx, f fault, err error) {
	args := []any{"id", RequestID(c), "method", c.Method(), "path", c.Path(), "status", f.Status, "err", err}
	switch {
	case f.Status >= 500:
		w.Log.Error("request failed", args...)
	case f.Status == 401 || f.Status == 403 || f.Status == 429:
		w.Log.Warn("request refused", args...)
	default:
		w.Log.Debug("request answered with a problem", args...)
	}
}

// errorPage draws the page. When even that fails, it is one line.
func (w *Web) errorPage(c *fiber.Ctx, f fault) error {
	err := w.Show(c, f.Status, "public/error", Page{Title: f.Title, Data: f})
	if err == nil {
		return nil
	}
	w.Log.Error("error page failed", "id", RequestID(c), "err", err)
	text, _ := locales.Say(w.Lang(c), f.Title)
	c.Type("txt", "utf-8")
	return c.Status(f.Status).SendString(text + "\n" + f.ID + "\n")
}

// notFound is the same bytes for what is not there and for what is not yours, whoever
// asks and whatever the address: the page knows neither.
func (w *Web) notFound(c *fiber.Ctx) error {
	f := fault{Status: fiber.StatusNotFound, Title: locales.M(titles[404])}
	body, err := w.keep(c, "404", "", func() (string, Page, error) {
		return "public/error", Page{Title: f.Title, Data: f}, nil
	})
	if err != nil {
		return w.errorPage(c, f)
	}
	return body.send(c, f.Status)
}

// comeBack is the page to return to after a sign-in: the one asked for, or the one whose
// form was sent.
func (w *Web) comeBack(c *fiber.Ctx) string {
	if c.Method() == fiber.MethodGet {
		return here(c)
	}
	if from := c.Get(fiber.HeaderReferer); w.ours(from, c) {
		if u, err := url.Parse(from); err == nil && Local(u.RequestURI()) {
			return u.RequestURI()
		}
	}
	return c.Path()
}

// wantsJSON says whether a program asks: a call of the API, or our own script.
func wantsJSON(c *fiber.Ctx) bool {
	return strings.HasPrefix(c.Path(), "/api/") || strings.HasPrefix(c.Get(fiber.HeaderAccept), fiber.MIMEApplicationJSON)
}

func (w *Web) failJSON(c *fiber.Ctx, f fault) error {
	m := f.Message
	if m.Key == "" || f.Status == fiber.StatusNotFound {
		m = f.Title
	}
	text, _ := locales.Say(w.Lang(c), m)
	return c.Status(f.Status).JSON(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		ID      string `json:"id,omitempty"`
	}{m.Key, text, f.ID})
}
