// Package sandbox is a stand-in of the mail server: it takes every letter, delivers none
// and shows them on a page.
package sandbox

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"motcua/portal/standin"
)

// Options say where the stand-in lives. SMTP is the address letters are handed to; "" takes
// a free loopback port.
type Options struct {
	standin.Options
	SMTP string
}

// Server is the mail server's stand-in. Besides the faults that all stand-ins know it has
//
//   - refuse: the recipient is unknown (550)
//   - later: not now (451)
//   - sender: the sender is not known here (550)
//   - silent: the letter is taken, but the connection is cut before the answer
//   - hangup: the letter is taken and that is said, then the connection is cut
//
// dead cuts the connection before the greeting, slow waits before the answer to HELO.
type Server struct {
	*standin.Server
	smtp *smtp.Server
	ln   net.Listener

	mu      sync.Mutex
	letters []Letter
}

// Start opens both sockets. Letters of earlier runs in the same folder are there again.
func Start(o Options) (*Server, error) {
	s := &Server{}
	o.Looks = []string{"GET /{$}", "GET /letters"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		s.page(w)
	})
	mux.HandleFunc("GET /letters", s.list)
	var err error
	if s.Server, err = standin.Start("smtp", o.Options, mux, s.page); err != nil {
		return nil, err
	}
	for _, e := range s.Entries() {
		if e.Method == method {
			s.letters = append(s.letters, read(e))
		}
	}
	if err := s.listen(o.SMTP); err != nil {
		_ = s.Server.Close()
		return nil, err
	}
	return s, nil
}

func (s *Server) listen(addr string) error {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("stand-in smtp: %w", err)
	}
	s.ln = ln
	s.smtp = smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return s.session(c), nil
	}))
	s.smtp.Domain = "localhost"
	s.smtp.EnableSMTPUTF8 = true
	s.smtp.MaxMessageBytes = 1 << 20
	s.smtp.ErrorLog = log.New(io.Discard, "", 0) // cut connections are its trade
	go func() { _ = s.smtp.Serve(listener{ln, s}) }()
	return nil
}

// SMTP is the address letters are handed to.
func (s *Server) SMTP() string { return s.ln.Addr().String() }

// Close ends both sockets.
func (s *Server) Close() error { return errors.Join(s.smtp.Close(), s.Server.Close()) }

// Letters are the letters taken so far, oldest first.
func (s *Server) Letters() []Letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Letter(nil), s.letters...)
}

// method marks letters among the entries of the log.
const method = "SMTP"

func (s *Server) keep(e standin.Entry) {
	s.Record(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letters = append(s.letters, read(e))
}

// listener gives each connection its fault; a dead server hangs up at once.
type listener struct {
	net.Listener
	s *Server
}

type conn struct {
	net.Conn
	fault standin.Fault
	last  bool // hang up after the next word
}

func (c *conn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if c.last {
		_ = c.Conn.Close()
	}
	return n, err
}

func (l listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		f := l.s.Take()
		if f.Mode == "dead" {
			_ = c.Close()
			continue
		}
		return &conn{Conn: c, fault: f}, nil
	}
}

// session is one conversation.
type session struct {
	s     *Server
	c     *smtp.Conn
	fault standin.Fault
	from  string
	to    []string
}

func (s *Server) session(c *smtp.Conn) *session {
	x := &session{s: s, c: c}
	if c, ok := c.Conn().(*conn); ok {
		x.fault = c.fault
	}
	if x.fault.Mode == "slow" {
		ms := x.fault.DelayMS
		if ms <= 0 {
			ms = 30_000
		}
		time.Sleep(time.Duration(ms) * time.Millisecond)
	}
	return x
}

func (x *session) Reset()        { x.from, x.to = "", nil }
func (x *session) Logout() error { return nil }

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if x.fault.Mode == "sender" {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "sender not known"}
	}
	x.from = from
	return nil
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch x.fault.Mode {
	case "refuse":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	case "later":
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	}
	x.to = append(x.to, to)
	return nil
}

func (x *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	e := standin.Entry{
		At: time.Now(), Method: method, Path: x.from,
		Headers: map[string][]string{"To": x.to}, Body: string(b), Answer: "250", Status: 250,
	}
	if x.fault.Mode == "silent" {
		e.Answer, e.Status = "(connection cut)", 0
		x.s.keep(e)
		return x.c.Conn().Close()
	}
	x.s.keep(e)
	if c, ok := x.c.Conn().(*conn); ok && x.fault.Mode == "hangup" {
		c.last = true
	}
	return nil
}
