package eforms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// maxTyped is how many bytes of one control are kept: more than any question allows, so
// that what is too long can be given back for shortening.
const maxTyped = 20_000

// clean makes what was typed fit to be stored: valid, NFC, without the control characters
// that a database refuses and without those that turn the direction of writing, which
// could make an officer read something else than is there. Khmer needs U+200B; it stays.
func clean(s string, lines bool) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(cutAt(s, 2*maxTyped), ""), "\r\n", "\n")
	s = norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0xFEFF:
			return -1
		}
		return r
	}, s))
	return strings.TrimSpace(cutAt(s, maxTyped))
}

// cutAt keeps at most n bytes and no half letter.
func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// collapse makes one space of many.
func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// bare takes out what people put between the digits of a number.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '.' || r == '-' || r == '–' || r == '(' || r == ')' {
			return -1
		}
		return r
	}, s)
}

// allDigits says whether s is only the digits 0–9, and is not empty.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// inside is the label as it stands within a sentence: họ, chữ đệm và tên.
func (q *Question) inside() locales.Text { return each(q.name(), lowerFirst) }

// begin is the label as it begins a sentence: Họ, chữ đệm và tên.
func (q *Question) begin() locales.Text { return each(q.name(), upperFirst) }

// name is Short, or the label without what is added in brackets.
func (q *Question) name() locales.Text {
	cutBrackets := func(s string) string {
		if i := strings.Index(s, " ("); i > 0 && strings.HasSuffix(s, ")") {
			return s[:i]
		}
		return s
	}
	t := each(q.Label, cutBrackets)
	if q.Short.VI != "" {
		t.VI = q.Short.VI
	}
	if q.Short.EN != "" {
		t.EN = q.Short.EN
	}
	if q.Short.KM != "" {
		t.KM = q.Short.KM
	}
	return t
}

func each(t locales.Text, f func(string) string) locales.Text {
	return locales.Text{VI: f(t.VI), EN: f(t.EN), KM: f(t.KM)}
}

// lowerFirst leaves abbreviations (ID, UBND) as they are.
func lowerFirst(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	second, _ := utf8.DecodeRuneInString(s[n:])
	if n == 0 || unicode.IsUpper(second) {
		return s
	}
	return string(unicode.ToLower(first)) + s[n:]
}

func upperFirst(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[n:]
}

// same is a text that reads alike in every language: a name, a number, a date.
func same(s string) locales.Text { return locales.Text{VI: s, EN: s, KM: s} }

// say is words of the program as a text.
func say(key string, args ...locales.Arg) locales.Text {
	var t locales.Text
	t.VI, _ = locales.Say(locales.VI, locales.M(key, args...))
	if s, l := locales.Say(locales.EN, locales.M(key, args...)); l == locales.EN {
		t.EN = s
	}
	if s, l := locales.Say(locales.KM, locales.M(key, args...)); l == locales.KM {
		t.KM = s
	}
	return t
}

func message(key string, args ...locales.Arg) *locales.Message {
	m := locales.M("eforms."+key, args...)
	return &m
}
