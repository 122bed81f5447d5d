package content

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"motcua/locales"
)

// Difference is one thing that a document says otherwise than the one before it. Place is
// the field on the editors' page.
type Difference struct {
	Place  string
	Label  locales.Message
	Before []Run // same and del; none: it is new
	After  []Run // same and ins; none: it is gone
}

// Run is a stretch of a text: same, ins or del.
type Run struct{ Text, Kind string }

// Differences are what after says otherwise than before, field by field.
func Differences(before, after Doc) []Difference {
	d := differ{}
	d.text("title", "title", before.Title, after.Title)
	d.text("summary", "summary", before.Summary, after.Summary)
	d.text("body", "body", before.Body, after.Body)
	for i := range max(len(before.Steps), len(after.Steps)) {
		d.step(i, at(before.Steps, i), at(after.Steps, i))
	}
	d.plain("icon", before.Icon, after.Icon)
	d.plain("group", before.Group, after.Group)
	d.plain("order", number(before.Order), number(after.Order))
	d.plain("see", strings.Join(before.See, ", "), strings.Join(after.See, ", "))
	d.plain("keywords", strings.Join(before.Keywords, ", "), strings.Join(after.Keywords, ", "))
	d.plain("top", yes(before.Top), yes(after.Top))
	d.plain("until", before.Until, after.Until)
	d.words(before, after)
	return d.found
}

type differ struct{ found []Difference }

func at(steps []Step, i int) Step {
	if i < len(steps) {
		return steps[i]
	}
	return Step{}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func yes(b bool) string {
	if b {
		return "✓"
	}
	return ""
}

// text compares the languages of a text.
func (d *differ) text(place, name string, before, after locales.Text) {
	for _, l := range []struct{ lang, before, after string }{{"vi", before.VI, after.VI}, {"en", before.EN, after.EN}, {"km", before.KM, after.KM}} {
		d.add(place+"-"+l.lang, locales.M("content.in_language", locales.Sub("field", locales.M("content.field."+name)), locales.Sub("lang", locales.M("content.lang."+l.lang))), l.before, l.after)
	}
}

func (d *differ) plain(name, before, after string) {
	d.add(name, locales.M("content.field."+name), before, after)
}

func (d *differ) step(i int, before, after Step) {
	from := len(d.found)
	place := fmt.Sprintf("steps-%d-", i)
	d.text(place+"title", "step_title", before.Title, after.Title)
	d.text(place+"text", "step_text", before.Text, after.Text)
	d.text(place+"where", "where", before.Where, after.Where)
	d.add(place+"procedures", locales.M("content.field.procedures"), strings.Join(before.Procedures, ", "), strings.Join(after.Procedures, ", "))
	d.add(place+"perhaps", locales.M("content.field.perhaps"), yes(before.Perhaps), yes(after.Perhaps))
	for j := range d.found[from:] {
		f := &d.found[from+j]
		f.Label = locales.M("content.in_step", locales.N("n", int64(i+1)), locales.Sub("field", f.Label))
	}
}

// words tells which words came, went, or mean something else.
func (d *differ) words(before, after Doc) {
	means := func(doc Doc) map[string]string {
		m := map[string]string{}
		for _, w := range doc.Words {
			m[w.Say] = w.Say + " = " + strings.Join(w.Means, "; ")
		}
		return m
	}
	was, is := means(before), means(after)
	var all []string
	for _, m := range []map[string]string{was, is} {
		for say := range m {
			all = append(all, say)
		}
	}
	slices.Sort(all)
	for _, say := range slices.Compact(all) {
		d.add("words", locales.M("content.field.word", locales.S("word", say)), was[say], is[say])
	}
}

func (d *differ) add(place string, label locales.Message, before, after string) {
	if before == after {
		return
	}
	b, a := compare(before, after)
	d.found = append(d.found, Difference{place, label, b, a})
}

// mostCells bounds a comparison word by word; longer texts are shown whole.
const mostCells = 1 << 20

// tokens are words and the spaces between them.
var tokens = regexp.MustCompile(`\s+|\S+`)

// compare marks the words that two texts do not share.
func compare(before, after string) (b, a []Run) {
	x, y := tokens.FindAllString(before, -1), tokens.FindAllString(after, -1)
	if before == "" || after == "" || len(x)*len(y) > mostCells {
		return add(nil, before, "del"), add(nil, after, "ins")
	}
	wide := len(y) + 1
	longest := make([]int32, (len(x)+1)*wide) // shared from here on
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			longest[i*wide+j] = max(longest[(i+1)*wide+j], longest[i*wide+j+1])
			if x[i] == y[j] {
				longest[i*wide+j] = longest[(i+1)*wide+j+1] + 1
			}
		}
	}
	i, j := 0, 0
	for i < len(x) || j < len(y) {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			b, a = add(b, x[i], "same"), add(a, y[j], "same")
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && longest[(i+1)*wide+j] >= longest[i*wide+j+1]:
			b = add(b, x[i], "del")
			i++
		default:
			a = add(a, y[j], "ins")
			j++
		}
	}
	return b, a
}

// add puts a word to the last run of its kind.
func add(runs []Run, text, kind string) []Run {
	if text == "" {
		return runs
	}
	if n := len(runs); n > 0 && runs[n-1].Kind == kind {
		runs[n-1].Text += text
		return runs
	}
	return append(runs, Run{text, kind})
}
