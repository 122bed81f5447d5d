package convert

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// reserved are ids that a question may not have.
var reserved = []string{
	"today", "case", "fact", "row", "row_no", "current", "accumulator", "them", "bo", "chon", "lam", "tep", "lang",
}

const longestID = 40 // room for a number behind it

// id makes an unused id of a name: firstName, "Ngày sinh" → first_name, ngay_sinh.
func (m *maker) id(name, otherwise string) string {
	base := slug(name)
	if base == "" {
		base = otherwise
	}
	id := base
	for n := 2; m.ids[id]; n++ {
		id = base + "_" + strconv.Itoa(n)
	}
	m.ids[id] = true
	return id
}

// slug is a name in small letters without marks.
func slug(name string) string {
	var b strings.Builder
	gap, small := false, false
	for _, r := range norm.NFD.String(strings.NewReplacer("đ", "d", "Đ", "D").Replace(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
		case r >= 'A' && r <= 'Z':
			gap = gap || small
			r += 'a' - 'A'
		default:
			gap, small = b.Len() > 0, false
			continue
		}
		if gap {
			b.WriteByte('_')
		}
		b.WriteRune(r)
		gap, small = false, true
		if b.Len() >= longestID {
			break
		}
	}
	return b.String()
}

// text is words of the source as words of a definition. Words of another language stand in
// the Vietnamese place too, until somebody translates them.
func (m *maker) text(words string) locales.Text {
	words = cut(plain(words), 4000)
	t := locales.Text{VI: words}
	switch m.lang {
	case locales.EN:
		t.EN = words
	case locales.KM:
		t.KM = words
	}
	return t
}

// textOr is the first of some words that says anything; a place that needs words never
// stays empty.
func (m *maker) textOr(words ...string) locales.Text {
	for _, w := range words {
		if t := m.text(w); !t.Empty() {
			return t
		}
	}
	return locales.V("…") // somebody must say
}

var (
	breaks = regexp.MustCompile(`(?i)<(br|/p|/div|/li|/h[1-6]|/tr)\s*/?>`)
	tags   = regexp.MustCompile(`<[A-Za-z!/][^<>]*>`)
)

// plain is text without mark-up and without what no one can see.
func plain(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = html.UnescapeString(tags.ReplaceAllString(breaks.ReplaceAllString(s, "\n"), ""))
	s = norm.NFC.String(strings.ReplaceAll(s, "\u00a0", " "))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// markdown is a text of GOV.UK Forms without its signs.
func markdown(s string) string {
	s = emphasis.ReplaceAllString(link.ReplaceAllString(s, "$1 ($2)"), "$1")
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		lines = append(lines, strings.TrimSpace(heading.ReplaceAllString(line, "")))
	}
	return strings.Join(lines, "\n")
}

var (
	emphasis = regexp.MustCompile(`\*\*([^*\n]+)\*\*`)
	link     = regexp.MustCompile(`\[([^\]\n]*)\]\(([^)\s]*)\)`)
	heading  = regexp.MustCompile(`^\s{0,3}(#{1,6}\s+|[*-]\s+)`)
)

// cut shortens a text to so many characters.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:most-1])) + "…"
}

// short is a label as it may stand inside a sentence, when it cannot itself.
func (m *maker) short(label locales.Text) locales.Text {
	if !strings.HasSuffix(label.VI, "?") && !strings.HasSuffix(label.EN, "?") {
		return locales.Text{}
	}
	words := strings.TrimSpace(strings.TrimRight(label.VI, "? "))
	if words == "" {
		words = "…"
	}
	return m.text(words)
}

// said are words of the program as words of a definition.
func said(m locales.Message) locales.Text {
	vi, _ := locales.Say(locales.VI, m)
	en, _ := locales.Say(locales.EN, m)
	return locales.Text{VI: vi, EN: en}
}
