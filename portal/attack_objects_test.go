package portal

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// strange puts ids that nobody has in the place of Mai's.
func (c crowd) strange(at string) string {
	id := func() string { return uuid.NewString() }
	return strings.NewReplacer("{paper}", id(), "{share}", id(), "{draft}", id(), "{draftfile}", id(), "{due}", id(), "{done}", id(), "{back}", id(), "{refused}", id(),
		"{attachment}", id(), "{result}", id(), "{mau}", id(), "{receipt}", id(), "{component}", "giay_chung_sinh", "{version}", "1", "{help}", id(), "{edit}", id(), "{upload}", id(), "{kept}", id(), "{text}", id(), "{change}", id(), "{sheet}", id(), "{bulk}", id(), "{report}", id(), "{look}", "1-1", "{member}", "999999", "{batch}", id(), "{firm}", "0100109106").Replace(at)
}

// likeNothing wants two answers to be the same to the byte, headers too.
func likeNothing(t *testing.T, what string, got, nothing reply) {
	t.Helper()
	for _, r := range []reply{got, nothing} {
		r.Header.Del("X-Request-Id")
		r.Header.Del("Date")
	}
	if got.Status != 404 || nothing.Status != 404 || got.text() != nothing.text() {
		t.Errorf("%s: %d with %d bytes, for what is not there %d with %d bytes", what, got.Status, len(got.Body), nothing.Status, len(nothing.Body))
	}
	if !maps.EqualFunc(got.Header, nothing.Header, slices.Equal[[]string]) {
		t.Errorf("%s: headers %v, for what is not there %v", what, got.Header, nothing.Header)
	}
}

// What is not yours looks exactly like what does not exist.
func TestNotYoursIsNotThere(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	tried := 0
	for _, l := range offers {
		if l.who != owner && l.who != caseOf {
			continue
		}
		for name, b := range c.all() {
			if c.may(b, l) {
				continue
			}
			got := b.do(l.request(b, c.words))
			l.at = c.strange(l.at)
			nothing := b.do(l.request(b, c.words))
			likeNothing(t, l.route+", "+name, got, nothing)
			tried++
		}
	}
	t.Logf("%d pairs", tried)
}

// A thing of Mai's under an address of one's own is not there either, for people and for
// officers; nor can a form name it.
func TestThingsUnderOthersAddresses(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	own, other := c.phuc.draft(birth, nil), h.staffOf(h.isElsewhere)
	v := url.Values{"agency": {other["intake"].officer().Roles[0].AgencyCode}}
	dossier := c.phuc.filed(extract, v)
	words := strings.NewReplacer("{draft}", own, "{back}", dossier, "{done}", dossier)
	for _, l := range offers {
		at := c.words.Replace(words.Replace(l.at))
		switch l.route {
		case "GET /ho-so/:id/giay-to/:component/:file", "GET /ho-so/:id/giay-to/:component/ban-ghep.pdf", "GET /ho-so/:id/tep/:file", "GET /ho-so/:id/ket-qua/:file", "GET /bien-lai/:file":
			likeNothing(t, at, c.phuc.get(at), c.phuc.get("/ho-so/"+own+"/giay-to/giay_chung_sinh/"+uuid.NewString()))
		case "GET /can-bo/ho-so/:id/tep/:file", "GET /can-bo/ho-so/:id/ban-ghep/:filing/:component", "GET /can-bo/ho-so/:id/giay/:paper":
			likeNothing(t, at, c.elsewhere.get(at), c.elsewhere.get("/can-bo/ho-so/"+dossier+"/tep/"+uuid.NewString()))
		}
	}
	if r := c.elsewhere.get("/can-bo/ho-so/" + dossier); r.Status != 200 {
		t.Fatalf("their own case: %d", r.Status)
	}
	file, before := c.words.Replace("{draftfile}"), h.snapshot()
	at := "/ho-so/" + own + "/giay-to/giay_chung_sinh"
	for _, deed := range []string{"xoa", "len", "xuong"} {
		c.phuc.post(at, url.Values{"lam": {deed}, "tep": {file}})
	}
	var removed int
	h.must(h.DB.Get(&removed, `SELECT count(*) FROM draft_files WHERE removed_at IS NOT NULL`))
	if removed > 0 {
		t.Errorf("a file of another's draft was taken away")
	}
	if r := c.phuc.upload(at, part{Name: "thay", Value: file}, part{Name: "tep", File: "b.pdf", Value: plainPDF}); r.Status >= 500 {
		t.Errorf("a file in place of another's: %d", r.Status)
	}
	h.must(h.DB.Get(&removed, `SELECT count(*) FROM draft_files WHERE removed_at IS NOT NULL`))
	if removed > 0 {
		t.Errorf("a file took the place of another's")
	}
	for _, name := range changed(before, h.snapshot()) {
		if !slices.Contains([]string{"drafts", "draft_files", "deeds"}, name) {
			t.Errorf("changed %s", name)
		}
	}
}

// Lists, counts and searches of officers hold no dossier of other agencies.
func TestListsAreOfOnesOwnAgency(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	var codes []string
	h.must(h.DB.Select(&codes, `SELECT code FROM dossiers`))
	if len(codes) == 0 {
		t.Fatal("no dossiers")
	}
	for name, b := range map[string]*browser{"elsewhere": c.elsewhere, "department": c.department, "own": c.intake} {
		for _, at := range []string{"/can-bo", "/can-bo/ho-so", "/can-bo/ho-so?xem=da-ket-thuc", "/can-bo/ho-so?q=" + url.QueryEscape(mai.Name), "/can-bo/ho-so?q=" + mai.IDNumber, "/can-bo/ho-so?q=" + codes[0], "/can-bo/ho-so?q=%25"} {
			r := b.get(at)
			found := slices.ContainsFunc(codes, func(code string) bool { return strings.Contains(r.text(), `>`+code) })
			if name != "own" && (found || r.Status != 200) {
				t.Errorf("%s, %s: %d, shows a dossier: %v", at, name, r.Status, found)
			}
			if name == "own" && at == "/can-bo/ho-so" && !found {
				t.Error("an officer does not see their own list: the test looks in the wrong place")
			}
		}
	}
}

// Ids of wrong forms are nowhere, for the owner too; nothing is a fault of ours.
func TestIdsOfWrongForms(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	forms := map[string]func(id string) string{
		"upper case":    strings.ToUpper,
		"braces":        func(id string) string { return "{" + id + "}" },
		"urn":           func(id string) string { return "urn:uuid:" + id },
		"no dashes":     func(id string) string { return strings.ReplaceAll(id, "-", "") },
		"quote":         func(id string) string { return id + "%27" },
		"SQL":           func(id string) string { return id + "%27%20OR%20%271%27=%271" },
		"space":         func(id string) string { return "%20" + id },
		"short":         func(id string) string { return id[:len(id)-1] },
		"not one":       func(string) string { return "abc" },
		"number":        func(string) string { return "1" },
		"negative":      func(string) string { return "-1" },
		"too large":     func(string) string { return "99999999999999999999" },
		"long":          func(string) string { return strings.Repeat("a", 5000) },
		"other letters": func(id string) string { return url.PathEscape(strings.ReplaceAll(id, "0", "０")) },
		"line end":      func(id string) string { return id + "%0d%0aX:%20y" },
		"NUL":           func(id string) string { return id + "%00" },
		"dots":          func(string) string { return "%2e%2e" },
		"slash":         func(id string) string { return "x%2f" + id },
		"half a sign":   func(string) string { return "%e1%ba" },
	}
	var some thin
	for _, l := range offers {
		b := c.mai
		if l.who == caseOf {
			b = c.intake
		}
		for start := 0; l.who == owner || l.who == caseOf; {
			open := strings.Index(l.at[start:], "{")
			if open < 0 {
				break
			}
			open += start
			end := open + strings.Index(l.at[open:], "}") + 1
			word := l.at[open:end]
			start = end
			id := c.words.Replace(word)
			for name, form := range forms {
				if some.out() || form(id) == id || word == "{component}" && l.method() == "POST" {
					continue
				}
				try := l
				try.at = l.at[:open] + "\x01" + l.at[end:]
				at := strings.Replace(c.words.Replace(try.at), "\x01", form(id), 1)
				try.at = at
				if r := b.do(try.request(b, c.words)); r.Status != 404 && r.Status != 400 {
					t.Errorf("%s, %s of %s: %d", l.route, name, word, r.Status)
				}
			}
		}
	}
	for _, at := range []string{"/can-bo/ho-so?trang=9223372036854775807", "/can-bo/ho-so?trang=-9223372036854775808", "/can-bo/ho-so?trang=99999999999999999999",
		"/can-bo/ho-so?trang=368934881474191033", "/can-bo/ho-so?q=%27%22%25_%5c((((&xem=%27", "/can-bo/ho-so?trang=1e309"} {
		if r := c.intake.get(at); r.Status != 200 {
			t.Errorf("%s: %d", at, r.Status)
		}
	}
	for _, at := range []string{"/thu-tuc?trang=9223372036854775807", "/thu-tuc?trang=-1", "/thu-tuc?q=(((((%25_%5c&linh-vuc=%27&co-quan=%27&doi-tuong=x&muc-do=y", "/thu-tuc?q=" + strings.Repeat("a+", 3000),
		"/xac-thuc?ma=%27", "/xac-thuc?ma=" + strings.Repeat("A", 5000), "/tra-cuu?ma=%27%22%3Cb%3E", "/thong-ke?thang=%27&co-quan=%27", "/thong-ke?nam=99999999999999999999&thang=-1"} {
		if r := c.nobody.get(at); r.Status != 200 {
			t.Errorf("%s: %d", at, r.Status)
		}
	}
	for _, no := range []string{"0", "-1", "999", "9223372036854775807", "9223372036854775808", "1e1", "+1", "01x"} {
		at := c.words.Replace("/ho-so/{draft}/buoc/") + no
		if r := c.mai.get(at); r.Status != 404 && no != "+1" {
			t.Errorf("%s: %d", at, r.Status)
		}
		if r := c.mai.post(at, url.Values{"a": {"b"}}); r.Status != 404 && no != "+1" {
			t.Errorf("POST %s: %d", at, r.Status)
		}
	}
	if r := c.mai.get(c.words.Replace("/ho-so/{draft}")); r.Status != 303 || c.mai.get(r.Header.Get("Location")).Status != 200 {
		t.Errorf("the draft goes on nowhere: %s", r.Header.Get("Location"))
	}
}

// Paths that are another spelling of a personal one are no way around.
func TestOtherSpellingsOfPaths(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	spellings := []func(p string) string{
		strings.ToUpper,
		func(p string) string { return p + "/" },
		func(p string) string { return "/" + p },
		func(p string) string { return "//127.0.0.1:8080" + p },
		func(p string) string { return "/." + p },
		func(p string) string { return "/x/.." + p },
		func(p string) string { return "/tra-cuu/.." + p },
		func(p string) string { return "/x/%2e%2e" + p },
		func(p string) string { return strings.Replace(p, "/ho-so", "/%2568o-so", 1) },
		func(p string) string { return strings.Replace(p, "ho-so", "%68o-so", 1) },
		func(p string) string { return strings.ReplaceAll(p, "/", "%2f") },
		func(p string) string { return "/" + strings.ReplaceAll(p[1:], "/", "%2f") },
		func(p string) string { return "/" + strings.ReplaceAll(p[1:], "/", "%252f") },
		func(p string) string { return "/" + strings.ReplaceAll(p[1:], "/", `\`) },
		func(p string) string { return p + ";x" },
		func(p string) string { return p + ";jsessionid=1?a=b" },
		func(p string) string { return p + "/x.css" },
		func(p string) string { return p + "%00" },
		func(p string) string { return p + "%20" },
		func(p string) string { return p + "." },
		func(p string) string { return p + "?x=/../../" },
		func(p string) string { return homeURL + p },
		func(p string) string { return "http://evil.example" + p },
	}
	// a page of Mai's may be answered to Mai only, however it is written
	secret := c.words.Replace("{due}")
	var some thin
	for _, l := range offers {
		if l.method() != "GET" || !l.personal() {
			continue
		}
		path := c.words.Replace(l.at)
		for i, spell := range spellings {
			if some.out() {
				continue
			}
			at := spell(path)
			// 405: it reads as the address of a deed, which says nothing of what is there
			if r := c.nobody.get(at); r.Status != 303 && r.Status != 400 && r.Status != 404 && r.Status != 405 {
				t.Errorf("%d: %s, nobody: %d", i, at, r.Status)
			}
			if r := c.phuc.get(at); r.Status == 200 && l.who != person || r.Status >= 500 || strings.Contains(r.text(), secret) && r.Status == 200 {
				t.Errorf("%d: %s, another: %d", i, at, r.Status)
			}
			if r := c.elsewhere.get(at); r.Status == 200 && (l.who == owner || l.who == caseOf) || r.Status >= 500 {
				t.Errorf("%d: %s, an officer elsewhere: %d", i, at, r.Status)
			}
			if r := c.mai.get(at); r.Status >= 500 || r.Status == 200 && !strings.Contains(r.Header.Get("Cache-Control"), "no-store") {
				t.Errorf("%d: %s, owner: %d %s", i, at, r.Status, r.Header.Get("Cache-Control"))
			}
		}
	}
	for _, at := range []string{"/admin", "/staff", "/manager", "/api", "/api/v1", "/api/v1/", "/can-bo/", "/files/", "/blobs", "/.git/HEAD", "/.env", "/.data/demo.json", "/metrics", "/debug/pprof/",
		"/status", "/swagger", "/tai-nguyen/", "/tai-nguyen/x/site.css", "/tai-nguyen/x/..%2f..%2fgo.mod", "/backup.sql", "/server-status", "/_sandbox/log"} {
		if r := c.nobody.get(at); r.Status != 404 && r.Status != 303 && r.Status != 400 || r.Status == 303 && !strings.HasPrefix(at, "/can-bo") {
			t.Errorf("%s: %d", at, r.Status)
		}
	}
}

// Foreign hosts and forwarded words from anybody change nothing of what is answered.
func TestForwardedWordsAreNotBelieved(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	for name, value := range map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Original-Url": "/can-bo", "X-Rewrite-Url": "/can-bo",
		"X-Http-Method-Override": "DELETE", "X-User": "admin", "Forwarded": "host=evil.example", "Host": "evil.example", "Origin": "https://evil.example"} {
		req := request("GET", "/ho-so", nil)
		req.Header.Set(name, value)
		if name == "Host" {
			req.Host = value
		}
		r := m.do(req)
		if r.Status != 200 || strings.Contains(r.text(), "evil.example") || r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d, repeats it: %v", name, r.Status, strings.Contains(r.text(), "evil.example"))
		}
	}
	req := request("GET", "/dang-nhap", nil)
	req.Host = "evil.example"
	if at := h.visitor().do(req).Header.Get("Location"); strings.Contains(at, "evil") || !strings.HasPrefix(at, h.oidc.Issuer()) {
		t.Errorf("sign-in of a foreign host leads to %s", at)
	}
	for range 3 { // the limits of tracking count the peer, not what the client says of itself
		req := postOf("/tra-cuu", m.sealed(url.Values{"ma": {"X"}, "so": {"1"}}))
		req.Header.Set("X-Forwarded-For", uuid.NewString()+", 10.0.0.1")
		m.do(req)
	}
	var keys []string
	h.must(h.DB.Select(&keys, `SELECT key FROM limits WHERE name = 'track.address'`))
	if len(keys) != 1 || strings.HasPrefix(keys[0], "10.") {
		t.Errorf("tries were counted for %q", keys)
	}
}
