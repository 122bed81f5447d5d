package eforms

import (
	"fmt"
	"regexp"
	"strings"

	"motcua/locales"
)

// Print is the statutory layout of the form on paper. What it does not place is added
// below, so that no answer is left out.
type Print struct {
	Number locales.Text `json:"number"` // Mẫu số 01 …
	Title  locales.Text `json:"title"`  // empty: the form's title
	To     bool         `json:"to"`     // "Kính gửi" with the receiving agency
	Blocks []Block      `json:"blocks"`
}

// Block is one part of a printed form; one of its fields is set.
type Block struct {
	Text    locales.Text   `json:"text"` // words with {question} places
	Heading locales.Text   `json:"heading"`
	Rows    []string       `json:"rows"`  // questions, each a line with its label
	Group   string         `json:"group"` // a repeated group as a table
	Sign    []locales.Text `json:"sign"`  // who signs, from left to right
}

// Placeholder is a place in the words of a printed form: {question}, {question.part}, or
// {today}.
var Placeholder = regexp.MustCompile(`\{([a-z][a-z0-9_]*)((?:\.[a-z0-9_]+)*)\}`)

// checkPrint refuses places for answers that the form does not ask for.
func (l *loader) checkPrint() {
	if l.form.Print == nil {
		return
	}
	for i, b := range l.form.Print.Blocks {
		place := fmt.Sprintf("/print/blocks/%d", i)
		for _, words := range []string{b.Text.VI, b.Text.EN, b.Text.KM} {
			for _, m := range Placeholder.FindAllStringSubmatch(words, -1) {
				if q := l.form.byID[m[1]]; m[1] != "today" && (q == nil || q.group != nil || q.Kind == Group || q.Kind == Note || !q.hasPart(strings.TrimPrefix(m[2], "."))) {
					l.report(place+"/text", "eforms.load.reference", locales.S("id", m[1]+m[2]))
				}
			}
		}
		for j, id := range b.Rows {
			if q := l.form.byID[id]; q == nil || q.group != nil || q.Kind == Note {
				l.report(fmt.Sprintf("%s/rows/%d", place, j), "eforms.load.reference", locales.S("id", id))
			}
		}
		if q := l.form.byID[b.Group]; b.Group != "" && (q == nil || q.group != nil || q.Kind != Group) {
			l.report(place+"/group", "eforms.load.reference", locales.S("id", b.Group))
		}
	}
}
