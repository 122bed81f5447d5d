package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"motcua/portal/signin"
)

// formToken is a token and the cookie it belongs to, as a browser gets them.
func formToken(t *testing.T, w *Web) (token, cookie string) {
	t.Helper()
	w.App.Get("/token", func(c *fiber.Ctx) error { return c.SendString(w.formToken(c)) })
	res := get(t, w.App, "/token")
	if len(res.Cookies()) != 1 {
		t.Fatalf("cookies: %v", res.Cookies())
	}
	return text(t, res), res.Cookies()[0].Name + "=" + res.Cookies()[0].Value
}

const aKey = "11111111-1111-4111-8111-111111111111"

// echo answers a form with what it read and under which key.
func echo(w *Web) {
	w.App.Post("/form", func(c *fiber.Ctx) error {
		v, err := w.Form(c)
		if err != nil {
			return err
		}
		k := w.Key(c, "7")
		return c.SendString(fmt.Sprintf("%s %s %s %x", v.Encode(), k.Key, k.Route, k.Body[:4]))
	})
}

func post(t *testing.T, w *Web, body string, headers ...string) *http.Response {
	t.Helper()
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
	return ask(t, w.App, request("POST", "/form", body, headers...))
}

func TestForm(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	echo(w)
	token, cookie := formToken(t, w)
	_, other := formToken(t, newWeb(t))
	first := "_csrf=" + token + "&_key=" + aKey
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
	}{
		"good":                     {first + "&a=1", []string{"Cookie", cookie}, 200},
		"from our page":            {first, []string{"Cookie", cookie, "Origin", "http://127.0.0.1:8080", "Sec-Fetch-Site", "same-origin"}, 200},
		"no token":                 {"_key=" + aKey, []string{"Cookie", cookie}, 403},
		"no key":                   {"_csrf=" + token, []string{"Cookie", cookie}, 400},
		"key that is none":         {"_csrf=" + token + "&_key=1", []string{"Cookie", cookie}, 400},
		"token of another browser": {first, []string{"Cookie", other}, 403},
		"no cookie":                {first, nil, 403},
		"token before signing in":  {first, []string{"Cookie", cookie + "; motcua_session=good"}, 403},
		"foreign origin":           {first, []string{"Cookie", cookie, "Origin", "https://evil.test"}, 403},
		"origin null":              {first, []string{"Cookie", cookie, "Origin", "null"}, 403},
		"foreign port":             {first, []string{"Cookie", cookie, "Origin", "http://127.0.0.1:9"}, 403},
		"cross-site":               {first, []string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site"}, 403},
		"same-site":                {first, []string{"Cookie", cookie, "Sec-Fetch-Site", "same-site"}, 403},
		"not a form":               {first, []string{"Cookie", cookie, "Content-Type", "text/plain"}, 415},
		"too large":                {first + "&a=" + strings.Repeat("x", formBytes), []string{"Cookie", cookie}, 413},
		"too many fields":          {first + strings.Repeat("&a=1", formFields), []string{"Cookie", cookie}, 413},
		"NUL":                      {first + "&a=%00", []string{"Cookie", cookie}, 400},
		"broken UTF-8":             {first + "&a=%ff", []string{"Cookie", cookie}, 400},
		"broken":                   {first + "&a=%zz", []string{"Cookie", cookie}, 400},
	} {
		if res := post(t, w, c.body, c.headers...); res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", name, res.StatusCode, c.status)
		}
	}
}

func TestKeyKnowsTheBody(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	echo(w)
	token, cookie := formToken(t, w)
	say := func(body string) string {
		return text(t, post(t, w, "_csrf="+token+"&_key="+aKey+body, "Cookie", cookie))
	}
	one := say("&a=1&b=2")
	if want := "a=1&b=2 " + aKey + " POST /form"; !strings.HasPrefix(one, want) {
		t.Errorf("read %q, want it to begin with %q", one, want)
	}
	if again := say("&b=2&a=1"); again != one {
		t.Errorf("the same fields in another order have another body: %q, %q", one, again)
	}
	if hash(say("&a=1&b=3")) == hash(one) {
		t.Error("another answer has the same body")
	}
}

func hash(answer string) string { return answer[strings.LastIndexByte(answer, ' '):] }

func TestTokensDifferButHold(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	echo(w)
	w.App.Get("/two", func(c *fiber.Ctx) error { return c.SendString(w.formToken(c) + " " + w.formToken(c)) })
	res := get(t, w.App, "/two")
	a, b, _ := strings.Cut(text(t, res), " ")
	if a == b {
		t.Error("a token shows its secret in the size of a compressed page")
	}
	cookie := res.Cookies()[0].Name + "=" + res.Cookies()[0].Value
	for _, token := range []string{a, b} {
		if res := post(t, w, "_csrf="+token+"&_key="+aKey, "Cookie", cookie); res.StatusCode != 200 {
			t.Errorf("token %s: %d", token, res.StatusCode)
		}
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for public, want := range map[string][]string{
		"http://127.0.0.1:8080":     {"motcua_session", "motcua_browser", "motcua_lang"},
		"https://dichvucong.vn":     {"__Host-session", "__Host-browser", "__Host-lang"},
		"https://dichvucong.vn:444": {"__Host-session", "__Host-browser", "__Host-lang"},
	} {
		w := newWeb(t, func(o *Options) { o.PublicURL = public })
		w.App.Get("/in", func(c *fiber.Ctx) error {
			w.Browser(c)
			w.SetSession(c, signin.Session{Token: "good"})
			return nil
		})
		w.App.Get("/out", func(c *fiber.Ctx) error { w.EndSession(c); return nil })
		https := strings.HasPrefix(public, "https")
		res := get(t, w.App, "/in?lang=en")
		got := map[string]*http.Cookie{}
		for _, c := range res.Cookies() {
			got[c.Name] = c
		}
		for _, name := range want {
			c := got[name]
			if c == nil {
				t.Errorf("%s: no cookie %s", public, name)
				continue
			}
			if c.Secure != https || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("%s: %v", public, c)
			}
		}
		if hsts := res.Header.Get("Strict-Transport-Security"); (hsts != "") != https {
			t.Errorf("%s: HSTS is %q", public, hsts)
		}
		res = get(t, w.App, "/out")
		if c := res.Cookies(); len(c) != 1 || c[0].Value != "" || res.Header.Get("Clear-Site-Data") != `"cache"` {
			t.Errorf("%s: signing out gives %v", public, c)
		}
	}
}

func TestBrowserCookieIsOurs(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Get("/b", func(c *fiber.Ctx) error { return c.SendString(w.Browser(c)) })
	if got := text(t, get(t, w.App, "/b", "Cookie", "motcua_browser=chosen-by-somebody")); got == "chosen-by-somebody" {
		t.Error("a value that is not ours was taken")
	}
	good := text(t, get(t, w.App, "/b"))
	if got := text(t, get(t, w.App, "/b", "Cookie", "motcua_browser="+good)); got != good {
		t.Error("a value of ours was not kept")
	}
}

func TestSessionIsAskedOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	w := newWeb(t)
	inner := w.Options.Session
	w.Options.Session = func(ctx context.Context, token string) (signin.Session, error) { asked++; return inner(ctx, token) }
	w.App.Get("/who", func(c *fiber.Ctx) error {
		if _, err := w.Session(c); err != nil {
			return err
		}
		s, err := w.Need(c)
		if err != nil {
			return err
		}
		return c.SendString(s.Name)
	})
	if got := text(t, get(t, w.App, "/who", "Cookie", "motcua_session=good")); got != "Nguyễn Thị Thuỷ Ường" || asked != 1 {
		t.Errorf("%q after %d questions", got, asked)
	}
	res := get(t, w.App, "/who?a=1&b=2", "Cookie", "motcua_session=over")
	if res.StatusCode != 303 || res.Header.Get("Location") != "/dang-nhap?tiep="+url.QueryEscape("/who?a=1&b=2") {
		t.Errorf("%d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	if get(t, w.App, "/who", "Cookie", "motcua_session=over", "Accept", "application/json").StatusCode != 401 {
		t.Error("a script is not told that the session is over")
	}
}

func TestRedirectStaysHere(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	w.App.Get("/go", func(c *fiber.Ctx) error { return w.Redirect(c, c.Query("to")) })
	for to, want := range map[string]string{
		"/ho-so": "/ho-so", "/ho-so?x=1#y": "/ho-so?x=1#y", "//evil.test": "/", "/\\evil.test": "/", "https://evil.test": "/",
		"javascript:alert(1)": "/", "": "/", "evil.test": "/", "/a\tb": "/", "/\t/evil.test": "/", "/%2f%2fevil": "/",
	} {
		res := get(t, w.App, "/go?to="+url.QueryEscape(to))
		if got := res.Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trusted []string
		header  string
		want    string
	}{
		"nobody is trusted":   {nil, "1.2.3.4", "0.0.0.0"},
		"the proxy is":        {[]string{"0.0.0.0"}, "6.6.6.6, 1.2.3.4", "1.2.3.4"},
		"two proxies":         {[]string{"0.0.0.0", "10.0.0.0/8"}, "6.6.6.6, 1.2.3.4, 10.1.1.1", "1.2.3.4"},
		"garbage from a peer": {[]string{"0.0.0.0"}, "x, y", "0.0.0.0"},
	} {
		w := newWeb(t, func(o *Options) { o.TrustedProxies = c.trusted })
		w.App.Get("/ip", func(c *fiber.Ctx) error { return c.SendString(w.IP(c)) })
		if got := text(t, get(t, w.App, "/ip", "X-Forwarded-For", c.header)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
