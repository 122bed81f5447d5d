package agency

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"motcua/locales"
	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// The roles an officer may hold at an agency.
const (
	Intake    = "intake"    // receives dossiers and hands results over
	Processor = "processor" // checks and drafts the decision
	Leader    = "leader"    // decides and signs
	Clerk     = "clerk"     // numbers, seals and archives
	Editor    = "editor"    // publishes the catalogue
	Admin     = "admin"     // keeps agencies, officers and settings
	Helper    = "helper"    // of the community's digital team: fills for people who are present, and nothing else
)

// Roles lists them in the order of a dossier's way.
var Roles = []string{Intake, Processor, Leader, Clerk, Editor, Admin, Helper}

// Officer is a person who works for agencies of the province. The number by which they
// are recognised is kept as a keyed hash only.
type Officer struct {
	ID       int64
	PersonID int64 // who signed in, 0 where the officer is only named
	Name     string
	Title    string
	Roles    []Role // those in force today
}

// Role is what an officer may do at one agency.
type Role struct {
	AgencyID   int64
	AgencyCode string
	AgencyName locales.Text
	Role       string
}

// Has says whether the officer holds the role at the agency today.
func (o Officer) Has(role string, agencyID int64) bool {
	return slices.ContainsFunc(o.Roles, func(r Role) bool { return r.Role == role && r.AgencyID == agencyID })
}

// Edits says whether the officer publishes for people: the catalogue, the site's texts.
func (o Officer) Edits() bool {
	return slices.ContainsFunc(o.Roles, func(r Role) bool { return r.Role == Editor || r.Role == Admin })
}

// Agencies are the agencies the officer works for today, each once.
func (o Officer) Agencies() []int64 {
	var ids []int64
	for _, r := range o.Roles {
		if !slices.Contains(ids, r.AgencyID) {
			ids = append(ids, r.AgencyID)
		}
	}
	return ids
}

// officerRow is an officer joined with one role.
type officerRow struct {
	ID         int64                   `db:"id"`
	Name       string                  `db:"name"`
	Title      string                  `db:"title"`
	AgencyID   int64                   `db:"agency_id"`
	AgencyCode string                  `db:"agency_code"`
	AgencyName pg.JSONOf[locales.Text] `db:"agency_name"`
	Role       string                  `db:"role"`
}

// officers asks for officers with their roles of today; where narrows both down.
func (s *Service) officers(ctx context.Context, where string, arg any) ([]Officer, error) {
	var rows []officerRow
	err := s.DB.SelectContext(ctx, &rows, `
		SELECT o.id, o.name, o.title, r.agency_id, a.code AS agency_code, a.name AS agency_name, r.role
		FROM officers o
		JOIN officer_roles r ON r.officer_id = o.id AND r.valid_from <= $2::date AND coalesce(r.valid_to, 'infinity') >= $2::date
		JOIN agencies a ON a.id = r.agency_id
		WHERE `+where+`
		ORDER BY o.name, o.id, a.code, r.role`, arg, s.today())
	if err != nil {
		return nil, fmt.Errorf("officers: %w", err)
	}
	var all []Officer
	for _, r := range rows {
		if n := len(all); n == 0 || all[n-1].ID != r.ID {
			all = append(all, Officer{ID: r.ID, Name: r.Name, Title: r.Title})
		}
		o := &all[len(all)-1]
		o.Roles = append(o.Roles, Role{r.AgencyID, r.AgencyCode, r.AgencyName.V, r.Role})
	}
	return all, nil
}

// OfficerOf is the officer that the signed-in person is, with the roles in force today.
// It is asked on every request and never remembered, so that a role taken away ends at once.
func (s *Service) OfficerOf(ctx context.Context, p signin.Person) (Officer, error) {
	if len(p.IDHash) == 0 {
		return Officer{}, problem.New(problem.NotFound, "agency.no_officer")
	}
	found, err := s.officers(ctx, `o.id_hash = $1`, p.IDHash)
	if err != nil {
		return Officer{}, err
	}
	if len(found) == 0 {
		return Officer{}, problem.New(problem.NotFound, "agency.no_officer")
	}
	found[0].PersonID = p.ID
	return found[0], nil
}

// Officers are those who hold a role at the agency today, with only their roles there.
func (s *Service) Officers(ctx context.Context, agencyID int64) ([]Officer, error) {
	return s.officers(ctx, `r.agency_id = $1`, agencyID)
}

// OfficerByID is an officer by their own id, also one who holds no role any more.
func (s *Service) OfficerByID(ctx context.Context, id int64) (Officer, error) {
	found, err := s.officers(ctx, `o.id = $1`, id)
	if err != nil || len(found) == 1 {
		return append(found, Officer{})[0], err
	}
	var o Officer
	err = s.DB.QueryRowxContext(ctx, `SELECT id, name, title FROM officers WHERE id = $1`, id).Scan(&o.ID, &o.Name, &o.Title)
	if errors.Is(err, sql.ErrNoRows) {
		return Officer{}, problem.New(problem.NotFound, "agency.no_officer")
	}
	if err != nil {
		return Officer{}, fmt.Errorf("officer %d: %w", id, err)
	}
	return o, nil
}
