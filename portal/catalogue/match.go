package catalogue

import (
	"cmp"
	"slices"
	"strings"
)

// How sure it is that a word of the catalogue is the one that was typed.
const (
	exact    = 1.0
	untypedQ = 0.95 // once the keyboard's letters are undone
	begun    = 0.8  // the last word may be unfinished
	begunToo = 0.45 // … also when it is a word already
	oneOff   = 0.75
	twoOff   = 0.5
	alike    = 0.8 // it sounds so in some part of the country: tr and ch, s and x, d, gi and r
	nearby   = 0.5 // a word of the catalogue that is one letter from a known one
	alikeToo = 0.6 // a known word that sounds so
)

const (
	mostWords  = 12
	mostBegun  = 60
	fillerPart = 0.1 // of its weight is left to a word that says nothing
)

// asked is a word of a query with the words of the catalogue it may be.
type asked struct {
	word
	filler  bool
	aside   bool // of the name of a place or body: it does not say what is looked for
	known   bool
	weight  float32
	matches []match
}

type match struct {
	term    int32
	quality float32
}

// ask prepares the words of a query: names of places and bodies are put aside, what was
// typed with the keyboard off or run together is put right, words that say nothing are
// marked. The codes are those of the bodies that were named.
func (x *index) ask(text string) (all []asked, bodies []string) {
	list := words(text)
	for i := 0; i < len(list) && len(all) < mostWords; {
		if n, codes := x.asideAt(list[i:]); n > 0 {
			for _, w := range list[i : i+n] {
				all = append(all, asked{word: w, known: true, aside: true})
			}
			bodies = append(bodies, codes...)
			i += n
			continue
		}
		for _, w := range x.mend(list[i]) {
			_, known := x.numbers[w.bare]
			all = append(all, asked{word: w, known: known, filler: x.filler[w.bare]})
		}
		i++
	}
	all = all[:min(len(all), mostWords)]
	if len(bodies) == 0 && !slices.ContainsFunc(all, func(a asked) bool { return !a.aside }) {
		for i := range all { // nothing but a place: then it is what is looked for
			_, known := x.numbers[all[i].bare]
			all[i].aside, all[i].known = false, known
		}
	}
	for _, p := range x.say {
		if len(p.means) > 0 {
			continue
		}
		if i := at(all, p.say); i >= 0 {
			for j := range p.say {
				all[i+j].filler = true
			}
		}
	}
	return all, bodies
}

// asideAt is how many of the next words are the name of a place or body. Words that stand
// so side by side in what procedures are called are none.
func (x *index) asideAt(list []word) (int, []string) {
	for _, a := range x.asides[list[0].bare] {
		n := len(a.words)
		if n > len(list) || !slices.EqualFunc(list[:n], a.words, func(w word, s string) bool { return w.bare == s }) {
			continue
		}
		own := true
		for i := 1; i < n && own; i++ {
			l, known := x.numbers[a.words[i-1]]
			r, knownToo := x.numbers[a.words[i]]
			own = known && knownToo && x.pairs[[2]int32{l, r}]
		}
		if !own || len(a.codes) > 0 {
			return n, a.codes
		}
	}
	return 0, nil
}

// mend puts an unknown word right when there is only one way to read it.
func (x *index) mend(w word) []word {
	if _, ok := x.numbers[w.bare]; ok || len(w.bare) > 40 || x.filler[w.bare] || x.says(w.bare) {
		return []word{w}
	}
	for _, form := range untyped(w.bare) {
		if t, ok := x.numbers[form]; ok {
			return []word{{form, x.marked[t]}}
		}
	}
	if parts := x.part(w.bare); parts != nil {
		var all []word
		for _, p := range parts {
			all = append(all, word{p, p})
		}
		return all
	}
	return []word{w}
}

// says tells whether the word stands in a synonym: gplx is none of the catalogue's words
// and is none to be mended either.
func (x *index) says(bare string) bool { return x.said[bare] }

// part divides words that were run together ("khaisinh") into known ones, two at least.
func (x *index) part(s string) []string {
	if len(s) < 5 || strings.ContainsFunc(s, func(r rune) bool { return r > 'z' }) {
		return nil
	}
	best := make([][]string, len(s)+1) // fewest parts of s[:i]
	best[0] = []string{}
	for i := 2; i <= len(s); i++ {
		for j := max(0, i-7); j <= i-2; j++ {
			if best[j] == nil || best[i] != nil && len(best[i]) <= len(best[j])+1 {
				continue
			}
			if _, ok := x.numbers[s[j:i]]; ok {
				best[i] = append(slices.Clone(best[j]), s[j:i])
			}
		}
	}
	if parts := best[len(s)]; len(parts) >= 2 && len(parts) <= 5 {
		return parts
	}
	return nil
}

// at is where the words of a phrase stand together in a query, or -1.
func at(all []asked, phrase []string) int {
	for i := 0; i+len(phrase) <= len(all); i++ {
		if slices.EqualFunc(all[i:i+len(phrase)], phrase, func(a asked, s string) bool { return a.bare == s }) {
			return i
		}
	}
	return -1
}

// variants are the ways to read a query: as it stands, with every synonym put in, and with
// each alone.
func (x *index) variants(all []asked) [][]asked {
	out := [][]asked{all}
	taken := make([]bool, len(all))
	type swap struct {
		at, n int
		means []word
	}
	var swaps []swap
	for _, p := range x.say {
		i := at(all, p.say)
		if len(p.means) == 0 || i < 0 || slices.Contains(taken[i:i+len(p.say)], true) {
			continue
		}
		for j := range p.say {
			taken[i+j] = true
		}
		for _, m := range p.means {
			swaps = append(swaps, swap{i, len(p.say), m})
		}
	}
	put := func(list []asked, s swap) []asked {
		var in []asked
		for _, w := range s.means {
			_, known := x.numbers[w.bare]
			in = append(in, asked{word: w, known: known})
		}
		return slices.Replace(slices.Clone(list), s.at, s.at+s.n, in...)
	}
	for _, s := range swaps[:min(len(swaps), 4)] {
		out = append(out, put(all, s))
	}
	if len(swaps) > 1 {
		slices.SortStableFunc(swaps, func(a, b swap) int { return b.at - a.at }) // from the end, so that places hold
		list, before := all, len(all)+1
		for _, s := range swaps {
			if s.at+s.n <= before {
				list, before = put(list, s), s.at
			}
		}
		out = append(out, list)
	}
	return out
}

// resolve finds the words of the catalogue that each word of a query may be. Loosely, also
// a known word may be a slip for another.
func (x *index) resolve(all []asked, loose bool) {
	var sum float32
	var n int
	for i := range all {
		a := &all[i]
		if a.aside {
			continue
		}
		a.matches = x.matches(*a, i == len(all)-1, loose)
		if t, ok := x.numbers[a.bare]; ok {
			a.weight = x.idf[t]
		} else if len(a.matches) > 0 {
			a.weight = x.idf[a.matches[0].term]
		} else {
			continue
		}
		sum += a.weight
		n++
	}
	for i := range all {
		if a := &all[i]; a.weight == 0 && n > 0 && !a.aside { // a word nobody knows says little
			a.weight = 0.4 * sum / float32(n)
		}
		if all[i].filler {
			all[i].weight *= fillerPart
		}
	}
}

func (x *index) matches(a asked, last, loose bool) []match {
	var out []match
	if t, ok := x.numbers[a.bare]; ok {
		out = append(out, match{t, exact})
	}
	if last && len(a.bare) >= 2 {
		quality := float32(begun)
		if a.known {
			quality = begunToo
		}
		for n, t := range x.begins(a.bare) {
			if n >= mostBegun {
				break
			}
			out = append(out, match{t, quality})
		}
	}
	if a.known && !loose || a.filler || len(a.bare) < 2 {
		return out
	}
	return append(out, x.near(a)...)
}

// begins are the terms that begin with a word and go on.
func (x *index) begins(s string) []int32 {
	i, _ := slices.BinarySearchFunc(x.sorted, s, func(t int32, s string) int { return strings.Compare(x.terms[t], s) })
	var out []int32
	for ; i < len(x.sorted) && strings.HasPrefix(x.terms[x.sorted[i]], s); i++ {
		if t := x.sorted[i]; x.terms[t] != s {
			out = append(out, t)
		}
	}
	return out
}

// near are the terms a slip or two away, or that sound the same. Short words allow one
// slip, or everything would be near.
func (x *index) near(a asked) []match {
	most := 1
	if len(a.bare) >= 6 {
		most = 2
	}
	same, slip := float32(alike), float32(oneOff)
	if a.known {
		same, slip = alikeToo, nearby
	}
	var out []match
	for _, t := range x.sounds[sound(a.bare)] {
		if x.terms[t] != a.bare {
			out = append(out, match{t, same})
		}
	}
	sounding := len(out)
	for n := max(2, len(a.bare)-most); n <= len(a.bare)+most && n < len(x.lengths); n++ {
		for _, t := range x.lengths[n] {
			term := x.terms[t]
			if term == a.bare || slices.ContainsFunc(out[:sounding], func(m match) bool { return m.term == t }) {
				continue
			}
			switch d := distance(a.bare, term, most); {
			case d > most:
			case d == 1:
				out = append(out, match{t, slip})
			case !a.known:
				out = append(out, match{t, twoOff})
			}
		}
	}
	slices.SortStableFunc(out, func(m, n match) int {
		return cmp.Or(cmp.Compare(n.quality, m.quality), cmp.Compare(len(x.postings[n.term]), len(x.postings[m.term])), cmp.Compare(m.term, n.term))
	})
	return out
}
