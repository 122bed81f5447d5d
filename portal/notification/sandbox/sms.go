package sandbox

import (
	"encoding/json"
	"html/template"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"motcua/portal/standin"
)

// Text is a short message as its reader would see it.
type Text struct {
	At        time.Time `json:"at"`
	Phone     string    `json:"phone"`
	Content   string    `json:"content"`
	Brand     string    `json:"brand"`
	RequestID string    `json:"request_id"`
	Wide      bool      `json:"unicode"`
}

// SMSConfig is the account at the stand-in.
type SMSConfig struct{ Key, Secret, Brand string }

// SMSServer is a messaging operator's stand-in: it takes every message, delivers none and
// shows them on a page. Besides the faults that all stand-ins know it has
//
//   - balance: the account is empty (103)
//   - template: the text is not registered (146)
//   - silent: the message is taken, but the connection is cut before the answer
type SMSServer struct {
	*standin.Server
	cfg SMSConfig

	mu    sync.Mutex
	texts []Text
}

// StartSMS opens the socket. Messages of earlier runs in the same folder are there again.
func StartSMS(o standin.Options, cfg SMSConfig) (*SMSServer, error) {
	s := &SMSServer{cfg: cfg}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /MainService.svc/json/SendMultipleMessage_V4_post_json/", s.take)
	mux.HandleFunc("GET /texts", s.list)
	o.Looks = []string{"GET /texts"}
	var err error
	if s.Server, err = standin.Start("sms", o, mux, s.page); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.Entries() {
		var m message
		if json.Unmarshal([]byte(e.Body), &m) == nil && m.verdict(cfg, "") == "100" && !s.has(m.RequestId) {
			s.texts = append(s.texts, m.text(e.At))
		}
	}
	return s, nil
}

type message struct {
	ApiKey, SecretKey, Phone, Content, SmsType, Brandname, Unicode, Sandbox, RequestId string
}

func (m message) text(at time.Time) Text {
	return Text{At: at, Phone: m.Phone, Content: m.Content, Brand: m.Brandname, RequestID: m.RequestId, Wide: m.Unicode == "1"}
}

var (
	mobile = regexp.MustCompile(`^84[35789][0-9]{8}$`)
	narrow = regexp.MustCompile(`^[\x20-\x7e\n]*$`)
)

// verdict is the code of the answer, before repeats are looked at.
func (m message) verdict(cfg SMSConfig, fault string) string {
	switch {
	case m.ApiKey != cfg.Key || m.SecretKey != cfg.Secret:
		return "101"
	case fault == "balance":
		return "103"
	case m.Brandname != cfg.Brand:
		return "104"
	case m.SmsType == "":
		return "300"
	case !mobile.MatchString(m.Phone), m.Content == "", len(m.RequestId) > 50, m.Unicode != "1" && !narrow.MatchString(m.Content):
		return "99"
	case fault == "template":
		return "146"
	}
	return "100"
}

func (s *SMSServer) has(request string) bool {
	return request != "" && slices.ContainsFunc(s.texts, func(t Text) bool { return t.RequestID == request })
}

func (s *SMSServer) take(w http.ResponseWriter, r *http.Request) {
	var m message
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
		answer(w, map[string]string{"CodeResult": "99", "ErrorMessage": "json"})
		return
	}
	mode := standin.FaultOf(r).Mode
	code := m.verdict(s.cfg, mode)
	s.mu.Lock()
	switch {
	case code != "100":
	case s.has(m.RequestId):
		code = "124"
	default:
		s.texts = append(s.texts, m.text(time.Now()))
	}
	n := len(s.texts)
	s.mu.Unlock()
	if mode == "silent" {
		panic(http.ErrAbortHandler)
	}
	said := map[string]string{"CodeResult": code, "CountRegenerate": "0"}
	if code == "100" {
		said["SMSID"] = "sandbox-" + strconv.Itoa(n)
	} else {
		said["ErrorMessage"] = "refused for " + m.Phone
	}
	answer(w, said)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}

// Texts are the messages taken so far, oldest first.
func (s *SMSServer) Texts() []Text {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.texts)
}

func (s *SMSServer) list(w http.ResponseWriter, _ *http.Request) {
	texts := s.Texts()
	slices.Reverse(texts)
	answer(w, append([]Text{}, texts...))
}

func (s *SMSServer) page(w io.Writer) {
	texts := s.Texts()
	slices.Reverse(texts)
	_ = smsPage.Execute(w, map[string]any{"Fault": s.Fault().Mode, "All": len(texts), "Texts": texts[:min(len(texts), shown)]})
}

var smsPage = template.Must(template.New("").Funcs(template.FuncMap{
	"time": func(t time.Time) string { return t.Format("15:04:05 2/1/2006") },
}).Parse(`<!doctype html><html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tin nhắn mẫu</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}article{border-top:1px solid #767676;padding:1rem 0}
h2{font-size:1rem;margin:0}p{margin:.25rem 0}</style>
<h1>Tin nhắn mẫu</h1>
<p>Nhà mạng đóng thế: nhận tin nhắn và không chuyển đi đâu. Chế độ: {{.Fault}}. Đã nhận {{.All}} tin.
<a href="/texts">JSON</a> · <a href="/_sandbox/log">nhật ký</a></p>
{{range .Texts}}<article><h2>{{.Phone}} · {{.Brand}} · {{time .At}}</h2><p>{{.Content}}</p></article>
{{else}}<p>Chưa có tin nào.</p>{{end}}`))
