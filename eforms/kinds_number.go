package eforms

import (
	"math"
	"strconv"
	"strings"

	"motcua/locales"
)

// maxNumber is the greatest number that may be answered: logic counts it exactly.
const maxNumber = 999_999_999_999_999

// numeric is what the kinds of numbers have in common; parse gives the final form of what
// was typed: digits, "-" in front, "," before decimals. The comma keeps it apart from
// "1.125", which stays as typed because it may be either.
func numeric(parse func(s string) (string, bool), format func(s string) locales.Text, faulty string) *behaviour {
	k := plain(func(b sent, a asked) any {
		typed := clean(b.get(a.name), false)
		if s, ok := parse(typed); ok {
			return s
		}
		return typed
	})
	k.check = func(a asked, answer any) *complaint {
		f, ok := canonical(text(answer))
		switch {
		case !ok && a.q.Kind == Decimal && ambiguous(text(answer)):
			return wrong(a, "decimal_ambiguous")
		case !ok || a.q.Kind != Decimal && f != math.Trunc(f):
			return wrong(a, faulty)
		}
		return outOfRange(a, f, format)
	}
	k.value = func(a asked, answer any) any {
		f, ok := canonical(text(answer))
		if !ok || k.check(a, answer) != nil {
			return nil
		}
		return f
	}
	k.say = func(_ asked, answer any) locales.Text {
		if _, ok := canonical(text(answer)); !ok {
			return same(text(answer))
		}
		return format(text(answer))
	}
	return k
}

func integerKind() *behaviour {
	return numeric(parseWhole, func(s string) locales.Text { return grouped(s) }, "whole")
}

func moneyKind() *behaviour {
	k := numeric(parseMoney, amount, "money")
	k.draw = func(_ asked, answer any, f *Field) {
		f.Value = text(answer)
		if n, ok := canonical(f.Value); ok && n == math.Trunc(n) {
			f.Value = grouped(f.Value).VI
		}
		if f.Suffix.Empty() {
			f.Suffix = say("eforms.dong")
		}
	}
	return k
}

func decimalKind() *behaviour {
	k := numeric(parseDecimal, grouped, "decimal")
	ranged := k.check
	k.check = func(a asked, answer any) *complaint {
		if c := ranged(a, answer); c != nil {
			return c
		}
		limit := a.q.Decimals
		if limit == 0 {
			limit = 2
		}
		if _, fraction, _ := strings.Cut(text(answer), ","); len(fraction) > limit {
			return wrong(a, "decimals", locales.N("n", int64(limit)))
		}
		return nil
	}
	return k
}

// outOfRange holds a number against min and max; without a min it may not be negative.
func outOfRange(a asked, f float64, format func(string) locales.Text) *complaint {
	low, high := 0.0, float64(maxNumber)
	if a.q.Min != nil {
		low = *a.q.Min
	}
	if a.q.Max != nil {
		high = *a.q.Max
	}
	if f >= low && f <= high {
		return nil
	}
	show := func(name string, v float64) locales.Arg {
		return locales.T(name, format(strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)))
	}
	switch {
	case a.q.Max == nil && f < low:
		return wrong(a, "min", show("min", low))
	case a.q.Min == nil && f > high:
		return wrong(a, "max", show("max", high))
	}
	return wrong(a, "range", show("min", low), show("max", high))
}

// canonical reads a number in its final form, and only in that.
func canonical(s string) (float64, bool) {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(s, "-"), ",")
	switch {
	case !allDigits(whole), len(whole) > 15, len(whole) > 1 && whole[0] == '0',
		point && (!allDigits(fraction) || len(fraction) > 10 || fraction[len(fraction)-1] == '0'):
		return 0, false
	}
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return f, err == nil
}

// parseWhole reads 1500, 1.500, 1,500 and 1 500.
func parseWhole(typed string) (string, bool) {
	sign, s := signOf(strings.Join(strings.Fields(typed), " "))
	for _, sep := range []string{".", ",", " "} {
		if strings.Contains(s, sep) {
			if !inThrees(s, sep) {
				return "", false
			}
			s = strings.ReplaceAll(s, sep, "")
			break
		}
	}
	if !allDigits(s) || len(s) > 15 {
		return "", false
	}
	if s = strings.TrimLeft(s, "0"); s == "" {
		return "0", true
	}
	return sign + s, true
}

func signOf(s string) (sign, rest string) {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return "-", rest
	}
	return "", s
}

// inThrees says whether sep stands before groups of three digits only.
func inThrees(s, sep string) bool {
	parts := strings.Split(s, sep)
	for i, p := range parts {
		if !allDigits(p) || i > 0 && len(p) != 3 || i == 0 && len(p) > 3 {
			return false
		}
	}
	return true
}

// parseMoney is parseWhole with the unit behind.
func parseMoney(typed string) (string, bool) {
	s := strings.ToLower(typed)
	for _, unit := range []string{"đồng", "vnđ", "vnd", "₫", "đ"} {
		if rest, ok := strings.CutSuffix(s, unit); ok {
			s = strings.TrimSpace(rest)
			break
		}
	}
	return parseWhole(s)
}

// parseDecimal reads 12,5 and 12.5 and 1.500,25 and 1,500.25; a lone dot before exactly
// three digits may be either and is refused.
func parseDecimal(typed string) (string, bool) {
	sign, s := signOf(strings.Join(strings.Fields(typed), ""))
	dot, comma := strings.LastIndex(s, "."), strings.LastIndex(s, ",")
	if ambiguous(typed) || !digitsAround(s) {
		return "", false
	}
	whole, fraction := s, ""
	switch {
	case dot < 0 && comma < 0:
	case dot >= 0 && comma >= 0:
		at := max(dot, comma)
		whole, fraction = s[:at], s[at+1:]
	case strings.Count(s, ".")+strings.Count(s, ",") == 1:
		at := max(dot, comma)
		whole, fraction = s[:at], s[at+1:]
	}
	whole, ok := parseWhole(whole)
	if !ok || fraction != "" && !allDigits(fraction) {
		return "", false
	}
	fraction = strings.TrimRight(fraction, "0")
	switch {
	case fraction != "":
		whole = sign + whole + "," + fraction
	case whole != "0":
		whole = sign + whole
	}
	_, ok = canonical(whole)
	return whole, ok
}

// digitsAround says whether s begins and ends with a digit.
func digitsAround(s string) bool {
	return s != "" && allDigits(s[:1]) && allDigits(s[len(s)-1:])
}

// ambiguous says whether a dot may part thousands or decimals.
func ambiguous(typed string) bool {
	_, s := signOf(strings.Join(strings.Fields(typed), ""))
	whole, fraction, dot := strings.Cut(s, ".")
	return dot && allDigits(whole) && whole != "0" && len(whole) <= 3 && len(fraction) == 3 && allDigits(fraction)
}

// grouped writes a number in its final form for people: 1.500,5 and in English 1,500.5.
func grouped(s string) locales.Text {
	sign, rest := signOf(s)
	whole, fraction, point := strings.Cut(rest, ",")
	var b strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte('.')
		}
		b.WriteRune(c)
	}
	vi := sign + b.String()
	en := strings.ReplaceAll(vi, ".", ",")
	if point {
		vi, en = vi+","+fraction, en+"."+fraction
	}
	return locales.Text{VI: vi, EN: en, KM: vi}
}

// amount writes whole đồng.
func amount(s string) locales.Text {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return same(s)
	}
	return locales.Text{VI: locales.FormatMoney(locales.VI, n), EN: locales.FormatMoney(locales.EN, n), KM: locales.FormatMoney(locales.KM, n)}
}
