package registry

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
)

// TestVectors holds what both sides must compute alike to values from elsewhere.
func TestVectors(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		X1 struct {
			AuthURL                         string `json:"auth_url"`
			User, Timestamp, Secret, Header string
		}
		X2 struct {
			AccessKey   string `json:"access_key"`
			SecretKey   string `json:"secret_key"`
			AppName     string `json:"app_name"`
			PartnerCode string `json:"partner_code"`
			Header      string
		}
		Hashes []struct{ Method, Path, Given, Body, Hash string }
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if got := basic(v.X1.AuthURL, v.X1.User, v.X1.Timestamp, v.X1.Secret); got != v.X1.Header {
		t.Errorf("X1: %s", got)
	}
	token := Token{AccessKey: v.X2.AccessKey, SecretKey: v.X2.SecretKey, AppName: v.X2.AppName, PartnerCode: v.X2.PartnerCode}
	for _, header := range []string{"", "Authorization"} {
		r, token := &http.Request{Header: http.Header{}}, token
		if token.Header = header; header == "" {
			header = "lgspaccesstoken"
		}
		if err := token.set(r); err != nil || r.Header.Get(header) != v.X2.Header || len(r.Header) != 1 {
			t.Errorf("X2: %v (%v)", r.Header, err)
		}
	}
	for _, h := range v.Hashes {
		r, err := http.NewRequest(h.Method, "http://ss.example"+h.Path, strings.NewReader(h.Body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Road-Client", "VN/GOV/H01/DVC")
		r.Header.Set("X-Road-Id", "0b2c9a4e-0000-4000-8000-000000000001")
		r.Header.Set("Accept", "application/json")
		if got := requestHash(r, []byte(h.Body), h.Given); got != h.Hash {
			t.Errorf("%s: %s", h.Method, got)
		}
	}
}
