package applicant

import (
	"context"
	"fmt"
	"time"

	"motcua/portal/pg"
	"motcua/portal/signin"
)

// WardOf is a child or ward whom a register named for a person.
type WardOf struct {
	Ref      string // stands for the number in pages
	Number   string
	Name     string
	Born     string // yyyy-mm-dd
	Relation string // child, ward
	SeenAt   time.Time
}

func (w WardOf) capacity() Capacity {
	return Capacity{Kind: Ward, Name: w.Name, Number: w.Number, Relation: w.Relation, Verified: true, Ref: w.Ref}
}

// Wards are those whom a register has named for the person, eldest first.
func (s *Service) Wards(ctx context.Context, p signin.Person) ([]WardOf, error) {
	var rows []struct {
		ID       string    `db:"id"`
		Number   pg.Sealed `db:"number"`
		Name     pg.Sealed `db:"name"`
		Born     string    `db:"born"`
		Relation string    `db:"relation"`
		SeenAt   time.Time `db:"seen_at"`
	}
	err := s.DB.SelectContext(ctx, &rows, `SELECT id, number, name, born, relation, seen_at FROM wards
		WHERE person_id = $1 AND ended_at IS NULL ORDER BY born, id LIMIT 50`, p.ID)
	if err != nil {
		return nil, fmt.Errorf("wards: %w", err)
	}
	all := make([]WardOf, len(rows))
	for i, r := range rows {
		all[i] = WardOf{Ref: r.ID, Number: string(r.Number), Name: string(r.Name), Born: r.Born, Relation: r.Relation, SeenAt: r.SeenAt}
	}
	return all, nil
}
