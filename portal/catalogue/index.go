package catalogue

import (
	"cmp"
	"math"
	"slices"
	"strings"
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
	filler   map[string]bool // words that say nothing, alone
	codes    []string        // of procedures without the dot, by doc
	sorted   []int32         // terms in order, for words half typed
	listed   []*Revision     // all, in the order people browse
}

// doc is a procedure as the search sees it.
type doc struct {
	rev     *Revision
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

func newIndex(revisions []*Revision, synonyms []Synonym) *index {
	x := &index{numbers: map[string]int32{}, filler: map[string]bool{}}
	count := map[string]map[string]int{} // how often a bare word is written which way
	for i, r := range revisions {
		x.docs = append(x.docs, doc{rev: r})
		x.codes = append(x.codes, strings.ReplaceAll(r.Code, ".", ""))
		x.add(i, r, count)
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
	x.addSynonyms(synonyms)
	for t := range x.terms {
		x.sorted = append(x.sorted, int32(t))
	}
	slices.SortFunc(x.sorted, func(a, b int32) int { return strings.Compare(x.terms[a], x.terms[b]) })
	x.listed = slices.Clone(revisions)
	slices.SortStableFunc(x.listed, browse)
	return x
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

func (x *index) add(i int, r *Revision, count map[string]map[string]int) {
	s := r.Sheet
	x.phrase(i, s.Name.VI, inName, true, count)
	x.phrase(i, s.Name.EN, inEnglish, true, nil)
	for _, k := range s.Keywords {
		x.phrase(i, k, inKeyword, true, count)
	}
	x.phrase(i, s.Summary.VI, inSummary, false, nil)
	x.phrase(i, s.Summary.EN, inSummary, false, nil)
	x.phrase(i, r.Field.Name.VI, inField, false, nil)
	for _, result := range s.Results {
		x.phrase(i, result.Name.VI, inResult, false, count)
	}
}

// phrase takes a text into the postings and, when it is compared as a whole, into the
// procedure's phrases.
func (x *index) phrase(i int, text string, worth float32, whole bool, count map[string]map[string]int) {
	p := phrase{worth: worth}
	for _, w := range words(text) {
		t := x.term(w.bare)
		p.terms = append(p.terms, t)
		p.marked = append(p.marked, w.marked)
		x.post(t, int32(i), worth)
		if count != nil {
			if count[w.bare] == nil {
				count[w.bare] = map[string]int{}
			}
			count[w.bare][w.marked]++
		}
	}
	if whole && len(p.terms) > 0 {
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
