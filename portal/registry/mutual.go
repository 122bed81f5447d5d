package registry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

// MutualTLS is a client for a security server that asks for our certificate, as they do
// unless told otherwise. cert is a PEM file with our certificate and its key, ca one with
// the certificates by which the server is known; "" is no certificate, and the machine's.
func MutualTLS(cert, ca string) (*http.Client, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, cert)
		if err != nil {
			return nil, err
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, err
		}
		if cfg.RootCAs = x509.NewCertPool(); !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: %w", ca, errNoCertificate)
		}
	}
	// no HTTP/2: X-Road hashes headers as HTTP/1.1 writes them
	return &http.Client{Transport: &http.Transport{TLSClientConfig: cfg, MaxIdleConnsPerHost: mostWaiting, IdleConnTimeout: time.Minute, Proxy: http.ProxyFromEnvironment}}, nil
}

var errNoCertificate = errors.New("no certificate in it")
