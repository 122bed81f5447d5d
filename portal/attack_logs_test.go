package portal

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"motcua/portal/standin"
)

var record = regexp.MustCompile(`^time=\S+ level=(DEBUG|INFO|WARN|ERROR) msg=("[^"]*"|\S+)`)

// Nothing of a person stands in the log, whatever goes wrong, and an event is a line.
func TestLogsHoldNobody(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	secrets := []string{mai.IDNumber, phuc.IDNumber, mai.Name, phuc.Name, mai.Phone, phuc.Phone, mai.Email, "Trần Hưng Đạo", "canary-of-a-form", "client-secret", gateway}
	for _, b := range c.all() {
		secrets = append(secrets, b.cookies["motcua_session"], b.cookies["motcua_browser"], b.csrf())
	}
	h.misfortunes(c)
	for _, l := range offers {
		for _, b := range []*browser{c.phuc, c.mai, c.elsewhere, c.nobody} {
			if l.at != "/dang-xuat" {
				b.do(l.request(b, c.words))
			}
		}
	}
	_, err := h.Worker.Drain(t.Context()) // letters and parcels that fail
	if err != nil {
		t.Log("some work failed, as it should")
	}
	_, err = h.owner.Exec(`ALTER TABLE drafts RENAME TO drafts_gone`)
	h.must(err)
	for _, l := range offers {
		if l.at != "/dang-xuat" {
			c.mai.do(l.request(c.mai, c.words))
		}
	}
	all := h.log.String()
	if strings.Count(all, "\n") < 20 || !strings.Contains(all, "level=ERROR") {
		t.Fatalf("the log has nothing to look at: %s", all)
	}
	for line := range strings.Lines(all) {
		if !record.MatchString(line) {
			t.Errorf("not one event: %q", line)
		}
		for _, secret := range secrets {
			if secret != "" && (strings.Contains(line, secret) || strings.Contains(line, url.QueryEscape(secret)) || strings.Contains(line, url.PathEscape(secret))) {
				t.Errorf("%q stands in %q", secret, line)
			}
		}
	}
}

// misfortunes are requests that end in the log, with personal words in all their places.
func (h *house) misfortunes(c crowd) {
	h.t.Helper()
	personal := mai.IDNumber + " " + mai.Name + " canary-of-a-form\r\ntime=2026 level=ERROR msg=forged\x1b[31m"
	query := "?q=" + url.QueryEscape(personal) + "&so=" + mai.IDNumber
	for _, at := range []string{"/ho-so" + query, "/can-bo" + query, "/nope" + query, "/tra-cuu" + query, "/thanh-toan/vnpay/ipn" + query, "/thanh-toan/vnpay/ket-qua" + query,
		"/dang-nhap/tra-ve?state=x&code=" + mai.IDNumber, "/dang-nhap?tiep=" + url.QueryEscape("/ho-so"+query), "/xac-thuc?ma=" + mai.IDNumber} {
		for _, b := range []*browser{c.nobody, c.phuc, c.elsewhere} {
			b.get(at)
		}
	}
	forms := url.Values{"ly-do": {personal}, "y-kien": {personal}, "ma": {personal}, "so": {mai.IDNumber}, "muc": {personal}, "ban": {personal}, "can-cu": {personal}, "person_name": {personal}, "cong": {personal}, "doanh-nghiep": {personal}}
	for _, l := range offers {
		if l.method() == "POST" && l.at != "/dang-xuat" {
			at := c.words.Replace(l.at)
			c.phuc.post(at, forms)
			c.mai.do(postOf(at, forms)) // without a token
			c.mai.upload(at, part{Name: "tep", File: personal + ".pdf", Value: personal}, part{Name: "ly-do", Value: personal})
		}
	}
	req := request("GET", "/ho-so/"+uuid.NewString(), nil)
	req.Header.Set("User-Agent", personal)
	req.Header.Set("Referer", homeURL+"/?"+mai.IDNumber)
	req.Header.Set("X-Forwarded-For", personal)
	c.phuc.do(req)
	// systems outside that fail, with the person's number on the wire
	for _, mode := range []string{"dead", "garbage", "fault"} {
		h.people.Set(standin.Fault{Mode: mode})
		c.mai.post("/thu-tuc/"+birth+"/ho-so", nil)
	}
	h.people.Set(standin.Fault{Mode: "ok"})
	for _, mode := range []string{"garbage", "forged", "other", "expired"} { // a code that buys nothing
		v := h.visitor()
		to := v.get("/dang-nhap").Header.Get("Location")
		back := h.choose(to, "mai")
		h.oidc.Set(standin.Fault{Mode: mode})
		if r := v.get(back); r.Status == 303 {
			h.t.Errorf("signed in by a provider that is %s", mode)
		}
		h.oidc.Set(standin.Fault{Mode: "ok"})
	}
	c.mai.post(c.words.Replace("/ho-so/{due}/phi"), url.Values{"cong": {"vnpay"}})
	c.mai.post(c.words.Replace("/ho-so/{due}/phi"), url.Values{"lam": {"kiem-tra"}}) // the gateway does not answer
	h.mail.Set(standin.Fault{Mode: "dead"})
}

// inside are words that no page may say: of the database, the program and the machine.
var inside = regexp.MustCompile(`(?i)pq:|relation "|(?-i:SELECT )|\bsql|postgres|does not exist|goroutine|panic|\.go:|/work/|runtime error|motcua/|_gone|nil pointer|127\.0\.0\.1:\d+/`)

func neutral(t *testing.T, what string, r reply) {
	t.Helper()
	if r.Status == 500 && !strings.Contains(r.text(), r.Header.Get("X-Request-Id")) {
		t.Errorf("%s: the page has no id", what)
	}
	page := strings.ReplaceAll(r.text(), "127.0.0.1:8080", "")
	if found := inside.FindString(page); found != "" {
		t.Errorf("%s: the page says %q", what, found)
	}
}

// With tables missing, every page is neutral, nothing is let through, and all is well again
// when they are back.
func TestMissingTables(t *testing.T) {
	h := newHouse(t)
	c := h.crowd()
	failed := 0
	var some thin
	for _, table := range []string{"dossiers", "drafts", "officer_roles", "audit", "sessions"} {
		_, err := h.owner.Exec(`ALTER TABLE ` + table + ` RENAME TO ` + table + `_gone`)
		h.must(err)
		for _, l := range offers {
			if l.method() != "GET" || !l.personal() || some.out() {
				continue
			}
			whose := c.mai
			if l.who == caseOf || l.who == officer || l.who == worker {
				whose = c.intake
			}
			for _, b := range []*browser{whose, c.phuc} {
				r := b.do(l.request(b, c.words))
				if failed++; r.Status < 500 {
					failed--
				}
				neutral(t, table+" away, "+l.at, r)
				if r.Status == 200 && !c.may(b, l) && b == c.phuc {
					t.Errorf("%s away, %s: open to another", table, l.at)
				}
				if r.Status == 200 && table == "audit" && l.who == caseOf {
					t.Errorf("%s: seen without a record of it", l.at)
				}
			}
		}
		_, err = h.owner.Exec(`ALTER TABLE ` + table + `_gone RENAME TO ` + table)
		h.must(err)
	}
	if failed < 20 {
		t.Errorf("only %d requests failed: the test breaks nothing", failed)
	}
	if r := c.mai.get(c.words.Replace("/ho-so/{done}")); r.Status != 200 {
		t.Errorf("afterwards: %d", r.Status)
	}
}

func TestPanicEndsOneRequest(t *testing.T) {
	h := newHouse(t)
	h.web.App.Get("/boom", func(*fiber.Ctx) error {
		var nobody *browser
		_ = nobody.token // a fault of the program's
		return nil
	})
	v := h.visitor()
	r := v.get("/boom")
	if neutral(t, "panic", r); r.Status != 500 {
		t.Errorf("panic: %d", r.Status)
	}
	if r := v.get("/"); r.Status != 200 {
		t.Errorf("after a panic: %d", r.Status)
	}
	if !strings.Contains(h.log.String(), "nil pointer") {
		t.Error("the log does not say what happened")
	}
}

// Without its database the portal says so to the load balancer, and to people without a
// word of why.
func TestDatabaseAway(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	h.must(h.DB.Close())
	for at, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/robots.txt": 200, "/ho-so": 500, "/can-bo": 500, "/dang-nhap": 500} {
		r := m.get(at)
		if neutral(t, at, r); r.Status != want {
			t.Errorf("%s: %d, want %d", at, r.Status, want)
		}
	}
}
