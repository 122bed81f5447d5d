package editorial

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"motcua/locales"
	"motcua/portal/calendar"
	"motcua/portal/catalogue"
)

// values compares two values of one type. A part that one side does not have is its zero.
func (w *walk) values(before, after reflect.Value) {
	before, after = plain(before), plain(after)
	switch {
	case !before.IsValid() && !after.IsValid():
		return
	case !before.IsValid():
		before = reflect.Zero(after.Type())
	case !after.IsValid():
		after = reflect.Zero(before.Type())
	}
	switch a := after.Interface().(type) {
	case locales.Text:
		w.texts(before.Interface().(locales.Text), a)
		return
	case calendar.Rule:
		w.terms(before.Interface().(calendar.Rule), a)
		return
	case catalogue.Time:
		b := before.Interface().(catalogue.Time)
		w.in("", "amount", func(w *walk) {
			w.terms(calendar.Rule{Amount: b.Amount, Unit: b.Unit}, calendar.Rule{Amount: a.Amount, Unit: a.Unit})
		})
		w.in("note", "note", func(w *walk) { w.texts(b.Note, a.Note) })
		return
	case json.RawMessage:
		w.raw(before.Interface(), a)
		return
	}
	switch after.Kind() {
	case reflect.Struct:
		w.fields(before, after)
	case reflect.Slice:
		w.lists(before, after)
	case reflect.Map:
		w.maps(before, after)
	default:
		w.single(before, after)
	}
}

// plain is what a pointer leads to; not valid where it leads nowhere.
func plain(v reflect.Value) reflect.Value {
	for v.IsValid() && v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	return v
}

// fields compares what the document knows of two structs, in the order of the sheet.
func (w *walk) fields(before, after reflect.Value) {
	t := after.Type()
	known := false
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || name == "" || name == "-" {
			continue
		}
		known = true
		w.in(name, name, func(w *walk) { w.values(before.Field(i), after.Field(i)) })
	}
	if !known {
		w.raw(before.Interface(), after.Interface())
	}
}

// maps compares what is kept by name: notices by their kind, recordings by theirs.
func (w *walk) maps(before, after reflect.Value) {
	if after.Type().Key().Kind() != reflect.String {
		w.raw(before.Interface(), after.Interface())
		return
	}
	seen := map[string]bool{}
	for _, m := range []reflect.Value{before, after} {
		for _, k := range m.MapKeys() {
			seen[k.String()] = true
		}
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		key := reflect.ValueOf(name).Convert(after.Type().Key())
		w.in(name, escaped(name), func(w *walk) {
			b, a := before.MapIndex(key), after.MapIndex(key)
			if after.Type().Elem() == reflect.TypeFor[locales.Text]() {
				w.values(b, a)
			} else {
				w.raw(held(b), held(a))
			}
		})
	}
}

func held(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	return v.Interface()
}

// escaped is a name as a step of a JSON pointer.
func escaped(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// texts compares the words of each language by itself.
func (w *walk) texts(before, after locales.Text) {
	for _, l := range []struct{ lang, before, after string }{{"vi", before.VI, after.VI}, {"en", before.EN, after.EN}, {"km", before.KM, after.KM}} {
		if l.before == l.after {
			continue
		}
		b, a := words(l.before, l.after)
		label := w.label(w.field())
		if l.lang != "vi" {
			label = locales.M("difference.lang."+l.lang, locales.Sub("label", label))
		}
		w.in("", l.lang, func(w *walk) { w.addAs(label, b, a) })
	}
}

// terms compares how long something may take, said as a whole.
func (w *walk) terms(before, after calendar.Rule) {
	if before == after {
		return
	}
	say := func(r calendar.Rule, kind string) []Run {
		if r == (calendar.Rule{}) {
			return nil
		}
		if key := "calendar.rule." + r.Unit; locales.Has(key) {
			return []Run{{Say: locales.M(key, locales.N("n", int64(r.Amount))), Kind: kind}}
		}
		return []Run{{Text: strconv.Itoa(r.Amount) + " " + r.Unit, Kind: kind}}
	}
	w.add(say(before, Del), say(after, Ins))
}

// raw compares what has no words of its own, as it is written in the document.
func (w *walk) raw(before, after any) {
	b, a := written(before), written(after)
	if b == a {
		return
	}
	x, y := words(b, a)
	w.add(x, y)
}

func written(v any) string {
	if raw, ok := v.(json.RawMessage); ok && len(raw) == 0 {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil || slices.Contains([]string{"null", "{}", "[]", `""`}, string(b)) {
		return ""
	}
	var spread bytes.Buffer // a space after each comma: words are compared, not one long line
	if json.Indent(&spread, b, "", "") != nil {
		return string(b)
	}
	return strings.Join(strings.Fields(spread.String()), " ")
}

// single compares two numbers, words or yes and no.
func (w *walk) single(before, after reflect.Value) {
	if before.Equal(after) {
		return
	}
	b, a := w.value(before), w.value(after)
	if b.Text != "" && a.Text != "" && after.Kind() == reflect.String {
		x, y := words(b.Text, a.Text)
		w.add(x, y)
		return
	}
	run := func(r Run, v reflect.Value, kind string) []Run {
		if v.IsZero() && v.Kind() != reflect.Bool && !w.money() {
			return nil
		}
		r.Kind = kind
		return []Run{r}
	}
	w.add(run(b, before, Del), run(a, after, Ins))
}
