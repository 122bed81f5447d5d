package eforms

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// Compared is an answer beside what a register says of the same thing.
type Compared struct {
	Question string // id; a part of an answer has its own
	Fact     *Fact
	Label    locales.Text
	Answered locales.Text
	Register locales.Text
	Same     bool
}

// Compare puts the answers beside the facts that their questions bind, where both are
// there. A text that differs in capitals or spaces only is the same.
func (r *Run) Compare(facts []Fact) []Compared {
	other := &Run{Form: r.Form, Answers: r.Answers, Facts: facts, Lists: r.Lists, Today: r.Today, folded: r.folded}
	said := other.state()
	var out []Compared
	r.state().each(func(a asked, _ *cell) {
		out = append(out, a.compare(said)...)
	})
	return out
}

// Bound says whether anything is answered that a fact of the source could have filled.
func (r *Run) Bound(source string) bool {
	return r.binds(source, func(c *cell) bool { return !blank(c.answer) })
}

// Asks says whether a fact of the source has a place now: a question that is shown and that
// it may fill, or logic that looks at it.
func (r *Run) Asks(source string) bool {
	return slices.ContainsFunc(r.Form.looked, func(name string) bool { return SourceOf(name) == source }) ||
		r.binds(source, func(*cell) bool { return true })
}

func (r *Run) binds(source string, fits func(*cell) bool) bool {
	found := false
	r.state().each(func(a asked, c *cell) {
		for _, name := range a.q.Fact {
			found = found || SourceOf(name) == source && fits(c) && a.counts(name)
		}
	})
	return found
}

func (a asked) compare(said *state) []Compared {
	if len(a.q.inner) > 0 && a.q.Kind != Group {
		var out []Compared
		for i := range a.q.inner {
			out = append(out, a.part(i).compare(said)...)
		}
		return out
	}
	answer := a.cell().answer
	if len(a.q.Fact) == 0 || blank(answer) {
		return nil
	}
	// the question as the form has it, with the register's facts; the choices are the run's
	there := asked{s: said, q: a.q, row: a.row, name: a.name, whole: a.whole, own: a.own}
	fact, source := there.fact()
	if fact == nil {
		return nil
	}
	c := Compared{Question: a.name, Fact: source, Label: a.q.Label, Same: sameAnswer(answer, fact)}
	if say := a.q.does().say; say != nil {
		c.Answered, c.Register = a.withUnit(say(a, answer)), a.withUnit(say(a, fact))
	}
	return []Compared{c}
}

func sameAnswer(answer, fact any) bool {
	said, isAddress := fact.(map[string]any)
	if !isAddress {
		return plainText(answer) == plainText(fact)
	}
	given, _ := answer.(map[string]any)
	for _, part := range []string{"province", "commune", "detail"} {
		if plainText(given[part]) != plainText(said[part]) {
			return false
		}
	}
	return text(said["province"]) != "" || plainText(given["text"]) == plainText(said["text"])
}

// plainText is a value without what makes no difference: capitals, and what is not a
// letter or a digit.
func plainText(v any) string {
	if b, ok := v.(bool); ok {
		if b {
			return "yes"
		}
		return "no"
	}
	if n, ok := whole(v); ok {
		return asString(float64(n))
	}
	words := strings.FieldsFunc(strings.ToLower(norm.NFC.String(text(v))), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, " ")
}
