package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"motcua/assets"
	provider "motcua/portal/signin/sandbox"
)

var chau = provider.Person{Sub: "chau", Name: "Néang Sóc Khonl", IDNumber: "089192000105", BirthDate: "1992-02-03", Phone: "0912345605", Level: 1}

// records is the shipped procedure that asks for the second level of identity.
const records = "3.000333"

// steps presses a card at the provider when it is asked for the second level.
func (b *browser) steps(to, keep string) reply {
	b.h.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(to, url.Values{"sub": {"chau"}, "level": {keep}})
	b.h.must(err)
	res.Body.Close()
	back, found := strings.CutPrefix(res.Header.Get("Location"), homeURL)
	if !found {
		b.h.t.Fatalf("the provider answers %d", res.StatusCode)
	}
	b.token = ""
	return b.get(back)
}

// TestLevelOfIdentity: a procedure that asks for the second level explains it to who has the
// first, and whoever proves it comes back to where they were.
func TestLevelOfIdentity(t *testing.T) {
	h := newHouse(t)
	h.must(h.ImportCatalogue(t.Context(), assets.CatalogueOf(records)))
	h.oidc.Put(chau)
	b := h.signedIn("chau")
	if r := b.get("/thu-tuc/" + extract + "/bat-dau"); r.Status != 200 || strings.Contains(r.text(), "/dang-nhap/nang-muc") {
		t.Errorf("a procedure of the first level: %d", r.Status)
	}
	begin := "/thu-tuc/" + records + "/bat-dau"
	again := "/dang-nhap/nang-muc?tiep=" + url.QueryEscape(begin)
	if r := b.get(begin); r.Status != 200 || !strings.Contains(r.text(), `href="`+again+`"`) || strings.Contains(r.text(), "/ho-so\" novalidate") {
		t.Fatalf("the start page at the first level: %d\n%s", r.Status, r.text())
	}
	if r := b.post("/thu-tuc/"+records+"/ho-so", nil); r.Status != 403 || !strings.Contains(r.text(), `href="`+again+`"`) {
		t.Errorf("starting at the first level: %d", r.Status)
	}
	if n := h.count(`SELECT count(*) FROM drafts`); n != 0 {
		t.Errorf("%d drafts", n)
	}

	to := b.get(again).Header.Get("Location")
	if q, err := url.Parse(to); err != nil || q.Query().Get("acr_values") != "2" || q.Query().Get("prompt") != "login" {
		t.Fatalf("to the provider: %s", to)
	}
	still := "/dang-nhap/chua-du-muc?tiep=" + url.QueryEscape(begin)
	if r := b.steps(to, "1"); r.Status != 303 || r.Header.Get("Location") != still {
		t.Fatalf("back with the first level: %d to %s", r.Status, r.Header.Get("Location"))
	}
	if r := b.get(still); r.Status != 200 || !strings.Contains(r.text(), "Vẫn đang ở mức 1") {
		t.Errorf("still the first level: %d", r.Status)
	}
	if r := b.steps(b.get(again).Header.Get("Location"), ""); r.Status != 303 || r.Header.Get("Location") != begin {
		t.Fatalf("back with the second level: %d to %s", r.Status, r.Header.Get("Location"))
	}
	if r := b.get(begin); r.Status != 200 || strings.Contains(r.text(), "/dang-nhap/nang-muc") {
		t.Errorf("the start page at the second level: %d", r.Status)
	}
	r := b.post("/thu-tuc/"+records+"/ho-so", nil)
	check := strings.TrimSuffix(r.Header.Get("Location"), "/buoc/1") + "/kiem-tra"
	if r.Status != 303 || !strings.HasPrefix(check, "/ho-so/") {
		t.Fatalf("starting at the second level: %d to %s", r.Status, r.Header.Get("Location"))
	}

	// signed in anew with the first level: the draft is there, but not to be filed
	b = h.signedIn("chau")
	page := b.get(check)
	f := keyField.FindSubmatch(page.Body)
	if page.Status != 200 || f == nil {
		t.Fatalf("the check page: %d", page.Status)
	}
	if r := b.post(check, url.Values{"cam-doan": {"1"}}); r.Status != 403 || !strings.Contains(r.text(), url.QueryEscape(check)) {
		t.Errorf("filing at the first level: %d\n%s", r.Status, r.text())
	}
	if r := b.steps(b.get("/dang-nhap/nang-muc?tiep="+url.QueryEscape(check)).Header.Get("Location"), ""); r.Header.Get("Location") != check {
		t.Errorf("back to %s", r.Header.Get("Location"))
	}
	if r := b.post(check, url.Values{"cam-doan": {"1"}}); r.Status != 422 { // nothing is filled in yet
		t.Errorf("filing at the second level: %d", r.Status)
	}
}

func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	h.must(h.DB.Get(&n, query, args...))
	return n
}
