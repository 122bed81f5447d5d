package applicant

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Typed is somebody for whom a person files and whom no register and no giver has
// confirmed: a paper must show it.
type Typed struct {
	Kind     Kind // Ward, Authorised
	Name     string
	Number   string
	Relation string // of a ward: child, ward
}

// Typed makes a capacity of what a person typed, or says what is wrong with it.
func (s *Service) Typed(p signin.Person, t Typed) (Capacity, error) {
	t.Name = strings.Join(strings.Fields(t.Name), " ")
	t.Number = strings.Map(func(r rune) rune {
		if r == ' ' || r == '.' {
			return -1
		}
		return r
	}, t.Number)
	if err := named(t.Number, t.Name); err != nil {
		return Capacity{}, err
	}
	if t.Number == p.IDNumber {
		return Capacity{}, problem.New(problem.Invalid, "power.yourself")
	}
	c := Capacity{Kind: t.Kind, Name: t.Name, Number: t.Number}
	switch {
	case t.Kind == Authorised:
	case t.Kind == Ward && (t.Relation == "child" || t.Relation == "ward"):
		c.Relation = t.Relation
	default:
		return Capacity{}, problem.New(problem.Invalid, "power.relation")
	}
	return c, nil
}

// KeepWards keeps whom a register has just named for the person. Those it names no more
// have ended.
func (s *Service) KeepWards(ctx context.Context, p signin.Person, named []WardOf) error {
	return pg.InTx(ctx, s.DB, func(tx *sqlx.Tx) error {
		hashes := [][]byte{}
		for _, w := range named {
			hash := s.Key.Hash(w.Number)
			hashes = append(hashes, hash)
			_, err := tx.ExecContext(ctx, `INSERT INTO wards (id, person_id, number, hash, name, born, relation, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
				ON CONFLICT ON CONSTRAINT wards_person_key DO UPDATE SET number = excluded.number, name = excluded.name, born = excluded.born,
					relation = excluded.relation, seen_at = excluded.seen_at, ended_at = NULL`,
				uuid.NewString(), p.ID, pg.Sealed(w.Number), hash, pg.Sealed(w.Name), w.Born, w.Relation, s.now())
			if err != nil {
				return fmt.Errorf("keep a ward: %w", err)
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE wards SET ended_at = $3 WHERE person_id = $1 AND ended_at IS NULL AND hash <> ALL($2)`, p.ID, pq.Array(hashes), s.now())
		if err != nil {
			return fmt.Errorf("end wards: %w", err)
		}
		return nil
	})
}
