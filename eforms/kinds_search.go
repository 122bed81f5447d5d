package eforms

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// What a search in a list shows: as many finds, and the whole list up to this length.
const (
	mostFound = 20
	shortList = 200
)

// searchSelectKind is one of a long list, found by typing a part of it. The words are typed
// into NAME.text; what fits is offered as radio buttons NAME. While nothing is chosen the
// answer is {"typed": the words}; once something is, it is the option's value, NAME sends it
// along unseen and the words are its label.
func searchSelectKind() *behaviour {
	k := choiceKind()
	k.controls = []string{"text", ""}
	k.read = readSearch
	chosen := k.check
	k.check = func(a asked, answer any) *complaint {
		typed := part(answer, "typed")
		if typed == "" {
			return chosen(a, answer)
		}
		if _, n := a.search(typed, 0); n == 0 {
			return &complaint{message: message("search_none", locales.T("label", a.q.inside()), locales.S("typed", cutAt(typed, 100)))}
		}
		return a.choose()
	}
	say := k.say
	k.say = func(a asked, answer any) locales.Text {
		if typed := part(answer, "typed"); typed != "" {
			return same(typed)
		}
		return say(a, answer)
	}
	k.draw = func(a asked, answer any, f *Field) {
		f.Choose, f.Chosen = a.name, text(answer)
		f.Search = func(typed string) []Choice {
			found, _ := a.search(clean(typed, false), mostFound)
			return found
		}
		if a.offered(shortList) {
			f.Whole = a.draw(func(string) bool { return false })
		}
		if typed := part(answer, "typed"); typed != "" {
			f.Value = typed
			f.Choices, f.Found = a.search(typed, mostFound)
		}
	}
	return k
}

func readSearch(b sent, a asked) any {
	typed := collapse(clean(cutAt(b.get(a.name+".text"), 200), false))
	old, chosen := a.cell().answer, find(a.choices(), b.get(a.name))
	_, written := b[a.name+".text"]
	switch {
	case chosen != nil && (!written || chosen.called(typed) || typed != "" && typed == part(old, "typed")),
		chosen != nil && typed == "" && chosen.Value != text(old):
		return strings.Clone(chosen.Value)
	case typed == "":
		return "" // what was chosen before has been taken out
	}
	if value := a.named(typed, text(old)); value != "" {
		return value
	}
	return map[string]any{"typed": typed}
}

// named is the value of the option that is called so, or "" when there is none or several;
// of several the one chosen before stays.
func (a asked) named(typed, before string) string {
	var called []string
	want := fold(typed)
	options := a.choices()
	for i, names := range a.s.searchable(options) {
		o := &options[i]
		switch {
		case !slices.Contains(names.labels, want) && o.Value != typed, !a.offers(o):
		case o.Value == typed:
			return o.Value
		default:
			called = append(called, o.Value)
		}
	}
	switch {
	case slices.Contains(called, before):
		return before
	case len(called) == 1:
		return strings.Clone(called[0])
	}
	return ""
}

// called says whether the words are the option's label, in any language, marks apart.
func (o *Option) called(typed string) bool {
	return slices.Contains(o.searchable().labels, fold(typed))
}

// search finds the options that fit what was typed: those that begin so, then those with
// words that begin so, then those that hold it, then those with a typing error. n is how
// many there are; at most limit are given. Without a limit the first is enough.
func (a asked) search(typed string, limit int) (found []Choice, n int) {
	want := strings.Fields(fold(typed))
	if len(want) == 0 {
		return nil, 0
	}
	var tiers [4][]*Option
	options := a.choices()
	all := strings.Join(want, " ")
	look := func(from, to int, forgiving bool) {
		for i, names := range a.s.searchable(options) {
			o := &options[i]
			if t := names.fit(all, want, forgiving); t >= from && t <= to && a.offers(o) {
				tiers[t] = append(tiers[t], o)
				if n++; limit == 0 {
					return
				}
			}
		}
	}
	if look(0, 2, false); n == 0 {
		look(3, 3, true) // errors are forgiven only when nothing fits
	}
	for _, tier := range tiers {
		for _, o := range tier {
			if len(found) < limit {
				found = append(found, Choice{ID: choiceID(a.name, len(found)), Value: o.Value, Label: o.Label, Hint: o.Hint})
			}
		}
	}
	return found, n
}

// offered says whether no more options than that can be chosen now.
func (a asked) offered(most int) bool {
	options := a.choices()
	if len(options) > most && a.q.Within == "" {
		return false
	}
	n := 0
	for i := range options {
		if a.offers(&options[i]) {
			n++
		}
	}
	return n <= most
}

// searchable is what an option is found by, folded.
type searchable struct {
	names  []string
	words  [][]string // of each name
	labels []string   // those names that are its label in a language
}

func (o *Option) searchable() searchable {
	var s searchable
	for _, label := range []string{o.Label.VI, o.Label.EN, o.Label.KM} {
		if label != "" {
			s.labels = append(s.labels, fold(label))
		}
	}
	s.names = append(s.names, s.labels...)
	for _, name := range append([]string{o.Value, o.Hint.VI, o.Hint.EN}, o.Same...) {
		if name != "" {
			s.names = append(s.names, fold(name))
		}
	}
	for _, name := range s.names {
		s.words = append(s.words, strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
	}
	return s
}

// searchable folds a list once for a run, and counts each pass through it as work done:
// hundreds of rows that each search a long list are a cost like rules are.
func (s *state) searchable(options []Option) []searchable {
	if s.steps -= len(options); s.steps < 0 {
		s.over = true
		return nil
	}
	if len(options) == 0 {
		return nil
	}
	known, ok := s.run.folded[&options[0]]
	if !ok || len(known) != len(options) {
		known = make([]searchable, len(options))
		for i := range options {
			known[i] = options[i].searchable()
		}
		s.run.folded[&options[0]] = known
	}
	return known
}

// fit says how well an option fits the words: 0 is best, 3 with an error forgiven, 4 not at all.
func (s searchable) fit(all string, want []string, forgiving bool) int {
	best := 4
	for i, name := range s.names {
		if strings.HasPrefix(name, all) {
			return 0
		}
		fit := 1
		for _, w := range want {
			if fit = max(fit, fitOf(w, name, s.words[i], forgiving)); fit == 4 {
				break
			}
		}
		best = min(best, fit)
	}
	return best
}

func fitOf(want, name string, words []string, forgiving bool) int {
	begins := func(word string) bool { return strings.HasPrefix(word, want) }
	switch {
	case strings.Contains(name, want) && slices.ContainsFunc(words, begins):
		return 1
	case strings.Contains(name, want):
		return 2
	case forgiving && slices.ContainsFunc(words, func(word string) bool { return nearly(word, want) }):
		return 3
	}
	return 4
}

// nearly says whether a word is another one, or begins with it, but for one letter typed
// wrong, forgotten, too many, or two changed about. Short words forgive nothing.
func nearly(word, typed string) bool {
	if len(typed) < 4 || len(word)+1 < len(typed) {
		return false
	}
	i := 0
	for i < len(word) && i < len(typed) && word[i] == typed[i] {
		i++
	}
	rest := func(w, t int) bool { // the typed word goes on like the other, w and t letters further
		return strings.HasPrefix(word[min(i+w, len(word)):], typed[min(i+t, len(typed)):])
	}
	return rest(1, 1) || rest(1, 0) || rest(0, 1) ||
		i+1 < len(word) && i+1 < len(typed) && word[i] == typed[i+1] && word[i+1] == typed[i] && rest(2, 2)
}

// fold makes words comparable: without marks, in small letters, with single spaces.
func fold(s string) string { return collapse(strings.ToLower(unmarked(s))) }

// unmarked takes the marks off Latin letters.
func unmarked(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 {
			return r
		}
		if base, marked := bases()[r]; marked {
			return base
		}
		if r >= 0x300 && r < 0x370 { // a mark that stands by itself
			return -1
		}
		return r
	}, s)
}

// bases are the letters under marked ones, of the Latin alphabets.
var bases = sync.OnceValue(func() map[rune]rune {
	out := map[rune]rune{'đ': 'd', 'Đ': 'D'}
	for _, span := range [][2]rune{{0xC0, 0x24F}, {0x1E00, 0x1EFF}} {
		for r := span[0]; r <= span[1]; r++ {
			if parts := []rune(norm.NFD.String(string(r))); parts[0] < 0x80 && len(parts) > 1 {
				out[r] = parts[0]
			}
		}
	}
	return out
})

// Suggest finds what fits the words typed into a search field of page no: as many as a list
// under the field can show. The field is called by its name; nil when there is none.
func (r *Run) Suggest(no int, name, typed string) []Choice {
	if !r.Shows(no) {
		return nil
	}
	var in func(fields []Field) []Choice
	in = func(fields []Field) []Choice {
		for _, f := range fields {
			if f.Name == name && f.Search != nil {
				return f.Search(typed)
			}
			if !strings.HasPrefix(name, f.Name+".") {
				continue
			}
			if found := in(f.Fields); found != nil {
				return found
			}
			for _, row := range f.Rows {
				if found := in(row.Fields); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return in(r.Model(no, nil).Fields)
}
