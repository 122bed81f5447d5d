// Package sandbox is a stand-in for the VNPAY gateway: its pay page, its notices with
// their retries and its query API, on a socket of its own.
package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/portal/standin"
)

const (
	payPath   = "/paymentv2/vpcpay.html"
	queryPath = "/merchant_webapi/api/transaction"
	// statePath marks the entries of the log from which a restart reads the state back.
	statePath = "/_sandbox/transaction/"
)

var ict = time.FixedZone("ICT", 7*3600)

// Config is the terminal that the stand-in serves.
type Config struct {
	TmnCode   string
	Secret    string
	NoticeURL string        // where notices go, server to server
	Every     time.Duration // between two notices; 0 is VNPAY's 5 minutes
	Most      int           // notices at most; 0 is VNPAY's 10
	Now       func() time.Time
}

// Server is the stand-in.
type Server struct {
	*standin.Server
	config Config
	http   *http.Client
	stop   context.CancelFunc
	until  context.Context
	wg     sync.WaitGroup

	mu       sync.Mutex
	all      map[string]*Transaction
	requests map[string]bool
	last     int64
}

// Transaction is one payment as the gateway knows it.
type Transaction struct {
	Ref        string    `json:"ref"`
	Amount     string    `json:"amount"` // hundredths of a đồng
	Info       string    `json:"info"`
	Return     string    `json:"return"`
	CreateDate string    `json:"create_date"`
	Expires    time.Time `json:"expires"`
	Response   string    `json:"response"` // "" until the payer has pressed something
	Status     string    `json:"status"`   // 01 until then
	No         int64     `json:"no"`
	PayDate    string    `json:"pay_date"`
	Mode       string    `json:"mode"` // the fault its notices meet
	Sent       int       `json:"sent"`
	Done       bool      `json:"done"` // no more notices
	Next       time.Time `json:"next"` // the next one
}

// Paid says whether the payer's money has moved.
func (t Transaction) Paid() bool { return t.Status == "00" }

// Start serves the stand-in and goes on with what it had not finished before.
func Start(o standin.Options, c Config) (*Server, error) {
	if c.Every <= 0 {
		c.Every = 5 * time.Minute
	}
	if c.Most <= 0 {
		c.Most = 10
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Server{config: c, all: map[string]*Transaction{}, requests: map[string]bool{}, http: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	s.until, s.stop = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+payPath, s.show)
	mux.HandleFunc("POST "+payPath, s.act)
	mux.HandleFunc("POST "+queryPath, s.query)
	s.mu.Lock() // a request waits until the state is read back
	defer s.mu.Unlock()
	var err error
	if s.Server, err = standin.Start("vnpay", o, mux, s.overview); err != nil {
		return nil, err
	}
	s.restore()
	return s, nil
}

// PayURL is the address of the pay page.
func (s *Server) PayURL() string { return s.URL + payPath }

// QueryURL is the address of the query API.
func (s *Server) QueryURL() string { return s.URL + queryPath }

// Close stops it; notices under way are finished, later ones wait for the next start.
func (s *Server) Close() error {
	s.stop()
	err := s.Stop()
	s.wg.Wait() // the answers to notices on their way are kept
	return errors.Join(err, s.Server.Close())
}

// Transactions are all payments, in the order of their references.
func (s *Server) Transactions() []Transaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Transaction, 0, len(s.all))
	for _, t := range s.all {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b Transaction) int { return strings.Compare(a.Ref, b.Ref) })
	return list
}

// restore reads the state from the log. Called with the lock held.
func (s *Server) restore() {
	for _, e := range s.Entries() {
		switch {
		case e.Method == "STATE":
			var t Transaction
			if json.Unmarshal([]byte(e.Body), &t) == nil {
				s.all[t.Ref] = &t
				s.last = max(s.last, t.No)
			}
		case e.Path == queryPath:
			var q struct {
				ID string `json:"vnp_RequestId"`
			}
			if json.Unmarshal([]byte(e.Body), &q) == nil {
				s.requests[q.ID] = true
			}
		}
	}
	for _, t := range s.all {
		if t.Response != "" && !t.Done && t.Mode != "silent" {
			s.follow(*t, t.Next.Sub(s.config.Now()))
		}
	}
}

// keep writes a transaction's state to the log. Called with the lock held.
func (s *Server) keep(t *Transaction) {
	b, err := json.Marshal(t)
	if err != nil {
		return
	}
	s.Record(standin.Entry{At: s.config.Now(), Method: "STATE", Path: statePath + t.Ref, Body: string(b)})
}

// number is the gateway's next transaction number, never one of an earlier life.
func (s *Server) number() int64 {
	s.last = max(s.last+1, s.config.Now().UnixMilli())
	return s.last
}

func (s *Server) overview(w io.Writer) {
	_ = overviewPage.Execute(w, s)
}

func dong(hundredths string) string {
	n := strings.TrimSuffix(hundredths, "00")
	var b strings.Builder
	for i, r := range n {
		if i > 0 && (len(n)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(r)
	}
	return b.String() + " đồng"
}

func (s *Server) now() string { return s.config.Now().In(ict).Format("20060102150405") }

func (t Transaction) no() string { return fmt.Sprint(t.No) }
