package eforms

import (
	"strconv"
	"strings"

	"motcua/locales"
)

// personalIDKind is the number on the identity card: 12 digits without a check digit. The
// province in it is the one of birth registration before the mergers, so it is never
// refused; a year that disagrees is a warning (Luật Căn cước 2023). Where the definition
// says so, the 9 digits of the card before 2016 are taken too.
func personalIDKind() *behaviour {
	k := plain(func(b sent, a asked) any { return digitsOr(clean(b.get(a.name), false)) })
	k.check = func(a asked, answer any) *complaint {
		s := text(answer)
		switch {
		case !allDigits(s):
			return wrong(a, "id_digits")
		case a.q.Old && len(s) != 12 && len(s) != 9:
			return wrong(a, "id_length_old", locales.N("n", int64(len(s))))
		case !a.q.Old && len(s) != 12:
			return wrong(a, "id_length", locales.N("n", int64(len(s))))
		}
		return nil
	}
	k.say = func(_ asked, answer any) locales.Text { return same(groupID(text(answer))) }
	return k
}

// digitsOr is the bare number, or what was typed when it is no number.
func digitsOr(typed string) string {
	if s := bare(typed); allDigits(s) {
		return s
	}
	return typed
}

// groupID writes 001 099 000 001, and an old number 012 345 678.
func groupID(s string) string {
	switch {
	case allDigits(s) && len(s) == 9:
		return s[:3] + " " + s[3:6] + " " + s[6:]
	case !allDigits(s) || len(s) != 12:
		return s
	}
	return s[:3] + " " + s[3:6] + " " + s[6:9] + " " + s[9:]
}

// birthYear is the year of birth that a personal number holds: the fourth digit is century
// and sex, the two after it are the year.
func birthYear(id string) (int, bool) {
	if len(id) != 12 || !allDigits(id) {
		return 0, false
	}
	return 1900 + int(id[3]-'0')/2*100 + int(id[4]-'0')*10 + int(id[5]-'0'), true
}

// idWarning compares the number with the date of birth that the question names.
func (a asked) idWarning() *locales.Message {
	if m := a.sexWarning(); m != nil {
		return m
	}
	other, ok := a.sibling(a.q.Birth)
	if !ok {
		return nil
	}
	in, ok := birthYear(text(a.cell().answer))
	said := text(other.cell().answer)
	if len(said) < 4 || !ok {
		return nil
	}
	if year, err := strconv.Atoi(said[:4]); err == nil && year != in {
		return message("id_year", locales.N("year", int64(in)))
	}
	return nil
}

// taxCodeKind is the tax code: 10 digits of a business, 13 of a dependent unit (written
// 0100109106-001), or since 1/7/2025 the 12 of a person or household business.
func taxCodeKind() *behaviour {
	k := plain(func(b sent, a asked) any {
		typed := clean(b.get(a.name), false)
		s := bare(typed)
		switch {
		case !allDigits(s):
			return typed
		case len(s) == 13:
			return s[:10] + "-" + s[10:]
		}
		return s
	})
	k.check = func(a asked, answer any) *complaint {
		s, branch, dependent := strings.Cut(text(answer), "-")
		switch {
		case !allDigits(s), dependent && (len(s) != 10 || len(branch) != 3 || !allDigits(branch)),
			!dependent && len(s) != 10 && len(s) != 12:
			return wrong(a, "tax_code")
		case len(s) == 10 && !taxCheck(s):
			return &complaint{message: message("tax_check", locales.T("label", a.q.inside()))}
		}
		return nil
	}
	return k
}

// taxCheck holds the tenth digit against the other nine: 10 − (Σ wᵢ·dᵢ mod 11).
func taxCheck(s string) bool {
	sum := 0
	for i, w := range [9]int{31, 29, 23, 19, 17, 13, 7, 5, 3} {
		sum += w * int(s[i]-'0')
	}
	check := 10 - sum%11
	return check < 10 && int(s[9]-'0') == check
}
