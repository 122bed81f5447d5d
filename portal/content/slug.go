package content

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longestSlug is as much of a title as an address needs.
const longestSlug = 60

// slugOf is a title as the last word of an address: small letters without marks.
func slugOf(title string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(title)) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	slug := strings.Join(strings.Fields(b.String()), "-")
	if len(slug) <= longestSlug {
		return slug
	}
	slug = slug[:longestSlug]
	if last := strings.LastIndexByte(slug, '-'); last > 0 {
		slug = slug[:last]
	}
	return slug
}
