package catalogue

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// word is one syllable of a text: as it compares, and as it was written.
type word struct {
	bare   string // without marks: hoà, hòa and hoa are one
	marked string // composed, lower case, the tone where it is written today
}

// words parts a text into its syllables.
func words(s string) []word {
	var all []word
	for _, marked := range strings.FieldsFunc(strings.ToLower(norm.NFC.String(s)), notOfWord) {
		all = append(all, word{bare(marked), modern(marked)})
	}
	return all
}

func notOfWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
}

// bare takes the marks off: đ is d, and an i that is written y after a consonant (kỹ, lý)
// is i, as many people write it.
func bare(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case !unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		}
	}
	return plainI(b.String())
}

func plainI(s string) string {
	stem, ok := strings.CutSuffix(s, "y")
	if !ok || stem == "" {
		return s
	}
	if stem != "qu" && strings.ContainsAny(stem, "aeiouy") {
		return s
	}
	return stem + "i"
}

// tones are the marks that move between the vowels of oa, oe, uy, by the old rule or the
// new one.
const tones = "\u0300\u0301\u0303\u0309\u0323"

// modern writes the tone of oa, oe, uy at the end of a syllable on the second vowel (hoà),
// so that both ways of writing compare as one.
func modern(s string) string {
	d := []rune(norm.NFD.String(s))
	if n := len(d); n >= 3 && strings.ContainsRune(tones, d[n-2]) {
		if pair := string(d[n-3]) + string(d[n-1]); pair == "oa" || pair == "oe" || pair == "uy" {
			d[n-2], d[n-1] = d[n-1], d[n-2]
		}
	}
	return norm.NFC.String(string(d))
}

// sounding are the letters at the beginning and the end of a bare syllable that are
// confused where they sound the same: ch and tr, s and x, d, gi and r; n, ng and nh, t and c.
var sounding = struct{ first, last []string }{
	first: []string{"tr", "ch", "x", "s", "gi", "d", "r", "d", "ph", "f", "ngh", "ng", "gh", "g", "k", "c", "qu", "w"},
	last:  []string{"ng", "n", "nh", "n", "ch", "t", "c", "t"},
}

// sound is a bare syllable as it sounds to somebody: what sounds the same is written the same.
func sound(s string) string {
	for i := 0; i < len(sounding.first); i += 2 {
		if rest, ok := strings.CutPrefix(s, sounding.first[i]); ok && rest != "" {
			s = sounding.first[i+1] + rest
			break
		}
	}
	for i := 0; i < len(sounding.last); i += 2 {
		if rest, ok := strings.CutSuffix(s, sounding.last[i]); ok && len(rest) > 1 {
			return rest + sounding.last[i+1]
		}
	}
	return s
}

// untyped undoes what stays on the screen when a keyboard's Vietnamese typing was off: the
// letters of Telex ("ddaawng") and the digits of VNI ("d9a8ng").
func untyped(s string) []string {
	var forms []string
	if s[0] < '0' || s[0] > '9' {
		if vni := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, s); vni != s && vni != "" {
			forms = append(forms, plainI(vni))
		}
	}
	if t := telex(s); t != s {
		forms = append(forms, plainI(t))
		if n := len(t); n > 2 && strings.IndexByte("sfrxj", t[n-1]) >= 0 {
			forms = append(forms, plainI(t[:n-1]))
		}
	} else if n := len(s); n > 2 && strings.IndexByte("sfrxj", s[n-1]) >= 0 {
		forms = append(forms, plainI(s[:n-1]))
	}
	return forms
}

// telex joins doubled letters and drops the w that makes ă, ơ, ư.
func telex(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		n := len(b)
		switch {
		case c == 'w' && n > 0:
			continue
		case n > 0 && b[n-1] == c && strings.IndexByte("adeo", c) >= 0:
			continue
		case c == 'w':
			c = 'u'
		}
		b = append(b, c)
	}
	return string(b)
}

// distance is the number of letters to put in, leave out, change or swap to make b of a,
// or more than most when it is more.
func distance(a, b string, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	var before, last, row [32]int
	if len(b) >= len(row) {
		return most + 1
	}
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		before, last = last, row
	}
	return last[len(b)]
}
