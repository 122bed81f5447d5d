package signin

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"

	"motcua/locales"
	"motcua/portal/pg"
	"motcua/portal/problem"
)

// Present is a person as an officer sees them at the counter.
type Present struct {
	IDNumber string
	Name     string
	Phone    string
}

// Meet finds or makes, in the caller's transaction, the person of a number who stands at the
// counter and may never have signed in: their first sign-in leads to the same person. Of one
// who has signed in nothing is changed, and the name must be theirs: it is a number that was
// typed by somebody else. Their own phone is what the provider said of it.
func Meet(ctx context.Context, tx *sqlx.Tx, key pg.LookupKey, who Present) (Person, error) {
	p := Person{Name: clean(who.Name, 200), IDNumber: who.IDNumber, Phone: who.Phone, Level: 1, Lang: locales.VI}
	if !idNumber.MatchString(p.IDNumber) {
		return Person{}, problem.New(problem.Invalid, "assist.number")
	}
	if p.Name == "" {
		return Person{}, problem.New(problem.Invalid, "assist.name")
	}
	p.IDHash = key.Hash(p.IDNumber)
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('person ' || $1, 0))`, hex.EncodeToString(p.IDHash)); err != nil {
		return Person{}, fmt.Errorf("wait for the person: %w", err)
	}
	var row struct {
		ID     int64  `db:"id"`
		Name   string `db:"name"`
		Phone  string `db:"phone"`
		Email  string `db:"email"`
		Lang   string `db:"lang"`
		Issuer string `db:"issuer"`
		Same   bool   `db:"same"`
	}
	err := sqlx.GetContext(ctx, tx, &row, `SELECT id, name, phone, email, lang, issuer, vn(name) = vn($2) AS same FROM persons
		WHERE id = (SELECT min(id) FROM persons WHERE id_hash = $1)`, p.IDHash, p.Name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		// no account has this name: an issuer is never empty
		err = sqlx.GetContext(ctx, tx, &p.ID, `INSERT INTO persons (issuer, sub, id_number, id_hash, name, level)
			VALUES ('', $1, $2, $3, $4, 1) RETURNING id`, hex.EncodeToString(p.IDHash), pg.Sealed(p.IDNumber), p.IDHash, p.Name)
		if err != nil {
			return Person{}, fmt.Errorf("keep the person at the counter: %w", err)
		}
		return p, nil
	case err != nil:
		return Person{}, fmt.Errorf("find the person at the counter: %w", err)
	}
	p.ID = row.ID
	p.Lang, _ = locales.ParseLang(row.Lang)
	signed, err := hasAccount(ctx, tx, row.ID, row.Issuer)
	if err != nil {
		return Person{}, err
	}
	if !signed { // known from an earlier visit only
		_, err = tx.ExecContext(ctx, `UPDATE persons SET name = $2 WHERE id = $1`, row.ID, p.Name)
		return p, err
	}
	if !row.Same {
		return Person{}, problem.New(problem.Invalid, "assist.other_name")
	}
	p.Name, p.Email = row.Name, row.Email
	if row.Phone != "" {
		p.Phone = row.Phone
	}
	return p, nil
}

func hasAccount(ctx context.Context, tx *sqlx.Tx, id int64, issuer string) (bool, error) {
	var has bool
	err := sqlx.GetContext(ctx, tx, &has, `SELECT $2 <> '' OR EXISTS (SELECT FROM accounts WHERE person_id = $1)`, id, issuer)
	if err != nil {
		return false, fmt.Errorf("accounts of person %d: %w", id, err)
	}
	return has, nil
}
