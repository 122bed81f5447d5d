package eforms

import (
	"strconv"
	"strings"

	"motcua/locales"
)

// periodKind is a time from one day to another, or from one month to another; an open one
// may still go on.
func periodKind() *behaviour {
	k := composite(func(_ *Form, q *Question) []*Question {
		kind, unit := NearDate, "day"
		if q.Precision == "month" {
			kind, unit = monthKind, "month"
		}
		end := func(id string) *Question {
			return &Question{
				ID: id, Kind: kind, Label: say("eforms.period." + id + "_" + unit), Short: say("eforms.period.short_" + id + "_" + unit), Hint: say("eforms.hint." + unit),
				After: q.After, Before: q.Before, NotBefore: q.NotBefore, NotAfter: q.NotAfter,
			}
		}
		from, to := end("from"), end("to")
		if to.Optional = q.Open; q.Open {
			to.Hint = say("eforms.hint." + unit + "_open")
		}
		return []*Question{from, to}
	})
	k.check = func(a asked, _ any) *complaint {
		from, to := a.part(0), a.part(1)
		begin, okBegin := firstDay(text(from.own.value))
		end, okEnd := firstDay(text(to.own.value))
		if okBegin && okEnd && end.compare(begin) < 0 {
			c := wrong(to, "period", locales.T("from", ofEnd(from)))
			c.part = "to"
			return c
		}
		return nil
	}
	k.gather = func(a asked, value map[string]any) any {
		from, okFrom := firstDay(text(value["from"]))
		to, okTo := lastDay(text(value["to"]))
		if a.q.Open && blank(a.part(1).own.answer) {
			to, okTo = dayOf(a.s.run.Today), true
		}
		if okFrom && okTo {
			value["days"] = float64(max(to.days()-from.days()+1, 0)) // both ends count
		}
		return value
	}
	k.say = func(a asked, _ any) locales.Text {
		first, last := a.part(0), a.part(1)
		from, to := first.own.answer, last.own.answer
		switch {
		case blank(from):
			return say("eforms.period.until", locales.T("to", ofEnd(last)))
		case blank(to) && a.q.Open:
			return say("eforms.period.since", locales.T("from", ofEnd(first)))
		case blank(to):
			return ofEnd(first)
		}
		return say("eforms.period.both", locales.T("from", ofEnd(first)), locales.T("to", ofEnd(last)))
	}
	return k
}

// ofEnd is one end of a period in words.
func ofEnd(p asked) locales.Text { return p.q.does().say(p, p.own.answer) }

// firstDay is a day itself, or the first of a month; lastDay is the last.
func firstDay(s string) (day, bool) {
	if v, ok := parseISOMonth(s); ok {
		return v, true
	}
	return parseISO(s)
}

func lastDay(s string) (day, bool) {
	if v, ok := parseISOMonth(s); ok {
		return day{v.y, v.m + 1, 1}.plus(-1), true
	}
	return parseISO(s)
}

// parseISOMonth reads 2006-01 and nothing else.
func parseISOMonth(s string) (day, bool) {
	if len(s) != 7 {
		return day{}, false
	}
	return parseISO(s + "-01")
}

// sayMonth writes a month, or what was typed.
func sayMonth(s string) locales.Text {
	if v, ok := parseISOMonth(s); ok {
		s = strconv.Itoa(v.m) + "/" + strconv.Itoa(v.y)
	}
	return same(s)
}

// monthBehaviour is a month: one field mm/yyyy.
func monthBehaviour() *behaviour {
	k := plain(func(b sent, a asked) any {
		s := collapse(clean(b.get(a.name), false))
		if iso, ok := parseMonth(s); ok {
			return iso
		}
		return s
	})
	k.check = func(a asked, answer any) *complaint {
		s := text(answer)
		if v, ok := parseISOMonth(s); ok {
			last, _ := lastDay(s)
			return outOfTime(a, v, last)
		}
		return wrong(a, "month")
	}
	k.say = func(_ asked, answer any) locales.Text { return sayMonth(text(answer)) }
	k.draw = func(_ asked, answer any, f *Field) { f.Value = sayMonth(text(answer)).VI }
	return k
}

// parseMonth reads 3/2026, 03-2026, 032026, 2026-03, "tháng ba năm 2026".
func parseMonth(typed string) (string, bool) {
	s := strings.ToLower(typed)
	parts := cut(s, "/.-, ")
	switch {
	case allDigits(s) && len(s) == 6:
		parts = []string{s[:2], s[2:]}
	case len(parts) != 2:
		parts = cut(monthWords("1 "+s), "/.-, ")
		if len(parts) == 3 {
			parts = parts[1:]
		}
	}
	if len(parts) != 2 {
		return "", false
	}
	if len(parts[0]) == 4 {
		parts[0], parts[1] = parts[1], parts[0]
	}
	m, okM := month(parts[0])
	y, okY := parseYear(parts[1])
	v := day{y, m, 1}
	if !okM || !okY || !v.real() {
		return "", false
	}
	return v.iso()[:7], true
}
