package edit

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"motcua/locales"
)

// Warning is something that may be published and had better not be.
type Warning struct {
	Pointer string
	Label   locales.Text // of the part
	Message locales.Message
}

// Limits of what people take in at once (ux FORM-2, TEXT-1).
const (
	citizenFields  = 6
	businessFields = 15
	sentenceWords  = 20
)

// wordList is what forms do not say, with what they say instead.
//
//go:embed words.json
var wordList []byte

// avoided are the words of the list.
type avoided struct {
	Say     string `json:"say"`
	Instead string `json:"instead"`
	pattern *regexp.Regexp
}

var avoid = sync.OnceValue(func() []avoided {
	var all []avoided
	if err := json.Unmarshal(wordList, &all); err != nil {
		panic(err)
	}
	for i := range all {
		all[i].pattern = regexp.MustCompile(`(?i)(^|[^\pL\pM])` + regexp.QuoteMeta(all[i].Say) + `($|[^\pL\pM])`)
	}
	return all
})

// Warnings are what an editor should look at, in the form's order.
func (d *Doc) Warnings() []Warning {
	var all []Warning
	d.warnParts(d.Outline().Parts, &all)
	d.eachText("", func(pointer string, t locales.Text) {
		all = append(all, d.warnText(pointer, t)...)
	})
	slices.SortStableFunc(all, func(a, b Warning) int { return compare(a.Pointer, b.Pointer) })
	return all
}

func (d *Doc) warn(pointer, key string, args ...locales.Arg) Warning {
	return Warning{pointer, title(d.At(pointer)), locales.M("builder.warn."+key, args...)}
}

// quiet are the kinds that explain themselves.
var quiet = []string{"radios", "checkboxes", "yesno", "select", "group", "computed", "note", "declaration", "name", "phone", "email", "address"}

func (d *Doc) warnParts(parts []Part, all *[]Warning) {
	for _, p := range parts {
		if p.Sort == "page" {
			d.warnPage(p, all)
		}
		at := d.At(p.Pointer)
		if p.Sort == "question" && text(at.Get("hint")).Empty() && !slices.Contains(quiet, p.Kind) {
			*all = append(*all, d.warn(p.Pointer, "no_hint"))
		}
		if p.Sort == "question" && title(at).VI == p.ID {
			*all = append(*all, d.warn(p.Pointer, "no_label"))
		}
		if p.Sort == "question" && strings.HasSuffix(strings.TrimSpace(text(at.Get("label")).VI), "?") && at.Get("short") == nil && p.Kind != "note" {
			*all = append(*all, d.warn(p.Pointer, "no_short"))
		}
		if p.Missing > 0 {
			*all = append(*all, d.warn(p.Pointer, "untranslated", locales.N("n", int64(p.Missing))))
		}
		for _, l := range p.Lists {
			d.warnParts(l.Parts, all)
		}
	}
}

func (d *Doc) warnPage(p Part, all *[]Warning) {
	most, fields := citizenFields, 0
	if d.Root.Get("audience").Str() == "business" {
		most = businessFields
	}
	for _, l := range p.Lists {
		for _, q := range l.Parts {
			if !slices.Contains([]string{"note", "computed", "group"}, q.Kind) {
				fields++
			}
		}
	}
	if fields > most {
		*all = append(*all, d.warn(p.Pointer, "many_fields", locales.N("n", int64(fields)), locales.N("most", int64(most))))
	}
}

// sentenceEnd is where one sentence ends and the next begins.
var sentenceEnd = regexp.MustCompile(`[.!?:;]\s+|\n+`)

func (d *Doc) warnText(pointer string, t locales.Text) []Warning {
	var all []Warning
	at := d.partOf(pointer)
	for _, words := range []string{t.VI, t.EN} {
		for _, sentence := range sentenceEnd.Split(words, -1) {
			if n := len(strings.Fields(sentence)); n > sentenceWords {
				all = append(all, d.warn(at, "long_sentence", locales.N("n", int64(n)), locales.S("begin", strings.Join(strings.Fields(sentence)[:6], " ")+" …")))
			}
		}
	}
	for _, a := range avoid() {
		if a.pattern.MatchString(t.VI) {
			key, args := "word", []locales.Arg{locales.S("say", a.Say)}
			if a.Instead != "" {
				key, args = "word_instead", append(args, locales.S("instead", a.Instead))
			}
			all = append(all, d.warn(at, key, args...))
		}
	}
	return all
}

// partOf is the nearest part at or above a place.
func (d *Doc) partOf(pointer string) string {
	for pointer != "" {
		parent, last := Split(pointer)
		if _, name := Split(parent); index(last) >= 0 && name != "options" && d.At(pointer).IsObject() && d.Sort(pointer) != "" && !strings.HasPrefix(pointer, "/lists/") {
			return pointer
		}
		pointer = parent
	}
	return ""
}

// PartOf is the nearest part at or above a place, for links to what is refused there.
func (d *Doc) PartOf(pointer string) string { return d.partOf(pointer) }

// TitleOf is by what people know the part at a pointer.
func (d *Doc) TitleOf(pointer string) locales.Text { return title(d.At(pointer)) }

// Branch is where a page leads to.
type Branch struct {
	Page Part
	To   []Way
}

// Way is one page that may come next.
type Way struct {
	Title locales.Text // of the page; empty: check and file
	End   locales.Text // an end page instead
	When  *locales.Message
	More  int // pages between that are not listed, each with its condition
}

// listed is how many pages with conditions the map lists behind one page.
const listed = 4

// Branches is the map of the form: for each page what may come after it.
func (d *Doc) Branches() []Branch {
	pages := d.Outline().Parts
	var all []Branch
	for i, p := range pages {
		b := Branch{Page: p}
		for j, end := range d.Root.Get("ends").Items() {
			if end.Get("after").Str() == p.ID {
				when := d.Say("/ends/" + strconv.Itoa(j) + "/when")
				b.To = append(b.To, Way{End: title(end), When: &when})
			}
		}
		b.To = append(b.To, d.ways(pages[i+1:])...)
		all = append(all, b)
	}
	return all
}

// ways are the pages that may come next: those with a condition, up to the first without.
func (d *Doc) ways(pages []Part) []Way {
	var all []Way
	more := 0
	for _, next := range pages {
		when := d.shownWhen(next)
		if when != nil && len(all) >= listed {
			more++
			continue
		}
		if more > 0 {
			all = append(all, Way{More: more})
		}
		if all = append(all, Way{Title: next.Label, When: when}); when == nil {
			return all
		}
	}
	if more > 0 {
		all = append(all, Way{More: more})
	}
	return append(all, Way{})
}

// shownWhen is the condition of a page in words, nil for one that is always shown.
func (d *Doc) shownWhen(p Part) *locales.Message {
	var when []locales.Message
	at := d.At(p.Pointer)
	for _, c := range at.Get("cases").Items() {
		name := locales.V(c.Str())
		for _, known := range d.Root.Get("cases").Items() {
			if known.Get("id").Str() == c.Str() {
				name = title(known)
			}
		}
		when = append(when, locales.M("builder.in_case", locales.T("case", name)))
	}
	all := []locales.Message{}
	if len(when) > 0 {
		all = append(all, joined("builder.or", when))
	}
	if at.Get("show_if") != nil {
		all = append(all, d.Say(p.Pointer+"/show_if"))
	}
	if len(all) == 0 {
		return nil
	}
	m := joined("builder.and", all)
	return &m
}
