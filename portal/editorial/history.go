package editorial

import (
	"context"
	"fmt"
	"time"

	"motcua/locales"
	"motcua/portal/agency"
	"motcua/portal/catalogue"
)

// Published is a revision in the history of its procedure: who, when and why.
type Published struct {
	ID        int64      `db:"id"`
	No        int        `db:"no"`
	From      time.Time  `db:"in_force_from"`
	At        time.Time  `db:"at"`
	By        string     `db:"by"` // "": an operator imported it
	Approved  string     `db:"approved"`
	Note      string     `db:"note"`
	Form      bool       `db:"form"` // an edit of the form
	Withdrawn *time.Time `db:"withdrawn_at"`
	Withdrew  string     `db:"withdrew"`
	Why       string     `db:"why"` // it was withdrawn
}

// History are the revisions of a procedure, the newest first.
func (s *Service) History(ctx context.Context, by agency.Officer, code string) ([]Published, error) {
	if err := catalogue.MayEdit(by); err != nil {
		return nil, err
	}
	var all []Published
	err := s.DB.SelectContext(ctx, &all, `
		SELECT r.id, r.no, r.in_force_from, coalesce(p.at, f.closed_at, r.made_at) AS at, coalesce(o.name, '') AS by, coalesce(a.name, '') AS approved,
			coalesce(p.note, f.note, '') AS note, f.id IS NOT NULL AS form, w.at AS withdrawn_at, coalesce(x.name, '') AS withdrew, coalesce(w.why, '') AS why
		FROM revisions r LEFT JOIN publications p ON p.revision_id = r.id LEFT JOIN form_edits f ON f.revision_id = r.id
			LEFT JOIN officers o ON o.id = coalesce(p.published_by, f.closed_by) LEFT JOIN officers a ON a.id = p.approved_by
			LEFT JOIN withdrawals w ON w.revision_id = r.id LEFT JOIN officers x ON x.id = w.officer_id
		WHERE r.procedure_code = $1 ORDER BY r.no DESC LIMIT 200`, code)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", code, err)
	}
	for i := range all {
		all[i].From, all[i].At = all[i].From.In(locales.ICT), all[i].At.In(locales.ICT)
	}
	return all, nil
}

// Gaps are the fields of level 1 of TT 32/2017/TT-BTTTT that a sheet leaves empty, by their
// names in it, and its promised languages that it lacks.
func Gaps(s catalogue.Sheet) []string {
	var all []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"summary", s.Summary.VI != ""}, {"field", s.Field != ""}, {"kind", s.Kind != ""}, {"tiers", len(s.Tiers) > 0}, {"audience", len(s.Audience) > 0},
		{"agencies", len(s.Agencies) > 0}, {"steps", len(s.Steps) > 0}, {"channels", len(s.Channels) > 0}, {"components", len(s.Components) > 0}, {"sets", s.Sets > 0},
		{"requirements", len(s.Requirements)+len(s.Conditions) > 0}, {"results", len(s.Results) > 0}, {"legal", len(s.Legal) > 0}, {"decision", s.Decision.Number != ""},
		{"en", s.Name.EN != ""},
	} {
		if !f.has {
			all = append(all, f.name)
		}
	}
	return all
}

// GapNames are what Gaps may name, in the order people read them.
var GapNames = []string{"summary", "field", "kind", "tiers", "audience", "agencies", "steps", "channels", "components", "sets", "requirements", "results", "legal", "decision", "en"}
