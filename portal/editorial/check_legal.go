package editorial

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/locales"
	"motcua/portal/catalogue"
)

// legal wants every legal text to be in force on the day, by what the sheet says and by
// what the list of legal texts says.
func (c *checking) legal() {
	seen := map[string]bool{}
	for i, b := range c.rev.Sheet.Legal {
		place := fmt.Sprintf("/legal/%d", i)
		if b.Number != "" && seen[b.Number] {
			c.refuse("sheet", place+"/number", "catalogue.import.twice", locales.S("value", b.Number))
		}
		seen[b.Number] = true
		if b.Number != "" && !catalogue.LegalNumber(b.Number) {
			c.refuse("sheet", place+"/number", "catalogue.list.number", locales.S("code", b.Number))
		}
		c.inForce(place, b)
	}
	if d := c.rev.Sheet.Decision; d.Number != "" && d.Date == "" {
		c.refuse("sheet", "/decision/date", "finding.empty.decision_date")
	}
}

// inForce refuses a text that is over. One that the list does not have, or that is yet to
// come, may be right: the editor knows.
func (c *checking) inForce(place string, b catalogue.Basis) {
	e, listed := c.known.Legal[b.Number]
	from, to, by := b.From, b.To, b.ReplacedBy
	if listed && e.To != "" && (to == "" || e.To < to) {
		to, by = e.To, e.ReplacedBy
	}
	if from == "" {
		from = e.From
	}
	switch {
	case to != "" && to < c.known.Day && by != "":
		c.refuse("sheet", place+"/number", "finding.legal.replaced", locales.S("number", b.Number), day("day", to), locales.S("by", by))
	case to != "" && to < c.known.Day:
		c.refuse("sheet", place+"/number", "finding.legal.over", locales.S("number", b.Number), day("day", to))
	case to != "" && to < c.later(endsSoon):
		c.warn("sheet", place+"/number", "finding.legal.ending", locales.S("number", b.Number), day("day", to))
	case from > c.known.Day:
		c.warn("sheet", place+"/number", "finding.legal.not_yet", locales.S("number", b.Number), day("day", from))
	case !listed && catalogue.LegalNumber(b.Number):
		c.warn("sheet", place+"/number", "finding.legal.unlisted", locales.S("number", b.Number))
	}
}

// endsSoon is how many days before a text ends editors are told.
const endsSoon = 180

// later is so many days after the day.
func (c *checking) later(days int) string {
	at, err := time.Parse(time.DateOnly, c.known.Day)
	if err != nil {
		return c.known.Day
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}

// ground is the legal text that something rests on: one of the sheet's by its number, or
// one that the words name.
func (c *checking) ground(number string, words ...locales.Text) bool {
	return slices.ContainsFunc(c.rev.Sheet.Legal, func(b catalogue.Basis) bool {
		return b.Number != "" && (b.Number == number || number == "" && slices.ContainsFunc(words, func(t locales.Text) bool { return strings.Contains(t.VI, b.Number) }))
	})
}
