package national

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// Fault is what is wrong at one place of a file. A note stops nothing.
type Fault struct {
	Line   int             `json:"line"`
	At     string          `json:"at,omitempty"`     // B5, in a table
	Column string          `json:"column,omitempty"` // the field, in the names of the record
	Note   bool            `json:"note,omitempty"`
	Says   locales.Text    `json:"says"`
	What   locales.Message `json:"-"`
}

func fault(line int, at, column, key string, args ...locales.Arg) Fault {
	m := locales.M(key, args...)
	return Fault{Line: line, At: at, Column: column, Says: say(m), What: m}
}

func note(line int, at, column, key string, args ...locales.Arg) Fault {
	f := fault(line, at, column, key, args...)
	f.Note = true
	return f
}

// say is words of the program as a text that stays: in each language as it is now.
func say(m locales.Message) locales.Text {
	var t locales.Text
	t.VI, _ = locales.Say(locales.VI, m)
	if s, l := locales.Say(locales.EN, m); l == locales.EN {
		t.EN = s
	}
	if s, l := locales.Say(locales.KM, m); l == locales.KM {
		t.KM = s
	}
	return t
}

// mostText is how long one text may be.
const mostText = 100_000

// cell is what stands at one place of a file.
type cell struct {
	text string
	line int
	at   string // B5
	name string // of the column
}

func (c cell) fault(key string, args ...locales.Arg) Fault {
	return fault(c.line, c.at, c.name, key, args...)
}

func (c cell) note(key string, args ...locales.Arg) Fault {
	return note(c.line, c.at, c.name, key, args...)
}

// cooked is what the sheet's JSON has for a cell.
type cooked struct {
	value any
	unit  string // that stood behind a number
}

var (
	spaces    = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u200b", "", "\ufeff", "", "\x00", "")
	codeShape = regexp.MustCompile(`^\d\.\d{6}$`)
	codeCut   = regexp.MustCompile(`^\d[.,]\d{1,6}$`) // a spreadsheet took it for a number: zeros at its end are gone
	thousands = regexp.MustCompile(`^\d{1,3}([.,]\d{3})+$`)
	digits    = regexp.MustCompile(`^\d{1,15}$`)
	leading   = regexp.MustCompile(`^(\d{1,9})\s*(\p{L}.*)$`)
	broken    = regexp.MustCompile(`^#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)$`)
)

// clean is a text as it is kept: composed, without what cannot be seen.
func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	return strings.TrimSpace(norm.NFC.String(spaces.Replace(s)))
}

// cook reads a cell of a field. Nothing there is nil: it says nothing.
func cook(f *Field, c cell, faults *[]Fault) cooked {
	bad := func(key string, args ...locales.Arg) cooked {
		*faults = append(*faults, c.fault(key, args...))
		return cooked{}
	}
	text := clean(c.text)
	switch {
	case text == "":
		return cooked{}
	case !utf8.ValidString(c.text):
		return bad("national.cell.letters")
	case len(text) > mostText:
		return bad("national.cell.long", locales.N("max", mostText))
	case text[0] == '#' && broken.MatchString(text):
		return bad("national.cell.formula", locales.S("value", text))
	}
	if strings.ContainsAny(text, "<&") && markup.MatchString(text) {
		if text = bareOf(text); text == "" {
			return cooked{}
		}
		*faults = append(*faults, c.note("national.cell.markup"))
	}
	switch f.Kind {
	case codeKind:
		return cookCode(text, c, faults)
	case numberKind:
		return cookNumber(f, text, c, faults)
	case moneyKind:
		return cookMoney(text, c, faults)
	case dayKind:
		if day, ok := dayOf(text); ok {
			return cooked{value: day}
		}
		return bad("national.cell.day", locales.S("value", shown(text)))
	case flagKind:
		switch fold(text) {
		case "co", "true", "1", "x", "yes":
			return cooked{value: true}
		case "khong", "false", "0", "no":
			return cooked{value: false}
		}
		return bad("national.cell.flag", locales.S("value", shown(text)))
	case codedKind, levelKind:
		return cookCoded(f, text, c, faults)
	case codesKind:
		return cookCodes(f, parted(text), c, faults)
	case stringsKind:
		var all []any
		for _, s := range parted(text) {
			all = append(all, s)
		}
		return cooked{value: all}
	}
	return cooked{value: text}
}

// cookCode takes the code of a procedure as it is, and mends what spreadsheets do to it.
func cookCode(text string, c cell, faults *[]Fault) cooked {
	switch {
	case codeShape.MatchString(text):
		return cooked{value: text}
	case codeCut.MatchString(text):
		whole := text[:1] + "." + text[2:] + strings.Repeat("0", 8-len(text))
		*faults = append(*faults, c.note("national.cell.code_mended", locales.S("value", text), locales.S("code", whole)))
		return cooked{value: whole}
	}
	*faults = append(*faults, c.fault("national.cell.code", locales.S("value", shown(text))))
	return cooked{}
}

func cookNumber(f *Field, text string, c cell, faults *[]Fault) cooked {
	unit := ""
	if m := leading.FindStringSubmatch(text); m != nil && f.Unit != "" {
		text, unit = m[1], m[2]
	}
	text = strings.TrimSuffix(text, ".0") // as some programs write whole numbers
	if n, err := strconv.ParseInt(text, 10, 32); err == nil && n >= 0 {
		return cooked{value: n, unit: unit}
	}
	*faults = append(*faults, c.fault("national.cell.number", locales.S("value", shown(text))))
	return cooked{}
}

// cookMoney reads đồng: 8000, 8.000, 8.000 đồng, Miễn phí.
func cookMoney(text string, c cell, faults *[]Fault) cooked {
	bare := text
	if i := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune("0123456789., ", r) }); i > 0 {
		switch fold(text[i:]) {
		case "dong", "vnd", "d":
			bare = strings.TrimSpace(text[:i])
		}
	}
	switch fold(text) {
	case "mienphi", "khong", "khongthu", "mienlephi":
		return cooked{value: int64(0)}
	}
	bare = strings.ReplaceAll(strings.TrimSuffix(bare, ".0"), " ", "")
	if thousands.MatchString(bare) {
		bare = strings.NewReplacer(".", "", ",", "").Replace(bare)
	}
	if digits.MatchString(bare) {
		if n, err := strconv.ParseInt(bare, 10, 64); err == nil {
			return cooked{value: n}
		}
	}
	*faults = append(*faults, c.fault("national.cell.money", locales.S("value", shown(text))))
	return cooked{}
}

// dayOf reads a day as people, programs and spreadsheets write it.
func dayOf(text string) (string, bool) {
	for _, layout := range []string{time.DateOnly, "2/1/2006", "2-1-2006", "2.1.2006", time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2/1/2006 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1900 && t.Year() < 3000 {
			return t.Format(time.DateOnly), true
		}
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil && n >= 10_000 && n < 80_000 && n == math.Trunc(n) { // counted from 1899-12-30
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)).Format(time.DateOnly), true
	}
	return "", false
}

// value finds what a word means; false: nothing that is known.
func (f *Field) value(word string) (Value, bool) {
	v, ok := f.known[fold(word)]
	return v, ok
}

func cookCoded(f *Field, text string, c cell, faults *[]Fault) cooked {
	v, known := f.value(text)
	if !known {
		*faults = append(*faults, c.fault("national.cell.unknown", locales.S("value", shown(text)), locales.S("known", words(f))))
		return cooked{}
	}
	if v.Ours == "" {
		*faults = append(*faults, c.note("national.cell.not_here", locales.S("value", shown(text))))
		return cooked{}
	}
	if f.Kind == levelKind {
		n, _ := strconv.ParseInt(v.Ours, 10, 32)
		return cooked{value: n}
	}
	return cooked{value: v.Ours}
}

// cookCodes reads several values; two words for one thing of ours are one.
func cookCodes(f *Field, words []string, c cell, faults *[]Fault) cooked {
	var all []any
	seen := map[string]bool{}
	for len(words) > 0 {
		n, word := 1, words[0]
		for k := len(words); k > 1; k-- { // a value may hold the sign that parts them
			if _, known := f.value(strings.Join(words[:k], ",")); known {
				n, word = k, strings.Join(words[:k], ",")
				break
			}
		}
		words = words[n:]
		got := cookCoded(f, word, c, faults)
		if s, ok := got.value.(string); ok && !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return cooked{}
	}
	return cooked{value: all}
}

// words are the values a field may have, for people.
func words(f *Field) string {
	var all []string
	for _, v := range f.Values {
		all = append(all, v.Word)
	}
	return strings.Join(all, "; ")
}

// parted takes a cell with several values apart: by lines, else by semicolons, else, for
// words of a list, by commas.
func parted(text string) []string {
	sign := ","
	switch {
	case strings.Contains(text, "\n"):
		sign = "\n"
	case strings.Contains(text, ";"):
		sign = ";"
	}
	var all []string
	for _, s := range strings.Split(text, sign) {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// shown cuts what was typed to what a page can say.
func shown(text string) string {
	const most = 80
	text = clean(text)
	if len(text) <= most {
		return text
	}
	n := most
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + "…"
}
