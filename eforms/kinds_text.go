package eforms

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"motcua/locales"
)

// plain is what the kinds with one text field have in common.
func plain(read func(b sent, a asked) any) *behaviour {
	return &behaviour{
		enters: true,
		read:   read,
		value:  valueIfRight,
		say:    func(_ asked, answer any) locales.Text { return same(text(answer)) },
		draw:   func(_ asked, answer any, f *Field) { f.Value = text(answer) },
	}
}

// valueIfRight is the text itself, unless something is wrong with it.
func valueIfRight(a asked, answer any) any {
	s := text(answer)
	if s == "" {
		return nil
	}
	if check := a.q.does().check; check != nil && check(a, answer) != nil {
		return nil
	}
	return s
}

func textKind(limit int) *behaviour {
	k := plain(func(b sent, a asked) any { return clean(b.get(a.name), a.q.Kind == LongText) })
	k.check = func(a asked, answer any) *complaint { return tooLong(a, answer, limit) }
	k.draw = func(a asked, answer any, f *Field) {
		f.Value, f.MaxLength = text(answer), a.q.limit(limit)
	}
	return k
}

// limit is the greatest length of a text.
func (q *Question) limit(usual int) int {
	if q.MaxLength > 0 {
		return q.MaxLength
	}
	return usual
}

func tooLong(a asked, answer any, usual int) *complaint {
	limit := a.q.limit(usual)
	if n := utf8.RuneCountInString(text(answer)); n > limit {
		return wrong(a, "too_long", locales.N("max", int64(limit)), locales.N("n", int64(n)))
	}
	return nil
}

// nameKind keeps a name as it was typed but for spaces: no case is forced, and one word,
// apostrophes, hyphens and letters of any people are names (H'Hen Niê, Y Moan Êñuôl).
func nameKind() *behaviour {
	k := plain(func(b sent, a asked) any { return collapse(clean(b.get(a.name), false)) })
	k.check = func(a asked, answer any) *complaint { return tooLong(a, answer, 100) }
	return k
}

// nameWarning doubts a name with digits without refusing it.
func nameWarning(name string) *locales.Message {
	if strings.IndexFunc(name, unicode.IsDigit) >= 0 {
		return message("name_digits")
	}
	return nil
}

var emailShape = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}$`)

func emailKind() *behaviour {
	k := plain(func(b sent, a asked) any { return clean(b.get(a.name), false) })
	k.check = func(_ asked, answer any) *complaint {
		if s := text(answer); len(s) > 254 || !emailShape.MatchString(s) {
			return &complaint{message: message("email")}
		}
		return nil
	}
	return k
}

// phoneKind keeps the digits: 0912345678. +84 and 84 are the country's code.
func phoneKind() *behaviour {
	k := plain(func(b sent, a asked) any {
		typed := clean(b.get(a.name), false)
		s := bare(typed)
		for _, code := range []string{"+84", "0084", "84"} {
			if rest, ok := strings.CutPrefix(s, code); ok && allDigits(rest) && (len(rest) == 9 || len(rest) == 10) {
				s = "0" + rest
				break
			}
		}
		if allDigits(s) {
			return s
		}
		return typed
	})
	k.check = func(a asked, answer any) *complaint {
		s := text(answer)
		long := len(s) == 10 || a.q.Landline && len(s) == 11
		if allDigits(s) && s[0] == '0' && long {
			return nil
		}
		if a.q.Landline {
			return wrong(a, "landline")
		}
		return wrong(a, "phone")
	}
	k.say = func(_ asked, answer any) locales.Text { return same(groupPhone(text(answer))) }
	return k
}

// groupPhone writes 0912 345 678.
func groupPhone(s string) string {
	if !allDigits(s) || len(s) != 10 && len(s) != 11 {
		return s
	}
	return s[:4] + " " + s[4:7] + " " + s[7:]
}
