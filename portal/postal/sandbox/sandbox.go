// Package sandbox is a stand-in of the public post's interface on the national sharing
// platform (VNPost N-GSP): it takes orders, moves parcels when told to or by itself, and
// tells of it in its feed.
package sandbox

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"motcua/portal/standin"
)

// Options say where the stand-in lives and whom it knows. Auto moves every parcel one step
// on at each interval; 0 leaves that to the buttons.
type Options struct {
	standin.Options
	Key, Secret string // of the consumer
	Customer    string // code of the contract
	Auto        time.Duration
}

// Server is the carrier's stand-in. Besides the faults that all stand-ins know:
//
//   - silent: the order is taken, but the connection is cut before the answer
//   - double: the feed tells each event twice, and parcels' steps become two events
//   - late: a step is told only after the next one, and pages come backwards
type Server struct {
	*standin.Server
	o    Options
	stop chan struct{}
	once sync.Once

	mu      sync.Mutex
	tokens  map[string]time.Time
	parcels []*Parcel
	events  []Event // in the order of their ids
	held    []Event // known to the carrier, not told yet
	last    time.Time
}

// Start opens the socket. Parcels of earlier runs in the same folder are there again.
func Start(o Options) (*Server, error) {
	s := &Server{o: o, tokens: map[string]time.Time{}, stop: make(chan struct{})}
	var err error
	if s.Server, err = standin.Start("post", o.Options, s.routes(), s.page); err != nil {
		return nil, err
	}
	s.replay(s.Entries())
	if o.Auto > 0 {
		go s.run(o.Auto)
	}
	return s, nil
}

// Close stops it.
func (s *Server) Close() error {
	s.once.Do(func() { close(s.stop) })
	return s.Server.Close()
}

func (s *Server) run(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = s.Advance("all", "", "")
		case <-s.stop:
			return
		}
	}
}

func (s *Server) routes() http.Handler {
	const base = "/apiVNPostNGSP/p1.0/order/"
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("POST "+base+"post", s.known(s.post))
	mux.HandleFunc("GET "+base+"cancel", s.known(s.cancel))
	mux.HandleFunc("GET "+base+"tracking", s.known(s.tracking))
	mux.HandleFunc("POST /_sandbox/advance", s.advance)
	mux.HandleFunc("GET /_sandbox/parcels", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, s.Parcels()) })
	return mux
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// token gives an access token for the consumer's key and secret.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	key, secret, ok := r.BasicAuth()
	if !ok || key != s.o.Key || secret != s.o.Secret || r.PostFormValue("grant_type") != "client_credentials" {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	const term = time.Hour
	t := rand.Text()
	s.mu.Lock()
	s.tokens[t] = time.Now().Add(term)
	s.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{"access_token": t, "token_type": "Bearer", "expires_in": int(term.Seconds())})
}

// known lets through who brings a token that was given and has not ended.
func (s *Server) known(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		s.mu.Lock()
		end, ok := s.tokens[t]
		s.mu.Unlock()
		if !ok || time.Now().After(end) {
			answer(w, http.StatusUnauthorized, map[string]string{"fault": "Invalid Credentials"})
			return
		}
		next(w, r)
	}
}

// EndTokens makes every token given so far invalid, as a restart of the platform does.
func (s *Server) EndTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// The answers' codes. 100 and 110 are what provincial portals take for done; the others
// are made up here.
const (
	made        = "100"
	exists      = "101"
	incomplete  = "102"
	cancelled   = "110"
	notForeseen = "111"
)

const noOrder = "Không có đơn hàng"

type result struct {
	Status  string
	Message string
}

func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o, missing := readOrder(body)
	switch {
	case len(missing) > 0:
		answer(w, http.StatusOK, result{incomplete, "Thiếu hoặc sai: " + strings.Join(missing, ", ")})
		return
	case o.CustomerCode != s.o.Customer:
		answer(w, http.StatusOK, result{incomplete, "Không có khách hàng " + o.CustomerCode})
		return
	}
	reply := result{made, "Thêm mới thành công"}
	if !s.add(o) {
		reply = result{exists, "Đơn hàng đã tồn tại"}
	}
	if standin.FaultOf(r).Mode == "silent" {
		panic(http.ErrAbortHandler)
	}
	answer(w, http.StatusOK, reply)
}

func (s *Server) cancel(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	why := noOrder
	if q.Get("CustomerCode") == s.o.Customer {
		why = s.Cancel(q.Get("OrderNumber"))
	}
	if why != "" {
		answer(w, http.StatusOK, result{notForeseen, why})
		return
	}
	answer(w, http.StatusOK, result{cancelled, "Hủy thành công"})
}

// advance is the button: number is a parcel's or "all"; code, when given, is the status to
// report instead of the next one on the usual way.
func (s *Server) advance(w http.ResponseWriter, r *http.Request) {
	var q struct{ Number, Code, Message string }
	fromPage := false
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		_ = json.NewDecoder(io.LimitReader(r.Body, 1<<16)).Decode(&q)
	} else {
		q.Number, q.Code, q.Message = r.PostFormValue("number"), r.PostFormValue("code"), r.PostFormValue("message")
		fromPage = r.PostFormValue("page") != ""
	}
	if err := s.Advance(q.Number, q.Code, q.Message); err != nil {
		answer(w, http.StatusNotFound, map[string]string{"error": err.Error()})
		return
	}
	if fromPage {
		http.Redirect(w, r, "/_sandbox/", http.StatusSeeOther)
		return
	}
	answer(w, http.StatusOK, s.Parcels())
}

// tracking is a page of the feed after lastId.
func (s *Server) tracking(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size := atoi(q.Get("pagesize"))
	if size < 1 || size > 1000 {
		size = 100
	}
	s.mu.Lock()
	var after []Event
	for _, e := range s.events {
		if e.ID.OID > q.Get("lastId") {
			after = append(after, e)
		}
	}
	s.mu.Unlock()
	docs := append([]Event{}, after[:min(len(after), size)]...)
	switch standin.FaultOf(r).Mode {
	case "double":
		docs = append(docs, docs...)
	case "late":
		slices.Reverse(docs)
	}
	answer(w, http.StatusOK, map[string]any{
		"_size": len(after), "_total_pages": (len(after) + size - 1) / size, "_returned": len(docs),
		"_embedded": map[string]any{"rh:doc": docs},
	})
}
