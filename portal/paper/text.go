package paper

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// clean makes text that the library can draw and a reader can trust: composed letters
// (there is no shaping: marks of decomposed ones land beside), a box for what has no place
// on paper — runes above U+FFFF, which the library panics on, control and bidirectional
// marks, which would show words in another order than they are stored — and nothing for
// invisible joiners. Line ends stay.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\v' || r == '\f' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case r == '\u00ad' || r == '\ufeff' || r >= '\u200b' && r <= '\u200d' || r == '\u2060' || unicode.Is(unicode.Variation_Selector, r):
			return -1
		case r > '\uffff' || r == '\ufffd' || r == '\uffff' || unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return '\u25a1'
		}
		return r
	}, norm.NFC.String(s))
}

// span is words in one face.
type span struct {
	text string
	face face
}

// piece is the part of a word in one face; most words are one piece.
type piece struct {
	span
	w float64
}

type word []piece

func (w word) width() (sum float64) {
	for _, p := range w {
		sum += p.w
	}
	return sum
}

// line is words that stand beside one another; last when a paragraph ends with it.
type line struct {
	words []word
	last  bool
}

// words cuts spans at their spaces. A span that does not begin with a space goes on with
// the word before it. A nil word stands for a line end.
func (s *sheet) words(spans []span) []word {
	var all []word
	glue := false
	for _, sp := range spans {
		for i, part := range strings.Split(clean(sp.text), "\n") {
			if i > 0 {
				all, glue = append(all, nil), false
			}
			for j, text := range strings.Split(part, " ") {
				if j > 0 {
					glue = false
				}
				if text == "" {
					continue
				}
				p := piece{span{text, sp.face}, s.width(sp.face, text)}
				if n := len(all); glue && all[n-1] != nil {
					all[n-1] = append(all[n-1], p)
				} else {
					all = append(all, word{p})
				}
				glue = true
			}
		}
	}
	return all
}

// wrap fills lines of the width, the first one shorter by indent.
func (s *sheet) wrap(width, indent float64, spans ...span) []line {
	var lines []line
	var now line
	room := width - indent
	end := func(last bool) {
		now.last = last
		lines, now, room = append(lines, now), line{}, width
	}
	for _, w := range s.words(spans) {
		if w == nil {
			end(true)
			continue
		}
		for _, w := range s.cut(w, width-indent) {
			need := w.width()
			if len(now.words) > 0 {
				if need += s.space(now.words[len(now.words)-1]); need > room+0.001 {
					end(false)
					need = w.width()
				}
			}
			now.words = append(now.words, w)
			room -= need
		}
	}
	end(true)
	return lines
}

// cut parts a word that is longer than a line: an address, a name without spaces.
func (s *sheet) cut(w word, width float64) []word {
	if w.width() <= width {
		return []word{w}
	}
	var all []word
	for _, p := range w {
		begin, sum := 0, 0.0
		for i, r := range p.text {
			rw := s.width(p.face, string(r))
			if sum+rw > width && i > begin {
				all = append(all, word{piece{span{p.text[begin:i], p.face}, sum}})
				begin, sum = i, 0
			}
			sum += rw
		}
		all = append(all, word{piece{span{p.text[begin:], p.face}, sum}})
	}
	return all
}

// space is the width of the gap after a word.
func (s *sheet) space(w word) float64 { return s.width(w[len(w)-1].face, " ") }

// balanced wraps a heading so that its lines are about equally long, its words whole.
func (s *sheet) balanced(f face, text string, width float64) []line {
	lines := s.wrap(width, 0, span{text, f})
	low, high := width/float64(len(lines)+1), width
	for _, w := range s.words([]span{{text, f}}) {
		low = max(low, min(w.width(), width))
	}
	for range 12 {
		mid := (low + high) / 2
		if tried := s.wrap(mid, 0, span{text, f}); len(tried) <= len(lines) {
			high, lines = mid, tried
		} else {
			low = mid
		}
	}
	return lines
}

func (s *sheet) oneLine(f face, text string) line {
	return s.wrap(1e6, 0, span{text, f})[0]
}

// fitting is as much of a text as one line of the width takes.
func (s *sheet) fitting(f face, text string, width float64) line {
	return s.wrap(width, 0, span{text, f})[0]
}

func (s *sheet) natural(l line) (sum float64) {
	for i, w := range l.words {
		sum += w.width()
		if i > 0 {
			sum += s.space(l.words[i-1])
		}
	}
	return sum
}

type align int

const (
	toLeft align = iota
	centre
	toRight
	justify
)

// line draws l in a strip that begins at y, as high as a line of f.
func (s *sheet) line(x, y, width float64, a align, l line, f face) {
	free, extra, em := width-s.natural(l), 0.0, f.size*mmPerPoint
	switch a {
	case centre:
		x += free / 2
	case toRight:
		x += free
	case justify:
		// A line before an unbreakable address would be torn apart: it stays ragged.
		if n := len(l.words) - 1; n > 0 && !l.last && free > 0 && free < float64(n)*em {
			extra = free / float64(n)
		}
	}
	// Ascent and descent of Liberation Serif, as Times New Roman's, are .891 and .216.
	base := y + (f.lineHeight()-1.107*em)/2 + 0.891*em
	for i, w := range l.words {
		for j, p := range w {
			text, w := p.text, p.w
			if j == len(l.words[i])-1 && i < len(l.words)-1 {
				text += " " // a real one, so that copied text has its spaces
				w += s.width(p.face, " ") + extra
			}
			s.use(p.face)
			s.f.Text(x, base, text)
			x += w
		}
	}
}
