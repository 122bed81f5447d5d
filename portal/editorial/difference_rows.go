package editorial

import (
	"reflect"
	"slices"
	"strconv"

	"motcua/locales"
)

// lists compares two lists: words as one line, texts and rows one by one.
func (w *walk) lists(before, after reflect.Value) {
	switch after.Type().Elem().Kind() {
	case reflect.String:
		w.enumerated(texts(before), texts(after))
		return
	case reflect.Struct, reflect.Pointer:
	default:
		w.raw(before.Interface(), after.Interface())
		return
	}
	pairs := paired(before, after)
	last, moved := -1, false
	for _, p := range pairs {
		switch {
		case p.before < 0:
			w.row(p.after, reflect.Value{}, after.Index(p.after))
		case p.after < 0:
			w.row(-1, before.Index(p.before), reflect.Value{})
		default:
			moved = moved || p.before < last
			last = max(last, p.before)
			w.row(p.after, before.Index(p.before), after.Index(p.after))
		}
	}
	if moved {
		w.add([]Run{{Say: locales.M("difference.order.before"), Kind: Del}}, []Run{{Say: locales.M("difference.order.after"), Kind: Ins}})
	}
}

func texts(v reflect.Value) []string {
	all := make([]string, v.Len())
	for i := range all {
		all[i] = v.Index(i).String()
	}
	return all
}

// row compares one row with what it was. A row that came or went is one difference, with
// all that it says.
func (w *walk) row(at int, before, after reflect.Value) {
	before, after = plain(before), plain(after)
	one := after
	if !one.IsValid() {
		one = before
	}
	if one.Type() == reflect.TypeFor[locales.Text]() {
		w.text(at, before, after)
		return
	}
	if before.IsValid() && after.IsValid() {
		w.in("", strconv.Itoa(at), func(w *walk) {
			w.rows = append(slices.Clone(w.rows), w.called(one))
			w.values(before, after)
		})
		return
	}
	sub := walk{part: w.part, names: w.names}
	sub.values(before, after)
	place := w.place
	if at >= 0 {
		place += "/" + strconv.Itoa(at)
	}
	w.found = append(w.found, folded(Difference{Part: w.part, Place: place, Label: w.label(w.field())}, sub.found, after.IsValid()))
}

// text compares one of several texts: a step, a condition.
func (w *walk) text(at int, before, after reflect.Value) {
	var b, a locales.Text
	if before.IsValid() {
		b = before.Interface().(locales.Text)
	}
	if !after.IsValid() {
		w.texts(b, a)
		return
	}
	w.in("", strconv.Itoa(at), func(w *walk) { w.texts(b, after.Interface().(locales.Text)) })
}

// folded makes one difference of all that a row says which came or went.
func folded(d Difference, said []Difference, came bool) Difference {
	slices.SortStableFunc(said, byName)
	join := func(into, runs []Run, label locales.Message, kind string) []Run {
		if len(runs) == 0 {
			return into
		}
		if len(into) > 0 {
			into = append(into, Run{Text: " · ", Kind: kind}, Run{Say: label, Kind: kind}, Run{Text: ": ", Kind: kind})
		}
		return append(into, runs...)
	}
	for _, s := range said {
		if came {
			d.After = join(d.After, s.After, s.Label, Ins)
		} else {
			d.Before = join(d.Before, s.Before, s.Label, Del)
		}
	}
	return d
}

// byName puts first what a row is called.
func byName(a, b Difference) int {
	rank := func(d Difference) int {
		if slices.Contains([]string{"/name/vi", "/label/vi", "/case/vi", "/title/vi"}, d.Place) {
			return 0
		}
		return 1
	}
	return rank(a) - rank(b)
}

// called is by what people know a row.
func (w *walk) called(row reflect.Value) locales.Message {
	for _, name := range []string{"name", "label", "title", "case"} {
		if t, ok := fieldOf(row, name).(locales.Text); ok && !t.Empty() {
			return locales.M("difference.row", locales.T("name", t))
		}
	}
	for _, name := range []string{"channel", "kind", "number", "code", "id"} {
		if s, ok := fieldOf(row, name).(string); ok && s != "" {
			said := (&walk{part: w.part, names: []string{name}}).word(s)
			if said.Say.Key != "" {
				return said.Say
			}
			return locales.M("difference.row", locales.T("name", locales.V(s)))
		}
	}
	return locales.Message{}
}

// known is by what a row is found again in the other list, "" for nothing.
func known(row reflect.Value) string {
	row = plain(row)
	if t, ok := row.Interface().(locales.Text); ok {
		return t.VI
	}
	for _, name := range []string{"id", "code", "channel", "number", "value", "rule", "level"} {
		if s, ok := fieldOf(row, name).(string); ok && s != "" {
			if role, ok := fieldOf(row, "role").(string); ok {
				s += "/" + role
			}
			return name + ":" + s
		}
	}
	for _, name := range []string{"name", "case", "label", "title"} {
		if t, ok := fieldOf(row, name).(locales.Text); ok && t.VI != "" {
			return name + ":" + t.VI
		}
	}
	return ""
}

// fieldOf is a row's field by its name in the document, nil where it has none.
func fieldOf(row reflect.Value, name string) any {
	if row.Kind() != reflect.Struct {
		return nil
	}
	for i := range row.NumField() {
		f := row.Type().Field(i)
		if tag := f.Tag.Get("json"); f.IsExported() && (tag == name || len(tag) > len(name) && tag[:len(name)+1] == name+",") {
			return row.Field(i).Interface()
		}
	}
	return nil
}

// pair is a row in both lists, or in one: -1.
type pair struct{ before, after int }

// paired finds the rows of one list in the other: by what they are known by, and what is
// left between by its words, or, where rows have no name at all, by its turn.
func paired(before, after reflect.Value) []pair {
	partner := make([]int, after.Len())
	taken := make([]bool, before.Len())
	match := func(same func(b, a reflect.Value) bool) {
		for i := range partner {
			if partner[i] >= 0 {
				continue
			}
			for j := range taken {
				if !taken[j] && same(before.Index(j), after.Index(i)) {
					partner[i], taken[j] = j, true
					break
				}
			}
		}
	}
	for i := range partner {
		partner[i] = -1
	}
	match(func(b, a reflect.Value) bool { return reflect.DeepEqual(b.Interface(), a.Interface()) })
	match(func(b, a reflect.Value) bool { k := known(a); return k != "" && known(b) == k })
	match(func(b, a reflect.Value) bool { return known(a) == "" || known(b) == "" || alike(known(b), known(a)) })
	var all []pair
	for i, j := range partner {
		all = append(all, pair{j, i})
	}
	for j := range taken { // what is gone stands where it stood
		if taken[j] {
			continue
		}
		at := 0
		for k, p := range all {
			if p.before >= 0 && p.before < j {
				at = k + 1
			}
		}
		all = slices.Insert(all, at, pair{j, -1})
	}
	return all
}
