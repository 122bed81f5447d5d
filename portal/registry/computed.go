package registry

import (
	"slices"
	"time"

	"motcua/eforms"
	"motcua/locales"
)

// WithComputed adds to facts what follows from them on a day, where the form names it.
func WithComputed(form *eforms.Form, facts []eforms.Fact, now time.Time) []eforms.Fact {
	sources := form.Sources()
	if !slices.ContainsFunc(sources, func(s string) bool { return RegisterOf(s) == "computed" }) {
		return facts
	}
	c := computing{facts: slices.DeleteFunc(slices.Clone(facts), func(f eforms.Fact) bool { return RegisterOf(f.Name) == "computed" })}
	c.age(now)
	c.sameResidence("computed.spouse.same_residence", PopulationSpouse+".residence.")
	c.sameResidence("computed.current.same_residence", PopulationSelf+".current.")
	return c.facts
}

type computing struct{ facts []eforms.Fact }

func (c *computing) find(name string) (eforms.Fact, bool) {
	i := slices.IndexFunc(c.facts, func(f eforms.Fact) bool { return f.Name == name })
	if i < 0 {
		return eforms.Fact{}, false
	}
	return c.facts[i], true
}

// add keeps where the fact comes from that a computed one stands on.
func (c *computing) add(name string, value any, from eforms.Fact) {
	from.Name, from.Value = name, value
	c.facts = append(c.facts, from)
}

// age is in whole years, when the day of birth is known.
func (c *computing) age(now time.Time) {
	f, known := c.find(PopulationSelf + ".birth_date")
	written, _ := f.Value.(string)
	born, err := time.Parse(time.DateOnly, written)
	if !known || err != nil {
		return
	}
	today := now.In(locales.ICT)
	age := today.Year() - born.Year()
	if today.Month() < born.Month() || today.Month() == born.Month() && today.Day() < born.Day() {
		age--
	}
	if age >= 0 {
		c.add("computed.self.age", age, f)
	}
}

// sameResidence compares the own permanent residence with another place: by commune and
// number, which both must be known.
func (c *computing) sameResidence(name, other string) {
	const own = PopulationSelf + ".residence."
	same := true
	var from eforms.Fact
	for _, part := range []string{"commune", "detail"} {
		one, a := c.find(own + part)
		two, b := c.find(other + part)
		if !a || !b {
			return
		}
		x, _ := one.Value.(string)
		y, _ := two.Value.(string)
		same, from = same && folded(x) == folded(y), two
	}
	c.add(name, same, from)
}
