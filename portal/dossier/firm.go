package dossier

import (
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"motcua/portal/signin"
)

// Filter picks among the dossiers of a business.
type Filter struct {
	Standing  string // open, supplement, late, over; "" all
	Procedure string
	Code      string // a part of it
	Page      int    // from 1; 0: all, as far as a spreadsheet goes
}

// The lengths of the list of a business.
const (
	firmPage  = 50
	firmSheet = 5000
)

// Typed is a dossier with who typed it.
type Typed struct {
	Dossier
	By string
}

// standingWhere are the filters by where a dossier stands. $2 is now.
var standingWhere = map[string]string{
	"":           ``,
	"open":       ` AND d.state IN ('filed', 'received', 'processing', 'supplement', 'decided')`,
	"supplement": ` AND d.state = 'supplement'`,
	"late":       ` AND d.state IN ('filed', 'received', 'processing') AND coalesce(d.due_at, d.answer_by) < $2`,
	"over":       ` AND d.closed_at IS NOT NULL`,
}

// OfFirm are the dossiers of a business that the person may see, by their own right or a
// power for the procedure, latest first, and whether there are more.
func (s *Service) OfFirm(ctx context.Context, p signin.Person, taxCode string, f Filter) ([]Typed, bool, error) {
	where, known := standingWhere[f.Standing]
	if !known {
		where = ""
	}
	limit, offset := firmSheet, 0
	if f.Page > 0 {
		limit, offset = firmPage, (f.Page-1)*firmPage
	}
	list, err := s.Query(ctx, s.DB, Select+`WHERE d.tax_code = $3 AND d.tax_code <> ''
			AND EXISTS (SELECT FROM standings($2) s WHERE s.person_id = $1 AND s.tax_code = d.tax_code AND s.may_see AND s.procedure_code IN ('', d.procedure_code))
			AND $4 IN ('', d.procedure_code) AND ($5 = '' OR strpos(d.code, $5) > 0)`+where+`
		ORDER BY d.filed_at DESC, d.id LIMIT $6 OFFSET $7`,
		p.ID, s.Now(), taxCode, f.Procedure, strings.ToUpper(strings.TrimSpace(f.Code)), limit+1, offset)
	if err != nil {
		return nil, false, err
	}
	more := len(list) > limit
	list = list[:min(len(list), limit)]
	names, err := s.typists(ctx, list)
	if err != nil {
		return nil, false, err
	}
	typed := make([]Typed, len(list))
	for i, d := range list {
		typed[i] = Typed{Dossier: d, By: names[d.PersonID]}
	}
	return typed, more, nil
}

// typists are the names of who typed dossiers.
func (s *Service) typists(ctx context.Context, list []Dossier) (map[int64]string, error) {
	ids := make([]int64, len(list))
	for i, d := range list {
		ids[i] = d.PersonID
	}
	var rows []struct {
		ID   int64  `db:"id"`
		Name string `db:"name"`
	}
	if err := s.DB.SelectContext(ctx, &rows, `SELECT id, name FROM persons WHERE id = ANY($1)`, pq.Array(ids)); err != nil {
		return nil, fmt.Errorf("who typed dossiers: %w", err)
	}
	names := make(map[int64]string, len(rows))
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}
