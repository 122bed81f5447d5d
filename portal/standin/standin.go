// Package standin is what every stand-in of an outside system shares: its log, its faults
// and its own small page. It imports nothing of ours: a stand-in must not know its client.
package standin

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"
)

// Entry is one request as the stand-in saw it.
type Entry struct {
	At      time.Time           `json:"at"`
	Method  string              `json:"method"`
	Path    string              `json:"path"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
	Answer  string              `json:"answer"`
	Status  int                 `json:"status"`
}

// Fault is how the stand-in misbehaves. Mode is one of ok, slow, dead, garbage, silent,
// double, late, forged, and what a stand-in adds of its own. Times bounds how many
// requests it lasts; 0 is until it is changed.
type Fault struct {
	Mode    string `json:"mode"`
	Times   int    `json:"times"`
	DelayMS int    `json:"delay_ms"`
}

// Server is a stand-in on its own socket.
type Server struct {
	Name string
	URL  string

	mu    sync.Mutex
	log   []Entry
	fault Fault
	file  *os.File
	http  *http.Server
	ln    net.Listener
}

// Options say where a stand-in lives. Dir "" keeps nothing on disk; Addr "" takes a free
// loopback port. Looks are patterns of the handler's that only look at the stand-in: like
// its own buttons under /_sandbox/ they are no words of the outside protocol, so they are
// neither logged nor met by a fault.
type Options struct {
	Dir   string
	Addr  string
	Looks []string
}

// Start serves handler under the common addresses /_sandbox/. Requests to the handler are
// logged with their bodies; the modes slow (waits DelayMS, 30 s by default), dead (cuts the
// connection) and garbage (answers noise) are done here, the others are the handler's: it
// asks Fault.
func Start(name string, o Options, handler http.Handler, page func(io.Writer)) (*Server, error) {
	s := &Server{Name: name, fault: Fault{Mode: "ok"}}
	if o.Dir != "" {
		if err := s.openLog(filepath.Join(o.Dir, name+".jsonl")); err != nil {
			return nil, fmt.Errorf("stand-in %s: %w", name, err)
		}
	}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("stand-in %s: %w", name, err)
	}
	s.ln, s.URL = ln, "http://"+ln.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sandbox/log", s.serveLog)
	mux.HandleFunc("POST /_sandbox/fault", s.serveFault)
	mux.HandleFunc("GET /_sandbox/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if page != nil {
			page(w)
			return
		}
		_ = plainPage.Execute(w, s)
	})
	for _, pattern := range append(o.Looks, "/_sandbox/") {
		mux.Handle(pattern, handler)
	}
	mux.Handle("/", s.record(handler))
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(ln) }()
	return s, nil
}

var plainPage = template.Must(template.New("").Parse(`<!doctype html><html lang="en"><title>{{.Name}} stand-in</title><h1>{{.Name}} stand-in</h1><p><a href="/_sandbox/log">log</a>`))

// Addr is the address it listens on.
func (s *Server) Addr() string { return s.ln.Addr().String() }

// Stop takes no more requests. What comes of those before can still be recorded.
func (s *Server) Stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = s.http.Close()
	}
	return err
}

// Close stops it and ends its log.
func (s *Server) Close() error {
	err := s.Stop()
	if s.file != nil {
		_ = s.file.Close()
	}
	return err
}

// Entries are the requests so far, oldest first, those of earlier runs in the same folder included.
func (s *Server) Entries() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Entry(nil), s.log...)
}

// Set makes it misbehave.
func (s *Server) Set(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Fault is the misbehaviour in force; one that has run out is ok again.
func (s *Server) Fault() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// Record adds an entry that did not come by HTTP (a letter, say).
func (s *Server) Record(e Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, e)
	if s.file != nil {
		b, err := json.Marshal(e)
		if err == nil {
			_, _ = s.file.Write(append(b, '\n'))
		}
	}
}

// Take is the fault that one more request meets; it counts it down. A stand-in needs it
// for words that do not come by HTTP.
func (s *Server) Take() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.fault
	if f.Times > 0 {
		if s.fault.Times--; s.fault.Times == 0 {
			s.fault = Fault{Mode: "ok"}
		}
	}
	return f
}

type faultKey struct{}

// FaultOf is the fault that this request was to meet.
func FaultOf(r *http.Request) Fault {
	f, _ := r.Context().Value(faultKey{}).(Fault)
	return f
}

func (s *Server) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(io.LimitReader(r.Body, 8<<20))
		r.Body = io.NopCloser(bytes.NewReader(body))
		f := s.Take()
		r = r.WithContext(context.WithValue(r.Context(), faultKey{}, f))
		e := Entry{At: time.Now(), Method: r.Method, Path: r.URL.RequestURI(), Headers: r.Header.Clone(), Body: printable(body)}
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		switch f.Mode {
		case "dead":
			e.Answer = "(connection cut)"
			s.Record(e)
			panic(http.ErrAbortHandler)
		case "garbage":
			rec.WriteHeader(http.StatusOK)
			_, _ = rec.Write([]byte("\x00\xff<<not an answer>>"))
		default:
			if f.Mode == "slow" {
				wait(r.Context(), f.DelayMS)
			}
			next.ServeHTTP(rec, r)
		}
		e.Answer, e.Status = printable(rec.body.Bytes()), rec.status
		s.Record(e)
	})
}

func wait(ctx context.Context, ms int) {
	if ms <= 0 {
		ms = 30_000
	}
	select {
	case <-time.After(time.Duration(ms) * time.Millisecond):
	case <-ctx.Done():
	}
}

func printable(b []byte) string {
	if !utf8.Valid(b) {
		return fmt.Sprintf("%q", b)
	}
	return string(b)
}

type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(code int) { r.status = code; r.ResponseWriter.WriteHeader(code) }

func (r *recorder) Write(b []byte) (int, error) {
	if r.body.Len() < 1<<20 {
		r.body.Write(b)
	}
	return r.ResponseWriter.Write(b)
}

func (s *Server) serveLog(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-ndjson; charset=utf-8")
	enc := json.NewEncoder(w)
	for _, e := range s.Entries() {
		_ = enc.Encode(e)
	}
}

func (s *Server) serveFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&f); err != nil || f.Mode == "" {
		http.Error(w, `{"error":"send {mode, times, delay_ms}"}`, http.StatusBadRequest)
		return
	}
	s.Set(f)
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(f)
}

func (s *Server) openLog(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e Entry
		if json.Unmarshal(lines.Bytes(), &e) == nil { // a line cut by a kill is passed over
			s.log = append(s.log, e)
		}
	}
	s.file = f
	if err := lines.Err(); err != nil {
		return err
	}
	return endLine(f)
}

// endLine ends a line that a kill cut off: the next entry must not be joined to it.
func endLine(f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, size-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = f.Write([]byte("\n"))
	return err
}
