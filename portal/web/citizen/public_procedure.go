package citizen

import (
	"slices"
	"time"

	"motcua/locales"
	"motcua/portal/catalogue"
	"motcua/portal/web"
)

// procedurePage is a procedure as its page shows it: the record, and in words what the
// record has as codes.
type procedurePage struct {
	*catalogue.Revision
	Field    locales.Text
	Service  string // full, partial, information
	Online   bool   // it can be filed here
	Who      []web.Words
	Time     web.Words
	Cost     web.Words
	How      []web.Words
	Tiers    []web.Words
	Channels []channelRow
	Papers   []paperCase
	Receiver locales.Text
	Units    []string // where it applies, by name; none: the whole province
	Address  string   // of the page, for the code on the check list
}

// channelRow is a way to file with its time and fees.
type channelRow struct {
	Name locales.Message
	Time web.Words
	Note locales.Text
	Fees []feeLine
}

// feeLine is a fee or a charge with what it rests on and who does not pay it.
type feeLine struct {
	Kind   web.Words // fee (phí) or charge (lệ phí), nil where the record does not say
	Amount web.Words
	Note   locales.Text
	Less   web.Words // what is taken off for filing online, nil for nothing
	Exempt []locales.Text
	Ground string
}

// paperCase is the check list of one case.
type paperCase struct {
	Case   locales.Text
	Papers []paperLine
}

type paperLine struct {
	catalogue.Component
	Counts []locales.Message
}

func procedureOf(rev *catalogue.Revision) procedurePage {
	s := rev.Sheet
	p := procedurePage{
		Revision: rev, Field: rev.Field.Name, Service: s.Service(), Online: rev.Form != nil,
		Who: wordsOf("public.audience.", s.Audience), Tiers: wordsOf("public.tier.", s.Tiers),
		Time: timeOf(s), Cost: costOf(s), Receiver: receiver(s),
	}
	for _, c := range s.Channels {
		name := locales.M("public.channel." + c.Channel)
		p.How = append(p.How, name)
		row := channelRow{Name: name, Time: duration(c.Time), Note: c.Time.Note}
		for _, f := range c.Fees {
			row.Fees = append(row.Fees, feeOf(f))
		}
		p.Channels = append(p.Channels, row)
	}
	for _, set := range s.Components {
		p.Papers = append(p.Papers, papersOf(set))
	}
	return p
}

func feeOf(f catalogue.Price) feeLine {
	line := feeLine{Amount: amount(f), Exempt: f.Exempt, Ground: f.Ground}
	if !f.Unit.Empty() {
		line.Note = f.Note
	}
	if f.Kind != "" {
		line.Kind = locales.M("public.fee.kind." + f.Kind)
	}
	if r := f.Reduction; r != nil {
		line.Less = locales.M("public.fee.less", locales.N("percent", int64(r.Percent)))
		if to, err := time.ParseInLocation(time.DateOnly, r.To, locales.ICT); err == nil {
			line.Less = locales.M("public.fee.less.until", locales.N("percent", int64(r.Percent)), locales.D("to", to))
		}
	}
	return line
}

func wordsOf(prefix string, codes []string) []web.Words {
	all := make([]web.Words, len(codes))
	for i, code := range codes {
		all[i] = locales.M(prefix + code)
	}
	return all
}

func papersOf(set catalogue.Components) paperCase {
	out := paperCase{Case: set.Case}
	for _, p := range set.Papers {
		line := paperLine{Component: p}
		for _, n := range []struct {
			key string
			n   int
		}{{"public.paper.originals", p.Originals}, {"public.paper.copies", p.Copies}, {"public.paper.certified", p.Certified}} {
			if n.n > 0 {
				line.Counts = append(line.Counts, locales.M(n.key, locales.N("n", int64(n.n))))
			}
		}
		out.Papers = append(out.Papers, line)
	}
	return out
}

// timeOf is how long it takes: online where that is a way to file, else the first way.
func timeOf(s catalogue.Sheet) web.Words {
	if c, ok := s.Channel(catalogue.Online); ok {
		return duration(c.Time)
	}
	if len(s.Channels) > 0 {
		return duration(s.Channels[0].Time)
	}
	return locales.M("public.time.unknown")
}

// duration is a time in words; where the record has none, its note says how it is.
func duration(t catalogue.Time) web.Words {
	switch {
	case t.Unit == "same_day":
		return locales.M("public.time.same_day")
	case t.Amount > 0:
		return locales.M("public.time."+t.Unit, locales.N("n", int64(t.Amount)))
	case !t.Note.Empty():
		return t.Note
	}
	return locales.M("public.time.unknown")
}

// costOf is what it costs in a line: free, the one price there is, or from the lowest.
func costOf(s catalogue.Sheet) web.Words {
	if s.Free() {
		return locales.M("public.fee.free")
	}
	var prices []catalogue.Price
	for _, c := range s.Channels {
		for _, p := range c.Fees {
			if !p.Unit.Empty() {
				p.Note = locales.Text{} // says how it is paid; the price is the same
			}
			if !slices.ContainsFunc(prices, p.ReadsAs) {
				prices = append(prices, p)
			}
		}
	}
	if len(prices) == 1 {
		return amount(prices[0])
	}
	return locales.M("public.fee.varies")
}

// shortCost is the same for a card, which has no room for conditions.
func shortCost(s catalogue.Sheet) web.Words {
	switch cost := costOf(s).(type) {
	case locales.Text:
		if len([]rune(cost.VI)) <= shortWords {
			return cost
		}
		return locales.M("public.fee.some")
	default:
		return cost
	}
}

const shortWords = 24

// amount is a published price in words. Without a unit only its note says what it costs.
func amount(p catalogue.Price) web.Words {
	switch {
	case p.Unit.Empty() && !p.Note.Empty():
		return p.Note
	case p.Unit.Empty():
		return locales.M("public.fee.see_note")
	case p.Pending:
		return locales.M("public.fee.pending")
	case p.Amount == 0:
		return locales.M("public.fee.free")
	}
	price := locales.Text{VI: web.Number(locales.VI, p.Amount) + " " + p.Unit.VI}
	if p.Unit.EN != "" {
		price.EN = web.Number(locales.EN, p.Amount) + " " + p.Unit.EN
	}
	return price
}

// receiver is who takes the dossier at the counter.
func receiver(s catalogue.Sheet) locales.Text {
	for _, o := range s.Agencies {
		if o.Role == catalogue.Receives {
			return o.Name
		}
	}
	if len(s.Agencies) > 0 {
		return s.Agencies[0].Name
	}
	return locales.Text{}
}
