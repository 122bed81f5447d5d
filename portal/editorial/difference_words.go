package editorial

import (
	"slices"
	"strings"
	"unicode"
)

// mostCells bounds the table of a comparison word by word: longer texts that differ all
// over are shown whole.
const mostCells = 1 << 20

// words compares two texts word by word.
func words(before, after string) (b, a []Run) {
	if before == "" || after == "" {
		return whole(before, Del), whole(after, Ins)
	}
	x, y := tokens(before), tokens(after)
	head := 0
	for head < min(len(x), len(y)) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < min(len(x), len(y))-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	same := func(t []string) string { return strings.Join(t, "") }
	b, a = whole(same(x[:head]), Same), whole(same(y[:head]), Same)
	mb, ma := middle(x[head:len(x)-tail], y[head:len(y)-tail])
	b, a = append(b, mb...), append(a, ma...)
	b, a = append(b, whole(same(x[len(x)-tail:]), Same)...), append(a, whole(same(y[len(y)-tail:]), Same)...)
	return joined(b), joined(a)
}

func whole(s, kind string) []Run {
	if s == "" {
		return nil
	}
	return []Run{{Text: s, Kind: kind}}
}

// tokens are words, numbers with the marks within them (8.000, 1/7/2025), the spaces between
// them, and each other mark by itself.
func tokens(s string) []string {
	var all []string
	last := 0
	runes := []rune(s)
	for i, r := range runes {
		c := 0
		switch {
		case unicode.IsSpace(r):
			c = 1
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), inNumber(runes, i):
			c = 2
		}
		if c != 0 && c == last {
			all[len(all)-1] += string(r)
		} else {
			all = append(all, string(r))
		}
		last = c
	}
	return all
}

// inNumber says whether a mark stands between two digits.
func inNumber(runes []rune, i int) bool {
	return strings.ContainsRune(".,/", runes[i]) && i > 0 && i+1 < len(runes) && unicode.IsDigit(runes[i-1]) && unicode.IsDigit(runes[i+1])
}

// middle compares what differs at both ends by the longest words that they share.
func middle(x, y []string) (b, a []Run) {
	if len(x)*len(y) > mostCells || len(x) == 0 || len(y) == 0 {
		return whole(strings.Join(x, ""), Del), whole(strings.Join(y, ""), Ins)
	}
	wide := len(y) + 1
	longest := make([]int32, (len(x)+1)*wide) // shared from here on
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				longest[i*wide+j] = longest[(i+1)*wide+j+1] + 1
			} else {
				longest[i*wide+j] = max(longest[(i+1)*wide+j], longest[i*wide+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(x) && j < len(y) {
		switch {
		case x[i] == y[j]:
			b, a = append(b, Run{Text: x[i], Kind: Same}), append(a, Run{Text: y[j], Kind: Same})
			i, j = i+1, j+1
		case longest[(i+1)*wide+j] >= longest[i*wide+j+1]:
			b = append(b, Run{Text: x[i], Kind: Del})
			i++
		default:
			a = append(a, Run{Text: y[j], Kind: Ins})
			j++
		}
	}
	return append(b, whole(strings.Join(x[i:], ""), Del)...), append(a, whole(strings.Join(y[j:], ""), Ins)...)
}

// joined are the runs with neighbours of one kind made one. A space between two words that
// were both changed goes with them, so that a sentence is marked and not each word.
func joined(runs []Run) []Run {
	for i := 1; i+1 < len(runs); i++ {
		if strings.TrimSpace(runs[i].Text) == "" && runs[i-1].Kind == runs[i+1].Kind {
			runs[i].Kind = runs[i-1].Kind
		}
	}
	var all []Run
	for _, r := range runs {
		if n := len(all); n > 0 && all[n-1].Kind == r.Kind {
			all[n-1].Text += r.Text
		} else {
			all = append(all, r)
		}
	}
	return all
}

// alike says whether two texts share so many words that one is the other, changed.
func alike(a, b string) bool {
	x, y := strings.Fields(strings.ToLower(a)), strings.Fields(strings.ToLower(b))
	shared := 0
	left := slices.Clone(y)
	for _, w := range x {
		if i := slices.Index(left, w); i >= 0 {
			left = slices.Delete(left, i, i+1)
			shared++
		}
	}
	return 2*shared >= max(len(x), len(y)) && shared > 0
}
