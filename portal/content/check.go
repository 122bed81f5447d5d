package content

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"motcua/locales"
)

// Finding is something to look at in a text. Place is the name of the field on the editors'
// page.
type Finding struct {
	Refusal bool
	Place   string
	Message locales.Message
}

// Icons are the drawings that an event may have.
var Icons = []string{"bell", "book", "business", "calendar", "car", "card", "child", "clock", "file", "files", "flower", "heart", "home", "info",
	"land", "lock", "mail", "map-pin", "money", "phone", "plus", "shop", "stamp", "star", "user", "work"}

// The most that a text may have, in characters, steps and words.
const (
	longestTitle   = 160
	longestSummary = 400
	longestBody    = 12000
	mostSteps      = 30
	mostWords      = 3000
)

// check collects what there is to say of a document.
type check struct {
	findings []Finding
	knows    func(code string) bool // whether a procedure is there; nil: not asked
}

// Check is what keeps a document from being published, and what should be looked at. knows
// says which procedures there are; where it is nil they are not asked for.
func Check(kind string, d Doc, knows func(code string) bool) []Finding {
	c := &check{knows: knows}
	if kind == Words {
		c.words(d)
		return c.findings
	}
	c.text("title", d.Title, longestTitle, true)
	c.text("summary", d.Summary, longestSummary, kind == Event || kind == Guide)
	c.text("body", d.Body, longestBody, kind == Question || kind == News)
	if groups := GroupsOf(kind); groups != nil && !slices.Contains(groups, d.Group) {
		c.refuse("group", "content.fault.group")
	}
	if kind == Event && !slices.Contains(Icons, d.Icon) {
		c.refuse("icon", "content.fault.icon")
	}
	if _, err := time.Parse(time.DateOnly, d.Until); d.Until != "" && err != nil {
		c.refuse("until", "content.fault.day")
	}
	if len(d.Steps) == 0 && kind == Event || len(d.Steps) > mostSteps {
		c.refuse("steps", "content.fault.steps", locales.N("most", mostSteps))
	}
	for i, s := range d.Steps {
		at := fmt.Sprintf("steps-%d-", i)
		c.text(at+"title", s.Title, longestTitle, true)
		c.text(at+"text", s.Text, longestBody, false)
		c.text(at+"where", s.Where, longestTitle, false)
		c.codes(at+"procedures", s.Procedures)
	}
	c.codes("see", d.See)
	return c.findings
}

// Refused says whether one of the findings keeps a document from being published.
func Refused(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Refusal })
}

func (c *check) refuse(place, key string, args ...locales.Arg) {
	c.findings = append(c.findings, Finding{true, place, locales.M(key, args...)})
}

func (c *check) warn(place, key string, args ...locales.Arg) {
	c.findings = append(c.findings, Finding{false, place, locales.M(key, args...)})
}

// text wants words that are there, not too long, in English too, and links that may be.
func (c *check) text(place string, t locales.Text, longest int, needed bool) {
	if strings.TrimSpace(t.VI) == "" {
		if needed || !t.Empty() {
			c.refuse(place+"-vi", "content.fault.empty")
		}
		return
	}
	for _, l := range locales.Langs {
		if words, in := t.In(l); in == l && utf8.RuneCountInString(words) > longest {
			c.refuse(place+"-"+string(l), "content.fault.long", locales.N("most", int64(longest)))
		}
	}
	for _, address := range links(t) {
		switch code, ours := strings.CutPrefix(address, "/thu-tuc/"); {
		case !allowed(address):
			c.refuse(place+"-vi", "content.fault.link", locales.S("link", address))
		case ours:
			code, _, _ = strings.Cut(code, "/")
			c.codes(place+"-vi", []string{code})
		}
	}
	if strings.TrimSpace(t.EN) == "" {
		c.warn(place+"-en", "content.warn.no_english")
	}
	if n := longestSentence(t.VI); n > wordsInSentence {
		c.warn(place+"-vi", "content.warn.sentence", locales.N("n", int64(n)), locales.N("most", wordsInSentence))
	}
}

func (c *check) codes(place string, codes []string) {
	for _, code := range codes {
		if c.knows != nil && !c.knows(code) {
			c.refuse(place, "content.fault.procedure", locales.S("code", code))
		}
	}
}

// words wants each word once, with what it means.
func (c *check) words(d Doc) {
	if len(d.Words) > mostWords {
		c.refuse("words", "content.fault.words", locales.N("most", mostWords))
	}
	seen := map[string]bool{}
	for i, w := range d.Words {
		place := fmt.Sprintf("words-%d", i)
		say := strings.ToLower(strings.TrimSpace(w.Say))
		switch {
		case say == "":
			c.refuse(place, "content.fault.empty")
		case seen[say]:
			c.refuse(place, "content.fault.twice", locales.S("word", w.Say))
		case slices.ContainsFunc(w.Means, func(m string) bool { return strings.ToLower(strings.TrimSpace(m)) == say }):
			c.refuse(place, "content.fault.itself", locales.S("word", w.Say))
		}
		seen[say] = true
	}
}

// wordsInSentence is how long a sentence may be before somebody should look at it.
const wordsInSentence = 20

// longestSentence is the number of words of the longest sentence.
func longestSentence(text string) int {
	longest := 0
	for _, s := range strings.FieldsFunc(link.ReplaceAllString(text, "$1"), func(r rune) bool { return strings.ContainsRune(".!?\n", r) }) {
		longest = max(longest, len(strings.Fields(s)))
	}
	return longest
}
