package postal

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// codes.tsv says what the carrier's status codes mean; provinces.tsv which postal code the
// carrier has for a province. Both are the carrier's to change, so they are data.
//
//go:embed codes.tsv
var codesFile string

//go:embed provinces.tsv
var provincesFile string

var codes = sync.OnceValue(func() map[string]State {
	all := map[string]State{}
	for code, state := range table(codesFile) {
		if _, known := rank[State(state)]; !known && State(state) != Exception {
			panic(fmt.Sprintf("codes.tsv: %s is no state", state))
		}
		all[code] = State(state)
	}
	return all
})

var provinces = sync.OnceValue(func() map[string]int {
	all := map[string]int{}
	for unit, code := range table(provincesFile) {
		n, err := strconv.Atoi(code)
		if err != nil {
			panic(fmt.Sprintf("provinces.tsv: %s: %v", unit, err))
		}
		all[unit] = n
	}
	return all
})

// table yields the two columns of a file of ours; lines with # are remarks.
func table(file string) func(yield func(a, b string) bool) {
	return func(yield func(a, b string) bool) {
		for line := range strings.Lines(file) {
			a, b, ok := strings.Cut(strings.TrimSpace(line), "\t")
			if !ok || strings.HasPrefix(a, "#") {
				continue
			}
			if b, _, _ = strings.Cut(b, "\t"); !yield(a, b) {
				return
			}
		}
	}
}
