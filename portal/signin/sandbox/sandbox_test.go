package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"motcua/portal/standin"
)

const (
	returnTo = "http://portal.test/dang-nhap/tra-ve"
	verifier = "0123456789-0123456789-0123456789-0123456789"
)

func config() Config {
	return Config{
		People: []Person{
			{Sub: "an", Name: "Nguyễn Thị An", IDNumber: "089190000001", Businesses: []Business{{"0300588569", "CÔNG TY GẠO & CÁ"}}},
			{Sub: "binh", Name: "Trần <b>Bình</b>", IDNumber: "089085000002", Level: 1, Note: "Cán bộ tiếp nhận"},
		},
		Clients: map[string]string{"portal": "secret", "public": ""}, Redirects: []string{returnTo},
	}
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(standin.Options{Dir: dir}, config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// authorize is the address of a sign-in with some of its parameters changed.
func authorize(s *Server, change ...string) string {
	q := url.Values{"response_type": {"code"}, "client_id": {"portal"}, "redirect_uri": {returnTo}, "scope": {"openid profile"},
		"state": {"st"}, "nonce": {"no"}, "code_challenge": {challenge()}, "code_challenge_method": {"S256"}}
	for i := 0; i < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	return s.URL + "/authorize?" + q.Encode()
}

var client = http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func do(t *testing.T, method, address string, form url.Values, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(b)
}

func code(t *testing.T, s *Server, sub string, change ...string) string {
	t.Helper()
	resp, body := do(t, "POST", authorize(s, change...), url.Values{"sub": {sub}})
	u, err := resp.Location()
	if err != nil {
		t.Fatalf("%s: %s", resp.Status, body)
	}
	return u.Query().Get("code")
}

func TestCards(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	resp, page := do(t, "GET", authorize(s, "login_hint", "binh"), nil)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", resp.Status, page)
	}
	for _, want := range []string{`<html lang="vi">`, "width=device-width", `<form method="post" action="/authorize?`, `name="sub" value="an"`, `name="sub" value="binh"`,
		"••••••••0001", "CÔNG TY GẠO &amp; CÁ", "Cán bộ tiếp nhận", "Định danh mức 1", "Trần &lt;b&gt;Bình"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s on the page", want)
		}
	}
	if strings.Contains(page, "089190000001") {
		t.Error("the whole number is on the page")
	}
	if i, j := strings.Index(page, `value="binh" class="hinted" autofocus`), strings.Index(page, `value="an"`); i < 0 || i > j {
		t.Error("the one hinted at is not first")
	}
	// the form leads back with all of its parameters
	action := regexp.MustCompile(`action="([^"]+)"`).FindStringSubmatch(page)[1]
	resp, _ = do(t, "POST", s.URL+html.UnescapeString(action), url.Values{"sub": {"an"}})
	u, err := resp.Location()
	if err != nil || u.Query().Get("state") != "st" || u.Query().Get("iss") != s.Issuer() || u.Query().Get("code") == "" {
		t.Errorf("%v, %v", u, err)
	}
	cancel := regexp.MustCompile(`<a href="([^"]+)"`).FindStringSubmatch(page)[1]
	if !strings.HasPrefix(cancel, returnTo+"?error=access_denied") {
		t.Errorf("the way back is %s", cancel)
	}
}

func TestWrongRequests(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	for _, change := range [][]string{{"client_id", "x"}, {"redirect_uri", returnTo + "/"}, {"redirect_uri", "http://evil.test"}} {
		for _, method := range []string{"GET", "POST"} {
			resp, _ := do(t, method, authorize(s, change...), url.Values{"sub": {"an"}})
			if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("Location") != "" {
				t.Errorf("%s %v: %s to %q", method, change, resp.Status, resp.Header.Get("Location"))
			}
		}
	}
	for _, c := range [][3]string{{"response_type", "token", "unsupported_response_type"}, {"scope", "profile", "invalid_scope"},
		{"code_challenge_method", "plain", "invalid_request"}, {"code_challenge", "", "invalid_request"}, {"prompt", "none", "login_required"}} {
		resp, _ := do(t, "GET", authorize(s, c[0], c[1]), nil)
		u, err := resp.Location()
		if err != nil || u.Query().Get("error") != c[2] || u.Query().Get("state") != "st" {
			t.Errorf("%v: %v, %v", c, u, err)
		}
	}
	if resp, _ := do(t, "POST", authorize(s), url.Values{"sub": {"nobody"}}); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("an unknown person: %s", resp.Status)
	}
}

func grantOf(code string, change ...string) url.Values {
	v := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {returnTo}, "client_id": {"portal"},
		"client_secret": {"secret"}, "code_verifier": {verifier}}
	for i := 0; i < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

func TestToken(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	for _, c := range [][3]string{{"client_secret", "", "invalid_client"}, {"client_id", "nobody", "invalid_client"}, {"redirect_uri", "x", "invalid_grant"},
		{"code_verifier", verifier + "x", "invalid_grant"}, {"code_verifier", "", "invalid_grant"}, {"code", "x", "invalid_grant"}, {"grant_type", "password", "unsupported_grant_type"}} {
		resp, body := do(t, "POST", s.URL+"/token", grantOf(code(t, s, "an"), c[0], c[1]))
		if resp.StatusCode < 400 || !strings.Contains(body, c[2]) {
			t.Errorf("%v: %s %s", c, resp.Status, body)
		}
	}
	if _, body := do(t, "POST", s.URL+"/token", grantOf(code(t, s, "an", "client_id", "public"))); !strings.Contains(body, "invalid_grant") {
		t.Errorf("another client's code: %s", body)
	}
	if resp, body := do(t, "POST", s.URL+"/token", grantOf(code(t, s, "an", "client_id", "public"), "client_id", "public", "client_secret", "")); resp.StatusCode != http.StatusOK {
		t.Errorf("a public client: %s %s", resp.Status, body)
	}
	basic := grantOf(code(t, s, "an"))
	basic.Del("client_id")
	basic.Del("client_secret")
	if resp, body := do(t, "POST", s.URL+"/token", basic, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("portal:secret"))); resp.StatusCode != http.StatusOK {
		t.Errorf("by Basic: %s %s", resp.Status, body)
	}
}

// TestCodeTwice: the second use of a code costs the token of the first.
func TestCodeTwice(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	used := code(t, s, "an")
	_, body := do(t, "POST", s.URL+"/token", grantOf(used))
	var given struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &given); err != nil {
		t.Fatal(err)
	}
	resp, info := do(t, "GET", s.URL+"/userinfo", nil, "Authorization", "Bearer "+given.AccessToken)
	if resp.StatusCode != http.StatusOK || !strings.Contains(info, `"SoDinhDanh":"089190000001"`) || !strings.Contains(info, `"MaSoDoanhNghiep":"0300588569"`) {
		t.Errorf("%s: %s", resp.Status, info)
	}
	if _, body := do(t, "POST", s.URL+"/token", grantOf(used)); !strings.Contains(body, "invalid_grant") {
		t.Errorf("second use: %s", body)
	}
	for _, token := range []string{given.AccessToken, "", "x"} {
		if resp, _ := do(t, "GET", s.URL+"/userinfo", nil, "Authorization", "Bearer "+token); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("token %q afterwards: %s", token, resp.Status)
		}
	}
}

// TestRestart: the provider of the same folder is the same provider.
func TestRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	_, keys := do(t, "GET", first.URL+"/jwks", nil)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, dir)
	if _, again := do(t, "GET", second.URL+"/jwks", nil); again != keys {
		t.Error("other keys after a restart")
	}
	if strings.Contains(keys, `"d"`) {
		t.Error("the private key is published")
	}
	if n := len(second.Entries()); n != 2 {
		t.Errorf("%d requests remembered, want 2", n)
	}
}

func TestEndSession(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	for to, want := range map[string]int{"http://portal.test/": http.StatusFound, "http://evil.test/": http.StatusOK, "": http.StatusOK} {
		if resp, _ := do(t, "GET", s.URL+"/end_session?post_logout_redirect_uri="+url.QueryEscape(to), nil); resp.StatusCode != want {
			t.Errorf("to %q: %s", to, resp.Status)
		}
	}
}
