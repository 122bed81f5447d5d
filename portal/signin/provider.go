package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"motcua/portal/problem"
)

// provider is what the identity provider said of itself.
type provider struct {
	*oidc.Provider
	About struct {
		EndSession  string `json:"end_session_endpoint"`
		NamesItself bool   `json:"authorization_response_iss_parameter_supported"`
	}
	at time.Time // when it last answered
}

// provider asks the provider about itself, or believes what it said a moment ago: whoever
// leaves for it should find it there, and a wave of visitors asks once. The portal starts
// without it.
func (s *Service) provider(ctx context.Context) (*provider, error) {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	if known != nil && s.Now().Sub(known.at) < freshProvider {
		return known, nil
	}
	// whoever asks first may go away; the answer is for all who wait
	done := s.asking.DoChan("", func() (any, error) { return s.discover(context.WithoutCancel(ctx)) })
	select {
	case r := <-done:
		if r.Err != nil {
			return nil, problem.Because(r.Err, problem.Unavailable, "signin.provider_down")
		}
		return r.Val.(*provider), nil
	case <-ctx.Done():
		return nil, problem.Because(ctx.Err(), problem.Unavailable, "signin.provider_down")
	}
}

func (s *Service) discover(ctx context.Context) (*provider, error) {
	ctx, cancel := context.WithTimeout(s.calling(ctx), askProvider)
	defer cancel()
	found, err := oidc.NewProvider(ctx, s.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask the provider about itself: %w", err)
	}
	p := &provider{Provider: found, at: s.Now()}
	if err := found.Claims(&p.About); err != nil {
		return nil, fmt.Errorf("what the provider says of itself: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known != nil && same(s.known.Provider, found) {
		p.Provider = s.known.Provider // with the signing keys it has already fetched
	}
	s.known = p
	return p, nil
}

func same(a, b *oidc.Provider) bool {
	var x, y struct {
		Keys string `json:"jwks_uri"`
	}
	return a.Claims(&x) == nil && b.Claims(&y) == nil && x == y &&
		a.Endpoint() == b.Endpoint() && a.UserInfoEndpoint() == b.UserInfoEndpoint()
}

// calling gives ctx the client by which the provider is called: bounded in time and size,
// and following no redirect.
func (s *Service) calling(ctx context.Context) context.Context {
	c := http.Client{Transport: http.DefaultTransport}
	if s.HTTP != nil {
		c = *s.HTTP
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = short{c.Transport}
	c.Timeout = askProvider
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return oidc.ClientContext(ctx, &c)
}

// short cuts answers at a mebibyte.
type short struct{ http.RoundTripper }

func (t short) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, 1<<20), resp.Body}
	return resp, nil
}

func (s *Service) oauth(p *provider) *oauth2.Config {
	end := p.Endpoint()
	// Said, not found out: trying both ways spends the code. The published connections to
	// the national provider send the secret among the parameters.
	end.AuthStyle = oauth2.AuthStyleInParams
	return &oauth2.Config{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret,
		Endpoint: end, RedirectURL: s.Redirect, Scopes: []string{oidc.ScopeOpenID, "profile"},
	}
}

var errToken = errors.New("the token is not for this sign-in")

// verified is the ID token as far as it can be trusted: signed by the provider with the
// one algorithm we take, for us, for this sign-in, and now.
func (s *Service) verified(ctx context.Context, p *provider, raw, nonce string) (*oidc.IDToken, error) {
	t, err := p.Verifier(&oidc.Config{
		ClientID: s.ClientID, SupportedSigningAlgs: []string{oidc.RS256},
		SkipExpiryCheck: true, // below, with our own skew
	}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	var more struct {
		AZP string `json:"azp"`
		NBF int64  `json:"nbf"`
	}
	if err := t.Claims(&more); err != nil {
		return nil, err
	}
	now := s.Now()
	switch {
	case !now.Before(t.Expiry.Add(clockSkew)):
		return nil, fmt.Errorf("%w: over since %s", errToken, t.Expiry)
	case t.IssuedAt.After(now.Add(clockSkew)), time.Unix(more.NBF, 0).After(now.Add(clockSkew)):
		return nil, fmt.Errorf("%w: from the future", errToken)
	case subtle.ConstantTimeCompare([]byte(t.Nonce), []byte(nonce)) != 1:
		return nil, fmt.Errorf("%w: another nonce", errToken)
	case len(t.Audience) > 1 && more.AZP != s.ClientID, more.AZP != "" && more.AZP != s.ClientID:
		return nil, fmt.Errorf("%w: given to another party", errToken)
	case t.Subject == "" || len(t.Subject) > 255 || !plain(t.Subject):
		return nil, fmt.Errorf("%w: no subject", errToken)
	}
	return t, nil
}

// claims reads who it is: from the ID token, or, where that is short, from the provider's
// page about the person, which must be about the same one.
func (s *Service) claims(ctx context.Context, p *provider, t *oidc.IDToken, access *oauth2.Token) (Claims, error) {
	var c Claims
	if err := t.Claims(&c); err != nil {
		return Claims{}, fmt.Errorf("claims: %w", err)
	}
	if c.SoDinhDanh != "" || p.UserInfoEndpoint() == "" {
		return c, nil
	}
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(access))
	if err != nil {
		return Claims{}, fmt.Errorf("user info: %w", err)
	}
	c = Claims{}
	if err := info.Claims(&c); err != nil {
		return Claims{}, fmt.Errorf("user info: %w", err)
	}
	if info.Subject != t.Subject {
		return Claims{}, fmt.Errorf("%w: user info of another person", errToken)
	}
	return c, nil
}
