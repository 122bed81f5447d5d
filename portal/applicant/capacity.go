package applicant

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"motcua/portal/pg"
	"motcua/portal/problem"
	"motcua/portal/signin"
)

// Kind is the way in which a person files.
type Kind string

// The kinds, in the order in which they are offered.
const (
	Self       Kind = "self"
	Ward       Kind = "ward"
	Authorised Kind = "authorised"
	ForFirm    Kind = "business"
)

// Capacity is as whom a person files.
type Capacity struct {
	Kind     Kind
	TaxCode  string // ForFirm
	GrantID  int64  // the power or authorisation it rests on; 0: own right (self, parent, legal representative), or paper
	Name     string // of whose dossier it is (ward, authorising person, business)
	Number   string // their ID number (ward, authorised)
	Relation string // child, ward
	Verified bool   // the registry or the giver confirmed it; false: a proof paper is asked for
	Legal    string // business: ID number of the legal representative on whom it rests
	Ref      string // of a ward whom a register named: stands for the number in pages
}

// Own is the capacity of somebody who files for themselves.
func Own(p signin.Person) Capacity {
	return Capacity{Kind: Self, Name: p.Name, Number: p.IDNumber, Verified: true}
}

// Vai is the word that stands for the capacity in a form: never a number of a person.
func (c Capacity) Vai() string {
	switch c.Kind {
	case Ward:
		return "con:" + c.Ref
	case Authorised:
		return "uq:" + strconv.FormatInt(c.GrantID, 10)
	case ForFirm:
		return "dn:" + c.TaxCode
	}
	return string(Self)
}

// Stored is what a row says of its capacity beside the tax code: ” is self or business.
func (c Capacity) Stored() string {
	if c.Kind == Ward || c.Kind == Authorised {
		return string(c.Kind)
	}
	return ""
}

// subject is a capacity's person or business as it is kept with a draft.
type subject struct {
	Name     string `json:"name,omitempty"`
	Number   string `json:"number,omitempty"`
	Relation string `json:"relation,omitempty"`
	Legal    string `json:"legal,omitempty"`
}

// Seal writes of whom the capacity speaks, through the seam that will encrypt it.
func (c Capacity) Seal() (pg.Sealed, error) {
	if c.Kind == Self {
		return "", nil // the person's own row says it
	}
	b, err := json.Marshal(subject{c.Name, c.Number, c.Relation, c.Legal})
	if err != nil {
		return "", fmt.Errorf("seal a capacity: %w", err)
	}
	return pg.Sealed(b), nil
}

// KindOf reads what Stored wrote.
func KindOf(stored, taxCode string) Kind {
	switch {
	case taxCode != "":
		return ForFirm
	case stored == "":
		return Self
	}
	return Kind(stored)
}

// Opened is the capacity of a draft's row. A row from before capacities were kept is of the
// person or of a business in their own right.
func Opened(p signin.Person, stored, taxCode string, grant int64, sealed pg.Sealed, verified bool) (Capacity, error) {
	c := Capacity{Kind: KindOf(stored, taxCode), TaxCode: taxCode, GrantID: grant, Verified: verified}
	if sealed == "" {
		if c.Kind == Self {
			return Own(p), nil
		}
		c.Legal = p.IDNumber
		return c, nil
	}
	var of subject
	if err := json.Unmarshal([]byte(sealed), &of); err != nil {
		return Capacity{}, fmt.Errorf("open a capacity: %w", err)
	}
	c.Name, c.Number, c.Relation, c.Legal = of.Name, of.Number, of.Relation, of.Legal
	return c, nil
}

// May is nil when the person may do the deed in this capacity now.
func (s *Service) May(ctx context.Context, p signin.Person, c Capacity, deed Deed, procedure string) error {
	st, err := s.StandingsOf(ctx, s.DB, p.ID)
	if err != nil {
		return err
	}
	if _, may := st.May(Owned{PersonID: p.ID, Kind: c.Kind, TaxCode: c.TaxCode, GrantID: c.GrantID, Procedure: procedure}, deed); !may {
		return noStanding()
	}
	return nil
}

// Capacities are those in which the person may begin the procedure: self first, then wards
// whom a register has named, authorisations in force, businesses.
func (s *Service) Capacities(ctx context.Context, p signin.Person, procedure string) ([]Capacity, error) {
	all := []Capacity{Own(p)}
	wards, err := s.Wards(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, w := range wards {
		all = append(all, w.capacity())
	}
	givers, err := s.givers(ctx, p, procedure)
	if err != nil {
		return nil, err
	}
	firms, err := s.firms(ctx, p, procedure)
	return slices.Concat(all, givers, firms), err
}

// Choose finds the capacity that a form's word names, for the procedure. What is not the
// person's is not found.
func (s *Service) Choose(ctx context.Context, p signin.Person, vai, procedure string) (Capacity, error) {
	if vai == "" || vai == string(Self) {
		return Own(p), nil
	}
	kind, which, _ := strings.Cut(vai, ":")
	if which != "" && slices.Contains([]string{"con", "uq", "dn"}, kind) {
		all, err := s.Capacities(ctx, p, procedure)
		if err != nil {
			return Capacity{}, err
		}
		for _, c := range all {
			if c.Vai() == vai {
				return c, nil
			}
		}
	}
	if kind == "dn" {
		return Capacity{}, noStanding()
	}
	return Capacity{}, problem.New(problem.NotFound, "applicant.no_capacity")
}

func (s *Service) givers(ctx context.Context, p signin.Person, procedure string) ([]Capacity, error) {
	var rows []struct {
		ID     int64     `db:"id"`
		Name   string    `db:"giver_name"`
		Number pg.Sealed `db:"giver_number"`
	}
	err := s.DB.SelectContext(ctx, &rows, `SELECT a.id, a.giver_name, a.giver_number FROM authorised($2) f JOIN authorisations a ON a.id = f.id
		WHERE f.taker_id = $1 AND f.procedure_code IN ('', $3) ORDER BY a.giver_name, a.id`, p.ID, s.now(), procedure)
	if err != nil {
		return nil, fmt.Errorf("authorisations in force: %w", err)
	}
	all := make([]Capacity, len(rows))
	for i, r := range rows {
		all[i] = Capacity{Kind: Authorised, GrantID: r.ID, Name: r.Name, Number: string(r.Number), Verified: true}
	}
	return all, nil
}

// firms are the businesses for which the person may file the procedure, each once: by their
// own right before any power.
func (s *Service) firms(ctx context.Context, p signin.Person, procedure string) ([]Capacity, error) {
	var rows []struct {
		TaxCode string    `db:"tax_code"`
		Name    string    `db:"business"`
		PowerID int64     `db:"power_id"`
		Legal   pg.Sealed `db:"id_number"`
	}
	err := s.DB.SelectContext(ctx, &rows, `SELECT * FROM (
			SELECT DISTINCT ON (s.tax_code) s.tax_code, s.business, s.power_id, l.id_number
			FROM standings($2) s JOIN persons l ON l.id = s.legal_id
			WHERE s.person_id = $1 AND s.may_file AND s.procedure_code IN ('', $3)
			ORDER BY s.tax_code, s.power_id) each_once
		ORDER BY business, tax_code`, p.ID, s.now(), procedure)
	if err != nil {
		return nil, fmt.Errorf("businesses to file for: %w", err)
	}
	all := make([]Capacity, len(rows))
	for i, r := range rows {
		all[i] = Capacity{Kind: ForFirm, TaxCode: r.TaxCode, GrantID: r.PowerID, Name: r.Name, Legal: string(r.Legal), Verified: true}
	}
	return all, nil
}
