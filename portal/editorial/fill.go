package editorial

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/locales"
)

// Fault is why what was typed at a place is not taken.
type Fault struct {
	Place   string
	Message locales.Message
}

// The marks in the names of inputs.
const (
	asked    = ".co"  // a box that is not ticked says nothing: this says that it was there
	mostText = 20_000 // characters of one text
	mostRows = 400    // of one list
)

// Fill reads a section's page into the document. What the page did not have stays. With
// faults nothing of the document is to be kept.
func (d *Doc) Fill(s Section, body url.Values) []Fault {
	r := filling{d, body, nil}
	for _, b := range s.Blocks {
		for _, f := range b.Fields {
			r.fill(f, child(b.Part, f.Name))
		}
	}
	return r.faults
}

// filling is a page on its way into a document.
type filling struct {
	doc    *Doc
	body   url.Values
	faults []Fault
}

func child(place, name string) string {
	if name == "" {
		return place
	}
	return place + "/" + name
}

func (r *filling) fault(place, key string, args ...locales.Arg) {
	r.faults = append(r.faults, Fault{place, locales.M(key, args...)})
}

func (r *filling) fill(f Field, place string) {
	switch f.Sort {
	case Object:
		r.inner(f.Fields, place)
		if m, ok := r.doc.At(place).(map[string]any); ok && len(m) == 0 {
			r.doc.Set(place, nil)
		}
	case Rows:
		for i := range r.doc.Len(place) {
			r.inner(f.Fields, rowAt(place, i))
		}
	case Named:
		for _, name := range append(slices.Clone(f.Values), names(r.doc.At(place))...) {
			r.words(place + "/" + name)
		}
	case Words, Long:
		r.words(place)
	case Flag:
		if r.body.Has(place + asked) {
			r.set(place, r.body.Has(place), true)
		}
	case Many:
		if r.body.Has(place + asked) {
			r.list(place, kept(r.doc.Values(place), r.body[place]))
		}
	case Lines:
		if r.body.Has(place) {
			r.list(place, strings.Split(r.body.Get(place), "\n"))
		}
	default:
		if r.body.Has(place) {
			r.value(f, place, oneLine(r.body.Get(place)))
		}
	}
}

// names are the members of what stands at a place, in order.
func names(v any) []string {
	m, _ := v.(map[string]any)
	var all []string
	for name := range m {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// inner fills the members of an object or of a row.
func (r *filling) inner(fields []Field, place string) {
	for _, f := range fields {
		r.fill(f, child(place, f.Name))
	}
}

// oneLine is a typed line without what surrounds it.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// set keeps a value where it is another one than before; an empty one goes.
func (r *filling) set(place string, v any, says bool) {
	if !says || v == false || v == "" {
		v = nil
	}
	if was := r.doc.At(place); was == v || v == nil && (was == nil || was == "" || was == false) {
		return
	}
	r.doc.Set(place, v)
}

func (r *filling) words(place string) {
	var t locales.Text
	there := false
	for _, in := range []struct {
		lang string
		into *string
	}{{"vi", &t.VI}, {"en", &t.EN}, {"km", &t.KM}} {
		name := place + "." + in.lang
		there = there || r.body.Has(name)
		*in.into = strings.TrimSpace(strings.ReplaceAll(r.body.Get(name), "\r\n", "\n"))
		if len(*in.into) > mostText {
			r.fault(place, "editorial.fault.long", locales.N("most", mostText))
			return
		}
	}
	was := r.doc.At(place)
	if !there || textOf(was) == t {
		return
	}
	if _, _, isRow := r.doc.row(place); t.Empty() && !isRow { // a row stays though it is empty
		r.doc.Set(place, nil)
		return
	}
	m, ok := was.(map[string]any) // a language that the program does not know stays
	if !ok {
		m = map[string]any{}
	}
	for lang, s := range map[string]string{"vi": t.VI, "en": t.EN, "km": t.KM} {
		if m[lang] = s; s == "" && lang != "vi" {
			delete(m, lang)
		}
	}
	r.doc.Set(place, m)
}

// kept are the ticked values in the order that they had; a page has an order of its own.
func kept(was, ticked []string) []string {
	all := slices.DeleteFunc(slices.Clone(was), func(v string) bool { return !slices.Contains(ticked, v) })
	for _, v := range ticked {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

func (r *filling) list(place string, typed []string) {
	var all []any
	for _, s := range typed {
		if s = oneLine(s); s != "" && !slices.Contains(all, any(s)) {
			all = append(all, s)
		}
	}
	was, _ := r.doc.At(place).([]any)
	if slices.Equal(was, all) {
		return
	}
	if all == nil {
		if r.doc.At(place) != nil {
			r.doc.Set(place, []any{})
		}
		return
	}
	r.doc.Set(place, all)
}

func (r *filling) value(f Field, place, typed string) {
	switch f.Sort {
	case Whole, Money:
		r.number(f, place, typed)
	case Day:
		if typed == "" {
			r.set(place, "", true)
			return
		}
		day, err := time.ParseInLocation("2/1/2006", typed, locales.ICT)
		if err != nil || day.Year() < 1900 || day.Year() > 2200 {
			r.fault(place, "editorial.fault.day", locales.S("day", typed))
			return
		}
		r.set(place, day.Format(time.DateOnly), true)
	default:
		if f.Sort == Choice && len(f.Values) > 0 && f.Values[0] == "1" { // levels are numbers
			r.number(f, place, typed)
			return
		}
		if len(typed) > mostText {
			r.fault(place, "editorial.fault.long", locales.N("most", mostText))
			return
		}
		r.set(place, typed, true)
	}
}

// number reads a whole number, an amount as people write it: 8.000 đ.
func (r *filling) number(f Field, place, typed string) {
	if f.Sort == Money {
		typed = strings.NewReplacer(".", "", " ", "", "đồng", "", "đ", "", "₫", "").Replace(typed)
	}
	if typed == "" {
		if f.Needs && r.says(place) {
			r.fault(place, "editorial.fault.no_amount")
			return
		}
		if r.doc.At(place) != nil {
			r.doc.Set(place, nil)
		}
		return
	}
	n, err := strconv.ParseInt(typed, 10, 64)
	if err != nil || n < 0 || n > 1_000_000_000_000 {
		r.fault(place, "editorial.fault.number", locales.S("number", typed))
		return
	}
	if now := json.Number(strconv.FormatInt(n, 10)); r.doc.At(place) != any(now) {
		r.doc.Set(place, now)
	}
}

// says reports whether the row of a place says anything else that was typed: a unit.
func (r *filling) says(place string) bool {
	row := place[:strings.LastIndexByte(place, '/')+1]
	return r.body.Get(row+"unit") != "" && r.body.Get(row+"unit") != "same_day" || r.body.Get(row+"unit.vi") != ""
}
