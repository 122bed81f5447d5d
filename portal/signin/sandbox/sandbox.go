// Package sandbox is a stand-in of the national identity provider: OpenID Connect with the
// claims of VNeID, where signing in is choosing a sample person's card.
package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"motcua/portal/standin"
)

// Person is one who can sign in.
type Person struct {
	Sub        string
	Name       string
	IDNumber   string
	BirthDate  string // yyyy-mm-dd
	Phone      string
	Email      string
	Level      int    // 0 counts as 2
	Passport   string // of a foreigner, instead of the number
	Country    string // that gave it, three letters
	Businesses []Business
	Account    *Business // the account is this organisation's; the person signs in as its representative
	Note       string    // what the card says besides: an officer's post, what to try
}

// Business is one that the provider says the person represents.
type Business struct{ TaxCode, Name string }

// Config says who may sign in, and where.
type Config struct {
	People    []Person
	Clients   map[string]string // client id → secret, "" for a public client
	Redirects []string          // addresses of return, compared exactly
	Issuer    string            // "" is the stand-in's own address
	Now       func() time.Time  // nil is the clock
}

// Server is the stand-in. Besides the common faults its answers at /token can be made wrong
// in one way each: nonce, none, hs256, forged, expired, early, issuer, audience, azp, other.
type Server struct {
	*standin.Server
	cfg   Config
	key   *rsa.PrivateKey
	ready chan struct{}

	mu     sync.Mutex
	people []Person
	codes  map[string]*grant
	tokens map[string]*grant // by access token
}

// grant is a sign-in that has been given a code.
type grant struct {
	sub, client, redirect, nonce, challenge string
	level                                   int // that the person proves this time, where it is not their card's
	at                                      time.Time
	used                                    string // the access token it bought
}

// Start serves the stand-in. Its signing key is kept in the folder, so that a restart goes
// on being the same provider.
func Start(o standin.Options, cfg Config) (*Server, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Server{cfg: cfg, ready: make(chan struct{}), people: slices.Clone(cfg.People),
		codes: map[string]*grant{}, tokens: map[string]*grant{}}
	var err error
	if s.key, err = key(o.Dir); err != nil {
		return nil, fmt.Errorf("stand-in oidc: %w", err)
	}
	if s.Server, err = standin.Start("oidc", o, s.routes(), s.about); err != nil {
		return nil, err
	}
	if s.cfg.Issuer == "" {
		s.cfg.Issuer = s.URL
	}
	close(s.ready)
	return s, nil
}

// Issuer is the provider's name, which clients compare exactly.
func (s *Server) Issuer() string { return s.cfg.Issuer }

// Put adds a person or changes the one with that sub.
func (s *Server) Put(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.people, func(q Person) bool { return q.Sub == p.Sub }); i >= 0 {
		s.people[i] = p
		return
	}
	s.people = append(s.people, p)
}

func (s *Server) person(sub string) (Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.IndexFunc(s.people, func(q Person) bool { return q.Sub == sub }); i >= 0 {
		return s.people[i], true
	}
	return Person{}, false
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("GET /jwks", s.jwks)
	mux.HandleFunc("GET /authorize", s.choose)
	mux.HandleFunc("POST /authorize", s.chosen)
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /userinfo", s.userinfo)
	mux.HandleFunc("GET /end_session", s.end)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-s.ready // the first request may come before Start knows the address
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) discovery(w http.ResponseWriter, _ *http.Request) {
	i := s.cfg.Issuer
	answer(w, http.StatusOK, map[string]any{
		"issuer":                                         i,
		"authorization_endpoint":                         i + "/authorize",
		"token_endpoint":                                 i + "/token",
		"userinfo_endpoint":                              i + "/userinfo",
		"jwks_uri":                                       i + "/jwks",
		"end_session_endpoint":                           i + "/end_session",
		"scopes_supported":                               []string{"openid", "profile"},
		"acr_values_supported":                           []string{"1", "2"},
		"response_types_supported":                       []string{"code"},
		"grant_types_supported":                          []string{"authorization_code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"RS256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_post", "client_secret_basic", "none"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
	})
}

func (s *Server) jwks(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{s.public()}})
}

func (s *Server) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: s.key.Public(), KeyID: keyID, Algorithm: string(jose.RS256), Use: "sig"}
}

// end is RP-initiated logout: the stand-in keeps no session of its own, so it only sends
// back whoever came from a known client.
func (s *Server) end(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("post_logout_redirect_uri")
	for _, known := range s.cfg.Redirects {
		if to != "" && origin(to) == origin(known) {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = farewell.Execute(w, nil)
}

func origin(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

const keyID = "sandbox-1"

// passing is the key of those without a folder: making one costs tests more than the sign-in.
var passing = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// key reads the signing key of the folder, or makes one and keeps it there.
func key(dir string) (*rsa.PrivateKey, error) {
	path := filepath.Join(dir, "oidc.key.pem")
	if dir != "" {
		b, err := os.ReadFile(path)
		if err == nil {
			return parse(path, b)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if dir == "" {
		return passing()
	}
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// beside it first: a kill leaves a whole key or none
	if err := os.WriteFile(path+".new", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, err
	}
	return k, os.Rename(path+".new", path)
}

func parse(path string, b []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key", path)
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r, ok := k.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds no RSA key", path)
	}
	return r, nil
}
