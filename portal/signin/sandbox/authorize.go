package sandbox

import (
	"crypto/rand"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// asked is a request for a sign-in that has passed the checks.
type asked struct {
	client, redirect, state, nonce, challenge string
}

// ask checks a request. One whose client or address of return is unknown must not be
// answered by a redirect; every other fault goes back to the client.
func (s *Server) ask(w http.ResponseWriter, r *http.Request) (asked, bool) {
	q := r.URL.Query()
	a := asked{q.Get("client_id"), q.Get("redirect_uri"), q.Get("state"), q.Get("nonce"), q.Get("code_challenge")}
	if _, known := s.cfg.Clients[a.client]; !known || !slices.Contains(s.cfg.Redirects, a.redirect) {
		http.Error(w, "Ứng dụng hoặc địa chỉ trở về chưa được đăng ký với nhà cung cấp định danh.", http.StatusBadRequest)
		return asked{}, false
	}
	fault := ""
	switch {
	case q.Get("response_type") != "code":
		fault = "unsupported_response_type"
	case !slices.Contains(strings.Fields(q.Get("scope")), "openid"):
		fault = "invalid_scope"
	case q.Get("code_challenge_method") != "S256" || len(a.challenge) != 43:
		fault = "invalid_request"
	case q.Get("prompt") == "none":
		fault = "login_required"
	}
	if fault != "" {
		s.back(w, r, a, "error", fault)
		return asked{}, false
	}
	return a, true
}

func (s *Server) back(w http.ResponseWriter, r *http.Request, a asked, name, value string) {
	http.Redirect(w, r, s.backTo(a, name, value), http.StatusFound)
}

func (s *Server) backTo(a asked, name, value string) string {
	u, err := url.Parse(a.redirect)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Set(name, value)
	q.Set("state", a.state)
	q.Set("iss", s.cfg.Issuer)
	u.RawQuery = q.Encode()
	return u.String()
}

// choose shows the cards.
func (s *Server) choose(w http.ResponseWriter, r *http.Request) {
	a, ok := s.ask(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	people := slices.Clone(s.people)
	s.mu.Unlock()
	hint := r.URL.Query().Get("login_hint")
	slices.SortStableFunc(people, func(p, q Person) int { // the one hinted at comes first
		switch hint {
		case p.Sub:
			return -1
		case q.Sub:
			return 1
		}
		return 0
	})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = cards.Execute(w, struct {
		Action, Cancel, Hint string
		Higher               bool
		People               []Person
	}{r.URL.RequestURI(), s.backTo(a, "error", "access_denied"), hint, higher(r), people})
}

// chosen signs in the person of the card.
func (s *Server) chosen(w http.ResponseWriter, r *http.Request) {
	a, ok := s.ask(w, r)
	if !ok {
		return
	}
	if _, there := s.person(r.PostFormValue("sub")); !there {
		http.Error(w, "Không có người này.", http.StatusBadRequest)
		return
	}
	level := 0
	if higher(r) && r.PostFormValue("level") != "1" { // asked to prove more, and done
		level = 2
	}
	code, now := rand.Text(), s.cfg.Now()
	s.mu.Lock()
	for c, g := range s.codes {
		if now.Sub(g.at) > tokenTime {
			delete(s.codes, c)
			delete(s.tokens, g.used)
		}
	}
	s.codes[code] = &grant{sub: r.PostFormValue("sub"), client: a.client, redirect: a.redirect, nonce: a.nonce, challenge: a.challenge, level: level, at: now}
	s.mu.Unlock()
	s.back(w, r, a, "code", code)
}

// higher says whether the client asks for the higher level of identity.
func higher(r *http.Request) bool {
	return slices.Contains(strings.Fields(r.URL.Query().Get("acr_values")), "2")
}

// about is the stand-in's own page.
func (s *Server) about(w io.Writer) {
	s.mu.Lock()
	people := slices.Clone(s.people)
	s.mu.Unlock()
	_ = about.Execute(w, people)
}

// Masked is the number as the card shows it.
func (p Person) Masked() string {
	if p.Passport != "" {
		return p.Country + " " + strings.Repeat("•", max(0, len(p.Passport)-3)) + p.Passport[max(0, len(p.Passport)-3):]
	}
	if len(p.IDNumber) < 4 {
		return p.IDNumber
	}
	return strings.Repeat("•", len(p.IDNumber)-4) + p.IDNumber[len(p.IDNumber)-4:]
}

const look = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<style>
:root{color-scheme:light dark;--ink:#1b1b1f;--soft:#55565c;--page:#f3f4f7;--card:#fff;--line:#c9ccd4;--mark:#b3151b}
@media (prefers-color-scheme:dark){:root{--ink:#f1f1f4;--soft:#b6b8c0;--page:#17181c;--card:#22242a;--line:#454954;--mark:#ff8a8a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:1.0625rem/1.5 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}
p{margin:.25rem 0 1rem;color:var(--soft)}
.try{border-left:.25rem solid var(--mark);padding-left:.75rem}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.75rem;margin:0;padding:0;list-style:none}
.cards li{display:flex}
button{flex:1;min-height:6rem;padding:1rem;text-align:left;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.5rem;cursor:pointer;overflow-wrap:anywhere}
button:hover,button.hinted{border-color:var(--mark)}
button:focus-visible,a:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
strong,small{display:block}
strong{font-size:1.125rem}
small{font-size:.9375rem;color:var(--soft)}
label{display:block;padding:.5rem 0 1rem}
input{width:1.5rem;height:1.5rem;vertical-align:middle;margin-right:.5rem}
a{color:var(--mark);display:inline-block;padding:.75rem 0}
</style>`

var cards = template.Must(template.New("").Parse(`<!doctype html>
<html lang="vi"><head><title>Chọn người đăng nhập</title>` + look + `</head>
<body><main>
<h1>Chọn người đăng nhập</h1>
<p class="try">Trang này đóng vai hệ thống định danh điện tử trên máy chạy thử. Mọi người ở đây đều là người mẫu.</p>
<form method="post" action="{{.Action}}">
{{if .Higher}}<p class="try">Ứng dụng yêu cầu định danh mức 2. Chọn thẻ là đã xác thực mức 2 cho lần này.</p>
<label><input type="checkbox" name="level" value="1"> Không xác thực thêm, giữ mức 1</label>
{{end}}<ul class="cards">{{range .People}}
<li><button type="submit" name="sub" value="{{.Sub}}"{{if eq .Sub $.Hint}} class="hinted" autofocus{{end}}><strong>{{with .Account}}{{.Name}}{{else}}{{.Name}}{{end}}</strong>{{with .Account}}
<small>Tài khoản của tổ chức, mã số {{.TaxCode}}</small>{{end}}{{if .Account}}
<small>Người đại diện: {{.Name}}</small>{{end}}
<small>{{if .Passport}}Hộ chiếu{{else}}Số định danh{{end}}: {{.Masked}}</small>{{range .Businesses}}
<small>Đại diện {{.Name}}, mã số {{.TaxCode}}</small>{{end}}{{with .Note}}
<small>{{.}}</small>{{end}}{{if eq .Level 1}}
<small>Định danh mức 1</small>{{end}}</button></li>{{end}}
</ul>
</form>
<a href="{{.Cancel}}">Quay lại, không đăng nhập</a>
</main></body></html>`))

var farewell = template.Must(template.New("").Parse(`<!doctype html>
<html lang="vi"><head><title>Đã đăng xuất</title>` + look + `</head>
<body><main><h1>Đã đăng xuất</h1><p>Có thể đóng trang này.</p></main></body></html>`))

var about = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><head><title>Identity provider stand-in</title>` + look + `</head>
<body><main><h1>Identity provider stand-in</h1>
<p>OpenID Connect: authorization code with PKCE. <a href="/.well-known/openid-configuration">Discovery</a> · <a href="/_sandbox/log">Log</a></p>
<ul>{{range .}}<li>{{.Name}} <code>sub={{.Sub}}</code> {{.Masked}}</li>{{end}}</ul>
</main></body></html>`))
