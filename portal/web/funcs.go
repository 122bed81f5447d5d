package web

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"motcua/locales"
)

// funcs are what a template of one language may call.
func funcs(lang locales.Lang, files static) template.FuncMap {
	say := words{lang}
	return template.FuncMap{
		"t":        say.key,
		"say":      message,
		"title":    say.title,
		"text":     say.text,
		"plain":    say.plain,
		"brief":    say.brief,
		"money":    func(n int64) string { return locales.FormatMoney(lang, n) },
		"vnd":      func(n int64) locales.Money { return locales.Money(n) }, // as an argument of t
		"inner":    inner,
		"kb":       func(n int64) int64 { return (n + 1023) / 1024 },
		"mb":       func(n int64) int64 { return (n + 1<<20 - 1) >> 20 },
		"mbleft":   func(n int64) int64 { return n >> 20 }, // what is left is never said to be more than it is
		"half":     func(n int) int { return (n + 1) / 2 }, // of a picture for screens of two dots a pixel
		"number":   func(n any) string { return Number(lang, n) },
		"date":     timed("2006-01-02", locales.FormatDate),
		"time":     timed(time.RFC3339, locales.FormatTime),
		"clock":    timed(time.RFC3339, func(t time.Time) string { return t.In(locales.ICT).Format("15:04") }),
		"deadline": timed("2006-01-02", func(t time.Time) string { return locales.FormatDeadline(lang, t) }),
		"day":      day,
		"icon":     icon,
		"qr":       say.qr,
		"asset":    files.must,
		"hidden":   hidden,
		"mark":     say.foreign,
		"width":    widthClass, "inputType": inputType, "oneLine": oneLine, "described": described, // of a field
		"link": say.link,
		"dict": dict,
		"list": func(all ...any) []any { return all },
		"add":  func(a, b int) int { return a + b },
		"id":   grouped,
		"own":  func(lang string) string { return locales.Lang(lang).Own() }, // a language's name in itself
	}
}

// words are texts in one language.
type words struct{ lang locales.Lang }

// inner is a name as it stands within a sentence: without the capital of its beginning,
// unless more capitals follow, as in an abbreviation.
func inner(t locales.Text) locales.Text {
	low := func(s string) string {
		r := []rune(s)
		if len(r) < 2 || unicode.IsUpper(r[1]) {
			return s
		}
		r[0] = unicode.ToLower(r[0])
		return string(r)
	}
	return locales.Text{VI: low(t.VI), EN: low(t.EN), KM: t.KM}
}

// message is a text of the program as a value, for parts that take words.
func message(key string, pairs ...any) (locales.Message, error) {
	m := locales.Message{Key: key}
	if len(pairs)%2 != 0 {
		return m, fmt.Errorf("%q: a name without a value", key)
	}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return m, fmt.Errorf("%q: %v is not a name", key, pairs[i])
		}
		value := pairs[i+1]
		if n, isInt := value.(int); isInt {
			value = int64(n)
		}
		m.Args = append(m.Args, locales.Arg{Name: name, Value: value})
	}
	return m, nil
}

// key is {{t "key" "name" value …}}: a text of the program. Values are strings, numbers,
// times, Text, Message, Money, or HTML from another function (a link in the sentence).
func (s words) key(key string, pairs ...any) (template.HTML, error) {
	m, err := message(key, pairs...)
	if err != nil {
		return "", err
	}
	var parts []template.HTML
	for i, a := range m.Args {
		if html, ok := a.Value.(template.HTML); ok { // put in after the rest is escaped
			m.Args[i].Value = hole(len(parts))
			parts = append(parts, html)
		}
	}
	html := string(s.message(m))
	for i, part := range parts {
		html = strings.ReplaceAll(html, hole(i), string(part))
	}
	return template.HTML(html), nil
}

// hole marks where ready markup goes: characters of private use, which no text here has.
func hole(i int) string { return "\uE000" + strconv.Itoa(i) + "\uE001" }

// text shows words of any sort, escaped, with the language marked when it is not the
// page's own.
func (s words) text(v Words) (template.HTML, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return template.HTML(template.HTMLEscapeString(v)), nil
	case template.HTML:
		return v, nil
	case locales.Text:
		return s.mark(v.In(s.lang)), nil
	case *locales.Text:
		if v == nil {
			return "", nil
		}
		return s.mark(v.In(s.lang)), nil
	case locales.Message:
		return s.message(v), nil
	case *locales.Message:
		if v == nil {
			return "", nil
		}
		return s.message(*v), nil
	case fmt.Stringer:
		return template.HTML(template.HTMLEscapeString(v.String())), nil
	}
	return "", fmt.Errorf("text: %T is not words", v)
}

// plain is text without any mark, where only characters may stand (a file's title).
func (s words) plain(v Words) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case locales.Text:
		out, _ := v.In(s.lang)
		return out, nil
	case locales.Message:
		out, _ := locales.Say(s.lang, v)
		return out, nil
	}
	return "", fmt.Errorf("plain: %T is not words", v)
}

// brief is the beginning of long words, where the whole stands elsewhere on the page.
func (s words) brief(v Words, most int) (template.HTML, error) {
	t, isText := v.(locales.Text)
	if !isText {
		return s.text(v)
	}
	whole, in := t.In(s.lang)
	if utf8.RuneCountInString(whole) <= most {
		return s.mark(whole, in), nil
	}
	short := string([]rune(whole)[:most])
	if i := strings.LastIndexByte(short, ' '); i > 0 {
		short = short[:i]
	}
	return s.mark(strings.TrimRight(short, " ,;–-")+" …", in), nil
}

func (s words) message(m locales.Message) template.HTML {
	if m.Key == "" {
		return ""
	}
	return s.mark(locales.Say(s.lang, m))
}

func (s words) mark(text string, in locales.Lang) template.HTML {
	text = template.HTMLEscapeString(text)
	if in != s.lang && text != "" {
		return template.HTML(`<span lang="` + string(in) + `">` + text + `</span>`)
	}
	return template.HTML(text)
}

// foreign is the language attribute of a text that can only be plain, an option's.
func (s words) foreign(t locales.Text) template.HTMLAttr {
	if _, in := t.In(s.lang); in != s.lang {
		return template.HTMLAttr(` lang="` + string(in) + `"`)
	}
	return ""
}

// longTitle is what a browser's tab and a bookmark can still show.
const longTitle = 110

// title is "h1 – service – portal"; a page with errors says so first. Of long ones the
// end goes, not the beginning.
func (s words) title(p *Page) (string, error) {
	var parts []string
	for _, v := range []Words{p.Title, p.Service, locales.M("web.portal"), p.Site.Name} {
		part, err := s.plain(v)
		if err != nil {
			return "", err
		}
		if part != "" && !slices.Contains(parts, part) { // a start page is named as its service
			parts = append(parts, part)
		}
	}
	for len(parts) > 1 && utf8.RuneCountInString(strings.Join(parts, " – ")) > longTitle {
		parts = parts[:len(parts)-1]
	}
	title := []rune(strings.Join(parts, " – "))
	if len(title) > longTitle {
		title = append(title[:longTitle-1], '…')
	}
	if len(p.Errors) > 0 {
		prefix, _ := s.plain(locales.M("web.error_prefix"))
		return prefix + " " + string(title), nil
	}
	return string(title), nil
}

// link is a link inside a sentence: {{t "help.call" "phone" (link "tel:1022" "1022")}}.
func (s words) link(address string, v Words) (template.HTML, error) {
	inner, err := s.text(v)
	if err != nil {
		return "", err
	}
	if !Local(address) && !strings.HasPrefix(address, "tel:") && !strings.HasPrefix(address, "mailto:") && !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "#") {
		return inner, nil
	}
	return template.HTML(`<a href="` + template.HTMLEscapeString(address) + `">` + string(inner) + `</a>`), nil
}

// timed is a function that shows an instant in a <time>.
func timed(machine string, person func(time.Time) string) func(any) (template.HTML, error) {
	return func(v any) (template.HTML, error) {
		var t time.Time
		switch v := v.(type) {
		case time.Time:
			t = v
		case *time.Time:
			if v == nil {
				return "", nil
			}
			t = *v
		default:
			return "", fmt.Errorf("%T is not a time", v)
		}
		if t.IsZero() {
			return "", nil
		}
		t = t.In(locales.ICT)
		return template.HTML(`<time datetime="` + t.Format(machine) + `">` + template.HTMLEscapeString(person(t)) + `</time>`), nil
	}
}

// Number groups the digits of a whole number as the language does.
func Number(lang locales.Lang, n any) string {
	s := fmt.Sprint(n)
	sep := byte('.')
	if lang == locales.EN {
		sep = ','
	}
	var b []byte
	for i := range len(s) {
		if i > 0 && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b = append(b, sep)
		}
		b = append(b, s[i])
	}
	return string(b)
}

// day shows a day that is written 2006-01-02, as dates in published records are.
func day(s string) template.HTML {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return template.HTML(template.HTMLEscapeString(s))
	}
	return template.HTML(`<time datetime="` + s + `">` + t.Format("2/1/2006") + `</time>`)
}

// Day writes a day that is stored 2006-01-02 as people write it; anything else as it is.
func Day(s string) string {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return s
	}
	return t.Format("2/1/2006")
}

// grouped shows a personal ID number in threes, as people read it out.
func grouped(number string) string {
	if len(number) != 12 {
		return number
	}
	return number[:3] + " " + number[3:6] + " " + number[6:9] + " " + number[9:]
}

// hidden are the first fields of every form: the token of this session and a one-time key
// of its own.
func hidden(p *Page) (template.HTML, error) {
	if p.token == nil {
		return "", errors.New("a page that is kept for everybody cannot hold a form that changes something")
	}
	return template.HTML(`<input type="hidden" name="_csrf" value="` + p.token() + `"><input type="hidden" name="_key" value="` + uuid.NewString() + `">`), nil
}

// dict gives a part more than one thing: {{template "field" (dict "Page" $ "Question" .)}}.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is not a name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}
