package editorial

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"motcua/eforms/edit"
	"motcua/locales"
	"motcua/portal/catalogue"
)

// placed is a text with where it stands.
type placed struct {
	part, place string
	text        locales.Text
}

// texts are all words of the parts that editors of the sheet write, in their order.
func (c *checking) texts() []placed {
	if c.all != nil {
		return slices.Clone(c.all)
	}
	for _, p := range []struct {
		name string
		of   any
	}{{"sheet", c.rev.Sheet}, {"fees", c.rev.Fees}, {"papers", c.rev.Papers}, {"notices", c.rev.Notices}} {
		eachText(reflect.ValueOf(p.of), "", func(place string, t locales.Text) { c.all = append(c.all, placed{p.name, place, t}) })
	}
	return slices.Clone(c.all)
}

var textType = reflect.TypeFor[locales.Text]()

// eachText visits every text in a value by its JSON pointer.
func eachText(v reflect.Value, at string, visit func(place string, t locales.Text)) {
	if v.Type() == textType {
		if t := v.Interface().(locales.Text); !t.Empty() {
			visit(at, t)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if name != "" && name != "-" {
				eachText(v.Field(i), at+"/"+name, visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), at+"/"+strconv.Itoa(i), visit)
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			eachText(v.MapIndex(k), at+"/"+k.String(), visit)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), at, visit)
		}
	}
}

// translations wants every text in the languages that the sheet promises. What is missing in
// a language that it does not promise is said once.
func (c *checking) translations() {
	texts := c.texts()
	var doc *edit.Doc
	if c.rev.Form != nil {
		doc, _ = edit.Parse(c.form) // what cannot be read has no form
	}
	for _, l := range locales.Langs[1:] {
		missing := 0
		promised := slices.Contains(c.rev.Sheet.Languages, string(l))
		for _, t := range texts {
			if _, in := t.text.In(l); in == l {
				continue
			}
			if missing++; promised {
				c.refuse(t.part, t.place+"/"+string(l), "finding.untranslated", locales.S("begin", begin(t.text.VI)), locales.S("language", l.Own()))
			}
		}
		if missing > 0 && !promised {
			c.warn("sheet", "/languages", "finding.unpromised", locales.S("language", l.Own()), locales.N("n", int64(missing)))
		}
		if doc == nil {
			continue
		}
		if n := doc.Missing(l); n > 0 && promised {
			c.refuse("form", "", "finding.form_untranslated", locales.S("language", l.Own()), locales.N("n", int64(n)))
		}
	}
}

// begin is the first words of a text.
func begin(s string) string {
	words := strings.Fields(s)
	if len(words) <= 6 {
		return strings.Join(words, " ")
	}
	return strings.Join(words[:6], " ") + " …"
}

// longest is the most words that people take in at once (ux TEXT-1).
const longest = 20

var (
	sentenceEnd = regexp.MustCompile(`[.!?:;]\s+|\n+`)
	// token is a word with what may be joined to it: of 281/2016/TT-BTC nothing is an abbreviation.
	token        = regexp.MustCompile(`[\pL\pN][\pL\pN/.\-–]*`)
	abbreviation = regexp.MustCompile(`^\p{Lu}{2,6}$`)
	roman        = regexp.MustCompile(`^[IVXLC]+$`)
)

// known are abbreviations that stand on people's own cards and screens.
var knownShort = []string{"VND", "USD", "PDF", "SMS", "QR", "OTP"}

// words looks at what people will read: long sentences, abbreviations that nothing explains.
// The names of legal texts are as they are.
func (c *checking) words() {
	texts := slices.DeleteFunc(c.texts(), func(t placed) bool {
		return t.part != "sheet" || strings.HasPrefix(t.place, "/legal/") || strings.HasPrefix(t.place, "/decision/")
	})
	explained := explanations(texts)
	for _, t := range texts {
		for _, sentence := range sentenceEnd.Split(t.text.VI, -1) {
			if n := len(strings.Fields(sentence)); n > longest {
				c.warn("sheet", t.place+"/vi", "finding.long_sentence", locales.N("n", int64(n)), locales.S("begin", begin(sentence)))
			}
		}
		if !capitals(t.text.VI) {
			continue
		}
		seen := map[string]bool{}
		for _, word := range token.FindAllString(t.text.VI, -1) {
			word = strings.TrimRight(word, ".-–/")
			if abbreviation.MatchString(word) && !roman.MatchString(word) && !slices.Contains(knownShort, word) && !explained[word] && !seen[word] && shouted(t.text.VI) < 3 {
				seen[word] = true
				c.warn("sheet", t.place+"/vi", "finding.abbreviation", locales.S("word", word))
			}
		}
	}
}

// capitals says whether two letters in capitals stand together: without, nothing is an
// abbreviation, and most texts need no closer look.
func capitals(s string) bool {
	before := false
	for _, r := range s {
		upper := unicode.IsUpper(r)
		if upper && before {
			return true
		}
		before = upper
	}
	return false
}

// shouted is how many words in a row are in capitals: three are a heading.
func shouted(s string) int {
	most, row := 0, 0
	for word := range strings.FieldsSeq(s) {
		if row++; !abbreviation.MatchString(strings.Trim(word, ".,:;()")) {
			row = 0
		}
		most = max(most, row)
	}
	return most
}

var inBrackets = regexp.MustCompile(`\((?:[^()]*[\s,])?(\p{Lu}{2,6})\)`)

// explanations are the abbreviations that some text of the sheet explains: the words, then
// the abbreviation in brackets.
func explanations(texts []placed) map[string]bool {
	all := map[string]bool{}
	for _, t := range texts {
		if !capitals(t.text.VI) {
			continue
		}
		for _, m := range inBrackets.FindAllStringSubmatch(t.text.VI, -1) {
			if before, _, _ := strings.Cut(t.text.VI, m[0]); strings.TrimSpace(before) != "" {
				all[m[1]] = true
			}
		}
	}
	return all
}

// links warns of addresses that could not be opened.
func (c *checking) links() {
	for url, place := range addresses(c.rev.Sheet) {
		if why, dead := c.known.Dead[url]; dead {
			c.warn("sheet", place, "finding.dead_link", locales.S("url", url), locales.Sub("why", why))
		}
	}
}

var address = regexp.MustCompile(`https?://[^\s"'<>()]+`)

// addresses are what the sheet leads to, each with the first place that does.
func addresses(s catalogue.Sheet) map[string]string {
	all := map[string]string{}
	add := func(url, place string) {
		if _, seen := all[url]; !seen && url != "" {
			all[url] = place
		}
	}
	for i, set := range s.Components {
		for j, p := range set.Papers {
			add(p.URL, "/components/"+strconv.Itoa(i)+"/papers/"+strconv.Itoa(j)+"/url")
		}
	}
	eachText(reflect.ValueOf(s), "", func(place string, t locales.Text) {
		for _, l := range locales.Langs {
			words, in := t.In(l)
			if !strings.Contains(words, "://") {
				continue
			}
			for _, url := range address.FindAllString(words, -1) {
				if in == l {
					add(strings.TrimRight(url, ".,;:!?"), place+"/"+string(l))
				}
			}
		}
	})
	return all
}
