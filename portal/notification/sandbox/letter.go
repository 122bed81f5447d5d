package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"html/template"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"

	"motcua/portal/standin"
)

// Letter is a letter as its reader would see it.
type Letter struct {
	At        time.Time           `json:"at"`
	From      string              `json:"from"` // of the envelope
	To        []string            `json:"to"`   // of the envelope
	Subject   string              `json:"subject"`
	MessageID string              `json:"message_id"`
	Headers   map[string][]string `json:"headers"`
	Body      string              `json:"body"`
}

// read decodes a letter from its entry. What cannot be decoded is shown as it came.
func read(e standin.Entry) Letter {
	l := Letter{At: e.At, From: e.Path, To: e.Headers["To"], Body: e.Body}
	m, err := mail.ReadMessage(strings.NewReader(e.Body))
	if err != nil {
		return l
	}
	l.Headers = m.Header
	l.MessageID = m.Header.Get("Message-ID")
	l.Subject = m.Header.Get("Subject")
	if s, err := new(mime.WordDecoder).DecodeHeader(l.Subject); err == nil {
		l.Subject = s
	}
	var r io.Reader = m.Body
	switch strings.ToLower(m.Header.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	if b, err := io.ReadAll(r); err == nil {
		l.Body = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	return l
}

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	letters := s.Letters()
	slices.Reverse(letters)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(append([]Letter{}, letters...))
}

// shown bounds the page; older letters are in the log.
const shown = 200

func (s *Server) page(w io.Writer) {
	letters := s.Letters()
	slices.Reverse(letters)
	_ = pageOf.Execute(w, map[string]any{
		"SMTP": s.SMTP(), "Fault": s.Fault().Mode, "All": len(letters), "Letters": letters[:min(len(letters), shown)],
	})
}

var pageOf = template.Must(template.New("").Funcs(template.FuncMap{
	"join": func(to []string) string { return strings.Join(to, ", ") },
	"time": func(t time.Time) string { return t.Format("15:04:05 2/1/2006") },
}).Parse(`<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Hộp thư mẫu</title>
<style>body{font:16px/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}article{border-top:1px solid #767676;padding:1rem 0}
h2{font-size:1rem;margin:0}dl{margin:0;color:#555}dt,dd{display:inline;margin:0 .3rem 0 0}pre{white-space:pre-wrap;font:inherit}</style>
<h1>Hộp thư mẫu</h1>
<p>Máy chủ thư đóng thế, nhận thư tại {{.SMTP}} và không chuyển đi đâu. Chế độ: {{.Fault}}. Đã nhận {{.All}} thư.
<a href="/letters">JSON</a> · <a href="/_sandbox/log">nhật ký</a></p>
{{range .Letters}}<article><h2>{{.Subject}}</h2><dl><dt>Gửi đến</dt><dd>{{join .To}}</dd><dt>lúc</dt><dd>{{time .At}}</dd></dl><pre>{{.Body}}</pre></article>
{{else}}<p>Chưa có thư nào.</p>{{end}}`))
