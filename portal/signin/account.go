package signin

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/audit"
	"motcua/portal/pg"
)

// remember finds the person of the number, or writes a new one, and notes that this account
// leads to them.
//
// An account whose number was corrected leads to another person from then on, and what was
// open for the one before ends. The row before is not renamed to the new number: an account
// that a provider gives to someone else, or whose number was wrong, must not carry along
// what was filed under that number. Whoever filed under a wrong number goes to the counter,
// where somebody looks at them.
func (s *Service) remember(ctx context.Context, tx *sqlx.Tx, p *Person, sub string) error {
	// two sign-ins of a new number at once are one person
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('person ' || $1, 0))`, hex.EncodeToString(p.IDHash)); err != nil {
		return fmt.Errorf("wait for the person: %w", err)
	}
	was, err := s.was(ctx, tx, sub)
	if err != nil {
		return err
	}
	if was.ID != 0 && string(was.Hash) != string(p.IDHash) {
		if err := s.part(ctx, tx, was, *p, sub); err != nil {
			return err
		}
	}
	known, err := s.know(ctx, tx, p, sub)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO accounts AS a (issuer, sub, person_id, since, seen_at) VALUES ($1, $2, $3, $4, $4)
		ON CONFLICT (issuer, sub) DO UPDATE SET person_id = excluded.person_id, seen_at = excluded.seen_at,
			since = CASE WHEN a.person_id = excluded.person_id THEN a.since ELSE excluded.since END`,
		s.Issuer, sub, p.ID, s.Now())
	if err != nil {
		return fmt.Errorf("keep the account: %w", err)
	}
	if known && was.ID != p.ID { // one more way in to what is already there
		return audit.Write(ctx, tx, audit.Entry{Actor: actor(p.ID), Deed: "signin.linked", Object: actor(p.ID), Subject: p.IDHash})
	}
	return nil
}

// before is the person that an account led to.
type before struct {
	ID   int64  `db:"id"`
	Hash []byte `db:"id_hash"`
}

// was is whom the account led to, zero for a new account. Yesterday's program leaves a row
// among the persons only.
func (s *Service) was(ctx context.Context, tx *sqlx.Tx, sub string) (before, error) {
	var b before
	err := sqlx.GetContext(ctx, tx, &b, `
		SELECT id, id_hash FROM persons WHERE id = coalesce(
			(SELECT person_id FROM accounts WHERE issuer = $1 AND sub = $2), (SELECT id FROM persons WHERE issuer = $1 AND sub = $2))`,
		s.Issuer, sub)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return b, fmt.Errorf("find the account: %w", err)
	}
	return b, nil
}

// part ends what the account had to do with the person before. Their row gives the account's
// name back, by which yesterday's program would find it; no sub holds a space.
func (s *Service) part(ctx context.Context, tx *sqlx.Tx, was before, now Person, sub string) error {
	_, err := tx.ExecContext(ctx, `UPDATE persons SET sub = sub || ' ' || id WHERE issuer = $1 AND sub = $2 AND id_hash <> $3`, s.Issuer, sub, now.IDHash)
	if err != nil {
		return fmt.Errorf("part the account from person %d: %w", was.ID, err)
	}
	return s.endAll(ctx, tx, was.ID, "signin.number_changed")
}

// know writes what the provider says of the person, and what it does not say stays as it
// was. The oldest row of the number is the person.
func (s *Service) know(ctx context.Context, tx *sqlx.Tx, p *Person, sub string) (known bool, err error) {
	var row struct {
		ID    int64  `db:"id"`
		Lang  string `db:"lang"`
		Phone string `db:"phone"`
		Email string `db:"email"`
	}
	err = sqlx.GetContext(ctx, tx, &row, `
		UPDATE persons SET name = $2, level = $5, seen_at = $6,
			phone = CASE WHEN $3 = '' THEN phone ELSE $3 END, email = CASE WHEN $4 = '' THEN email ELSE $4 END
		WHERE id = (SELECT min(id) FROM persons WHERE id_hash = $1) RETURNING id, lang, phone, email`,
		p.IDHash, p.Name, p.Phone, p.Email, p.Level, s.Now())
	known = err == nil
	if errors.Is(err, sql.ErrNoRows) {
		err = sqlx.GetContext(ctx, tx, &row, `
			INSERT INTO persons (issuer, sub, id_number, id_hash, name, phone, email, level, seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id, lang, phone, email`,
			s.Issuer, sub, pg.Sealed(p.IDNumber), p.IDHash, p.Name, p.Phone, p.Email, p.Level, s.Now())
	}
	if err != nil {
		return false, fmt.Errorf("keep the person: %w", err)
	}
	p.ID, p.Phone, p.Email = row.ID, row.Phone, row.Email
	p.Lang, _ = locales.ParseLang(row.Lang)
	return known, nil
}
