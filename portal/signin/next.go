package signin

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

const longestNext = 2000

// SafeNext is where to go after signing in: s when it is an absolute path of this site,
// "/" for everything else. Browsers read "\" as "/", drop tabs and line ends, and take
// "//host" for another site; proxies in between may decode once more. So every layer of
// percent-encoding is looked at, and what is doubtful goes home.
func SafeNext(s string) string {
	if len(s) > longestNext || !strings.HasPrefix(s, "/") || !plain(s) {
		return "/"
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return "/"
	}
	path, rest := s, ""
	if i := strings.IndexAny(s, "?#"); i >= 0 {
		path, rest = s[:i], s[i:]
	}
	if !layers(path, safePath) || !layers(rest, safeText) {
		return "/"
	}
	switch strings.ToLower(strings.TrimRight(path, "/")) {
	case "/dang-nhap", "/dang-nhap/tra-ve", "/dang-nhap/nang-muc", NotStepped, "/dang-xuat": // round and round
		return "/"
	}
	return s
}

// plain says whether s is written as an address is: visible ASCII.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// layers says whether ok holds of s and of each of its decodings.
func layers(s string, ok func(string) bool) bool {
	for range 4 {
		if !ok(s) {
			return false
		}
		decoded, err := url.PathUnescape(s)
		if err != nil || decoded == s {
			return true
		}
		s = decoded
	}
	return false // nobody encodes five times in good faith
}

func safePath(s string) bool {
	if !safeText(s) || strings.Contains(s, "//") {
		return false
	}
	for part := range strings.SplitSeq(s, "/") {
		if part == ".." || part == "." {
			return false
		}
	}
	return true
}

func safeText(s string) bool {
	if !utf8.ValidString(s) || strings.Contains(s, `\`) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		// Cf holds the marks that turn the direction of writing, and invisible ones
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
	})
}
