package succession

import (
	"context"
	"slices"

	"motcua/locales"
	"motcua/portal/agency"
)

// Effect is what a plan would do, shown before anybody sends or approves it.
type Effect struct {
	Moves      []MoveEffect
	Procedures []ProcedureEffect
	Staff      []StaffEffect
	Ends       []agency.Agency
}

// MoveEffect is one move with the work that is open today.
type MoveEffect struct {
	agency.Pass
	Field    locales.Text
	From, To locales.Text
	Dossiers int
	Drafts   int
}

// ProcedureEffect is a procedure that would get a new revision.
type ProcedureEffect struct {
	Code     string
	Name     locales.Text
	From, To locales.Text
	Waits    bool // a revision of it is published for later, and would come with the heir too
}

// StaffEffect is an officer of a body that ends, with where they would go.
type StaffEffect struct {
	ID    int64
	Name  string
	Title string
	From  string
	To    string
	Tos   []string // where they can go: more than one where the body is parted
	Roles []string
}

// Effect looks at everything that a plan would move.
func (s *Service) Effect(ctx context.Context, p agency.Plan) (Effect, error) {
	e := Effect{}
	fields, err := s.Catalogue.FieldsNow(ctx)
	if err != nil {
		return e, err
	}
	bodies, err := s.Agency.All(ctx, s.Now())
	if err != nil {
		return e, err
	}
	by := map[string]agency.Agency{}
	for _, a := range slices.Concat(bodies, p.Begins) { // one that begins goes before one that has the code today
		by[a.Code] = a
	}
	today := map[string]agency.Agency{}
	for _, a := range bodies {
		today[a.Code] = a
	}
	for _, m := range p.Moves {
		from, stands := today[m.From]
		if !stands {
			continue
		}
		passing := agency.Passing{Pass: m, From: from, To: by[m.To]}
		for _, o := range p.Moves {
			if m.Field == "" && o.From == m.From && o.Field != "" {
				passing.Named = append(passing.Named, o.Field)
			}
		}
		one := MoveEffect{Pass: m, From: from.Name, To: by[m.To].Name, Field: fields[m.Field].Name}
		if one.Dossiers, err = s.Dossiers.Open(ctx, passing); err != nil {
			return e, err
		}
		if one.Drafts, err = s.Drafts.ToPass(ctx, passing); err != nil {
			return e, err
		}
		e.Moves = append(e.Moves, one)
		if m.Field == "" {
			e.Ends = append(e.Ends, from)
		}
	}
	if err := s.procedures(ctx, p, by, &e); err != nil {
		return e, err
	}
	return e, s.staff(ctx, p, &e)
}

func (s *Service) procedures(ctx context.Context, p agency.Plan, by map[string]agency.Agency, e *Effect) error {
	chains, err := s.naming(ctx, p)
	if err != nil {
		return err
	}
	for _, c := range chains {
		r := c.revs[0]
		one := ProcedureEffect{Code: c.code, Name: r.Sheet.Name, Waits: len(c.revs) > 1}
		for _, o := range r.Sheet.Agencies {
			if heir := p.Heir(o.Code, r.Sheet.Field); o.Code != "" && heir != "" {
				one.From, one.To = o.Name, by[heir].Name
				break
			}
		}
		e.Procedures = append(e.Procedures, one)
	}
	return nil
}

func (s *Service) staff(ctx context.Context, p agency.Plan, e *Effect) error {
	for _, end := range e.Ends {
		officers, err := s.Agency.Officers(ctx, end.ID)
		if err != nil {
			return err
		}
		var tos []string
		for _, m := range p.Moves {
			if m.From == end.Code && !slices.Contains(tos, m.To) {
				tos = append(tos, m.To)
			}
		}
		for _, o := range officers {
			one := StaffEffect{ID: o.ID, Name: o.Name, Title: o.Title, From: end.Code, To: p.Heir(end.Code, ""), Tos: tos}
			for _, post := range p.Posts {
				if post.Officer == o.ID && post.From == end.Code {
					one.To = post.To
				}
			}
			for _, r := range o.Roles {
				one.Roles = append(one.Roles, r.Role)
			}
			e.Staff = append(e.Staff, one)
		}
	}
	return nil
}
