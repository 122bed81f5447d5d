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

	"motcua/portal/agency"
	"motcua/portal/web"
)

// who is for whom an address is there.
type who int

const (
	anyone  who = iota
	person      // whoever is signed in: their own things
	owner       // of the thing named in the address
	worker      // who has any role at any agency
	officer     // who works with dossiers
	caseOf      // an officer of the dossier's agency
	outside     // another system, known by its signature
)

// line is a route with an address of it, words in braces standing for things of Mai's.
type line struct {
	route   string
	who     who
	at      string
	status  int        // for whom it is there; 0 is 200
	changes string     // tables that a GET may change besides what was read
	fields  url.Values // of a form that would be taken
	parts   []part     // of a multipart one
}

// offers is every route there is.
var offers = []line{
	{route: "GET /", at: "/"},
	{route: "GET /robots.txt", at: "/robots.txt"},
	{route: "GET /healthz", at: "/healthz"},
	{route: "GET /readyz", at: "/readyz"},
	{route: "GET /api/v1/bieu-mau.schema.json", at: "/api/v1/bieu-mau.schema.json"},
	{route: "GET /thu-tuc", at: "/thu-tuc?q=khai+sinh"},
	{route: "GET /thu-tuc/:code", at: "/thu-tuc/" + birth},
	{route: "GET /tro-nang", at: "/tro-nang"},
	{route: "GET /bao-ve-du-lieu", at: "/bao-ve-du-lieu"},
	{route: "GET /dieu-khoan", at: "/dieu-khoan"},
	{route: "GET /style", at: "/style"},
	{route: "GET /thong-ke", at: "/thong-ke"},
	{route: "GET /tra-cuu", at: "/tra-cuu"},
	{route: "GET /xac-thuc", at: "/xac-thuc?ma=AAAAAAAAAAAA"},
	{route: "GET /dang-nhap", at: "/dang-nhap", status: 303, changes: "signins"},
	{route: "GET /dang-nhap/tra-ve", at: "/dang-nhap/tra-ve", status: 422},
	{route: "POST /dang-xuat", at: "/dang-xuat", status: 303},
	{route: "POST /tra-cuu", at: "/tra-cuu", status: 422, fields: url.Values{"ma": {"H01.15-261121-9999"}, "so": {"0000"}}},

	{route: "GET /thu-tuc/:code/bat-dau", who: person, at: "/thu-tuc/" + birth + "/bat-dau"},
	{route: "POST /thu-tuc/:code/ho-so", who: person, at: "/thu-tuc/" + birth + "/ho-so", status: 303},
	{route: "GET /ho-so", who: person, at: "/ho-so"},
	{route: "GET /tai-khoan/thong-bao", who: person, at: "/tai-khoan/thong-bao", changes: "seen_notices"},

	{route: "GET /ho-so/:id", who: owner, at: "/ho-so/{done}"},
	{route: "GET /ho-so/:id/buoc/:no", who: owner, at: "/ho-so/{draft}/buoc/1", changes: "drafts"},
	{route: "POST /ho-so/:id/buoc/:no", who: owner, at: "/ho-so/{draft}/buoc/1", status: 303, fields: url.Values{"sau": {"1"}}},
	{route: "GET /ho-so/:id/giay-to/:component", who: owner, at: "/ho-so/{draft}/giay-to/{component}"},
	{route: "POST /ho-so/:id/giay-to/:component", who: owner, at: "/ho-so/{draft}/giay-to/{component}", status: 303, fields: url.Values{"lam": {"len"}, "tep": {"{draftfile}"}}},
	{route: "POST /ho-so/:id/giay-to/:component", who: owner, at: "/ho-so/{draft}/giay-to/{component}", status: 303, parts: []part{{Name: "tep", File: "a.pdf", Value: plainPDF}}},
	{route: "GET /ho-so/:id/giay-to/:component/:file", who: owner, at: "/ho-so/{draft}/giay-to/{component}/{draftfile}"},
	{route: "GET /ho-so/:id/phan-viec", who: owner, at: "/ho-so/{draft}/phan-viec"},
	{route: "GET /ho-so/:id/kiem-tra", who: owner, at: "/ho-so/{draft}/kiem-tra", changes: "drafts"},
	{route: "POST /ho-so/:id/lay-du-lieu", who: owner, at: "/ho-so/{draft}/lay-du-lieu", status: 303},
	{route: "POST /ho-so/:id/xoa", who: owner, at: "/ho-so/{draft}/xoa", status: 303},
	{route: "POST /ho-so/:id/khoi-phuc", who: owner, at: "/ho-so/{draft}/khoi-phuc", status: 303},
	{route: "POST /ho-so/:id/kiem-tra", who: owner, at: "/ho-so/{draft}/kiem-tra", status: 303, fields: url.Values{"cam-doan": {"1"}}},
	{route: "GET /ho-so/:id/phi", who: owner, at: "/ho-so/{due}/phi"},
	{route: "POST /ho-so/:id/phi", who: owner, at: "/ho-so/{due}/phi", status: 303, fields: url.Values{"cong": {"vnpay"}}},
	{route: "GET /bien-lai/:file", who: owner, at: "/bien-lai/{receipt}.pdf"},
	{route: "GET /ho-so/:id/tep/:file", who: owner, at: "/ho-so/{back}/tep/{attachment}"},
	{route: "GET /ho-so/:id/giay-xac-nhan-nop.pdf", who: owner, at: "/ho-so/{due}/giay-xac-nhan-nop.pdf"},
	{route: "GET /ho-so/:id/giay-tiep-nhan.pdf", who: owner, at: "/ho-so/{done}/giay-tiep-nhan.pdf"},
	{route: "GET /ho-so/:id/phieu-bo-sung.pdf", who: owner, at: "/ho-so/{back}/phieu-bo-sung.pdf"},
	{route: "GET /ho-so/:id/phieu-tu-choi.pdf", who: owner, at: "/ho-so/{refused}/phieu-tu-choi.pdf"},
	{route: "GET /ho-so/:id/ket-qua/:file", who: owner, at: "/ho-so/{done}/ket-qua/{result}.pdf"},
	{route: "GET /ho-so/:id/bo-sung", who: owner, at: "/ho-so/{back}/bo-sung"},
	{route: "GET /ho-so/:id/rut", who: owner, at: "/ho-so/{due}/rut"},
	{route: "GET /ho-so/:id/danh-gia", who: owner, at: "/ho-so/{done}/danh-gia"},
	{route: "POST /ho-so/:id/bo-sung", who: owner, at: "/ho-so/{back}/bo-sung", status: 303, parts: []part{{Name: "bo-sung-1", Value: "đây"}, {Name: "gui", Value: "1"}}},
	{route: "POST /ho-so/:id/danh-gia", who: owner, at: "/ho-so/{done}/danh-gia", status: 303, fields: url.Values{"muc": {"5"}}},
	{route: "POST /ho-so/:id/rut", who: owner, at: "/ho-so/{due}/rut", status: 303, fields: url.Values{"ly-do": {"đổi ý"}}},

	{route: "GET /can-bo", who: worker, at: "/can-bo"},
	{route: "GET /can-bo/ho-so", who: officer, at: "/can-bo/ho-so?xem=cho&q=mai"},
	{route: "GET /can-bo/ho-so/:id", who: caseOf, at: "/can-bo/ho-so/{back}"},
	{route: "GET /can-bo/ho-so/:id/tep/:file", who: caseOf, at: "/can-bo/ho-so/{back}/tep/{attachment}"},
	{route: "GET /can-bo/ho-so/:id/giay/:paper", who: caseOf, at: "/can-bo/ho-so/{done}/giay/{mau}.pdf"},
	{route: "GET /can-bo/ho-so/:id/cach-tinh", who: caseOf, at: "/can-bo/ho-so/{due}/cach-tinh"},
	{route: "GET /can-bo/ho-so/:id/:deed", who: caseOf, at: "/can-bo/ho-so/{due}/tu-choi"},
	{route: "POST /can-bo/ho-so/:id/:deed", who: caseOf, at: "/can-bo/ho-so/{due}/tu-choi", status: 303, fields: url.Values{"ban": {"{version}"}, "ly-do": {"sai"}, "can-cu": {"Điều 1"}}},

	{route: "GET /thanh-toan/vnpay/ipn", who: outside, at: "/thanh-toan/vnpay/ipn?vnp_TxnRef=1"},
	{route: "GET /thanh-toan/vnpay/ket-qua", who: anyone, at: "/thanh-toan/vnpay/ket-qua", status: 422},
}

func (l line) method() string { m, _, _ := strings.Cut(l.route, " "); return m }

// personal says whether the route shows or changes what belongs to somebody.
func (l line) personal() bool {
	return l.who == person || l.who == owner || l.who == worker || l.who == officer || l.who == caseOf
}

// request is what the browser would send to take the line's offer, with its words put in.
func (l line) request(b *browser, words *strings.Replacer) *http.Request {
	at := words.Replace(l.at)
	switch {
	case l.method() == "GET":
		return request("GET", at, nil)
	case l.parts != nil:
		return multipartOf(at, append([]part{{Name: "_csrf", Value: b.csrf()}, {Name: "_key", Value: uuid.NewString()}}, l.parts...))
	}
	return postOf(at, b.sealed(l.filled(words)))
}

func (l line) filled(words *strings.Replacer) url.Values {
	v := url.Values{}
	for name, values := range l.fields {
		for _, value := range values {
			v.Add(name, words.Replace(value))
		}
	}
	return v
}

// crowd is everybody who may knock.
type crowd struct {
	nobody, mai, phuc                     *browser
	intake, elsewhere, department, editor *browser
	words                                 *strings.Replacer
	ward                                  counter
}

func (h *house) crowd() crowd {
	h.t.Helper()
	c := crowd{nobody: h.visitor(), mai: h.signedIn("mai"), phuc: h.signedIn("phuc"), ward: h.staffOf(h.isWard),
		elsewhere: h.signedIn(h.officerAt(agency.Intake, h.isElsewhere)), department: h.signedIn(h.officerAt(agency.Intake, isDepartment)),
		editor: h.signedIn(h.onlyEditor())}
	c.intake = c.ward[agency.Intake]
	c.words = h.scene(c.mai, c.ward)
	return c
}

// all are the signed-in ones by name.
func (c crowd) all() map[string]*browser {
	return map[string]*browser{"owner": c.mai, "another": c.phuc, "officer": c.intake, "officer elsewhere": c.elsewhere, "department": c.department, "editor": c.editor}
}

// may says what the matrix says: who is let in where.
func (c crowd) may(b *browser, l line) bool {
	switch l.who {
	case owner:
		return b == c.mai
	case worker:
		return b != c.mai && b != c.phuc
	case officer:
		return b == c.intake || b == c.elsewhere || b == c.department
	case caseOf:
		return b == c.intake
	}
	return true
}

func TestEveryRouteIsInTheTable(t *testing.T) {
	h := newHouse(t)
	known := map[string]bool{}
	for _, l := range offers {
		known[l.route] = true
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
	for _, l := range offers {
		if l.method() != "GET" {
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
		for _, b := range c.all() {
			if c.may(b, l) {
				b.do(l.request(b, c.words)) // the first look draws papers and counts as a look
			}
		}
		before := h.snapshot()
		for name, b := range c.all() {
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
	if framed := strings.Contains(policy, "frame-ancestors 'self'"); framed != (l.who == caseOf && r.Status == 200 && r.Header.Get("Content-Type") == "application/pdf") {
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
		if s.name == "no token" && l.parts[0].File != "" {
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
	for _, l := range offers {
		if l.method() == "GET" {
			continue
		}
		b := c.mai
		if l.who == caseOf {
			b = c.intake
		}
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
	for _, l := range offers {
		if l.method() == "GET" {
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
		b := c.mai
		if l.who == caseOf {
			b = c.intake
		}
		if l.method() == "GET" || l.at == "/dang-xuat" {
			continue
		}
		words := c.words
		if strings.HasSuffix(l.at, "/tu-choi") { // the other form about it has withdrawn it
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

// Odd methods are refused at every address.
func TestOddMethodsEverywhere(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	posts := map[string]bool{}
	for _, l := range offers {
		if l.method() == "POST" {
			_, path, _ := strings.Cut(l.route, " ")
			posts[path] = true
		}
	}
	for _, l := range offers {
		_, path, _ := strings.Cut(l.route, " ")
		at := strings.NewReplacer(":id", nowhere, ":no", "1", ":component", "x", ":file", nowhere, ":paper", nowhere, ":deed", "tra", ":code", birth).Replace(path)
		for _, method := range []string{"PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS", "PROPFIND", "FOO", "POST", "get"} {
			if method == "POST" && posts[path] || method == "POST" && strings.HasPrefix(path, "/can-bo/ho-so/:id/") {
				continue
			}
			if r := m.do(request(method, at, nil)); r.Status != 405 {
				t.Errorf("%s %s: %d", method, at, r.Status)
			}
		}
	}
}
