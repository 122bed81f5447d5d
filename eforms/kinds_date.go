package eforms

import (
	"strconv"
	"strings"

	"motcua/locales"
)

// dateKind is a known day in three fields; with yearOnly, day and month may stay empty,
// as some registers and elders know only the year.
func dateKind(yearOnly bool) *behaviour {
	return &behaviour{
		controls: []string{"day", "month", "year"},
		enters:   true,
		read: func(b sent, a asked) any {
			t := typed{
				day:   collapse(clean(b.get(a.name+".day"), false)),
				month: collapse(clean(b.get(a.name+".month"), false)),
				year:  collapse(clean(b.get(a.name+".year"), false)),
			}
			if t.blank() {
				return ""
			}
			if iso, ok := t.parse(yearOnly); ok {
				return iso
			}
			return t.answer()
		},
		value: func(a asked, answer any) any { return dateValue(a, answer, yearOnly) },
		check: func(a asked, answer any) *complaint {
			if m, ok := answer.(map[string]any); ok {
				return partsWrong(a, typed{text(m["day"]), text(m["month"]), text(m["year"])}.spread(), yearOnly)
			}
			return checkDate(a, answer, yearOnly)
		},
		say: func(a asked, answer any) locales.Text {
			t := same(sayDate(answer))
			if v, ok := parseISO(text(answer)); ok && a.q.Words {
				t.VI += " (" + v.words() + ")"
			}
			return t
		},
		draw: drawDate,
	}
}

// nearDateKind is a day to choose: one field.
func nearDateKind() *behaviour {
	k := plain(func(b sent, a asked) any {
		s := collapse(clean(b.get(a.name), false))
		if iso, ok := (typed{day: s}).parse(false); ok {
			return iso
		}
		return s
	})
	k.value = func(a asked, answer any) any { return dateValue(a, answer, false) }
	k.check = func(a asked, answer any) *complaint {
		if _, ok := parseISO(text(answer)); ok {
			return checkDate(a, answer, false)
		}
		t := typed{day: text(answer)}.spread()
		if c := partsWrong(a, t, false); c != nil && strings.HasSuffix(c.message.Key, ".date_year4") {
			return &complaint{message: c.message}
		}
		return wrong(a, "near_date")
	}
	k.say = func(_ asked, answer any) locales.Text { return same(sayDate(answer)) }
	k.draw = func(_ asked, answer any, f *Field) {
		f.Value = text(answer)
		if v, ok := parseISO(f.Value); ok {
			f.Value = v.String()
		}
	}
	return k
}

func dateValue(a asked, answer any, yearOnly bool) any {
	if checkDate(a, answer, yearOnly) != nil {
		return nil
	}
	return text(answer)
}

// partsWrong says what is wrong with three fields that make no date: a part is missing,
// the year is short, there is no such day.
func partsWrong(a asked, t typed, yearOnly bool) *complaint {
	var missing []string
	for _, p := range []struct{ name, typed string }{{"day", t.day}, {"month", t.month}, {"year", t.year}} {
		if p.typed == "" {
			missing = append(missing, p.name)
		}
	}
	if n := len(missing); n > 0 && n < 3 && !(yearOnly && t.day == "" && t.month == "") {
		c := wrong(a, "date_missing", locales.Sub("parts", *message("part." + strings.Join(missing, "_"))))
		c.part = missing[0]
		return c
	}
	if y, ok := digits(t.year); ok && (len(t.year) < 4 || y < 1000) {
		return &complaint{part: "year", message: message("date_year4")}
	}
	return wrong(a, "date_real")
}

func checkDate(a asked, answer any, yearOnly bool) *complaint {
	v, ok := parseISO(text(answer))
	if ok {
		return outOfTime(a, v, v)
	}
	if y, ok := parseYear(text(answer)); ok && yearOnly {
		if y > dayOf(a.s.run.Today).y && a.q.NotAfter != "" {
			return wrong(a, "date_past")
		}
		return nil
	}
	return wrong(a, "date_real")
}

// outOfTime holds a day, or a month from its first to its last day, against the limits of
// its question: a month may have begun, and is not over, at the limit.
func outOfTime(a asked, v, last day) *complaint {
	today := dayOf(a.s.run.Today)
	if limit, ok := a.limit(a.q.NotAfter); ok && v.compare(limit) > 0 {
		if limit == today {
			return wrong(a, "date_past")
		}
		return wrong(a, "date_not_after", locales.D("date", limit.time()))
	}
	if limit, ok := a.limit(a.q.NotBefore); ok && last.compare(limit) < 0 {
		if limit == today {
			return wrong(a, "date_not_past")
		}
		return wrong(a, "date_not_before", locales.D("date", limit.time()))
	}
	if limit, ok := a.limit(a.q.After); ok && last.compare(limit) <= 0 {
		if limit == today {
			return wrong(a, "date_future")
		}
		return wrong(a, "date_after", locales.D("date", limit.time()))
	}
	if limit, ok := a.limit(a.q.Before); ok && v.compare(limit) >= 0 {
		return wrong(a, "date_before", locales.D("date", limit.time()))
	}
	return nil
}

// limit is the day that a limit names: 2006-01-02, today, today+3, today-60, or the answer
// to another question, if that is a day.
func (a asked) limit(written string) (day, bool) {
	if written == "" {
		return day{}, false
	}
	if n, ok := fromToday(written); ok {
		return dayOf(a.s.run.Today).plus(n), true
	}
	if v, ok := parseISO(written); ok {
		return v, true
	}
	other, ok := a.sibling(written)
	if !ok || !other.cell().shown {
		return day{}, false
	}
	return parseISO(text(other.cell().answer))
}

// fromToday reads today, today+3, today-60.
func fromToday(s string) (int, bool) {
	rest, ok := strings.CutPrefix(s, "today")
	if !ok || rest == "" {
		return 0, ok
	}
	n, err := strconv.Atoi(rest)
	return n, err == nil && (rest[0] == '+' || rest[0] == '-') && n > -100_000 && n < 100_000
}

// sayDate writes a day, a year, or what was typed.
func sayDate(answer any) string {
	if m, ok := answer.(map[string]any); ok {
		return strings.Trim(text(m["day"])+"/"+text(m["month"])+"/"+text(m["year"]), "/")
	}
	if v, ok := parseISO(text(answer)); ok {
		return v.String()
	}
	return text(answer)
}

func drawDate(a asked, answer any, f *Field) {
	t := typed{part(answer, "day"), part(answer, "month"), part(answer, "year")}
	if v, ok := parseISO(text(answer)); ok {
		t = typed{strconv.Itoa(v.d), strconv.Itoa(v.m), strconv.Itoa(v.y)}
	} else if s := text(answer); s != "" {
		t.year = s
	}
	for _, p := range []struct {
		name, value string
		width       int
	}{{"day", t.day, 2}, {"month", t.month, 2}, {"year", t.year, 4}} {
		control := Part{
			ID: a.name + "." + p.name, Name: a.name + "." + p.name, Part: p.name, Label: say("eforms.label." + p.name),
			Value: p.value, Width: p.width, InputMode: "numeric",
			Optional: a.q.Kind == DateOrYear && p.name != "year",
		}
		if a.q.Autofill == "bday" {
			control.Autocomplete = "bday-" + p.name
		}
		f.Parts = append(f.Parts, control)
	}
}

// timeKind is a time of the day: 14:05, 14h05, 8h, 8g30.
func timeKind() *behaviour {
	k := plain(func(b sent, a asked) any {
		typed := clean(b.get(a.name), false)
		if s, ok := parseTime(typed); ok {
			return s
		}
		return typed
	})
	k.check = func(a asked, answer any) *complaint {
		if s, ok := parseTime(text(answer)); !ok || s != text(answer) {
			return wrong(a, "time")
		}
		return nil
	}
	return k
}

func parseTime(typed string) (string, bool) {
	s := strings.ToLower(strings.Join(strings.Fields(typed), ""))
	for _, word := range []string{"giờ", "gio", "h", "g", "."} {
		s = strings.Replace(s, word, ":", 1)
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "phút"), "p")
	hours, minutes, parted := strings.Cut(s, ":")
	if !parted {
		return "", false
	}
	if minutes == "" {
		minutes = "0"
	}
	h, okH := digits(hours)
	m, okM := digits(minutes)
	if !okH || !okM || h > 23 || m > 59 || len(hours) > 2 || len(minutes) > 2 {
		return "", false
	}
	return pad(h) + ":" + pad(m), true
}

func pad(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
