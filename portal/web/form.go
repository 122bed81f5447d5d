package web

import (
	"crypto/sha256"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"motcua/portal/once"
	"motcua/portal/problem"
)

// The bounds of a form. The longest one shipped fills a tenth of them.
const (
	formBytes  = 256 << 10
	formFields = 2000
)

// Form reads an urlencoded form that one of our pages has sent: bounded, its token and
// origin checked, its one-time key there. What comes back has neither _csrf nor _key; Key
// knows the latter.
func (w *Web) Form(c *fiber.Ctx) (url.Values, error) {
	values, _, err := w.FormOf(c, "")
	return values, err
}

// FormOf reads a form about one thing: its proof stands in for a token of a session that
// is over. It says whether the proof was there.
func (w *Web) FormOf(c *fiber.Ctx, thing string) (values url.Values, proven bool, err error) {
	if values, err = w.values(c); err != nil {
		return nil, false, err
	}
	proven = w.proves(c, thing, values.Get(proofField))
	values.Del(proofField)
	return values, proven, w.admit(c, values, proven)
}

// values reads an urlencoded body.
func (w *Web) values(c *fiber.Ctx) (url.Values, error) {
	if err := w.checkOrigin(c); err != nil {
		return nil, err
	}
	media, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	if !strings.EqualFold(strings.TrimSpace(media), fiber.MIMEApplicationForm) {
		return nil, fiber.ErrUnsupportedMediaType
	}
	b, err := w.Body(c, formBytes)
	if err != nil {
		return nil, err
	}
	if strings.Count(string(b), "&") >= formFields {
		return nil, problem.New(problem.TooLarge, "web.too_large")
	}
	values, err := url.ParseQuery(string(b))
	if err != nil {
		return nil, fiber.NewError(fiber.StatusBadRequest, err.Error())
	}
	for name, all := range values {
		for _, v := range append(all, name) {
			if !storable(v) {
				return nil, fiber.NewError(fiber.StatusBadRequest, "NUL or broken UTF-8 in a form")
			}
		}
	}
	return values, nil
}

// storable says whether PostgreSQL takes the text.
func storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// form is what Key needs of the form that was read.
type form struct {
	key  string
	body [32]byte
}

// admit checks the two first fields of every form, takes them out and keeps the key.
func (w *Web) admit(c *fiber.Ctx, values url.Values, proven bool) error {
	if err := w.checkToken(c, values.Get("_csrf")); err != nil && !proven {
		return err
	}
	key, err := uuid.Parse(values.Get("_key"))
	if err != nil {
		return fiber.NewError(fiber.StatusBadRequest, "a form without a one-time key")
	}
	values.Del("_csrf")
	values.Del("_key")
	c.Locals(formKey, form{key.String(), bodySum(values)})
	return nil
}

func bodySum(values url.Values) [32]byte { return sha256.Sum256([]byte(values.Encode())) } // Encode sorts by name

// KeptKey is the one-time key of a form that was kept and is done now: the same as if the
// browser sent it itself.
func KeptKey(person, key, route string, values url.Values) once.Key {
	return once.Key{Person: person, Key: key, Route: route, Body: bodySum(values)}
}

// Key is the one-time key of the form that Form or Parts has just read, for this person's
// deed. With Parts the body's hash covers the fields before the first file only: mix the
// file's own hash in before it is used.
func (w *Web) Key(c *fiber.Ctx, person string) once.Key {
	f, _ := c.Locals(formKey).(form)
	return once.Key{Person: person, Key: f.key, Route: c.Method() + " " + c.Path(), Body: f.body}
}
