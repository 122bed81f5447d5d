package portal

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"motcua/portal/web"
)

func TestEveryRouteIsInTheTable(t *testing.T) {
	h := newHouse(t)
	known := map[string]bool{}
	for _, l := range offers {
		known[l.route] = true
	}
	for _, route := range calls {
		known[route] = true
	}
	there := web.Routes(h.web.App)
	for _, route := range there {
		if !known[route] {
			t.Errorf("%s is in no table: say who may, and what must hold", route)
		}
		delete(known, route)
	}
	for route := range known {
		t.Errorf("%s is in the table and nowhere else", route)
	}
}

// Every address for everybody: whose it is gets in, nobody is sent to sign in, to all
// others it is the page for what is not there. A GET changes nothing that it has not said.
func TestWhoMaySeeWhat(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	asked := 0
	var some thin
	for _, l := range offers {
		if l.method() != "GET" || some.out() {
			continue
		}
		first := c.nobody.do(l.request(c.nobody, c.words))
		if asked++; l.personal() {
			if at := first.Header.Get("Location"); first.Status != 303 || !strings.HasPrefix(at, "/dang-nhap?tiep=") {
				t.Errorf("%s, nobody: %d to %q", l.at, first.Status, at)
			}
		} else if first.Status != max(200, l.status) {
			t.Errorf("%s, nobody: %d", l.at, first.Status)
		}
		for _, b := range c.before(l) {
			if c.may(b, l) {
				b.do(l.request(b, c.words)) // the first look draws papers and counts as a look
			}
		}
		before := h.snapshot()
		for name, b := range c.before(l) {
			asked++
			c.sees(t, l, name, b)
		}
		for _, table := range changed(before, h.snapshot()) {
			if table != "audit" && !strings.Contains(l.changes, table) {
				t.Errorf("GET %s: changed %s", l.at, table)
			}
		}
	}
	t.Logf("%d requests", asked)
}

func (c crowd) sees(t *testing.T, l line, name string, b *browser) {
	t.Helper()
	r := b.do(l.request(b, c.words))
	want := 404
	if c.may(b, l) {
		want = max(200, l.status)
	}
	if r.Status != want {
		t.Errorf("GET %s, %s: %d, want %d", l.at, name, r.Status, want)
	}
	guarded(t, l, name, r)
	if b != c.mai && b != c.elsewhere && b != c.intake {
		return
	}
	head := l.request(b, c.words)
	head.Method = "HEAD"
	if r := b.do(head); r.Status != want || len(r.Body) != 0 {
		t.Errorf("HEAD %s, %s: %d with %d bytes, want %d", l.at, name, r.Status, len(r.Body), want)
	}
}

// guarded wants on an answer what keeps its content where it belongs.
func guarded(t *testing.T, l line, name string, r reply) {
	t.Helper()
	policy := r.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src '") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors '") || r.Header.Get("X-Content-Type-Options") != "nosniff" ||
		r.Header.Get("Referrer-Policy") != "same-origin" || r.Header.Get("Cross-Origin-Resource-Policy") != "same-origin" {
		t.Errorf("%s, %s: not protected: %v", l.at, name, r.Header)
	}
	if framed := strings.Contains(policy, "frame-ancestors 'self'"); framed != (r.Status == 200 && (l.who == caseOf && r.Header.Get("Content-Type") == "application/pdf" || strings.HasSuffix(l.route, "/xem/trang"))) {
		t.Errorf("%s, %s: may be framed: %v", l.at, name, framed)
	}
	if l.personal() && r.Status == 200 && r.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s, %s: Cache-Control is %q", l.at, name, r.Header.Get("Cache-Control"))
	}
	if r.Header.Get("Server") != "" || r.Header.Get("X-Powered-By") != "" {
		t.Errorf("%s: says what it is", l.at)
	}
	for _, number := range []string{mai.IDNumber, phuc.IDNumber, mai.Phone} {
		for _, address := range addresses(r) {
			if strings.Contains(address, number) {
				t.Errorf("%s, %s: a number in the address %s", l.at, name, address)
			}
		}
	}
}

// addresses are all that an answer leads to.
func addresses(r reply) []string {
	all := []string{r.Header.Get("Location")}
	for _, attr := range []string{`href="`, `src="`, `action="`} {
		for i, piece := range bytes.Split(r.Body, []byte(attr)) {
			if at, _, closed := bytes.Cut(piece, []byte(`"`)); i > 0 && closed {
				all = append(all, string(at))
			}
		}
	}
	return all
}

// spoilt is a form with one thing wrong.
type spoilt struct {
	name   string
	change func([]part) []part
	header [2]string
	status int
}

func (c crowd) spoilt() []spoilt {
	none, as := [2]string{}, func(p []part) []part { return p }
	return []spoilt{
		{"no token", drop("_csrf"), none, 403},
		{"another's token", put("_csrf", c.phuc.csrf()), none, 403},
		{"a visitor's token", put("_csrf", c.nobody.csrf()), none, 403},
		{"a token of no kind", put("_csrf", "x"), none, 403},
		{"no key", drop("_key"), none, 400},
		{"a key of no kind", put("_key", "1"), none, 400},
		{"foreign origin", as, [2]string{"Origin", "https://evil.example"}, 403},
		{"no origin", as, [2]string{"Origin", "null"}, 403},
		{"near origin", as, [2]string{"Origin", homeURL + ".evil.example"}, 403},
		{"from another site", as, [2]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"from a neighbour", as, [2]string{"Sec-Fetch-Site", "same-site"}, 403},
		{"as text", as, [2]string{"Content-Type", "text/plain"}, 415},
		{"as JSON", as, [2]string{"Content-Type", "application/json"}, 415},
	}
}

// spoil is the line's form with one thing wrong, and what it is answered.
func (l line) spoil(b *browser, c crowd, s spoilt) (*http.Request, int) {
	fields := []part{{Name: "_csrf", Value: b.csrf()}, {Name: "_key", Value: uuid.NewString()}}
	for name, values := range l.filled(c.words) {
		fields = append(fields, part{Name: name, Value: values[0]})
	}
	fields, want := s.change(append(fields, l.parts...)), s.status
	var req *http.Request
	if l.parts != nil {
		if s.name == "no token" && slices.ContainsFunc(l.parts, func(p part) bool { return p.File != "" }) {
			want = 400 // a file before what is missing
		}
		req = multipartOf(c.words.Replace(l.at), fields)
	} else {
		v := url.Values{}
		for _, p := range fields {
			v.Add(p.Name, p.Value)
		}
		req = postOf(c.words.Replace(l.at), v)
	}
	if s.header[0] != "" {
		req.Header.Set(s.header[0], s.header[1])
	}
	return req, want
}

// Every form is refused without its token, with another's, from another site, without its
// one-time key. Nothing changes.
func TestFormsThatAreRefused(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	tried := 0
	var some thin
	for _, l := range offers {
		if l.method() == "GET" || some.out() {
			continue
		}
		b := c.holder(l)
		before, files := h.snapshot(), h.blobs()
		for _, s := range c.spoilt() {
			req, want := l.spoil(b, c, s)
			if r := b.do(req); r.Status != want {
				t.Errorf("POST %s, %s: %d, want %d", l.at, s.name, r.Status, want)
			}
			tried++
		}
		if diff := changed(before, h.snapshot()); len(diff) > 0 || h.blobs() != files {
			t.Errorf("POST %s, refused: changed %v, %d files more", l.at, diff, h.blobs()-files)
		}
	}
	t.Logf("%d forms", tried)
}

func drop(name string) func([]part) []part {
	return func(all []part) []part {
		return slices.DeleteFunc(slices.Clone(all), func(p part) bool { return p.Name == name })
	}
}

func put(name, value string) func([]part) []part {
	return func(all []part) []part {
		kept := drop(name)(all)
		return append([]part{{Name: name, Value: value}}, kept...)
	}
}

// Whose it is not sends the same form in vain; whose it is succeeds with it, so that the
// refusals above were not for another reason.
func TestFormsOfOthers(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	var some thin
	for _, l := range offers {
		if l.method() == "GET" || some.out() {
			continue
		}
		before, files := h.snapshot(), h.blobs()
		if r := c.nobody.do(l.request(c.nobody, c.words)); l.personal() && (r.Status != 303 || !strings.HasPrefix(r.Header.Get("Location"), "/dang-nhap")) {
			t.Errorf("POST %s, nobody: %d to %s", l.at, r.Status, r.Header.Get("Location"))
		}
		for name, b := range c.all() {
			if c.may(b, l) || l.who == anyone {
				continue
			}
			if r := b.do(l.request(b, c.words)); r.Status != 404 {
				t.Errorf("POST %s, %s: %d", l.at, name, r.Status)
			}
		}
		if diff := changed(before, h.snapshot()); l.personal() && len(diff) > 0 || h.blobs() != files {
			t.Errorf("POST %s by others: changed %v, %d files more", l.at, diff, h.blobs()-files)
		}
	}
	for _, l := range offers {
		b := c.holder(l)
		if l.method() == "GET" || l.at == "/dang-xuat" {
			continue
		}
		words := c.words
		if strings.HasSuffix(l.at, "/tu-choi") || strings.HasSuffix(l.at, "/doi-chieu") { // the other form about it has withdrawn it
			fresh := c.mai.filed(extract, nil)
			words = strings.NewReplacer("{due}", fresh, "{version}", "1")
		}
		if r := b.do(l.request(b, words)); r.Status != max(200, l.status) {
			t.Errorf("POST %s by whom it is for: %d, want %d: %s", l.at, r.Status, l.status, says(r))
		}
	}
}

// says is what an error page says, for the log of a test.
func says(r reply) string {
	_, after, _ := strings.Cut(r.text(), "<h1")
	before, _, _ := strings.Cut(after, "</h1>")
	return fmt.Sprint(before, " ", r.Header.Get("Location"))
}

// thin lets one of so many cells of a large matrix through where the race detector is on.
type thin int

func (n *thin) out() bool {
	*n++
	return int(*n)%(thinned+1) != 0
}

// takes says whether a route is one of that address.
func takes(route, at string) bool {
	words, parts := strings.Split(route, "/"), strings.Split(at, "/")
	if len(words) != len(parts) {
		return false
	}
	for i, w := range words {
		if w != parts[i] && !strings.HasPrefix(w, ":") {
			return false
		}
	}
	return true
}

// Odd methods are refused at every address.
func TestOddMethodsEverywhere(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	var posts []string
	for _, l := range offers {
		if l.method() == "POST" {
			_, path, _ := strings.Cut(l.route, " ")
			posts = append(posts, path)
		}
	}
	var some thin
	for _, l := range offers {
		_, path, _ := strings.Cut(l.route, " ")
		at := strings.NewReplacer(":id", nowhere, ":no", "1", ":component", "x", ":file", nowhere, ":paper", nowhere, ":deed", "tra", ":code", birth).Replace(path)
		for _, method := range []string{"PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "FOO", "POST", "get"} {
			if some.out() || method == "POST" && slices.ContainsFunc(posts, func(route string) bool { return takes(route, at) }) {
				continue
			}
			if r := m.do(request(method, at, nil)); r.Status != 405 {
				t.Errorf("%s %s: %d", method, at, r.Status)
			}
		}
	}
}
