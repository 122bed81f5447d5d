package catalogue

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

const (
	enough     = 0.6 // of a query's weight must be there for a procedure to be a hit
	some       = 0.4 // … when nothing has enough
	closely    = 300 // the best so many are compared phrase by phrase
	sure       = 0.8 // below this the query is read again loosely
	otherWords = 0.97

	// what comes before others that answer as well
	fileable = 0.04  // it can be filed here, and is not only described
	used     = 0.006 // for each e-fold of how often it is needed
	mostUsed = 0.06
	named    = 0.05 // it is done by a body that was named
	hatted   = 0.03 // it is for whom the person acts for
	hatOnly  = 0.1  // … and for nobody else
)

// found is a procedure with how well it answers, 0 to about 1.
type found struct {
	doc   int32
	score float32
}

// find ranks the procedures for a text, best first, and says which words it took instead
// of the typed ones. A hat, when one is on, is for whom the procedures should be.
func (x *index) find(text, hat string) (hits []found, corrected string) {
	if hits = x.byCode(text); hits != nil {
		return hits, ""
	}
	all, bodies := x.ask(text)
	if len(all) == 0 {
		return nil, ""
	}
	if !slices.ContainsFunc(all, func(a asked) bool { return !a.aside && !a.filler }) && len(bodies) > 0 {
		return x.of(bodies), ""
	}
	what := slices.DeleteFunc(slices.Clone(all), func(a asked) bool { return a.aside })
	hits, best := x.read(what, false, enough)
	if len(hits) == 0 || best < sure {
		if again, better := x.read(what, true, enough); better > best {
			hits = again
		}
	}
	if len(hits) == 0 {
		hits, _ = x.read(what, true, some)
	}
	x.prefer(hits, bodies, hat)
	return hits, x.correct(all, hits)
}

// prefer puts those first, of what answers as well, that can be filed, are needed often,
// are for the hat and are done by the bodies that were named.
func (x *index) prefer(hits []found, bodies []string, hat string) {
	for i := range hits {
		d := x.docs[hits[i].doc]
		hits[i].score += d.favour
		if who := d.rev.Sheet.Audience; hat != "" && slices.Contains(who, hat) {
			if len(who) == 1 {
				hits[i].score += hatOnly
			} else {
				hits[i].score += hatted
			}
		}
		if len(bodies) > 0 && d.rev.by(bodies) {
			hits[i].score += named
		}
	}
	slices.SortFunc(hits, func(a, b found) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(x.docs[a.doc].rev.Code, x.docs[b.doc].rev.Code))
	})
}

// of are the procedures of bodies that somebody named and nothing else.
func (x *index) of(bodies []string) []found {
	var hits []found
	for i, d := range x.docs {
		if d.rev.by(bodies) {
			hits = append(hits, found{int32(i), 0})
		}
	}
	x.prefer(hits, nil, "")
	return hits
}

// by says whether one of the bodies receives dossiers of the procedure.
func (r *Revision) by(bodies []string) bool {
	return slices.ContainsFunc(r.Sheet.Agencies, func(o Office) bool { return o.Code != "" && slices.Contains(bodies, o.Code) })
}

// code is how the code of a procedure is written, alone or in a sentence; national systems
// put more behind it (.000.00.00.H01).
var code = regexp.MustCompile(`\b([0-9])\.?([0-9]{6})(?:\.[0-9A-Za-z.]*)?(?:[^0-9]|$)`)

// byCode finds procedures by their code or the beginning of one, with or without its dot.
func (x *index) byCode(text string) []found {
	digits := strings.ReplaceAll(strings.TrimSpace(text), ".", "")
	if len(digits) < 4 || len(digits) > 7 || strings.Trim(digits, "0123456789") != "" {
		m := code.FindStringSubmatch(text)
		if m == nil {
			return nil
		}
		digits = m[1] + m[2]
	}
	var out []found
	for i, code := range x.codes {
		if strings.HasPrefix(code, digits) {
			out = append(out, found{int32(i), 1})
		}
	}
	return out
}

// read ranks by every variant of a query and gives how much of the query the best answers.
func (x *index) read(all []asked, loose bool, least float32) (hits []found, best float32) {
	scores := make(map[int32]float32)
	for i, v := range x.variants(all) {
		x.resolve(v, loose)
		part := float32(1)
		if i > 0 {
			part = otherWords
		}
		list, covered := x.rank(v, least)
		best = max(best, covered)
		for _, f := range list {
			scores[f.doc] = max(scores[f.doc], f.score*part)
		}
	}
	for doc, score := range scores {
		hits = append(hits, found{doc, score})
	}
	return hits, best
}

// room is where a variant is scored: as many places as there are procedures, used again
// because to make and to clear them took longer than the search.
type room struct {
	cover, worth         []float32 // of the whole variant
	wordCover, wordWorth []float32 // of the word at hand
	word, all            []int32   // procedures that have something there
}

// room takes one from those that are free.
func (x *index) room() *room {
	if r, ok := x.rooms.Get().(*room); ok {
		return r
	}
	n := len(x.docs)
	return &room{cover: make([]float32, n), worth: make([]float32, n), wordCover: make([]float32, n), wordWorth: make([]float32, n)}
}

// leave clears the room for the next.
func (x *index) leave(r *room) {
	for _, doc := range r.all {
		r.cover[doc], r.worth[doc] = 0, 0
	}
	r.all = r.all[:0]
	x.rooms.Put(r)
}

// rank scores one variant: by how much of it each procedure has anywhere, and for the best
// of those by how well it fits a name or words that people use.
func (x *index) rank(all []asked, least float32) (hits []found, best float32) {
	var total float32
	r := x.room()
	defer x.leave(r)
	for _, a := range all {
		total += a.weight
		x.spread(a, r)
	}
	if total == 0 {
		return nil, 0
	}
	for _, doc := range r.all {
		if r.cover[doc] >= least*total {
			hits = append(hits, found{doc, r.worth[doc] / total})
		}
	}
	slices.SortFunc(hits, func(a, b found) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.doc, b.doc)) })
	y := x.asking(all, total)
	for i := range hits {
		var fits float32
		if i < closely {
			var covers float32
			fits, covers = y.fit(x.docs[hits[i].doc])
			best = max(best, covers)
		}
		hits[i].score = 0.35*hits[i].score + 0.65*fits
	}
	return hits, best
}

// spread adds what a word of the query is worth to each procedure that has it.
func (x *index) spread(a asked, r *room) {
	for _, m := range a.matches {
		for _, p := range x.postings[m.term] {
			if r.wordCover[p.doc] == 0 {
				r.word = append(r.word, p.doc)
			}
			r.wordCover[p.doc] = max(r.wordCover[p.doc], m.quality)
			r.wordWorth[p.doc] = max(r.wordWorth[p.doc], m.quality*p.worth)
		}
	}
	for _, doc := range r.word {
		if r.cover[doc] == 0 && r.worth[doc] == 0 {
			r.all = append(r.all, doc)
		}
		r.cover[doc] += a.weight * r.wordCover[doc]
		r.worth[doc] += a.weight * r.wordWorth[doc]
		r.wordCover[doc], r.wordWorth[doc] = 0, 0
	}
	r.word = r.word[:0]
}

// asking is a variant turned round: by the word of the catalogue.
type asking struct {
	x     *index
	all   []asked
	total float32
	by    map[int32]meant
}

type meant struct {
	word    int // of the query
	quality float32
}

func (x *index) asking(all []asked, total float32) asking {
	y := asking{x: x, all: all, total: total, by: map[int32]meant{}}
	for i, a := range all {
		for _, m := range a.matches {
			if m.quality > y.by[m.term].quality {
				y.by[m.term] = meant{i, m.quality}
			}
		}
	}
	return y
}

// fit is how well the best phrase of a procedure fits, and how much of the query it covers.
func (y asking) fit(d doc) (best, covers float32) {
	for _, p := range d.phrases {
		fit, cover := y.phrase(p)
		best, covers = max(best, p.worth*fit), max(covers, cover)
	}
	return best, covers
}

// phrase compares a query with one phrase: how much of the one is in the other, both ways,
// how many words stand side by side in both, and whether the marks agree.
func (y asking) phrase(p phrase) (fit, cover float32) {
	var place [mostWords * 4]int // 1-based place in the phrase of each word of the query
	var quality [mostWords * 4]float32
	var inPhrase, sameMarks, pairs float32
	for j, t := range p.terms {
		m, ok := y.by[t]
		if !ok || m.word >= len(place) {
			continue
		}
		inPhrase += y.x.idf[t]
		i := m.word
		if place[i] == 0 || i > 0 && place[i-1] == j {
			place[i] = j + 1
		}
		quality[i] = max(quality[i], m.quality)
		if y.all[i].marked == p.marked[j] {
			sameMarks += y.x.idf[t]
		}
	}
	for i, a := range y.all[:min(len(y.all), len(place))] {
		cover += a.weight * quality[i]
		if i > 0 && place[i] > 0 && place[i] == place[i-1]+1 {
			pairs++
		}
	}
	cover /= y.total
	if p.idf == 0 || cover == 0 {
		return 0, 0
	}
	fit = cover * (0.56 + 0.25*inPhrase/p.idf + 0.05*sameMarks/p.idf)
	if n := len(y.all) - 1; n > 0 {
		return fit + cover*0.14*pairs/float32(n), cover
	}
	return fit + cover*0.14, cover
}

// correct writes the query as the best hit understood it, or nothing when it was
// understood as it stands.
func (x *index) correct(all []asked, hits []found) string {
	if len(hits) == 0 {
		return ""
	}
	there := map[int32]bool{} // words of the hit that nothing typed right accounts for
	for _, p := range x.docs[hits[0].doc].phrases {
		for _, t := range p.terms {
			there[t] = true
		}
	}
	for _, a := range all {
		if t, ok := x.numbers[a.bare]; ok {
			delete(there, t)
		}
	}
	var out []string
	changed := false
	for i, a := range all {
		said := a.marked
		if t, ok := x.numbers[a.bare]; ok && said == a.bare {
			said = x.marked[t]
		}
		if !a.known && !a.filler && !a.aside && !x.says(a.bare) {
			for _, m := range x.matches(a, i == len(all)-1, false) {
				if m.quality < begun && there[m.term] {
					said, changed = x.marked[m.term], true
					break
				}
			}
		}
		out = append(out, said)
	}
	if !changed {
		return ""
	}
	return strings.Join(out, " ")
}

// nearest are the procedures that have anything of a text, for when none has enough.
func (x *index) nearest(text string) []found {
	all, _ := x.ask(text)
	x.resolve(all, true)
	r := x.room()
	defer x.leave(r)
	for _, a := range all {
		x.spread(a, r)
	}
	out := make([]found, 0, len(r.all))
	for _, doc := range r.all {
		out = append(out, found{doc, r.worth[doc]})
	}
	slices.SortFunc(out, func(a, b found) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.doc, b.doc)) })
	return out[:min(len(out), suggestions)]
}
