package agency

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"motcua/locales"
	"motcua/portal/calendar"
)

// Plan is a merge, a split or any other passing of work from body to body on a day. What
// merges, parts or only hands a field over is one thing here: moves, each from one body to
// another. A body of which everything passes ends the day before.
type Plan struct {
	Day    string   `json:"day"` // the first day with the new ones
	Ground string   `json:"ground"`
	Begins []Agency `json:"begins,omitempty"` // bodies that begin on the day
	Moves  []Pass   `json:"moves"`
	Posts  []Post   `json:"posts,omitempty"` // where officers go who do not go where the rest goes
}

// Pass is what goes from one body to another: a field of the catalogue, or, without one,
// everything that no other of the plan names.
type Pass struct {
	From  string `json:"from"`
	Field string `json:"field,omitempty"`
	To    string `json:"to"`
}

// Post sends an officer of one body to another.
type Post struct {
	Officer int64  `json:"officer"`
	From    string `json:"from"`
	To      string `json:"to"`
}

// Ends are the codes of the bodies that end by the plan.
func (p Plan) Ends() []string {
	var ends []string
	for _, m := range p.Moves {
		if m.Field == "" && m.From != "" && !slices.Contains(ends, m.From) {
			ends = append(ends, m.From)
		}
	}
	return ends
}

// Froms are the codes of the bodies that give something away.
func (p Plan) Froms() []string {
	var all []string
	for _, m := range p.Moves {
		if !slices.Contains(all, m.From) {
			all = append(all, m.From)
		}
	}
	return all
}

// Heir is who has a field of a body by the plan; empty when it stays.
func (p Plan) Heir(from, field string) string {
	rest := ""
	for _, m := range p.Moves {
		switch {
		case m.From != from:
		case m.Field == "":
			rest = m.To
		case m.Field == field:
			return m.To
		}
	}
	return rest
}

// PlanFault is why a plan cannot be carried out, at a field of it: day, moves-0-to.
type PlanFault struct {
	Field   string
	Message locales.Message
}

// planning collects faults of a plan.
type planning struct {
	Plan
	today  string
	stands map[string]Agency // on the day before the plan's
	faults []PlanFault
}

func (c *planning) add(field, key string, args ...locales.Arg) {
	c.faults = append(c.faults, PlanFault{field, locales.M(key, args...)})
}

// CheckPlan finds everything that keeps a plan from being carried out on its day. late says
// that the day may have come: it is being carried out. field says whether there is a field
// of that code.
func (s *Service) CheckPlan(ctx context.Context, p Plan, late bool, field func(code string) bool) ([]PlanFault, error) {
	k, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	c := &planning{Plan: p, today: s.today(), stands: map[string]Agency{}}
	day, err := calendar.ParseDay(p.Day)
	if err != nil || !dayFormat.MatchString(p.Day) {
		c.add("day", "agency.plan.day")
		return c.faults, nil
	}
	if !late && p.Day <= c.today {
		c.add("day", "agency.plan.past")
	}
	if strings.TrimSpace(p.Ground) == "" {
		c.add("ground", "agency.plan.ground")
	}
	before := day.Add(-1).String()
	for _, a := range k.agencies {
		if a.On(before) {
			c.stands[a.Code] = a
		}
	}
	c.begins(k)
	c.moves(field)
	c.posts()
	if k.province != nil {
		for i, m := range p.Moves {
			if m.Field == "" && (m.From == k.province.Agency || m.From == k.province.Centre) {
				c.add(fmt.Sprintf("moves-%d-from", i), "agency.plan.province", locales.S("code", m.From))
			}
		}
	}
	return c.faults, nil
}

func (c *planning) begins(k *knowledge) {
	for i, a := range c.Begins {
		at := func(part string) string { return fmt.Sprintf("begins-%d-%s", i, part) }
		if !agencyCode.MatchString(a.Code) {
			c.add(at("code"), "agency.import.code", locales.S("code", a.Code))
		}
		taken := func(o Agency) bool { return o.Code == a.Code && (o.To == "" || o.To >= c.Day) }
		if slices.ContainsFunc(k.agencies, taken) && !slices.Contains(c.Ends(), a.Code) || slices.ContainsFunc(c.Begins[:i], func(o Agency) bool { return o.Code == a.Code }) {
			c.add(at("code"), "agency.plan.taken", locales.S("code", a.Code))
		}
		if a.Name.VI == "" {
			c.add(at("name-vi"), "agency.plan.name")
		}
		if a.Name.EN == "" {
			c.add(at("name-en"), "agency.plan.name")
		}
		if !slices.Contains(levels, a.Level) || a.Level == District {
			c.add(at("level"), "agency.plan.level")
		}
		if a.Parent != "" && !c.after(a.Parent) {
			c.add(at("parent"), "agency.import.no_agency", locales.S("code", a.Parent))
		}
		if !slices.ContainsFunc(c.Moves, func(m Pass) bool { return m.To == a.Code }) {
			c.add(at("code"), "agency.plan.nothing", locales.S("code", a.Code))
		}
	}
}

// after says whether a body stands on the plan's day.
func (c *planning) after(code string) bool {
	a, stood := c.stands[code]
	begins := slices.ContainsFunc(c.Begins, func(a Agency) bool { return a.Code == code })
	return begins || stood && (a.To == "" || a.To >= c.Day) && !slices.Contains(c.Ends(), code)
}

func (c *planning) moves(field func(string) bool) {
	if len(c.Moves) == 0 {
		c.add("moves", "agency.plan.empty")
	}
	for i, m := range c.Moves {
		at := func(part string) string { return fmt.Sprintf("moves-%d-%s", i, part) }
		if a, stood := c.stands[m.From]; !stood || a.To != "" && a.To < c.Day {
			c.add(at("from"), "agency.plan.from", locales.S("code", m.From))
		}
		if !c.after(m.To) {
			c.add(at("to"), "agency.plan.to", locales.S("code", m.To))
		}
		if m.Field != "" && !field(m.Field) {
			c.add(at("field"), "agency.plan.field", locales.S("code", m.Field))
		}
		if slices.ContainsFunc(c.Moves[:i], func(o Pass) bool { return o.From == m.From && o.Field == m.Field }) {
			c.add(at("from"), "agency.plan.twice", locales.S("code", m.From))
		}
	}
}

func (c *planning) posts() {
	for i, p := range c.Posts {
		if !slices.ContainsFunc(c.Moves, func(m Pass) bool { return m.From == p.From && m.To == p.To }) {
			c.add(fmt.Sprintf("posts-%d", i), "agency.plan.post", locales.S("code", p.To))
		}
	}
}
