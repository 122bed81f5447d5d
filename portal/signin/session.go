package signin

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

type row struct {
	PersonID int64     `db:"person_id"`
	Level    int       `db:"level"`
	Staff    bool      `db:"staff"`
	MadeAt   time.Time `db:"made_at"`
	EndsAt   time.Time `db:"ends_at"`
	Name     string    `db:"name"`
	IDNumber pg.Sealed `db:"id_number"`
	IDHash   []byte    `db:"id_hash"`
	Phone    string    `db:"phone"`
	Email    string    `db:"email"`
	Lang     string    `db:"lang"`
	Acting   string    `db:"acting"`
}

// Session is the session of a cookie's value; a problem.SignIn when there is none or it is
// over. One statement reads it and, at most once a minute, moves its idle time.
func (s *Service) Session(ctx context.Context, token string) (Session, error) {
	now := s.Now()
	var r row
	err := s.DB.GetContext(ctx, &r, `
		WITH alive AS (
			SELECT token_hash, person_id, level, staff, made_at, seen_at, ends_at, acting FROM sessions
			WHERE token_hash = $1 AND ends_at > $2 AND seen_at > $3
		), slid AS (
			UPDATE sessions SET seen_at = $2
			WHERE token_hash = (SELECT token_hash FROM alive WHERE seen_at <= $4) AND seen_at <= $4
		)
		SELECT a.person_id, a.level, a.staff, a.made_at, a.ends_at,
			p.name, p.id_number, p.id_hash, coalesce(nullif(p.own_phone, ''), p.phone) AS phone,
			coalesce(nullif(p.own_email, ''), p.email) AS email, p.lang, a.acting
		FROM alive a JOIN persons p ON p.id = a.person_id`,
		hash(token), now, now.Add(-IdleTime), now.Add(-slideAfter))
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, problem.New(problem.SignIn, "signin.needed")
	}
	if err != nil {
		return Session{}, fmt.Errorf("read the session: %w", err)
	}
	lang, _ := locales.ParseLang(r.Lang)
	return Session{
		Person: Person{ID: r.PersonID, Name: r.Name, IDNumber: string(r.IDNumber), Phone: r.Phone,
			Email: r.Email, Level: r.Level, Lang: lang, IDHash: r.IDHash},
		Token: token, Staff: r.Staff, Acting: r.Acting, MadeAt: r.MadeAt, EndsAt: r.EndsAt,
	}, nil
}

// End ends a session and returns the address at which the provider ends its own, or ""
// when it does not say or does not answer: here the session is over all the same.
func (s *Service) End(ctx context.Context, token string) (logoutURL string, err error) {
	var was struct {
		PersonID int64  `db:"person_id"`
		IDToken  string `db:"id_token"`
	}
	err = pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		err := sqlx.GetContext(ctx, tx, &was, `DELETE FROM sessions WHERE token_hash = $1 RETURNING person_id, id_token`, hash(token))
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor(was.PersonID), Deed: "signin.end", Object: actor(was.PersonID)})
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil // said twice
	}
	if err != nil {
		return "", fmt.Errorf("end the session: %w", err)
	}
	p, err := s.provider(ctx)
	if err != nil {
		return "", nil
	}
	return s.farewell(p, was.IDToken), nil
}

// farewell is the provider's end of session with the way back to our front page.
func (s *Service) farewell(p *provider, idToken string) string {
	end, err := url.Parse(p.About.EndSession)
	home, bad := url.Parse(s.Redirect)
	if err != nil || bad != nil || p.About.EndSession == "" || end.Host == "" {
		return ""
	}
	q := end.Query()
	q.Set("client_id", s.ClientID)
	q.Set("id_token_hint", idToken)
	q.Set("post_logout_redirect_uri", home.Scheme+"://"+home.Host+"/")
	end.RawQuery = q.Encode()
	return end.String()
}

// Stay is one open session as its owner sees it in a list.
type Stay struct {
	ID     string // stands for the session; it opens nothing
	Staff  bool
	This   bool // the one that asks
	MadeAt time.Time
	SeenAt time.Time
}

// Stays are the person's open sessions, latest first.
func (s *Service) Stays(ctx context.Context, of Session) ([]Stay, error) {
	var rows []struct {
		Hash   []byte    `db:"token_hash"`
		Staff  bool      `db:"staff"`
		MadeAt time.Time `db:"made_at"`
		SeenAt time.Time `db:"seen_at"`
	}
	now := s.Now()
	err := s.DB.SelectContext(ctx, &rows, `
		SELECT token_hash, staff, made_at, seen_at FROM sessions
		WHERE person_id = $1 AND ends_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, made_at DESC LIMIT 100`,
		of.ID, now, now.Add(-IdleTime))
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	this := hex.EncodeToString(hash(of.Token))
	all := make([]Stay, len(rows))
	for i, r := range rows {
		id := hex.EncodeToString(r.Hash)
		all[i] = Stay{ID: id, Staff: r.Staff, This: id == this, MadeAt: r.MadeAt, SeenAt: r.SeenAt}
	}
	return all, nil
}

// EndStay ends one of the person's own sessions.
func (s *Service) EndStay(ctx context.Context, of Session, id string) error {
	h, err := hex.DecodeString(id)
	if err != nil {
		return problem.New(problem.NotFound, "signin.no_session")
	}
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE token_hash = $1 AND person_id = $2`, h, of.ID)
		if err != nil {
			return fmt.Errorf("end a session: %w", err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return problem.New(problem.NotFound, "signin.no_session")
		}
		return audit.Write(ctx, tx, audit.Entry{Actor: actor(of.ID), Deed: "signin.end", Object: actor(of.ID)})
	})
}

// EndAll ends every session of a person at once: an administrator's deed, named by actor.
func (s *Service) EndAll(ctx context.Context, personID int64, by string) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error { return s.endAll(ctx, tx, personID, by) })
}

func (s *Service) endAll(ctx context.Context, tx *sqlx.Tx, personID int64, by string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE person_id = $1`, personID); err != nil {
		return fmt.Errorf("end all sessions: %w", err)
	}
	return audit.Write(ctx, tx, audit.Entry{Actor: by, Deed: "signin.end_all", Object: actor(personID)})
}

// Sweep forgets sessions that are over and sign-ins that nobody came back from.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM sessions WHERE ends_at <= $1 OR seen_at <= $2`, now, now.Add(-IdleTime)); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	if _, err := s.DB.ExecContext(ctx, `DELETE FROM signins WHERE at < $1`, now.Add(-underWay)); err != nil {
		return fmt.Errorf("sweep sign-ins: %w", err)
	}
	return nil
}
