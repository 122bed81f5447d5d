package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/jmoiron/sqlx"
	"golang.org/x/oauth2"

	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Each begun sign-in is a row, so one address may begin so many; phones of a whole district
// share an address of their operator, so they are many.
const (
	beginsPerAddress = 600
	beginsWindow     = 10 * time.Minute
)

// Begin starts a sign-in in a browser, known by the value of a cookie of its own, and
// returns the provider's address to go to. next is where the person wants to be afterwards.
func (s *Service) Begin(ctx context.Context, browser, ip, next string) (redirect string, err error) {
	return s.begin(ctx, browser, ip, next, 1)
}

// StepUp is Begin for a person who is to prove the higher level of identity. Whoever comes
// back without it is sent to NotStepped.
func (s *Service) StepUp(ctx context.Context, browser, ip, next string) (redirect string, err error) {
	return s.begin(ctx, browser, ip, next, 2)
}

// NotStepped is where a person is told that they still have the lower level.
const NotStepped = "/dang-nhap/chua-du-muc"

func (s *Service) begin(ctx context.Context, browser, ip, next string, level int) (redirect string, err error) {
	if browser == "" {
		return "", problem.New(problem.Invalid, "signin.no_cookie")
	}
	p, err := s.provider(ctx)
	if err != nil {
		return "", err
	}
	allowed, err := pg.Allow(ctx, s.DB, "signin.begin", ip, beginsPerAddress, beginsWindow, s.Now())
	if err != nil {
		return "", err
	}
	if !allowed {
		return "", problem.New(problem.TooMany, "signin.too_many")
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	_, err = s.DB.ExecContext(ctx, `
		INSERT INTO signins (state_hash, nonce, verifier, next, browser, level, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		hash(state), nonce, verifier, SafeNext(next), hash(browser), level, s.Now())
	if err != nil {
		return "", fmt.Errorf("begin a sign-in: %w", err)
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)}
	if level > 1 { // the provider may think that it knows the person already: it is to ask again
		options = append(options, oauth2.SetAuthURLParam("acr_values", strconv.Itoa(level)), oauth2.SetAuthURLParam("prompt", "login"))
	}
	return s.oauth(p).AuthCodeURL(state, options...), nil
}

type begun struct {
	Nonce    string    `db:"nonce"`
	Verifier string    `db:"verifier"`
	Next     string    `db:"next"`
	Browser  []byte    `db:"browser"`
	Level    int       `db:"level"`
	At       time.Time `db:"at"`
}

// Complete ends what Begin started, with what the provider sent along: an empty code when
// the person went back without signing in. Whatever comes of it, the state is used up. The
// session is always a new one.
func (s *Service) Complete(ctx context.Context, browser, state, code, issuer string) (sess Session, next string, err error) {
	var b begun
	err = s.DB.GetContext(ctx, &b, `
		DELETE FROM signins WHERE state_hash = $1 RETURNING nonce, verifier, next, browser, level, at`, hash(state))
	if errors.Is(err, sql.ErrNoRows) {
		// not worth an audit row: anyone could write them by the thousand
		return Session{}, "", problem.New(problem.Invalid, "signin.state")
	}
	if err != nil {
		return Session{}, "", fmt.Errorf("find the sign-in: %w", err)
	}
	if subtle.ConstantTimeCompare(b.Browser, hash(browser)) != 1 || s.Now().Sub(b.At) > underWay {
		return Session{}, "", s.refused(ctx, "state", problem.New(problem.Invalid, "signin.state"))
	}
	raw, c, err := s.redeem(ctx, b, code, issuer)
	if err != nil {
		return Session{}, "", s.refused(ctx, "provider", err)
	}
	who, err := s.read(c)
	if err != nil {
		return Session{}, "", s.refused(ctx, "claims", err)
	}
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		sess, err = s.enter(ctx, tx, who, c, raw)
		return err
	})
	if err != nil {
		return Session{}, "", err
	}
	if next = SafeNext(b.Next); sess.Level < b.Level {
		next = NotStepped + "?tiep=" + url.QueryEscape(next)
	}
	return sess, next, nil
}

// redeem turns the code into what the provider says of the person.
func (s *Service) redeem(ctx context.Context, b begun, code, issuer string) (raw string, c Claims, err error) {
	p, err := s.provider(ctx)
	if err != nil {
		return "", Claims{}, err
	}
	// RFC 9207: another provider's answer must not be redeemed here
	if issuer != s.Issuer && (issuer != "" || p.About.NamesItself) {
		return "", Claims{}, problem.New(problem.Invalid, "signin.refused")
	}
	if code == "" {
		return "", Claims{}, problem.New(problem.Invalid, "signin.cancelled")
	}
	ctx, cancel := context.WithTimeout(s.calling(ctx), 3*askProvider)
	defer cancel()
	token, err := s.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(b.Verifier))
	if err != nil {
		var said *oauth2.RetrieveError
		no := errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < http.StatusInternalServerError
		return "", Claims{}, fault(err, !no)
	}
	raw, _ = token.Extra("id_token").(string)
	t, err := s.verified(ctx, p, raw, b.Nonce)
	if err != nil {
		return "", Claims{}, fault(err, false)
	}
	if c, err = s.claims(ctx, p, t, token); err != nil {
		return "", Claims{}, fault(err, !errors.Is(err, errToken))
	}
	c.Sub = t.Subject
	return raw, c, nil
}

// fault tells a provider that does not answer from one that says no, or says what cannot
// be taken.
func fault(err error, down bool) error {
	if down {
		return problem.Because(err, problem.Unavailable, "signin.provider_down")
	}
	return problem.Because(err, problem.Invalid, "signin.refused")
}

// refused records that a sign-in failed, without who it may have been.
func (s *Service) refused(ctx context.Context, at string, cause error) error {
	err := audit.Write(ctx, s.DB, audit.Entry{
		Actor: "outside:signin", Deed: "signin.refused", Object: "signin", Args: map[string]any{"at": at},
	})
	if err != nil {
		return fmt.Errorf("record a refused sign-in: %w", errors.Join(err, cause))
	}
	return cause
}

func hash(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// secret is 256 random bits as they stand in a cookie.
func secret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails: crypto/rand ends the program first
	return base64.RawURLEncoding.EncodeToString(b)
}
