package portal

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"motcua/portal/agency"
	"motcua/portal/signin"
)

// reply is an answer of the portal, read to its end.
type reply struct {
	Status int
	Header http.Header
	Body   []byte
}

func (r reply) text() string { return string(r.Body) }

// browser keeps cookies and sends what it is told to.
type browser struct {
	h       *house
	cookies map[string]string
	token   string // of its forms
}

func (h *house) visitor() *browser { return &browser{h: h, cookies: map[string]string{}} }

// request is one to the address exactly as it is written, dots, doubled slashes and all.
func request(method, address string, body io.Reader) *http.Request {
	req := httptest.NewRequest(method, "/", body)
	req.Host, req.RequestURI = "127.0.0.1:8080", address
	return req
}

func (b *browser) do(req *http.Request) reply {
	b.h.t.Helper()
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.h.web.App.Test(req, -1)
	if err != nil {
		b.h.t.Fatalf("%s %s: %v", req.Method, req.RequestURI, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatalf("%s %s: %v", req.Method, req.RequestURI, err)
	}
	for _, c := range res.Cookies() {
		if b.cookies[c.Name] = c.Value; c.Value == "" || c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now()) {
			delete(b.cookies, c.Name)
		}
	}
	return reply{res.StatusCode, res.Header, body}
}

func (b *browser) get(address string) reply {
	b.h.t.Helper()
	return b.do(request("GET", address, nil))
}

var csrfField = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

var keyField = regexp.MustCompile(`name="_key" value="([^"]+)"`)

// csrf is a token of this browser's, from a page with a form.
func (b *browser) csrf() string {
	b.h.t.Helper()
	if b.token == "" {
		found := csrfField.FindSubmatch(b.get("/tra-cuu").Body)
		if found == nil {
			b.h.t.Fatal("no token on a page with a form")
		}
		b.token = string(found[1])
	}
	return b.token
}

// sealed are the values with token and a new one-time key.
func (b *browser) sealed(v url.Values) url.Values {
	b.h.t.Helper()
	all := url.Values{"_csrf": {b.csrf()}, "_key": {uuid.NewString()}}
	for name, values := range v {
		all[name] = values
	}
	return all
}

func postOf(address string, v url.Values) *http.Request {
	req := request("POST", address, strings.NewReader(v.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return req
}

func (b *browser) post(address string, v url.Values) reply {
	b.h.t.Helper()
	return b.do(postOf(address, b.sealed(v)))
}

// part is a field of a multipart form, or a file when it has a file name.
type part struct{ Name, File, Value string }

func multipartOf(address string, parts []part) *http.Request {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		head := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"`, p.Name)}}
		if p.File != "" {
			head = textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, p.Name, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.File))}, "Content-Type": {"application/pdf"}}
		}
		pw, _ := w.CreatePart(head)
		_, _ = io.WriteString(pw, p.Value)
	}
	w.Close()
	req := request("POST", address, bytes.NewReader(body.Bytes()))
	req.Header.Set("Content-Type", w.FormDataContentType())
	return req
}

func (b *browser) upload(address string, parts ...part) reply {
	b.h.t.Helper()
	return b.do(multipartOf(address, append([]part{{Name: "_csrf", Value: b.csrf()}, {Name: "_key", Value: uuid.NewString()}}, parts...)))
}

// enter signs the browser in: to the provider, by the card, and back.
func (b *browser) enter(sub, next string) reply {
	b.h.t.Helper()
	to := b.get("/dang-nhap?tiep=" + url.QueryEscape(next)).Header.Get("Location")
	back := b.h.choose(to, sub)
	b.token = ""
	return b.get(back)
}

// choose presses a card at the provider and is where it leads.
func (h *house) choose(to, sub string) string {
	h.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(to, url.Values{"sub": {sub}})
	h.must(err)
	res.Body.Close()
	back, found := strings.CutPrefix(res.Header.Get("Location"), homeURL)
	if !found {
		h.t.Fatalf("the provider answers %d and leads to %q", res.StatusCode, res.Header.Get("Location"))
	}
	return back
}

func (h *house) signedIn(sub string) *browser {
	h.t.Helper()
	b := h.visitor()
	if r := b.enter(sub, "/"); r.Status != 303 || b.cookies["motcua_session"] == "" {
		h.t.Fatalf("sign-in of %s: %d %s", sub, r.Status, r.text())
	}
	return b
}

func (b *browser) session() signin.Session {
	b.h.t.Helper()
	s, err := b.h.Signin.Session(b.h.t.Context(), b.cookies["motcua_session"])
	b.h.must(err)
	return s
}

func (b *browser) officer() agency.Officer {
	b.h.t.Helper()
	o, err := b.h.Agency.OfficerOf(b.h.t.Context(), b.session().Person)
	b.h.must(err)
	return o
}
