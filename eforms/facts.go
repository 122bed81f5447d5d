package eforms

import "strings"

// fact is the first of the question's facts that is there and can be an answer.
func (a asked) fact() (any, *Fact) {
	for _, name := range a.q.Fact {
		if !a.counts(name) {
			continue
		}
		if v, source := a.from(name); v != nil {
			return v, source
		}
	}
	return nil, nil
}

// counts says whether the facts of that register may fill the question now: the mother's
// name is one's own only for who is the mother.
func (a asked) counts(name string) bool {
	if a.whole != nil {
		return a.whole.counts(name)
	}
	for source, when := range a.q.factIf {
		if strings.HasPrefix(name+".", source+".") && !a.s.holds(when, a.row) {
			return false
		}
	}
	return true
}

func (a asked) from(name string) (any, *Fact) {
	if fill := a.q.does().fill; fill != nil {
		return fill(a, name), a.s.sourceOf(name)
	}
	f := a.s.facts[name]
	if f == nil {
		return nil, nil
	}
	return factAnswer(a.q.Kind, f.Value), f
}

// sourceOf is a fact that begins with the name: the parts of an address come together.
func (s *state) sourceOf(name string) *Fact {
	for _, end := range []string{"", ".province", ".commune", ".detail", ".text"} {
		if f := s.facts[name+end]; f != nil {
			return f
		}
	}
	return nil
}

// factAnswer is a register's value as an answer of that kind, or nil when it cannot be.
func factAnswer(k Kind, v any) any {
	switch v := plainValue(v).(type) {
	case bool:
		if k == YesNo {
			return v
		}
	case string:
		if k == Decimal {
			v = strings.Replace(v, ".", ",", 1) // registers write numbers as programs do
		}
		if s := clean(v, k == LongText); s != "" && factFits(k, s) {
			return s
		}
	case float64:
		if n, ok := whole(v); ok {
			return asString(float64(n))
		}
	}
	return nil
}

// factFits keeps a malformed day from standing as a fact.
func factFits(k Kind, s string) bool {
	if k != Date && k != NearDate && k != DateOrYear {
		return k != YesNo
	}
	_, isDay := parseISO(s)
	_, isYear := parseYear(s)
	return isDay || isYear && k != NearDate
}

// lookFact is a fact as a variable; a property of a day may follow its name.
func (s *state) lookFact(name string) any {
	if f := s.facts[name]; f != nil {
		return plainValue(f.Value)
	}
	i := strings.LastIndexByte(name, '.')
	if i < 0 || !dayParts[name[i+1:]] || s.facts[name[:i]] == nil {
		return nil
	}
	return s.dig(plainValue(s.facts[name[:i]].Value), []string{name[i+1:]})
}

// plainValue is a fact as logic knows values.
func plainValue(v any) any {
	switch v := v.(type) {
	case string, bool, float64:
		return v
	case int:
		return float64(v)
	case int64:
		return float64(v)
	}
	return nil
}

// factText is a fact's value as words; registers give codes as numbers too.
func factText(v any) string {
	switch v := plainValue(v).(type) {
	case string:
		return v
	case float64:
		return asString(v)
	}
	return ""
}
