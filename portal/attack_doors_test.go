package portal

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/locales"
	"motcua/payments"
	"motcua/payments/vnpay"
)

// A cookie that somebody else has set never becomes a session.
func TestGivenSessionIsNeverValid(t *testing.T) {
	h := newHouse(t)
	b := h.visitor()
	given := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("a", 32)))
	b.cookies["motcua_session"] = given
	if r := b.get("/ho-so"); r.Status != 303 {
		t.Errorf("a made-up session: %d", r.Status)
	}
	b.enter("mai", "/")
	own := b.cookies["motcua_session"]
	if own == given || own == "" {
		t.Fatal("the session is the one that was given")
	}
	for name, token := range map[string]string{"the one given": given, "none": "", "another's start": own[:len(own)-1], "with a quote": own + "'", "twice": own + own, "long": strings.Repeat("a", 4000)} {
		v := h.visitor()
		v.cookies["motcua_session"] = token
		if r := v.get("/ho-so"); r.Status != 303 {
			t.Errorf("session cookie %s: %d", name, r.Status)
		}
	}
	if b.enter("mai", "/"); b.cookies["motcua_session"] == own {
		t.Error("a second sign-in keeps the session")
	}
	for _, c := range h.cookies(t) {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %s: %+v", c.Name, c)
		}
	}
}

// cookies are those that a sign-in sets.
func (h *house) cookies(t *testing.T) []*http.Cookie {
	t.Helper()
	b := h.visitor()
	req := request("GET", "/dang-nhap?lang=en", nil)
	res, err := h.web.App.Test(req, -1)
	h.must(err)
	res.Body.Close()
	all := res.Cookies()
	r := b.enter("mai", "/")
	all = append(all, (&http.Response{Header: r.Header}).Cookies()...)
	if len(all) < 3 {
		t.Errorf("cookies: %v", all)
	}
	return all
}

func TestSessionEnds(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	old := m.cookies["motcua_session"]
	r := m.post("/dang-xuat", nil)
	if r.Status != 303 || r.Header.Get("Clear-Site-Data") == "" || m.cookies["motcua_session"] != "" {
		t.Errorf("sign-out: %d %v", r.Status, r.Header)
	}
	m.cookies["motcua_session"] = old
	if r := m.get("/ho-so"); r.Status != 303 {
		t.Errorf("the old cookie after sign-out: %d", r.Status)
	}
	for what, set := range map[string]string{"idle for 30 minutes": "seen_at = now() - interval '30 minutes 1 second'", "12 hours old": "ends_at = now() - interval '1 second'"} {
		b := h.signedIn("mai")
		if r := b.get("/ho-so"); r.Status != 200 {
			t.Fatal(r.Status)
		}
		_, err := h.owner.Exec(`UPDATE sessions SET ` + set)
		h.must(err)
		if r := b.get("/ho-so"); r.Status != 303 {
			t.Errorf("%s: %d", what, r.Status)
		}
	}
}

// A role that is taken away is gone with the next request, on pages and deeds.
func TestRoleTakenAway(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.filed(birth, nil)
	s := h.staffOf(h.isWard)
	intake := s["intake"]
	at := "/can-bo/ho-so/" + id
	if r := intake.get(at); r.Status != 200 {
		t.Fatal(r.Status)
	}
	_, err := h.owner.Exec(`UPDATE officer_roles SET valid_to = current_date - 1, valid_from = '2025-07-01' WHERE officer_id = $1`, intake.officer().ID)
	h.must(err)
	before := h.snapshot()
	for _, address := range []string{"/can-bo", "/can-bo/ho-so", at, at + "/tiep-nhan"} {
		if r := intake.get(address); r.Status != 404 {
			t.Errorf("%s without a role: %d", address, r.Status)
		}
	}
	if r := intake.post(at+"/tiep-nhan", url.Values{"ban": {"1"}}); r.Status != 404 {
		t.Errorf("receive without a role: %d", r.Status)
	}
	if diff := changed(before, h.snapshot()); len(diff) > 0 {
		t.Errorf("changed %v", diff)
	}
}

// What a colleague may see they may not all do; nobody decides what is not at that point.
func TestDeedsOfOtherRoles(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.filed(birth, nil)
	s := h.staffOf(h.isWard)
	may := map[string]string{"tiep-nhan": "intake", "bo-sung": "intake", "tu-choi": "intake", "chuyen": "intake processor", "quyet-dinh": "leader", "luu": "clerk processor", "tra": "intake", "khong-co": ""}
	before := h.snapshot()
	for role, b := range s {
		for deed, roles := range may {
			r := b.post("/can-bo/ho-so/"+id+"/"+deed, url.Values{"ban": {"99"}, "ly-do": {"x"}, "can-cu": {"y"}, "ket-qua": {"co"}, "noi-dung": {"z"}, "nguoi": {"1"}})
			want := 403
			if slices.Contains(strings.Fields(roles), role) {
				want = 409 // the page is stale
			}
			if deed == "khong-co" {
				want = 404
			}
			if deed == "bo-sung" {
				want = r.Status // without items it is refused before anything is looked at
			}
			if r.Status != want || r.Status < 400 {
				t.Errorf("%s by the %s: %d, want %d", deed, role, r.Status, want)
			}
		}
	}
	if diff := slices.DeleteFunc(changed(before, h.snapshot()), func(n string) bool { return n == "audit" }); len(diff) > 0 {
		t.Errorf("changed %v", diff)
	}
}

// Whatever stands in tiep, a sign-in ends at our own host.
func TestNoOpenRedirects(t *testing.T) {
	h := newHouse(t)
	for _, next := range []string{"//evil.example", `/\evil.example`, `\\evil.example`, "https:evil.example", "https://evil.example/", "javascript:alert(1)", "/%0d%0aLocation: https://evil.example",
		"/\r\nX-Evil: 1", "/%2f/evil.example", "/%5cevil.example", "///evil.example", "/x/..//evil.example", "http:/evil.example", "data:text/html,x", "evil.example", "@evil.example",
		"/\t/evil.example", "/.evil.example", "/%09/evil.example", "\x00/evil", "/ho-so@evil.example", "https://127.0.0.1:8080@evil.example", "/dang-nhap?tiep=//evil.example"} {
		b := h.visitor()
		if b.get("/dang-nhap?tiep="+url.QueryEscape(next)).Status == 400 {
			continue // not even text
		}
		r := b.enter("mai", next)
		to, err := url.Parse(r.Header.Get("Location"))
		if err != nil || r.Status != 303 || to.Host != "" || to.Scheme != "" || !strings.HasPrefix(to.Path, "/") || strings.HasPrefix(to.Path, "//") || r.Header.Get("X-Evil") != "" {
			t.Errorf("tiep=%q: %d to %q", next, r.Status, r.Header.Get("Location"))
		}
	}
	b := h.visitor()
	if to := b.enter("mai", "/ho-so?da-luu=1").Header.Get("Location"); to != "/ho-so?da-luu=1" {
		t.Errorf("an address of ours leads to %q", to)
	}
	// back from the provider in another browser, twice, and with what was never asked
	b = h.visitor()
	back := h.choose(b.get("/dang-nhap").Header.Get("Location"), "mai")
	if r := h.visitor().get(back); r.Status != 422 || r.Header.Get("Set-Cookie") != "" && strings.Contains(r.Header.Get("Set-Cookie"), "session") {
		t.Errorf("somebody else's way back: %d", r.Status)
	}
	if r := b.get(back); r.Status != 422 {
		t.Errorf("a way back that was used up: %d", r.Status)
	}
}

// signed is a word of the gateway.
func signed(fields map[string]string) string {
	v := url.Values{}
	for name, value := range fields {
		v.Set(name, value)
	}
	m := hmac.New(sha512.New, []byte(gateway))
	m.Write([]byte(v.Encode()))
	return v.Encode() + fmt.Sprintf("&vnp_SecureHash=%x", m.Sum(nil))
}

func said(a payments.Attempt, change map[string]string) map[string]string {
	f := map[string]string{"vnp_Amount": fmt.Sprint(a.Amount * 100), "vnp_BankCode": "NCB", "vnp_CardType": "ATM", "vnp_OrderInfo": "Nop phi", "vnp_PayDate": time.Now().In(locales.ICT).Format("20060102150405"),
		"vnp_ResponseCode": "00", "vnp_TmnCode": terminal, "vnp_TransactionNo": "14000001", "vnp_TransactionStatus": "00", "vnp_TxnRef": a.Ref}
	for name, value := range change {
		f[name] = value
	}
	return f
}

// attempt is an attempt of Mai's to pay for a new dossier.
func (b *browser) attempt() (string, payments.Attempt) {
	b.h.t.Helper()
	id := b.filed(extract, nil)
	order, err := b.h.Payments.OfSubject(b.h.t.Context(), "dossier:"+id)
	b.h.must(err)
	_, a, err := b.h.Payments.Start(b.h.t.Context(), order.ID, vnpay.Name, keyOf(b.session().Person), "127.0.0.1", locales.VI)
	b.h.must(err)
	return id, a
}

// Only the gateway's own word about this very payment moves the books.
func TestForgedPayments(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id, a := m.attempt()
	_, other := m.attempt()
	_, ours, _ := strings.Cut(a.Redirect, "?") // what we signed ourselves and the payer has seen
	good := signed(said(a, nil))
	swap := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	upper := good[:len(good)-128] + strings.ToUpper(good[len(good)-128:])
	forged := map[string]struct{ query, code string }{
		"unsigned":              {strings.Split(good, "&vnp_SecureHash")[0], "97"},
		"empty signature":       {strings.Split(good, "&vnp_SecureHash")[0] + "&vnp_SecureHash=", "97"},
		"wrong signature":       {good[:len(good)-1] + "x", "97"},
		"zeros":                 {good[:len(good)-128] + strings.Repeat("0", 128), "97"},
		"other amount":          {swap(fmt.Sprintf("vnp_Amount=%d", a.Amount*100), "vnp_Amount=100"), "97"},
		"other order":           {swap(a.Ref, other.Ref), "97"},
		"a name twice":          {good + "&vnp_Amount=100", "97"},
		"a name twice, encoded": {good + "&vnp%5FAmount=100", "97"},
		"signature twice":       {good + "&vnp_SecureHash=x", "97"},
		"a name more":           {good + "&vnp_Extra=1", "97"},
		"another terminal":      {signed(said(a, map[string]string{"vnp_TmnCode": "OTHER001"})), "01"},
		"no terminal":           {signed(said(a, map[string]string{"vnp_TmnCode": ""})), "97"},
		"unknown order":         {signed(said(a, map[string]string{"vnp_TxnRef": "P261121ABCDEFGH"})), "01"},
		"a hundredth":           {signed(said(a, map[string]string{"vnp_Amount": fmt.Sprint(a.Amount)})), "04"},
		"one đồng less":         {signed(said(a, map[string]string{"vnp_Amount": fmt.Sprint(a.Amount*100 - 100)})), "04"},
		"negative":              {signed(said(a, map[string]string{"vnp_Amount": "-800000"})), "04"},
		"too large":             {signed(said(a, map[string]string{"vnp_Amount": "99999999999999999999"})), "04"},
		"with an exponent":      {signed(said(a, map[string]string{"vnp_Amount": "8e5"})), "04"},
		"our own request":       {ours, "97"},
		"nothing":               {"", "97"},
		"long":                  {good + "&x=" + strings.Repeat("a", 9000), "97"},
	}
	before := h.snapshot()
	for what, f := range forged {
		if f.code == "04" {
			continue // below
		}
		r := h.visitor().get("/thanh-toan/vnpay/ipn?" + f.query)
		var answer struct{ RspCode, Message string }
		if err := json.Unmarshal(r.Body, &answer); err != nil || r.Status != 200 || answer.RspCode != f.code {
			t.Errorf("%s: %d %s, want %s", what, r.Status, r.Body, f.code)
		}
		if r := m.get("/thanh-toan/vnpay/ket-qua?" + f.query); r.Status >= 500 || f.code == "97" && r.Status != 422 {
			t.Errorf("%s, brought back by the browser: %d", what, r.Status)
		}
	}
	// a genuine return proves nothing: who has the address is not the gateway
	if r := m.get("/thanh-toan/vnpay/ket-qua?" + good); r.Status != 200 || !strings.Contains(r.text(), id) {
		t.Errorf("the owner's return: %d", r.Status)
	}
	if r := h.signedIn("phuc").get("/thanh-toan/vnpay/ket-qua?" + good); r.Status != 200 || strings.Contains(r.text(), id) || strings.Contains(r.text(), mai.Name) {
		t.Errorf("another's return: %d, shows whose it is", r.Status)
	}
	if r := h.visitor().get("/thanh-toan/vnpay/ket-qua?" + good); r.Status != 200 || strings.Contains(r.text(), id) {
		t.Errorf("nobody's return: %d", r.Status)
	}
	diff := slices.DeleteFunc(changed(before, h.snapshot()), func(name string) bool {
		return slices.Contains([]string{"orphans", "signins", "sessions", "persons", "accounts", "audit", "representations", "limits"}, name)
	})
	if len(diff) > 0 {
		t.Errorf("changed %v", diff)
	}
	// another amount under the gateway's own signature is for a person to look at; no money moves
	for what, f := range forged {
		if r := h.visitor().get("/thanh-toan/vnpay/ipn?" + f.query); f.code == "04" && !strings.Contains(r.text(), `"04"`) {
			t.Errorf("%s: %s", what, r.Body)
		}
	}
	for _, name := range changed(before, h.snapshot()) {
		if slices.Contains([]string{"ledger", "orders", "receipts", "receipt_counters", "dossiers", "events"}, name) {
			t.Errorf("other amounts changed %s", name)
		}
	}
	var answer struct{ RspCode string }
	for _, want := range []string{"00", "02", "02"} {
		r := h.visitor().get("/thanh-toan/vnpay/ipn?" + good)
		if err := json.Unmarshal(r.Body, &answer); err != nil || answer.RspCode != want {
			t.Errorf("the gateway's word: %s, want %s", r.Body, want)
		}
	}
	if r := h.visitor().get("/thanh-toan/vnpay/ipn?" + upper); !strings.Contains(string(r.Body), `"0`) {
		t.Errorf("the signature in capitals: %s", r.Body)
	}
	var credits int
	h.must(h.DB.Get(&credits, `SELECT count(*) FROM ledger WHERE account LIKE 'gateway:%'`))
	if credits != 1 {
		t.Errorf("%d credits", credits)
	}
}

// Tries are few, and a wrong code is answered as wrong digits are.
func TestTrackingIsLimited(t *testing.T) {
	h := newHouse(t)
	m := h.signedIn("mai")
	id := m.filed(birth, nil)
	var code string
	h.must(h.DB.Get(&code, `SELECT code FROM dossiers WHERE id = $1`, id))
	digits := mai.IDNumber[len(mai.IDNumber)-4:]
	v := h.visitor()
	ask := func(code, digits string) reply {
		t.Helper()
		r := v.post("/tra-cuu", url.Values{"ma": {code}, "so": {digits}})
		r.Body = []byte(csrfField.ReplaceAllString(strings.ReplaceAll(r.text(), code, ""), ""))
		r.Body = []byte(keyField.ReplaceAllString(r.text(), ""))
		return r
	}
	if r := ask(code, digits); r.Status != 200 || strings.Contains(r.text(), mai.Name) || strings.Contains(r.text(), id) || strings.Contains(r.text(), mai.IDNumber) {
		t.Errorf("the right digits: %d, shows more than it should", r.Status)
	}
	wrong, nowhere := ask(code, "0000"), ask(code[:len(code)-4]+"9999", digits)
	if wrong.Status != 422 || nowhere.Status != 422 || wrong.text() != nowhere.text() {
		t.Errorf("wrong digits %d, wrong code %d, alike: %v", wrong.Status, nowhere.Status, wrong.text() == nowhere.text())
	}
	last := 0
	for range 12 {
		last = ask(code, "0000").Status
	}
	if r := ask(code, digits); last != 429 || r.Status != 429 || r.Header.Get("Retry-After") == "" {
		t.Errorf("after too many tries: %d, with the right digits %d", last, r.Status)
	}
	for range 30 {
		last = ask("H99.99-261121-0001", "0000").Status
	}
	if last != 429 {
		t.Errorf("after thirty tries from one address: %d", last)
	}
}
