package editorial

import (
	"context"
	"fmt"
	"time"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
)

// Known is what procedures published at an instant are held against.
func (s *Service) Known(ctx context.Context, at time.Time) (Known, error) {
	k := Known{Day: calendar.DayOf(at).String(), Agencies: map[string]agency.Agency{}, Units: map[string]bool{}}
	var err error
	if k.Fields, err = s.Catalogue.FieldsNow(ctx); err != nil {
		return k, err
	}
	if k.Papers, err = s.Catalogue.PaperTypes(ctx); err != nil {
		return k, err
	}
	for list, into := range map[string]*map[string]catalogue.Entry{catalogue.LegalTexts: &k.Legal, catalogue.ComponentTypes: &k.Components, catalogue.ResultTypes: &k.Results} {
		entries, err := s.Catalogue.Entries(ctx, list)
		if err != nil {
			return k, err
		}
		*into = make(map[string]catalogue.Entry, len(entries))
		for _, e := range entries {
			(*into)[e.Code] = e
		}
	}
	agencies, err := s.Agency.All(ctx, at)
	if err != nil {
		return k, err
	}
	for _, a := range agencies {
		k.Agencies[a.Code] = a
	}
	units, err := s.Agency.Standing(ctx, at)
	if err != nil {
		return k, err
	}
	for _, u := range units {
		k.Units[u.Code] = true
	}
	k.Dead, err = s.dead(ctx)
	return k, err
}

// Check is all that is found in an edit as it would be published now.
func (s *Service) Check(ctx context.Context, c *Candidate) ([]Finding, error) {
	all, err := s.Checks(ctx, s.Now(), c)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Checks are what is found in edits as they would be published at an instant, in their
// order: of a batch the lists are read once.
func (s *Service) Checks(ctx context.Context, at time.Time, candidates ...*Candidate) ([][]Finding, error) {
	known, err := s.Known(ctx, at)
	if err != nil {
		return nil, err
	}
	all := make([][]Finding, len(candidates))
	for i, c := range candidates {
		if !c.Edit.Ends {
			all[i] = c.findings(known)
		} else if all[i], err = s.successor(ctx, c); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// findings are those of an edit that makes a revision: it says something new, undoes nothing
// that was published meanwhile, and what would come can be published.
func (c *Candidate) findings(known Known) []Finding {
	var all []Finding
	for _, part := range c.Moved {
		all = append(all, Finding{true, part, "", locales.M("editorial.moved", locales.Sub("part", locales.M("difference.part."+part)))})
	}
	if c.Same() {
		all = append(all, Finding{true, "sheet", "", locales.M("editorial.same")})
	}
	return append(all, CheckRevision(c.Revision, c.Parts["form"], known)...)
}

// successor wants what takes an ended procedure's place to be there.
func (s *Service) successor(ctx context.Context, c *Candidate) ([]Finding, error) {
	if c.Edit.ReplacedBy == "" {
		return nil, nil
	}
	newest, err := s.Catalogue.Newest(ctx, s.DB, c.Edit.ReplacedBy)
	if err != nil {
		return nil, err
	}
	if _, there := newest[c.Edit.ReplacedBy]; there && c.Edit.ReplacedBy != c.Edit.Code {
		return nil, nil
	}
	return []Finding{{true, "sheet", "/replaced_by", locales.M("finding.successor", locales.S("code", c.Edit.ReplacedBy))}}, nil
}

// dead are the addresses that could not be opened, with what came of it.
func (s *Service) dead(ctx context.Context) (map[string]locales.Message, error) {
	var rows []struct {
		URL    string `db:"url"`
		Status int64  `db:"status"`
		Fault  string `db:"fault"`
	}
	err := s.DB.SelectContext(ctx, &rows, `SELECT url, status, fault FROM links WHERE failures >= $1`, deadAfter)
	if err != nil {
		return nil, fmt.Errorf("dead links: %w", err)
	}
	all := make(map[string]locales.Message, len(rows))
	for _, r := range rows {
		switch {
		case r.Fault != "":
			all[r.URL] = locales.M("link." + r.Fault)
		default:
			all[r.URL] = locales.M("link.status", locales.N("status", r.Status))
		}
	}
	return all, nil
}
