package national

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// markup tells that somebody's page was kept as a text.
var markup = regexp.MustCompile(`(?i)</?(p|br|div|span|ul|ol|li|b|strong|i|em|u|table|tbody|tr|td|th|a|font|h[1-6])(\s[^<>]*)?/?>|&(nbsp|amp|lt|gt|quot|#\d+);`)

// bareOf takes the words out of a page: what began a line there begins one here.
func bareOf(text string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return lines(b.String())
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "script", "style":
				z.Next()
			case "br", "p", "div", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6":
				b.WriteByte('\n')
			case "td", "th":
				b.WriteByte(' ')
			}
		}
	}
}

// lines are the lines that say something, without the spaces around them.
func lines(s string) string {
	var all []string
	for _, l := range strings.Split(clean(html.UnescapeString(s)), "\n") {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			all = append(all, l)
		}
	}
	return strings.Join(all, "\n")
}
