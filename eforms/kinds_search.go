package eforms

import (
	"slices"
	"strings"
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
		if _, n := a.search(typed, 1); n == 0 {
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
		if all := a.draw(func(string) bool { return false }); len(all) <= shortList {
			f.Whole = all
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
	options := a.choices()
	for i := range options {
		o := &options[i]
		if !a.offers(o) {
			continue
		}
		if o.Value == typed {
			return o.Value
		}
		if o.called(typed) {
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
	for _, label := range []string{o.Label.VI, o.Label.EN, o.Label.KM} {
		if label != "" && (label == typed || fold(label) == fold(typed)) {
			return true
		}
	}
	return false
}

// search finds the options that fit what was typed: those that begin so, then those with
// words that begin so, then those that hold it, then those with a typing error. n is how
// many there are; at most limit are given.
func (a asked) search(typed string, limit int) (found []Choice, n int) {
	want := strings.Fields(fold(typed))
	if len(want) == 0 {
		return nil, 0
	}
	var tiers [4][]*Option
	options := a.choices()
	for i := range options {
		if o := &options[i]; a.offers(o) {
			if t := o.fits(want); t < len(tiers) {
				tiers[t] = append(tiers[t], o)
				n++
			}
		}
	}
	if exact := len(tiers[0]) + len(tiers[1]) + len(tiers[2]); exact > 0 {
		n, tiers[3] = exact, nil // errors are forgiven only when nothing fits
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

// fits says how well an option fits the words: 0 is best, 4 not at all.
func (o *Option) fits(want []string) int {
	best := 4
	names := append([]string{o.Value, o.Label.VI, o.Label.EN, o.Hint.VI, o.Hint.EN}, o.Same...)
	for _, name := range names {
		if name == "" {
			continue
		}
		name = fold(name)
		words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		fit := 1
		for _, w := range want {
			switch {
			case slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, w) }):
			case strings.Contains(name, w):
				fit = max(fit, 2)
			case slices.ContainsFunc(words, func(word string) bool { return nearly(word, w) }):
				fit = 3
			default:
				fit = 4
			}
			if fit == 4 {
				break
			}
		}
		if strings.HasPrefix(name, strings.Join(want, " ")) {
			fit = 0
		}
		best = min(best, fit)
	}
	return best
}

// nearly says whether a word is another one, or begins with it, but for one letter typed
// wrong, forgotten, too many, or two changed about. Short words forgive nothing.
func nearly(word, typed string) bool {
	w, t := []rune(word), []rune(typed)
	if len(t) < 4 {
		return false
	}
	i := 0
	for i < len(w) && i < len(t) && w[i] == t[i] {
		i++
	}
	rest := func(w, t []rune) bool { return strings.HasPrefix(string(w), string(t)) }
	after := func(r []rune, n int) []rune { return r[min(i+n, len(r)):] }
	return i == len(t) || rest(after(w, 1), after(t, 1)) || rest(after(w, 1), after(t, 0)) || rest(after(w, 0), after(t, 1)) ||
		i+1 < len(w) && i+1 < len(t) && w[i] == t[i+1] && w[i+1] == t[i] && rest(after(w, 2), after(t, 2))
}

// fold makes words comparable: without marks, in small letters, with single spaces.
func fold(s string) string { return collapse(strings.ToLower(unmarked(s))) }

// unmarked takes the marks off Vietnamese letters.
func unmarked(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r) && r < 0x1780: // Khmer vowels are no marks
			return -1
		case r == 'đ':
			return 'd'
		case r == 'Đ':
			return 'D'
		}
		return r
	}, norm.NFD.String(s))
}

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
