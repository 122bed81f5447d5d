package editorial

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"motcua/locales"
)

// choices are the fields whose values have words of their own, by the beginning of their keys.
var choices = map[string]string{
	"audience": "public.audience.", "tiers": "public.tier.", "channel": "public.channel.", "kind": "fee.kind.",
	"languages": "difference.language.", "capacities": "difference.capacity.", "role": "difference.role.",
}

// value is a number, a word or a yes as people read it.
func (w *walk) value(v reflect.Value) Run {
	switch {
	case v.Kind() == reflect.Bool:
		return Run{Say: locales.M(map[bool]string{true: "difference.yes", false: "difference.no"}[v.Bool()])}
	case v.CanInt() && w.money():
		return Run{Say: locales.M("difference.money", locales.VND("amount", v.Int()))}
	case v.Kind() == reflect.String:
		return w.word(v.String())
	}
	return Run{Text: fmt.Sprint(v.Interface())}
}

// word is one value of a field: of a choice its words, of a day the day.
func (w *walk) word(s string) Run {
	if key := choices[w.name()] + s; s != "" && key != s && locales.Has(key) {
		return Run{Say: locales.M(key)}
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, locales.ICT); err == nil {
		return Run{Say: locales.M("difference.day", locales.D("day", day))}
	}
	return Run{Text: s}
}

// money says whether the number is an amount in đồng.
func (w *walk) money() bool {
	switch w.part {
	case "sheet":
		return w.name() == "amount" && slices.Contains(w.names, "fees")
	case "fees":
		return slices.Contains([]string{"unit", "max", "amount"}, w.name())
	}
	return false
}

// enumerated compares two lists of words as one line: what both have stays, what one has is
// marked.
func (w *walk) enumerated(before, after []string) {
	if slices.Equal(before, after) {
		return
	}
	line := func(all, other []string, kind string) []Run {
		var runs []Run
		for i, s := range all {
			if i > 0 {
				runs = append(runs, Run{Text: ", ", Kind: Same})
			}
			r := w.word(s)
			r.Kind = Same
			if !slices.Contains(other, s) {
				r.Kind = kind
			}
			runs = append(runs, r)
		}
		return runs
	}
	b, a := line(before, after, Del), line(after, before, Ins)
	if !marked(b) && !marked(a) { // only their order
		b, a = []Run{{Say: locales.M("difference.order.before"), Kind: Del}}, []Run{{Say: locales.M("difference.order.after"), Kind: Ins}}
	}
	w.add(b, a)
}

func marked(runs []Run) bool {
	return slices.ContainsFunc(runs, func(r Run) bool { return r.Kind != Same })
}
