package registry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// certificate makes one that vouches for itself, with its key, as a PEM file.
func certificate(t *testing.T, name string) (file string, pair tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, &about, &about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "both.pem")
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if pair, err = tls.LoadX509KeyPair(file, file); err != nil {
		t.Fatal(err)
	}
	return file, pair
}

// TestMutualTLS: both sides show who they are, or nothing is asked.
func TestMutualTLS(t *testing.T) {
	t.Parallel()
	ours, _ := certificate(t, "portal")
	theirs, server := certificate(t, "security server")
	pool := x509.NewCertPool()
	b, err := os.ReadFile(ours)
	if err != nil || !pool.AppendCertsFromPEM(b) {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.TLS.PeerCertificates[0].Subject.CommonName != "portal" {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = io.WriteString(w, `{"soDinhDanh":"001190000011","khaiSinh":[]}`)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	s.StartTLS()
	t.Cleanup(s.Close)
	for _, tt := range []struct {
		cert, ca string
		reached  bool
	}{{ours, theirs, true}, {ours, "", false}, {"", theirs, false}, {theirs, theirs, false}, {ours, ours, false}} {
		client, err := MutualTLS(tt.cert, tt.ca)
		if err != nil {
			t.Fatal(err)
		}
		c := CivilClient{XRoad: XRoad{URL: s.URL, Client: memberClient, HTTP: client}, Service: civilService}
		_, err = c.Births(t.Context(), Request{ID: "1"}, mother)
		if errors.Is(err, ErrNotFound) != tt.reached || errors.Is(err, ErrRefused) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][2]string{{"nowhere.pem", ""}, {"", "nowhere.pem"}, {empty, ""}, {"", empty}} {
		if _, err := MutualTLS(wrong[0], wrong[1]); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}
