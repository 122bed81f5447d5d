package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"motcua/locales"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// testSite is a province that does not exist.
var testSite = &Site{
	Name: locales.Text{VI: "Tỉnh Mẫu", EN: "Sample Province"}, Agency: locales.V("Ủy ban nhân dân tỉnh Mẫu"),
	Address: locales.V("Số 1, đường Mẫu"), Phone: "1022", Email: "gopy@example.vn", Hours: locales.V("Thứ Hai đến Thứ Sáu"),
	Updated: time.Date(2026, 11, 20, 0, 0, 0, 0, locales.ICT),
}

// newWeb is a server whose only session is "good".
func newWeb(t *testing.T, change ...func(*Options)) *Web {
	t.Helper()
	o := Options{
		PublicURL: "http://127.0.0.1:8080",
		Secret:    []byte(strings.Repeat("k", 32)),
		Session: func(_ context.Context, token string) (signin.Session, error) {
			if token != "good" {
				return signin.Session{}, problem.New(problem.SignIn, "signin.over")
			}
			return signin.Session{Person: signin.Person{ID: 7, Name: "Nguyễn Thị Thuỷ Ường"}, Token: token}, nil
		},
		Site: func(context.Context) *Site { return testSite },
		Log:  slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now:  func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, locales.ICT) },
	}
	for _, f := range change {
		f(&o)
	}
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// ask sends a request through the app.
func ask(t *testing.T, app *fiber.App, req *http.Request) *http.Response {
	t.Helper()
	res, err := app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func get(t *testing.T, app *fiber.App, path string, headers ...string) *http.Response {
	t.Helper()
	return ask(t, app, request("GET", path, "", headers...))
}

func request(method, path, body string, headers ...string) *http.Request {
	req := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return req
}

func text(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// find lists the elements of a page that match.
func find(t *testing.T, page string, match func(*html.Node) bool) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && match(n) {
			all = append(all, n)
		}
	}
	return all
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// values are the value of each input with that name.
func values(t *testing.T, page, name string) []string {
	t.Helper()
	var all []string
	for _, n := range find(t, page, func(n *html.Node) bool { return n.Data == "input" && attr(n, "name") == name }) {
		all = append(all, attr(n, "value"))
	}
	return all
}
