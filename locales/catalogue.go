package locales

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Each language is a folder of JSON files, one for a part of the program; a file is an
// object of key → text. An argument stands as {name}; where English needs a plural, the
// text is "{n|one day|{n} days}": singular form, then the other.
//
//go:embed vi/*.json en/*.json km/*.json
var files embed.FS

// ICT is Vietnam's zone: every date that people see is in it.
var ICT = time.FixedZone("ICT", 7*3600)

var catalogue = sync.OnceValue(func() map[Lang]map[string]string {
	all := make(map[Lang]map[string]string, len(Langs))
	for _, l := range Langs {
		all[l] = make(map[string]string)
		names, err := fs.Glob(files, path.Join(string(l), "*.json"))
		if err != nil {
			panic(err)
		}
		for _, name := range names {
			b, err := files.ReadFile(name)
			if err != nil {
				panic(err)
			}
			part := map[string]string{}
			if err := json.Unmarshal(b, &part); err != nil {
				panic(fmt.Sprintf("locales: %s: %v", name, err))
			}
			for k, v := range part {
				if _, twice := all[l][k]; twice {
					panic(fmt.Sprintf("locales: %s: key %q is there twice", name, k))
				}
				all[l][k] = v
			}
		}
	}
	return all
})

// Keys returns the catalogue of a language by key. The caller must not change it.
func Keys(l Lang) map[string]string { return catalogue()[l] }

// Has says whether the language (or its fallback) knows the key.
func Has(key string) bool { _, ok := catalogue()[VI][key]; return ok }

// Say renders a message in l, or in Vietnamese when l has no such key, and returns the
// language of the words. An unknown key comes back as itself: a test keeps that from
// happening.
func Say(l Lang, m Message) (string, Lang) {
	text, ok := catalogue()[l][m.Key]
	if !ok {
		if text, ok = catalogue()[VI][m.Key]; !ok {
			return m.Key, VI
		}
		l = VI
	}
	return expand(l, text, m.Args), l
}

// expand puts the arguments into their places, choosing plural forms.
func expand(l Lang, text string, args []Arg) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for text != "" {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			b.WriteString(text)
			break
		}
		b.WriteString(text[:i])
		end := closing(text[i:])
		if end < 0 {
			b.WriteString(text[i:])
			break
		}
		b.WriteString(place(l, text[i+1:i+end], args))
		text = text[i+end+1:]
	}
	return b.String()
}

// closing is the index of the brace that closes the one text begins with, or -1.
func closing(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func place(l Lang, inner string, args []Arg) string {
	name, forms, plural := strings.Cut(inner, "|")
	value, ok := find(args, name)
	if !ok {
		return "{" + inner + "}"
	}
	if !plural {
		return show(l, value)
	}
	one, other, _ := strings.Cut(forms, "|")
	if n, isNumber := value.(int64); isNumber && n == 1 {
		return expand(l, one, args)
	}
	return expand(l, other, args)
}

func find(args []Arg, name string) (any, bool) {
	for _, a := range args {
		if a.Name == name {
			return a.Value, true
		}
	}
	return nil, false
}

func show(l Lang, v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case int:
		return strconv.Itoa(v)
	case float64: // a number that has been through JSON
		return strconv.FormatFloat(v, 'f', -1, 64)
	case Money:
		return FormatMoney(l, int64(v))
	case Text:
		s, _ := v.In(l)
		return s
	case Message:
		s, _ := Say(l, v)
		return s
	case time.Time:
		return FormatDate(v)
	}
	return fmt.Sprint(v)
}

// FormatMoney writes an amount: 50.000 đồng, in English 50,000 VND.
func FormatMoney(l Lang, n int64) string {
	if l == EN {
		return group(n, ',') + " VND"
	}
	return group(n, '.') + " đồng"
}

func group(n int64, sep byte) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var b []byte
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 {
			b = append(b, sep)
		}
		b = append(b, s[i])
	}
	return sign + string(b)
}

// FormatDate writes a day as people here do: 31/3/1986.
func FormatDate(t time.Time) string { return t.In(ICT).Format("2/1/2006") }

// FormatTime writes an instant: 14:05, 31/3/1986.
func FormatTime(t time.Time) string { return t.In(ICT).Format("15:04, 2/1/2006") }

var weekdays = map[Lang][7]string{
	VI: {"Chủ Nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"},
	EN: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}

// FormatDeadline writes a day with its weekday: Thứ Sáu, 28/11/2026.
func FormatDeadline(l Lang, t time.Time) string {
	names, ok := weekdays[l]
	if !ok {
		names = weekdays[VI]
	}
	return names[t.In(ICT).Weekday()] + ", " + FormatDate(t)
}
