package editorial

import (
	"context"

	"motcua/locales"
)

// Finding is something about an edit that the machine sees: a refusal keeps it from being
// published, a warning does not.
type Finding struct {
	Refusal bool
	Part    string // sheet, form, fees …
	Place   string // JSON pointer in the part
	Message locales.Message
}

// refusals are why a candidate cannot be published.
func (s *Service) refusals(ctx context.Context, c *Candidate) []Finding {
	var all []Finding
	for _, part := range c.Moved {
		all = append(all, Finding{true, part, "", locales.M("editorial.moved", locales.Sub("part", locales.M("difference.part."+part)))})
	}
	if c.Same() {
		all = append(all, Finding{true, "sheet", "", locales.M("editorial.same")})
	}
	for _, f := range s.Check(ctx, c) {
		if f.Refusal {
			all = append(all, f)
		}
	}
	return all
}

// Check is what the machine finds wrong with a candidate.
func (s *Service) Check(ctx context.Context, c *Candidate) []Finding {
	faults, err := s.Catalogue.Faults(ctx, c.Parts)
	if err != nil {
		return []Finding{{true, "sheet", "", locales.M("editorial.unreadable", locales.S("why", err.Error()))}}
	}
	var all []Finding
	for _, f := range faults {
		all = append(all, Finding{true, f.Part, f.Place, f.Message})
	}
	return all
}
