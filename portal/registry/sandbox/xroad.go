package sandbox

import (
	"bytes"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"motcua/portal/standin"
)

// XRoadConfig says who may ask, and which services there are.
type XRoadConfig struct {
	Client   string            // X-Road-Client, as it comes: parts percent-encoded
	Services map[string]string // INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE → address of the provider
}

// XRoad is the stand-in of a security server: it passes questions on to the providers and
// marks what it says itself. Besides the common faults it knows fault (the provider's
// security server cannot be reached), client (the question is said to be wrong), redirect
// and hash (the hash of another question comes with the answer).
type XRoad struct {
	*standin.Server
	cfg XRoadConfig

	mu   sync.Mutex
	seen map[string]bool // X-Road-Id of this run
}

// StartXRoad serves the stand-in.
func StartXRoad(o standin.Options, cfg XRoadConfig) (*XRoad, error) {
	x := &XRoad{cfg: cfg, seen: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/r1/{instance}/{class}/{member}/{subsystem}/{service}/{path...}", x.pass)
	var err error
	x.Server, err = standin.Start("xroad", o, mux, nil)
	return x, err
}

func (x *XRoad) pass(w http.ResponseWriter, r *http.Request) {
	service := strings.Join([]string{r.PathValue("instance"), r.PathValue("class"), r.PathValue("member"), r.PathValue("subsystem"), r.PathValue("service")}, "/")
	provider, known := x.cfg.Services[service]
	mode := standin.FaultOf(r).Mode
	switch {
	case r.Header.Get("X-Road-Client") != x.cfg.Client:
		says(w, http.StatusBadRequest, "Client.UnknownMember", "X-Road-Client is not registered here")
		return
	case x.repeated(r.Header.Get("X-Road-Id")):
		says(w, http.StatusBadRequest, "Client.DuplicateId", "a question put again is another one with another X-Road-Id")
		return
	case mode == "client":
		says(w, http.StatusBadRequest, "Client.BadRequest", "the question is not right")
		return
	case mode == "redirect":
		http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		return
	case !known, mode == "fault":
		says(w, http.StatusInternalServerError, "Server.ServerProxy.NetworkError", "Could not connect to any target host")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		says(w, http.StatusInternalServerError, "Server.ClientProxy.IOError", err.Error())
		return
	}
	x.forward(w, r, provider, service, body)
}

// forward brings the question to the provider, and its answer back with X-Road's headers.
func (x *XRoad) forward(w http.ResponseWriter, r *http.Request, provider, service string, body []byte) {
	to, err := url.Parse(provider)
	if err != nil {
		says(w, http.StatusInternalServerError, "Server.ServerProxy.ServiceFailed.InvalidUrl", err.Error())
		return
	}
	given := uuid.NewString()
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	hash := hashOf(r, body, given)
	if standin.FaultOf(r).Mode == "hash" {
		hash = hashOf(r, []byte("another"), given)
	}
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(to)
			p.Out.URL.Path, p.Out.URL.RawPath = "/"+r.PathValue("path"), ""
		},
		ModifyResponse: func(a *http.Response) error {
			a.Header.Set("X-Road-Client", r.Header.Get("X-Road-Client"))
			a.Header.Set("X-Road-Service", service)
			a.Header.Set("X-Road-Id", r.Header.Get("X-Road-Id"))
			a.Header.Set("X-Road-Request-Id", given)
			a.Header.Set("X-Road-Request-Hash", hash)
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			says(w, http.StatusInternalServerError, "Server.ServerProxy.ServiceFailed.HttpError", err.Error())
		},
	}
	proxy.ServeHTTP(w, r)
}

// says is X-Road's own word: the header tells it from the provider's.
func says(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Road-Error", code)
	answerJSON(w, status, object{"type": code, "message": message, "detail": uuid.NewString()})
}

func (x *XRoad) repeated(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	was := x.seen[id]
	x.seen[id] = true
	return was
}

// skipped are the headers that X-Road neither passes on nor hashes (RestMessage in its source).
var skipped = []string{"transfer-encoding", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade",
	"connection", "pragma", "user-agent", "host", "content-length", "server", "expect"}

// hashOf is the hash of a question. A security server takes the headers in the order in
// which they come; net/http forgets that order, so here it is the alphabet's, which is the
// order in which net/http sends.
func hashOf(r *http.Request, body []byte, given string) string {
	lines := ""
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		for _, v := range r.Header[name] {
			if !slices.Contains(skipped, strings.ToLower(name)) {
				lines += name + ":" + v + "\r\n"
			}
		}
	}
	h := sha512.New()
	fmt.Fprintf(h, "%s\r\n%s\r\n%sx-road-request-id:%s\r\n", r.Method, r.RequestURI, lines, given)
	sum := h.Sum(nil)
	if len(body) > 0 {
		of := sha512.Sum512(body)
		both := sha512.Sum512(append(sum, of[:]...))
		sum = both[:]
	}
	return base64.StdEncoding.EncodeToString(sum)
}

// provided is a question that has come through X-Road to a provider.
func provided(r *http.Request) (number string, err error) {
	if r.Header.Get("X-Road-Client") == "" || r.Header.Get("X-Road-Id") == "" {
		return "", errors.New("not through X-Road")
	}
	var asked map[string]string
	if err := readAll(r, &asked); err != nil {
		return "", err
	}
	if asked["soDinhDanh"] == "" {
		return "", errors.New("thieu soDinhDanh")
	}
	return asked["soDinhDanh"], nil
}
