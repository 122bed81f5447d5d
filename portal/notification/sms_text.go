package notification

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// mobile is a number of one of the country's mobile networks after 84.
var mobile = regexp.MustCompile(`^84[35789]\d{8}$`)

// Mobile is a phone number as operators want it, 84…, and whether it is one that takes
// messages: not a landline's, not another country's.
func Mobile(s string) (string, bool) {
	s = strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "").Replace(s)
	switch {
	case strings.HasPrefix(s, "+84"), strings.HasPrefix(s, "84") && len(s) == 11:
		s = strings.TrimPrefix(s, "+")
	case strings.HasPrefix(s, "0"):
		s = "84" + s[1:]
	}
	return s, mobile.MatchString(s)
}

// The letters of GSM 03.38: those of one septet and those of two. What has another needs
// 16 bits a letter, and less than half fits into a message.
const (
	septet = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	twice  = "\f^{}\\[~]|€"
)

// unmarked is a Vietnamese text without its marks, as messages are written: with them it
// would take twice the messages.
func unmarked(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == 'đ':
			return 'd'
		case r == 'Đ':
			return 'D'
		case r == '–', r == '—':
			return '-'
		case r == '“', r == '”':
			return '"'
		}
		return r
	}, norm.NFD.String(s))
	return norm.NFC.String(s)
}

// Segments is how many messages a text counts as, and whether it needs 16 bits a letter. A
// text in several carries a header in each.
func Segments(s string) (n int, wide bool) {
	units := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune(septet, r):
			units++
		case strings.ContainsRune(twice, r):
			units += 2
		default:
			wide = true
		}
	}
	one, each := 160, 153
	if wide {
		units, one, each = len(utf16.Encode([]rune(s))), 70, 67
	}
	if units <= one {
		return 1, wide
	}
	return (units + each - 1) / each, wide
}
