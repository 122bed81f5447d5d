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
	"motcua/portal/problem"
)

var (
	idNumber = regexp.MustCompile(`^\d{12}$`)
	passport = regexp.MustCompile(`^[A-Z0-9]{5,15}$`)
	country  = regexp.MustCompile(`^[A-Z]{3}$`)
	taxCode  = regexp.MustCompile(`^\d{10}(-\d{3})?$`)
	phone    = regexp.MustCompile(`^\+?\d{8,15}$`)
)

// read makes a person of claims, or says what is wrong with them. The claims come from
// outside: they are bounded and freed of what no name holds.
func (s *Service) read(c Claims) (Person, error) {
	p := Person{Name: clean(c.HoVaTen, 200), IDNumber: number(c), Level: 1}
	if c.Organisation() {
		// an organisation does nothing by itself: without a person whom the provider names
		// nobody would have done what is done here
		if p.Name = clean(c.NguoiDaiDien, 200); p.Name == "" || p.IDNumber == "" || !taxCode.MatchString(c.MaSoDoanhNghiep) {
			return Person{}, problem.New(problem.Invalid, "signin.organisation")
		}
	}
	if p.IDNumber == "" || p.Name == "" {
		return Person{}, problem.New(problem.Invalid, "signin.no_number")
	}
	if c.LoAs == "2" {
		p.Level = 2
	}
	if phone.MatchString(c.SoDienThoai) && !c.Organisation() { // those of an organisation are not the person's
		p.Phone = c.SoDienThoai
	}
	if a, err := mail.ParseAddress(c.ThuDienTu); err == nil && a.Address == c.ThuDienTu && len(a.Address) <= 254 && !c.Organisation() {
		p.Email = a.Address
	}
	p.IDHash = s.Key.Hash(p.IDNumber)
	return p, nil
}

// number is the key of a person: the personal number, or, of a foreigner who has none, the
// passport's with its country. A passport that was renewed is another number.
func number(c Claims) string {
	switch {
	case idNumber.MatchString(c.SoDinhDanh):
		return c.SoDinhDanh
	case c.SoDinhDanh == "" && country.MatchString(c.QuocTich) && c.QuocTich != "VNM" && passport.MatchString(c.SoHoChieu):
		return "P-" + c.QuocTich + "-" + c.SoHoChieu
	}
	return ""
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
	if c.Organisation() { // who comes by its account acts for it until they say otherwise
		sess.Acting = c.MaSoDoanhNghiep
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO sessions (token_hash, person_id, level, staff, id_token, made_at, seen_at, ends_at, acting)
		VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8)`,
		hash(sess.Token), p.ID, p.Level, sess.Staff, idToken, now, sess.EndsAt, sess.Acting)
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
