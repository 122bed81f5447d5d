package draft

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// How long a link to a paper's page is good, how long the page stays open on the phone that
// used it, and how many links a person makes in an hour.
const (
	LinkLife  = 15 * time.Minute
	stayLife  = 30 * time.Minute
	linksHour = 20
)

// Phone is the page of one paper on a phone where nobody is signed in. It can do nothing
// else: whoever holds it is let to this paper of this draft, and to nothing of the person's.
type Phone struct {
	Draft     string    `db:"draft_id"`
	Component string    `db:"component"`
	PersonID  int64     `db:"person_id"`
	EndsAt    time.Time `db:"ends_at"`
}

// Person is whose draft it is, as far as its files need to know.
func (p Phone) Person() signin.Person { return signin.Person{ID: p.PersonID} }

func noPhone() error { return problem.New(problem.NotFound, "draft.no_phone") }

func secretHash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// PhoneLink makes the secret of a link to a paper's page. A link made before for the same
// paper that nobody has opened is no good any more.
func (s *Service) PhoneLink(ctx context.Context, p signin.Person, id, component string) (string, error) {
	d, err := s.Load(ctx, p, id)
	if err != nil {
		return "", err
	}
	if _, err := s.mostFiles(d, Upload{Component: component}); err != nil {
		return "", err
	}
	now := s.Now()
	allowed, err := pg.Allow(ctx, s.DB, "phone.person", fmt.Sprint(p.ID), linksHour, time.Hour, now)
	if err != nil {
		return "", err
	}
	if !allowed {
		return "", problem.New(problem.TooMany, "draft.too_many_links")
	}
	var raw [32]byte
	rand.Read(raw[:]) // never fails
	secret := base64.RawURLEncoding.EncodeToString(raw[:])
	return secret, pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM phones WHERE draft_id = $1 AND component = $2 AND stay_hash IS NULL`, id, component)
		if err != nil {
			return fmt.Errorf("link to a phone: %w", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO phones (link_hash, draft_id, person_id, component, made_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			secretHash(secret), id, p.ID, component, now, now.Add(LinkLife))
		if err != nil {
			return fmt.Errorf("link to a phone: %w", err)
		}
		return nil
	})
}

// Linked says what a link leads to, without using it: programs that look at links before
// people do must not use them up.
func (s *Service) Linked(ctx context.Context, secret string) (Phone, error) {
	return s.phone(ctx, `link_hash = $1 AND stay_hash IS NULL AND ends_at > $2`, secret)
}

// OpenPhone uses a link, once, and returns the secret that keeps the page open. The same
// browser may say it again: its answer may have been lost.
func (s *Service) OpenPhone(ctx context.Context, secret, browser string, e audit.Entry) (string, error) {
	sum := sha256.Sum256([]byte("stay:" + secret + ":" + browser))
	stay, now := base64.RawURLEncoding.EncodeToString(sum[:]), s.Now()
	return stay, pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		var p Phone
		err := sqlx.GetContext(ctx, tx, &p, `UPDATE phones SET stay_hash = $2, ends_at = CASE WHEN stay_hash IS NULL THEN $4 ELSE ends_at END
			WHERE link_hash = $1 AND ends_at > $3 AND (stay_hash IS NULL OR stay_hash = $2) RETURNING draft_id, component, person_id, ends_at`,
			secretHash(secret), secretHash(stay), now, now.Add(stayLife))
		if errors.Is(err, sql.ErrNoRows) {
			return noPhone()
		}
		if err != nil {
			return fmt.Errorf("open a page on a phone: %w", err)
		}
		e.Actor, e.Deed, e.Object = fmt.Sprintf("person:%d", p.PersonID), "draft.phone", "draft:"+p.Draft
		return audit.Write(ctx, tx, e)
	})
}

// Stay says what page is open to who holds the secret.
func (s *Service) Stay(ctx context.Context, stay string) (Phone, error) {
	return s.phone(ctx, `stay_hash = $1 AND ends_at > $2`, stay)
}

func (s *Service) phone(ctx context.Context, where, secret string) (Phone, error) {
	var p Phone
	err := s.DB.GetContext(ctx, &p, `SELECT draft_id, component, person_id, ends_at FROM phones WHERE `+where, secretHash(secret), s.Now())
	if errors.Is(err, sql.ErrNoRows) {
		return p, noPhone()
	}
	if err != nil {
		return p, fmt.Errorf("page on a phone: %w", err)
	}
	return p, nil
}
