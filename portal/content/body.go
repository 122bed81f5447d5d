package content

import (
	"regexp"
	"strings"

	"motcua/locales"
)

// Body is a text in one language, parted for a page.
type Body struct {
	Lang   locales.Lang
	Blocks []Block
}

// Block is a paragraph, or the points of a list.
type Block struct {
	List   bool
	Points [][]Span // of a paragraph one
}

// Span is a run of text, or a link.
type Span struct {
	Text string
	Link string
}

// link is [words](/address): a page of the portal, or one elsewhere over TLS.
var link = regexp.MustCompile(`\[([^\[\]]+)\]\(([^()\s]+)\)`)

// allowed are the addresses that a text may lead to.
func allowed(address string) bool {
	return strings.HasPrefix(address, "/") && !strings.HasPrefix(address, "//") && !strings.Contains(address, `\`) || strings.HasPrefix(address, "https://")
}

// BodyIn is the text in a language, or in Vietnamese where it has none in that.
func (d Doc) BodyIn(lang locales.Lang) Body { return Parse(d.Body, lang) }

// TextIn is what a step says, likewise.
func (s Step) TextIn(lang locales.Lang) Body { return Parse(s.Text, lang) }

// Parse parts a text into paragraphs, which an empty line ends, and lists, whose points
// begin with a dash.
func Parse(t locales.Text, lang locales.Lang) Body {
	words, in := t.In(lang)
	b := Body{Lang: in}
	open := false // the last block goes on
	for line := range strings.Lines(words) {
		line = strings.TrimSpace(line)
		point, listed := strings.CutPrefix(line, "- ")
		switch last := len(b.Blocks) - 1; {
		case line == "":
			open = false
		case listed && open && b.Blocks[last].List:
			b.Blocks[last].Points = append(b.Blocks[last].Points, spans(point))
		case listed:
			b.Blocks, open = append(b.Blocks, Block{List: true, Points: [][]Span{spans(point)}}), true
		case open: // a line that was broken
			points := b.Blocks[last].Points
			points[len(points)-1] = append(points[len(points)-1], spans(" "+line)...)
		default:
			b.Blocks, open = append(b.Blocks, Block{Points: [][]Span{spans(line)}}), true
		}
	}
	return b
}

// spans parts a line at its links. One that leads where it may not stays as it was typed.
func spans(line string) []Span {
	var all []Span
	rest := 0
	for _, at := range link.FindAllStringSubmatchIndex(line, -1) {
		address := line[at[4]:at[5]]
		if !allowed(address) {
			continue
		}
		if at[0] > rest {
			all = append(all, Span{Text: line[rest:at[0]]})
		}
		all = append(all, Span{Text: line[at[2]:at[3]], Link: address})
		rest = at[1]
	}
	if rest < len(line) {
		all = append(all, Span{Text: line[rest:]})
	}
	return all
}

// links are the addresses that a text leads to, also those that it may not.
func links(t locales.Text) []string {
	var all []string
	for _, words := range []string{t.VI, t.EN, t.KM} {
		for _, found := range link.FindAllStringSubmatch(words, -1) {
			all = append(all, found[2])
		}
	}
	return all
}
