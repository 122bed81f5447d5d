package signin

import (
	"context"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"unicode"

	"github.com/jmoiron/sqlx"
	"golang.org/x/text/unicode/norm"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

var (
	idNumber = regexp.MustCompile(`^\d{12}$`)
	phone    = regexp.MustCompile(`^\+?\d{8,15}$`)
)

// read makes a person of claims, or says what is wrong with them. The claims come from
// outside: they are bounded and freed of what no name holds.
func (s *Service) read(c Claims) (Person, error) {
	p := Person{Name: clean(c.HoVaTen, 200), IDNumber: c.SoDinhDanh, Level: 1}
	if !idNumber.MatchString(p.IDNumber) || p.Name == "" {
		// an account of an organisation, or of a foreigner without a personal number
		return Person{}, problem.New(problem.Invalid, "signin.no_number")
	}
	if c.LoAs == "2" {
		p.Level = 2
	}
	if phone.MatchString(c.SoDienThoai) {
		p.Phone = c.SoDienThoai
	}
	if a, err := mail.ParseAddress(c.ThuDienTu); err == nil && a.Address == c.ThuDienTu && len(a.Address) <= 254 {
		p.Email = a.Address
	}
	p.IDHash = s.Key.Hash(p.IDNumber)
	return p, nil
}

// clean composes s, drops what is not to be seen, and cuts it.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar, !unicode.IsPrint(r):
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}

// remember writes the person's row, new or known: the account is issuer and sub, whatever
// else has changed. What the provider does not say any more stays as it was.
func (s *Service) remember(ctx context.Context, tx *sqlx.Tx, p *Person, sub string) error {
	var row struct {
		ID    int64  `db:"id"`
		Lang  string `db:"lang"`
		Phone string `db:"phone"`
		Email string `db:"email"`
		Same  bool   `db:"same"`
	}
	err := sqlx.GetContext(ctx, tx, &row, `
		WITH was AS (SELECT id_hash FROM persons WHERE issuer = $1 AND sub = $2)
		INSERT INTO persons AS p (issuer, sub, id_number, id_hash, name, phone, email, level, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT ON CONSTRAINT persons_issuer_sub_key DO UPDATE SET
			id_number = excluded.id_number, id_hash = excluded.id_hash, name = excluded.name,
			phone = CASE WHEN excluded.phone = '' THEN p.phone ELSE excluded.phone END,
			email = CASE WHEN excluded.email = '' THEN p.email ELSE excluded.email END,
			level = excluded.level, seen_at = excluded.seen_at
		RETURNING id, lang, phone, email, coalesce((SELECT id_hash = $4 FROM was), true) AS same`,
		s.Issuer, sub, pg.Sealed(p.IDNumber), p.IDHash, p.Name, p.Phone, p.Email, p.Level, s.Now())
	if err != nil {
		return fmt.Errorf("keep the person: %w", err)
	}
	p.ID, p.Phone, p.Email = row.ID, row.Phone, row.Email
	p.Lang, _ = locales.ParseLang(row.Lang)
	if !row.Same { // a corrected number: what was open under the old one ends
		return s.endAll(ctx, tx, p.ID, "signin.number_changed")
	}
	return nil
}

// enter writes a sign-in: the person, what other rooms keep of it, the session, the record.
func (s *Service) enter(ctx context.Context, tx *sqlx.Tx, p Person, c Claims, idToken string) (Session, error) {
	if err := s.remember(ctx, tx, &p, c.Sub); err != nil {
		return Session{}, err
	}
	now := s.Now()
	sess := Session{Person: p, Token: secret(), MadeAt: now, EndsAt: now.Add(CitizenTime)}
	if s.OnSignIn != nil {
		staff, err := s.OnSignIn(ctx, tx, p, c)
		if err != nil {
			return Session{}, fmt.Errorf("on sign-in: %w", err)
		}
		if staff {
			sess.Staff, sess.EndsAt = true, now.Add(StaffTime)
		}
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO sessions (token_hash, person_id, level, staff, id_token, made_at, seen_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`,
		hash(sess.Token), p.ID, p.Level, sess.Staff, idToken, now, sess.EndsAt)
	if err != nil {
		return Session{}, fmt.Errorf("open a session: %w", err)
	}
	return sess, audit.Write(ctx, tx, audit.Entry{
		Actor: actor(p.ID), Deed: "signin.begin", Object: actor(p.ID), Subject: p.IDHash,
		Args: map[string]any{"level": p.Level, "staff": sess.Staff},
	})
}

// Speak remembers the language in which a person wants to be told things.
func (s *Service) Speak(ctx context.Context, personID int64, l locales.Lang) error {
	if _, err := s.DB.ExecContext(ctx, `UPDATE persons SET lang = $2 WHERE id = $1`, personID, string(l)); err != nil {
		return fmt.Errorf("keep the language: %w", err)
	}
	return nil
}

func actor(personID int64) string { return fmt.Sprintf("person:%d", personID) }
