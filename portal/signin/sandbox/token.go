package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"motcua/portal/standin"
)

// The lives of what is given out.
const (
	codeTime  = time.Minute
	tokenTime = 10 * time.Minute
)

func no(w http.ResponseWriter, status int, code string) {
	answer(w, status, map[string]string{"error": code})
}

// token gives an ID token and an access token for a code, once.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") != "authorization_code" {
		no(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	client, ok := s.client(r)
	if !ok {
		no(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	g, access := s.redeem(r.PostForm.Get("code"), client, r.PostForm.Get("redirect_uri"), r.PostForm.Get("code_verifier"))
	if g == nil {
		no(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	id, err := s.idToken(g, access, standin.FaultOf(r).Mode)
	if err != nil {
		no(w, http.StatusInternalServerError, "server_error")
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": int(tokenTime.Seconds()), "id_token": id,
	})
}

// client is who asks, by Basic or in the form.
func (s *Server) client(r *http.Request) (string, bool) {
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	want, known := s.cfg.Clients[id]
	return id, known && subtle.ConstantTimeCompare([]byte(want), []byte(secret)) == 1
}

// redeem uses a code up. One that comes a second time costs the token of the first.
func (s *Server) redeem(code, client, redirect, verifier string) (*grant, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.codes[code]
	if g == nil {
		return nil, ""
	}
	if g.used != "" {
		delete(s.tokens, g.used)
		return nil, ""
	}
	g.used = rand.Text()
	sum := sha256.Sum256([]byte(verifier))
	if g.client != client || g.redirect != redirect || s.cfg.Now().Sub(g.at) > codeTime ||
		len(verifier) < 43 || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
		return nil, ""
	}
	s.tokens[g.used] = g
	return g, g.used
}

// idToken signs who has signed in: only the sub; the rest is told at /userinfo.
func (s *Server) idToken(g *grant, access, mode string) (string, error) {
	now := s.cfg.Now()
	half := sha256.Sum256([]byte(access))
	claims := map[string]any{
		"iss": s.cfg.Issuer, "sub": g.sub, "aud": g.client, "nonce": g.nonce,
		"iat": now.Unix(), "auth_time": g.at.Unix(), "exp": now.Add(tokenTime).Unix(),
		"at_hash": base64.RawURLEncoding.EncodeToString(half[:16]),
	}
	switch mode {
	case "nonce":
		claims["nonce"] = rand.Text()
	case "expired":
		claims["iat"], claims["exp"] = now.Add(-time.Hour).Unix(), now.Add(-2*time.Minute).Unix()
	case "early":
		claims["nbf"] = now.Add(2 * time.Minute).Unix()
	case "issuer":
		claims["iss"] = s.cfg.Issuer + "/other"
	case "audience":
		claims["aud"] = "another-client"
	case "azp":
		claims["aud"], claims["azp"] = []string{g.client, "another-client"}, "another-client"
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	if mode == "none" {
		head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
		return head + "." + base64.RawURLEncoding.EncodeToString(body) + ".", nil
	}
	return s.sign(body, mode)
}

func (s *Server) sign(body []byte, mode string) (string, error) {
	k := jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: s.key, KeyID: keyID}}
	switch mode {
	case "forged":
		own, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return "", err
		}
		k.Key = jose.JSONWebKey{Key: own, KeyID: keyID}
	case "hs256": // the public key taken for a shared secret
		pub, err := s.public().MarshalJSON()
		if err != nil {
			return "", err
		}
		k = jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: pub, KeyID: keyID}}
	}
	signer, err := jose.NewSigner(k, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(body)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// userinfo tells who it is, by VNeID's names.
func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	access, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	g, known := s.tokens[access]
	if !known {
		g = &grant{}
	}
	sub := g.sub
	if standin.FaultOf(r).Mode == "other" {
		for _, p := range s.people {
			if p.Sub != sub {
				sub = p.Sub
			}
		}
	}
	s.mu.Unlock()
	p, there := s.person(sub)
	if !ok || !known || !there {
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		no(w, http.StatusUnauthorized, "invalid_token")
		return
	}
	if g.level != 0 {
		p.Level = g.level
	}
	answer(w, http.StatusOK, p.claims())
}

func (p Person) claims() map[string]any {
	level := p.Level
	if level == 0 {
		level = 2
	}
	businesses := make([]map[string]string, len(p.Businesses))
	for i, b := range p.Businesses {
		businesses[i] = map[string]string{"MaSoDoanhNghiep": b.TaxCode, "TenDoanhNghiep": b.Name}
	}
	all := map[string]any{
		"sub": p.Sub, "LoaiTaiKhoan": "1", "SoDinhDanh": p.IDNumber, "HoVaTen": p.Name,
		"NgayThangNamSinh": strings.ReplaceAll(p.BirthDate, "-", ""), "TechID": "TECH-" + p.Sub, "loAs": level,
		"SoDienThoai": p.Phone, "ThuDienTu": p.Email, "DoanhNghiep": businesses,
	}
	if p.Passport != "" {
		all["SoHoChieu"], all["QuocTich"] = p.Passport, p.Country
	}
	if p.Account != nil { // an organisation is named where a person's name stands, and who acts for it beside
		all["LoaiTaiKhoan"], all["HoVaTen"], all["NguoiDaiDien"] = "2", p.Account.Name, p.Name
		all["MaSoDoanhNghiep"], all["TenDoanhNghiep"] = p.Account.TaxCode, p.Account.Name
	}
	return all
}
