package catalogue

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
)

// What a word is worth by where it stands.
const (
	inName    = 1.0
	inKeyword = 0.95
	inEnglish = 0.85
	inResult  = 0.4
	inSummary = 0.35
	inField   = 0.3
)

// index is the words of an edition in memory: names answer most searches in far less than
// a millisecond.
type index struct {
	docs     []doc
	terms    []string         // by number
	numbers  map[string]int32 // of terms
	postings [][]posting      // by term
	marked   []string         // the way a term is mostly written, by term
	idf      []float32
	say      []phraseOf
	said     map[string]bool // words that stand in synonyms
	filler   map[string]bool // words that say nothing, alone
	asides   map[string][]aside
	pairs    map[[2]int32]bool // words that stand side by side in a name or in words people use
	sounds   map[string][]int32
	lengths  [][]int32   // terms by how long they are
	codes    []string    // of procedures without the dot, by doc
	sorted   []int32     // terms in order, for words half typed
	listed   []*Revision // all, in the order people browse
	texts    map[*Revision][]text
	rooms    sync.Pool // where searches score
}

// text is a text of a procedure as words: to make them takes longer than all the rest of
// the index, so they are kept for the next one.
type text struct {
	words   []word
	worth   float32
	whole   bool // compared as a whole too
	counted bool // says how words are mostly written
}

// doc is a procedure as the search sees it.
type doc struct {
	rev     *Revision
	favour  float32
	phrases []phrase
}

// phrase is a run of words that is compared as a whole: a name, or words people use.
type phrase struct {
	terms  []int32
	marked []string
	worth  float32
	idf    float32 // of all its words
}

type posting struct {
	doc   int32
	worth float32
}

// phraseOf is a synonym as words.
type phraseOf struct {
	say   []string
	means [][]word
}

func newIndex(revisions []*Revision, l lists, before *index) *index {
	x := &index{numbers: map[string]int32{}, filler: map[string]bool{}, said: map[string]bool{}, pairs: map[[2]int32]bool{},
		sounds: map[string][]int32{}, texts: make(map[*Revision][]text, len(revisions))}
	count := map[string]map[string]int{} // how often a bare word is written which way
	for i, r := range revisions {
		x.docs = append(x.docs, doc{rev: r, favour: favour(r, l.uses)})
		x.codes = append(x.codes, strings.ReplaceAll(r.Code, ".", ""))
		texts, ok := []text(nil), false
		if before != nil {
			texts, ok = before.texts[r]
		}
		if !ok {
			texts = textsOf(r)
		}
		x.texts[r] = texts
		for _, t := range texts {
			x.add(i, t, count)
		}
	}
	x.idf = make([]float32, len(x.terms))
	x.marked = make([]string, len(x.terms))
	for t, list := range x.postings {
		x.idf[t] = float32(math.Log(1 + float64(len(x.docs))/float64(len(list))))
		x.marked[t] = mostly(count[x.terms[t]])
	}
	for i := range x.docs {
		for j := range x.docs[i].phrases {
			p := &x.docs[i].phrases[j]
			for _, t := range p.terms {
				p.idf += x.idf[t]
			}
		}
	}
	x.addSynonyms(l.synonyms)
	x.addTerms()
	x.asides = l.beside.asides()
	x.listed = slices.Clone(revisions)
	slices.SortStableFunc(x.listed, browse)
	return x
}

// addTerms puts the terms in the orders in which they are looked for.
func (x *index) addTerms() {
	for t, term := range x.terms {
		x.sorted = append(x.sorted, int32(t))
		s := sound(term)
		x.sounds[s] = append(x.sounds[s], int32(t))
		for len(x.lengths) <= len(term) {
			x.lengths = append(x.lengths, nil)
		}
		x.lengths[len(term)] = append(x.lengths[len(term)], int32(t))
	}
	slices.SortFunc(x.sorted, func(a, b int32) int { return strings.Compare(x.terms[a], x.terms[b]) })
}

// favour is what a procedure has before others that answer as well: that it can be filed
// here, and that many people need it.
func favour(r *Revision, uses map[string]int) float32 {
	var f float32
	if r.Form != nil {
		f = fileable
	}
	return f + min(mostUsed, used*float32(math.Log1p(float64(uses[r.Code]))))
}

// browse puts what can be filed here first, then goes by field and name.
func browse(a, b *Revision) int {
	first := func(r *Revision) int {
		if r.Form != nil {
			return 0
		}
		return 1
	}
	return cmp.Or(first(a)-first(b), cmp.Compare(a.Field.Name.VI, b.Field.Name.VI), cmp.Compare(a.Sheet.Name.VI, b.Sheet.Name.VI))
}

func textsOf(r *Revision) []text {
	s := r.Sheet
	all := []text{{words(s.Name.VI), inName, true, true}, {words(s.Name.EN), inEnglish, true, false}}
	for _, k := range s.Keywords {
		all = append(all, text{words(k), inKeyword, true, true})
	}
	all = append(all, text{words(s.Summary.VI), inSummary, false, false}, text{words(s.Summary.EN), inSummary, false, false},
		text{words(r.Field.Name.VI), inField, false, false})
	for _, result := range s.Results {
		all = append(all, text{words(result.Name.VI), inResult, false, true})
	}
	return all
}

// add takes a text into the postings and, when it is compared as a whole, into the
// procedure's phrases.
func (x *index) add(i int, of text, count map[string]map[string]int) {
	p := phrase{worth: of.worth}
	for _, w := range of.words {
		t := x.term(w.bare)
		p.terms = append(p.terms, t)
		p.marked = append(p.marked, w.marked)
		x.post(t, int32(i), of.worth)
		if n := len(p.terms); of.whole && n > 1 {
			x.pairs[[2]int32{p.terms[n-2], t}] = true
		}
		if of.counted {
			if count[w.bare] == nil {
				count[w.bare] = map[string]int{}
			}
			count[w.bare][w.marked]++
		}
	}
	if of.whole && len(p.terms) > 0 {
		x.docs[i].phrases = append(x.docs[i].phrases, p)
	}
}

func (x *index) term(bare string) int32 {
	t, ok := x.numbers[bare]
	if !ok {
		t = int32(len(x.terms))
		x.numbers[bare] = t
		x.terms = append(x.terms, bare)
		x.postings = append(x.postings, nil)
	}
	return t
}

// post keeps the best place of a word in a procedure. Procedures come in order.
func (x *index) post(t, doc int32, worth float32) {
	list := x.postings[t]
	if n := len(list); n > 0 && list[n-1].doc == doc {
		list[n-1].worth = max(list[n-1].worth, worth)
		return
	}
	x.postings[t] = append(list, posting{doc, worth})
}

func mostly(count map[string]int) string {
	best, most := "", 0
	for marked, n := range count {
		if n > most || n == most && marked < best {
			best, most = marked, n
		}
	}
	return best
}

// addSynonyms takes them in, longer ones first, so that "bảo hiểm thất nghiệp" is not
// taken for "bảo hiểm".
func (x *index) addSynonyms(synonyms []Synonym) {
	for _, y := range synonyms {
		say := bares(words(y.Say))
		if len(y.Means) == 0 {
			if len(say) == 1 {
				x.filler[say[0]] = true
				continue
			}
		}
		p := phraseOf{say: say}
		for _, w := range say {
			x.said[w] = true
		}
		for _, m := range y.Means {
			p.means = append(p.means, words(m))
		}
		x.say = append(x.say, p)
	}
	slices.SortStableFunc(x.say, func(a, b phraseOf) int { return len(b.say) - len(a.say) })
}

func bares(all []word) []string {
	out := make([]string, len(all))
	for i, w := range all {
		out[i] = w.bare
	}
	return out
}
