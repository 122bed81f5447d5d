package eforms

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"motcua/locales"
)

// day is a date without a time or a zone.
type day struct{ y, m, d int }

func dayOf(t time.Time) day {
	y, m, d := t.In(locales.ICT).Date()
	return day{y, int(m), d}
}

// parseISO reads 2006-01-02 and nothing else.
func parseISO(s string) (day, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return day{}, false
	}
	y, okY := digits(s[:4])
	m, okM := digits(s[5:7])
	d, okD := digits(s[8:])
	v := day{y, m, d}
	return v, okY && okM && okD && v.real()
}

// parseYear reads 2006 and nothing else.
func parseYear(s string) (int, bool) {
	y, ok := digits(s)
	return y, ok && len(s) == 4 && y >= 1000
}

func digits(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && allDigits(s)
}

// real says whether there is such a day; years have four digits.
func (v day) real() bool {
	if v.y < 1000 || v.y > 9999 || v.m < 1 || v.m > 12 || v.d < 1 || v.d > 31 {
		return false
	}
	_, m, d := v.time().Date()
	return int(m) == v.m && d == v.d
}

// time is noon of the day here, so that any zone near prints the same day.
func (v day) time() time.Time {
	return time.Date(v.y, time.Month(v.m), v.d, 12, 0, 0, 0, locales.ICT)
}

func (v day) iso() string { return fmt.Sprintf("%04d-%02d-%02d", v.y, v.m, v.d) }

// String is the day as people here write it.
func (v day) String() string { return fmt.Sprintf("%d/%d/%04d", v.d, v.m, v.y) }

func (v day) days() int {
	return int(time.Date(v.y, time.Month(v.m), v.d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (v day) plus(n int) day {
	y, m, d := time.Date(v.y, time.Month(v.m), v.d+n, 0, 0, 0, 0, time.UTC).Date()
	return day{y, int(m), d}
}

func (v day) compare(w day) int { return v.days() - w.days() }

// yearsUntil is the age on day w of someone born on v. Who is born on 29 February is a
// year older on 1 March.
func (v day) yearsUntil(w day) int {
	n := w.y - v.y
	if w.m < v.m || w.m == v.m && w.d < v.d {
		n--
	}
	return max(n, 0)
}

// typed is a date as its three fields were typed.
type typed struct{ day, month, year string }

func (t typed) answer() map[string]any {
	return map[string]any{"day": t.day, "month": t.month, "year": t.year}
}

func (t typed) blank() bool { return t == typed{} }

// spread takes a whole date that was put into the first box apart: 31/3/1986, 31031986,
// "ngày 31 tháng 3 năm 1986", 1986-03-31.
func (t typed) spread() typed {
	if t.month != "" || t.year != "" || t.day == "" {
		return t
	}
	if parts := splitDate(t.day); len(parts) == 3 {
		return typed{parts[0], parts[1], parts[2]}
	}
	return t
}

// splitDate gives day, month and year of a whole date, or something else than three parts.
func splitDate(s string) []string {
	s = strings.ToLower(strings.TrimSpace(s))
	if allDigits(s) && (len(s) == 8 || len(s) == 6) { // 31031986; 310386 is refused for its year
		return []string{s[:2], s[2:4], s[4:]}
	}
	if parts := cut(s, "/.-"); len(parts) == 3 {
		if len(parts[0]) == 4 { // ISO, as some programs paste it
			parts[0], parts[2] = parts[2], parts[0]
		}
		return parts
	}
	return cut(monthWords(s), "/.-, ")
}

// cut splits at any of the separators and drops empty parts.
func cut(s, separators string) []string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(separators, r) })
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return parts
}

// months are the names of months, without "tháng".
var months = map[string]int{
	"một": 1, "giêng": 1, "hai": 2, "ba": 3, "tư": 4, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8,
	"chín": 9, "mười": 10, "mười một": 11, "mười hai": 12, "chạp": 12,
	"mot": 1, "gieng": 1, "tu": 4, "bon": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
	"muoi mot": 11, "muoi hai": 12, "chap": 12,
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
	"september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}

// filler are the words around the numbers of a date.
var filler = map[string]bool{"ngày": true, "ngay": true, "tháng": true, "thang": true}

// monthWords turns "31 tháng mười hai 1986" into "31 12 1986".
func monthWords(s string) string {
	fields := strings.Fields(s)
	out := fields[:0:0]
	for i := 0; i < len(fields); i++ {
		word := strings.Trim(fields[i], ",")
		if filler[word] || (word == "năm" || word == "nam") && i == len(fields)-2 {
			continue // "năm" is also the fifth month
		}
		if i+1 < len(fields) {
			if n, ok := months[word+" "+fields[i+1]]; ok {
				out = append(out, strconv.Itoa(n))
				i++
				continue
			}
		}
		if n, ok := months[word]; ok {
			word = strconv.Itoa(n)
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// month reads 3, 03, "ba", "tháng ba", "March".
func month(s string) (int, bool) {
	s = strings.Join(strings.Fields(strings.ToLower(s)), " ")
	for _, prefix := range []string{"tháng ", "thang "} {
		s = strings.TrimPrefix(s, prefix)
	}
	if n, ok := months[s]; ok {
		return n, true
	}
	n, ok := digits(s)
	return n, ok && s != "" && len(s) <= 2
}

// parse reads the three fields. yearOnly allows day and month to be empty.
func (t typed) parse(yearOnly bool) (string, bool) {
	t = t.spread()
	if yearOnly && t.day == "" && t.month == "" {
		_, ok := parseYear(t.year)
		return t.year, ok
	}
	m, okM := month(t.month)
	d, okD := digits(t.day)
	y, okY := parseYear(t.year)
	v := day{y, m, d}
	if !okM || !okD || !okY || len(t.day) > 2 || !v.real() {
		return "", false
	}
	return v.iso(), true
}
