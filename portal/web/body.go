package web

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"motcua/portal/problem"
)

const (
	bodyKey = "motcua.body"

	readPause  = 30 * time.Second // a line that is silent for longer is gone
	readWhole  = 20 * time.Minute // 50 MB at 400 kbit/s
	drainBytes = 64 << 20         // read on past a refusal, so that the browser shows it
	drainTime  = 30 * time.Second
)

// body reads a request's body and knows whether its end was seen. Each piece that arrives
// moves the connection's deadline: an upload may last, a silent line may not.
type body struct {
	r    io.Reader
	conn net.Conn
	end  time.Time
	done bool
}

// track puts a body in front of the stream, so that its end is known. fasthttp does not
// look: what a handler left unread would be taken for the next request.
func track(ctx *fasthttp.RequestCtx) {
	if r := ctx.RequestBodyStream(); r != nil {
		ctx.SetUserValue(bodyKey, &body{r: r, conn: ctx.Conn(), end: time.Now().Add(readWhole)})
	}
}

// finish reads what the handler left, or ends the connection when that is too much.
func finish(ctx *fasthttp.RequestCtx) {
	b, ok := ctx.UserValue(bodyKey).(*body)
	if !ok || b.done {
		return
	}
	b.end = time.Now().Add(drainTime)
	n, err := io.Copy(io.Discard, io.LimitReader(b, drainBytes))
	if err != nil || n == drainBytes || !b.done {
		ctx.Response.SetConnectionClose()
	}
}

func (b *body) Read(p []byte) (int, error) {
	if b.done {
		return 0, io.EOF
	}
	now := time.Now()
	if now.After(b.end) {
		return 0, fiber.ErrRequestTimeout
	}
	if b.conn != nil {
		_ = b.conn.SetReadDeadline(now.Add(readPause)) // a connection that cannot is a test's
	}
	n, err := b.r.Read(p)
	if errors.Is(err, io.EOF) {
		b.done = true
	}
	return n, err
}

// stream is the body of a request, empty when there is none. Handlers never use Fiber's
// own readers (Body, FormValue, BodyParser …): they read without a limit.
func stream(c *fiber.Ctx) io.Reader {
	if b, ok := c.Context().UserValue(bodyKey).(*body); ok {
		return b
	}
	return eof{}
}

type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// Body reads a whole body of at most max bytes, for calls of other systems.
func (w *Web) Body(c *fiber.Ctx, max int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(stream(c), max+1))
	if err != nil {
		return nil, broken(err)
	}
	if int64(len(b)) > max {
		return nil, problem.New(problem.TooLarge, "web.too_large")
	}
	return b, nil
}

// broken is a body that did not come whole: the line's fault, not ours.
func broken(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return fiber.ErrRequestTimeout
	}
	var known *fiber.Error
	if errors.As(err, &known) {
		return err
	}
	return fiber.NewError(fiber.StatusBadRequest, err.Error())
}
