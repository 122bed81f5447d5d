package editorial

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"motcua/locales"
	"motcua/payments"
	"motcua/portal/catalogue"
	"motcua/portal/problem"
)

// fees wants each price to rest on a legal text and to be what its rule takes, and each rule
// to be one that can be computed for whatever was recorded of the form.
func (c *checking) fees() {
	for i, ch := range c.rev.Sheet.Channels {
		for j, p := range ch.Fees {
			c.price(fmt.Sprintf("/channels/%d/fees/%d", i, j), ch, p)
		}
	}
	for i, r := range c.rev.Fees {
		if c.takes(r) && !c.ground("", r.Ground) {
			c.refuse("fees", fmt.Sprintf("/%d/ground", i), "finding.fee.rule_ground", locales.T("fee", r.Name))
		}
	}
	if c.rev.FeeUntaken() && c.rev.Form != nil {
		c.warn("fees", "", "finding.fee.untaken")
	}
	c.computed()
}

// takes says whether the rule takes anything.
func (c *checking) takes(r payments.Rule) bool {
	return r.Unit > 0 || slices.ContainsFunc(r.Tiers, func(t payments.Tier) bool { return t.Unit > 0 })
}

func (c *checking) price(place string, ch catalogue.Channel, p catalogue.Price) {
	if p.Kind != "" && p.Kind != payments.Fee && p.Kind != payments.Charge {
		c.refuse("sheet", place+"/kind", "catalogue.import.unknown", locales.S("value", p.Kind))
	}
	rules := c.rulesOf(p.Rule)
	switch {
	case p.Ground != "" && !c.ground(p.Ground):
		c.refuse("sheet", place+"/ground", "finding.fee.ground_unknown", locales.S("number", p.Ground))
	case p.Amount > 0 && p.Ground == "" && !c.ground("", grounds(p, rules)...):
		c.refuse("sheet", place+"/ground", "finding.fee.ground", locales.VND("amount", p.Amount))
	}
	if p.Rule != "" && len(rules) == 0 {
		c.refuse("sheet", place+"/rule", "finding.fee.no_rule", locales.S("rule", p.Rule))
	}
	for _, r := range rules {
		if p.Kind != "" && p.Kind != r.Kind {
			c.refuse("sheet", place+"/kind", "finding.fee.kind", locales.T("fee", r.Name))
		}
		if ch.Channel == catalogue.Online && !p.Pending && c.inForceRule(r) && !priced(r, p) {
			c.refuse("sheet", place+"/amount", "finding.fee.differs", locales.VND("amount", p.Amount), locales.T("fee", r.Name), locales.VND("takes", r.Unit))
		}
	}
	c.reduction(place+"/reduction", p)
}

// grounds are where a price may name its legal text.
func grounds(p catalogue.Price, rules []payments.Rule) []locales.Text {
	words := []locales.Text{p.Note}
	for _, r := range rules {
		words = append(words, r.Ground)
	}
	return words
}

func (c *checking) rulesOf(id string) []payments.Rule {
	var all []payments.Rule
	for _, r := range c.rev.Fees {
		if id != "" && r.ID == id {
			all = append(all, r)
		}
	}
	return all
}

func (c *checking) inForceRule(r payments.Rule) bool {
	return (r.From == "" || r.From <= c.known.Day) && (r.To == "" || c.known.Day <= r.To) && !c.superseded(r)
}

// superseded says whether a later text of the same fee is in force on the day.
func (c *checking) superseded(r payments.Rule) bool {
	return slices.ContainsFunc(c.rev.Fees, func(o payments.Rule) bool { return o.ID == r.ID && o.From > r.From && o.From <= c.known.Day })
}

// priced says whether the rule takes the price for one.
func priced(r payments.Rule, p catalogue.Price) bool {
	return r.Unit == p.Amount && len(r.Tiers) == 0 || slices.ContainsFunc(r.Tiers, func(t payments.Tier) bool { return t.Unit == p.Amount })
}

func (c *checking) reduction(place string, p catalogue.Price) {
	r := p.Reduction
	if r == nil {
		return
	}
	if r.Percent < 1 || r.Percent > 100 {
		c.refuse("sheet", place+"/percent", "finding.fee.percent")
	}
	if !c.ground(r.Ground) {
		c.refuse("sheet", place+"/ground", "finding.fee.reduction_ground")
	}
	for name, d := range map[string]string{"from": r.From, "to": r.To} {
		if _, err := time.Parse(time.DateOnly, d); d != "" && err != nil {
			c.refuse("sheet", place+"/"+name, "catalogue.import.day", locales.S("value", d))
		}
	}
	switch {
	case r.To != "" && r.To < r.From:
		c.refuse("sheet", place+"/to", "catalogue.list.ends_first")
	case r.To != "" && r.To < c.known.Day:
		c.warn("sheet", place+"/to", "finding.fee.reduction_over", day("day", r.To))
	}
}

// computed fills the form as it was recorded and takes the fee of that, on the recording's
// day and on the day of publishing. That it comes to another amount than before is what a
// changed fee is for; that it comes to none is refused.
func (c *checking) computed() {
	if c.rev.Form == nil || len(c.rev.Fees) == 0 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(c.rev.Recordings)) {
		rec := c.rev.Recordings[name]
		seen, _, err := c.rev.Form.Replay(rec, nil)
		if err != nil || seen.End != "" {
			continue // what is wrong with the recording itself is the form's editor's
		}
		for _, on := range []string{rec.Today, c.known.Day} {
			at, err := time.ParseInLocation(time.DateOnly, on, locales.ICT)
			if err != nil {
				continue
			}
			if !c.due(name, rec.Name, seen.Quantities, at) {
				break
			}
		}
		if want := rec.Expect.Fee; want != nil {
			at, _ := time.ParseInLocation(time.DateOnly, rec.Today, locales.ICT)
			if _, total, err := payments.Due(c.rev.Fees, seen.Quantities, at); err == nil && total != *want {
				c.warn("tests", "/"+name, "finding.fee.recorded", locales.T("run", titled(name, rec.Name)), locales.VND("was", *want), locales.VND("now", total))
			}
		}
	}
}

// due says whether the fee of a recorded run can be computed, and refuses the rule that
// cannot.
func (c *checking) due(run string, title locales.Text, quantities map[string]int64, at time.Time) bool {
	if _, _, err := payments.Due(c.rev.Fees, quantities, at); err == nil {
		return true
	}
	for i, r := range c.rev.Fees {
		_, _, err := payments.Due([]payments.Rule{r}, quantities, at)
		if err != nil {
			c.refuse("fees", fmt.Sprintf("/%d", i), "finding.fee.uncomputed", locales.T("fee", r.Name), locales.T("run", titled(run, title)), locales.Sub("why", reason(err)))
			return false
		}
	}
	c.refuse("fees", "", "finding.fee.two_texts", locales.T("run", titled(run, title)))
	return false
}

func titled(id string, name locales.Text) locales.Text {
	if name.Empty() {
		return locales.V(id)
	}
	return name
}

// reason is why a fee could not be computed, in words where there are some.
func reason(err error) locales.Message {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Message
	}
	return locales.M("catalogue.import.unreadable", locales.S("why", err.Error()))
}
