package web

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"motcua/portal/problem"
)

func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	w := newWeb(t, func(o *Options) { o.FormTargets = []string{"https://pay.example"} })
	w.App.Get("/boom", func(*fiber.Ctx) error { return errors.New("hunter2") })
	asset, _ := w.static.address("site.css")
	for _, req := range []*http.Request{
		request("GET", "/nope", ""), request("GET", "/boom", ""), request("GET", asset, ""), request("GET", "/%2561", ""),
		request("TRACE", "/", ""), request("PROPFIND", "/", ""), request("POST", asset, ""), request("HEAD", "/nope", ""),
	} {
		res := ask(t, w.App, req)
		for header, want := range map[string]string{
			"Content-Security-Policy":      "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self' https://pay.example; frame-ancestors 'none'",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Server":                       "",
			"Strict-Transport-Security":    "",
		} {
			if got := res.Header.Get(header); got != want {
				t.Errorf("%s %s: %s is %q, want %q", req.Method, req.URL, header, got, want)
			}
		}
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Get("/thu-tuc/:code", func(c *fiber.Ctx) error { return c.SendString(c.Params("code")) })
	for path, want := range map[string]int{
		"/thu-tuc/1.001193":          200,
		"/thu-tuc/1.001193?q=100%25": 200,
		"/thu-tuc/1%2E001193":        200, // one decoding, nothing left
		"/thu-tuc/%2e%2e%2fx":        200, // never decoded by us: a code that is not there
		"/thu-tuc/%252e":             400,
		"/thu-tuc/%00":               400,
		"/thu-tuc/%ff":               400,
		"/thu-tuc/a%5cb":             400,
		"/thu-tuc/x?q=%00":           400,
		"/thu-tuc/x?q=%ff":           400,
		"/THU-TUC/x":                 404,
	} {
		if res := get(t, w.App, path); res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestOddMethods(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Get("/", func(c *fiber.Ctx) error { return c.SendString("home") })
	for _, method := range []string{"TRACE", "CONNECT", "PROPFIND", "OPTIONS", "FOO", "PUT", "DELETE"} {
		if res := ask(t, w.App, request(method, "/", "")); res.StatusCode != 405 {
			t.Errorf("%s: %d, want 405", method, res.StatusCode)
		}
	}
}

func TestNothingInsideIsShown(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w := newWeb(t, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	w.App.Get("/boom", func(*fiber.Ctx) error { return fmt.Errorf("select hunter2: %w", io.ErrUnexpectedEOF) })
	w.App.Get("/panic", func(*fiber.Ctx) error { panic("hunter2") })
	for _, path := range []string{"/boom", "/panic"} {
		log.Reset()
		res := get(t, w.App, path)
		page := text(t, res)
		id := res.Header.Get("X-Request-Id")
		if res.StatusCode != 500 || strings.Contains(page, "hunter2") || !strings.Contains(page, id) || id == "" {
			t.Errorf("%s: %d, id %q in page: %v, page says hunter2: %v", path, res.StatusCode, id, strings.Contains(page, id), strings.Contains(page, "hunter2"))
		}
		if !strings.Contains(log.String(), "hunter2") || !strings.Contains(log.String(), id) {
			t.Errorf("%s: the log has %q", path, log.String())
		}
	}
	res := get(t, w.App, "/boom", "Accept", "application/json")
	if b := text(t, res); !strings.Contains(b, `"web.error.internal"`) || strings.Contains(b, "hunter2") {
		t.Errorf("as JSON: %s", b)
	}
}

func TestNotYoursIsNotThere(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Get("/ho-so/:id", func(*fiber.Ctx) error { return problem.New(problem.NotFound, "dossier.not_found") })
	first := get(t, w.App, "/ho-so/1", "Cookie", "motcua_session=good")
	want := text(t, first)
	for _, path := range []string{"/ho-so/2", "/nope", "/thu-tuc/x/y/z?q=1"} {
		res := get(t, w.App, path)
		if got := text(t, res); got != want || res.StatusCode != 404 {
			t.Errorf("%s: %d, body differs: %v", path, res.StatusCode, got != want)
		}
		for name := range res.Header {
			if len(res.Header.Get(name)) != len(first.Header.Get(name)) {
				t.Errorf("%s: header %s is %q, for what is not yours %q", path, name, res.Header.Get(name), first.Header.Get(name))
			}
		}
	}
	if strings.Contains(want, "dossier.not_found") || strings.Contains(want, "/ho-so/1") {
		t.Error("the page knows what was asked for")
	}
}

func TestProblemsHaveTheirStatus(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Get("/p/:kind", func(c *fiber.Ctx) error {
		kind, err := c.ParamsInt("kind")
		if err != nil {
			return err
		}
		return problem.New(problem.Kind(kind), "web.too_large")
	})
	for kind, want := range map[problem.Kind]int{
		problem.Internal: 500, problem.Invalid: 422, problem.NotFound: 404, problem.Forbidden: 403, problem.Conflict: 409,
		problem.Unavailable: 503, problem.TooLarge: 413, problem.TooMany: 429, problem.SignIn: 303,
	} {
		res := get(t, w.App, fmt.Sprintf("/p/%d", kind))
		if res.StatusCode != want {
			t.Errorf("kind %d: %d, want %d", kind, res.StatusCode, want)
		}
		if (want == 503 || want == 429) != (res.Header.Get("Retry-After") != "") {
			t.Errorf("kind %d: Retry-After is %q", kind, res.Header.Get("Retry-After"))
		}
		if want == 303 && res.Header.Get("Location") != "/dang-nhap?tiep=%2Fp%2F8" {
			t.Errorf("sent to %q to sign in", res.Header.Get("Location"))
		}
	}
}

// A body that no handler has read must not become the next request on the connection.
func TestUnreadBodyIsNoRequest(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Post("/x", func(c *fiber.Ctx) error { return c.SendString("posted") })
	w.App.Get("/secret", func(c *fiber.Ctx) error { return c.SendString("smuggled") })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go w.App.Listener(ln)
	t.Cleanup(func() { w.App.Shutdown() })

	hidden := "GET /secret HTTP/1.1\r\nHost: a\r\n\r\n"
	for name, req := range map[string]string{
		"left by a handler":  fmt.Sprintf("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(hidden), hidden),
		"of an odd method":   fmt.Sprintf("FOO /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(hidden), hidden),
		"in chunks":          fmt.Sprintf("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden),
		"of what is missing": fmt.Sprintf("POST /nope HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(hidden), hidden),
	} {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, req, "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		all, err := io.ReadAll(bufio.NewReader(conn))
		conn.Close()
		if err != nil || bytes.Contains(all, []byte("smuggled")) {
			t.Errorf("body %s: %v, answered %q", name, err, all)
		}
		if n := bytes.Count(all, []byte("HTTP/1.1 ")); n != 2 {
			t.Errorf("body %s: %d answers to 2 requests: %q", name, n, all)
		}
	}
}

func TestPartsArriveInOrder(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.uploadMax = 256 << 10
	w.App.Post("/tep", func(c *fiber.Ctx) error {
		short, _ := c.UserContext().Deadline()
		p, err := w.Parts(c)
		if err != nil {
			return err
		}
		if long, ok := c.UserContext().Deadline(); !ok || long.Sub(short) < readWhole/2 {
			t.Errorf("an upload has until %s, any request until %s", long, short)
		}
		var out []string
		for {
			f, err := p.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			n, err := io.Copy(io.Discard, f)
			if err != nil {
				return err
			}
			out = append(out, fmt.Sprintf("%s %s %d", f.Field, f.Name, n))
		}
		return c.SendString(strings.Join(out, ";") + " " + p.Values.Encode())
	})
	token, cookie := formToken(t, w)
	key := [2]string{"_key", "11111111-1111-4111-8111-111111111111"}
	csrf := [2]string{"_csrf", token}
	for name, c := range map[string]struct {
		parts  [][2]string // a name that begins with "@" is a file
		status int
		want   string
	}{
		"in order":           {[][2]string{csrf, key, {"a", "1"}, {"@tep|../x/Giấy chứng sinh.pdf", "12345"}, {"lam", "them"}}, 200, "tep Giấy chứng sinh.pdf 5 a=1&lam=them"},
		"two, one empty":     {[][2]string{csrf, key, {"@tep|", ""}, {"@tep|b.jpg", "12"}}, 200, "tep b.jpg 2 "},
		"no file":            {[][2]string{csrf, key, {"a", "1"}}, 200, " a=1"},
		"before the token":   {[][2]string{key, {"@tep|a.pdf", "1"}, csrf}, 400, ""},
		"before the key":     {[][2]string{csrf, {"@tep|a.pdf", "1"}, key}, 400, ""},
		"without a token":    {[][2]string{key, {"a", "1"}}, 403, ""},
		"with a wrong token": {[][2]string{{"_csrf", "x"}, key, {"@tep|a.pdf", "1"}}, 403, ""},
		"over the limit":     {[][2]string{csrf, key, {"@tep|a.pdf", strings.Repeat("x", 300<<10)}}, 413, ""},
		"a bad name":         {[][2]string{csrf, key, {"@tep|\u202eevil\\..", "1"}}, 200, "tep tep 1 "},
	} {
		var b bytes.Buffer
		mw := multipart.NewWriter(&b)
		for _, p := range c.parts {
			if field, file, isFile := strings.Cut(p[0], "|"); isFile {
				h := map[string][]string{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="%s"`, field[1:], strings.ReplaceAll(file, `\`, `\\`))}}
				pw, err := mw.CreatePart(h)
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(pw, p[1])
				continue
			}
			mw.WriteField(p[0], p[1])
		}
		mw.Close()
		res := ask(t, w.App, request("POST", "/tep", b.String(), "Content-Type", mw.FormDataContentType(), "Cookie", cookie))
		if res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", name, res.StatusCode, c.status)
		}
		if got := text(t, res); c.status == 200 && got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
