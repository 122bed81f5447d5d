package web

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"motcua/portal/problem"
)

// TokenHeader carries the token of a form in calls of our own script that send no form.
const TokenHeader = "X-Form-Token"

// Call lets in what our own script sends without a form: its origin and the token of the
// form that the page has. Another site can send neither.
func (w *Web) Call(c *fiber.Ctx) error {
	if err := w.checkOrigin(c); err != nil {
		return err
	}
	return w.checkToken(c, c.Get(TokenHeader))
}

// Piece reads a body of at most max bytes. When the line breaks within it, what came before
// is returned with the fault. The request may last as long as an upload from here on.
func (w *Web) Piece(c *fiber.Ctx, max int64) ([]byte, error) {
	w.lengthen(c)
	b, err := io.ReadAll(io.LimitReader(stream(c), max+1))
	if int64(len(b)) > max {
		return nil, problem.New(problem.TooLarge, "web.too_large")
	}
	if err != nil {
		return b, broken(err)
	}
	return b, nil
}
