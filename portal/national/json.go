package national

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"motcua/locales"
)

// readJSON reads a list of records, also one inside an object, as services answer, and
// records one after another.
func readJSON(text string, about *About, out *records) error {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	j := &objects{about: about, out: out}
	for {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bad("national.file.json", locales.N("line", int64(1+strings.Count(text[:min(int(d.InputOffset()), len(text))], "\n"))))
		}
		if err := j.value(raw, 0); err != nil {
			return err
		}
	}
}

// objects reads the records of a JSON file.
type objects struct {
	about *About
	out   *records
	no    int
}

// value finds the records in a value: an object that names a procedure is one.
func (j *objects) value(raw json.RawMessage, depth int) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	open, err := d.Token()
	if err != nil || depth > 4 {
		return bad("national.file.json", locales.N("line", 1))
	}
	switch open {
	case json.Delim('['):
		for d.More() {
			var one json.RawMessage
			if err := d.Decode(&one); err != nil {
				return bad("national.file.json", locales.N("line", 1))
			}
			if err := j.value(one, depth+1); err != nil {
				return err
			}
		}
	case json.Delim('{'):
		return j.object(raw, depth)
	default:
		j.no++
		return j.out.add(Record{Line: j.no, Lines: 1, Faults: []Fault{fault(j.no, "", "", "national.row.no_record")}})
	}
	return nil
}

func (j *objects) object(raw json.RawMessage, depth int) error {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return bad("national.file.json", locales.N("line", 1))
	}
	named := false
	for name := range object {
		named = named || top[fold(name)] == codeField
	}
	if !named && depth < 3 { // what a service wraps its answer in
		var inside map[string]json.RawMessage
		if err := json.Unmarshal(raw, &inside); err != nil {
			return bad("national.file.json", locales.N("line", 1))
		}
		var lists []string
		for name, v := range inside {
			if t := strings.TrimSpace(string(v)); strings.HasPrefix(t, "[") || strings.HasPrefix(t, "{") {
				lists = append(lists, name)
			}
		}
		if len(lists) > 0 && depth == 0 || len(lists) == 1 {
			slices.Sort(lists)
			for _, name := range lists {
				if err := j.value(inside[name], depth+1); err != nil {
					return err
				}
			}
			return nil
		}
	}
	j.no++
	r := Record{Line: j.no, Lines: 1}
	w := walk{j: j, record: &r}
	r.Said = w.object(top, object, "")
	r.Code, _ = r.Said["code"].(string)
	if !named {
		r.Faults = append(r.Faults, fault(j.no, "", codeField.Name, "national.row.no_code"))
	}
	return j.out.add(r)
}

// walk reads one record by the fields.
type walk struct {
	j      *objects
	record *Record
}

func (w walk) unknown(name string) {
	if a := w.j.about; len(a.Unknown) < mostCells && !slices.Contains(a.Unknown, shown(name)) {
		a.Unknown = append(a.Unknown, shown(name))
	}
}

func (w walk) object(fields index, from map[string]any, place string) map[string]any {
	into := map[string]any{}
	names := make([]string, 0, len(from))
	for name := range from {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f, lang := named(fields, name)
		if f == nil {
			w.unknown(strings.TrimPrefix(place+"."+name, "."))
			continue
		}
		if place == "" && !slices.Contains(w.j.about.Columns, name) && len(w.j.about.Columns) < mostCells {
			w.j.about.Columns = append(w.j.about.Columns, name)
		}
		w.field(f, lang, from[name], into, strings.TrimPrefix(place+"."+name, "."), fields)
	}
	return into
}

// named is the field of a name, and the language that its ending says.
func named(fields index, name string) (*Field, string) {
	if f := fields[fold(name)]; f != nil {
		return f, "vi"
	}
	for _, l := range languages[1:] {
		if bare, ok := strings.CutSuffix(strings.ToUpper(name), l.ending); ok {
			if f := fields[fold(bare)]; f != nil && f.Kind == wordsKind && !f.Many {
				return f, l.lang
			}
		}
	}
	return nil, ""
}

// cellOf is a value as a cell; false for lists and objects.
func (w walk) cellOf(v any, place string) (cell, bool) {
	c := cell{line: w.record.Line, name: place}
	switch v := v.(type) {
	case nil:
	case string:
		c.text = v
	case json.Number:
		c.text = v.String()
	case bool:
		c.text = fmt.Sprint(v)
	default:
		return c, false
	}
	return c, true
}

func (w walk) wrong(place string) {
	w.record.Faults = append(w.record.Faults, fault(w.record.Line, "", place, "national.cell.shape"))
}

func (w walk) field(f *Field, lang string, v any, into map[string]any, place string, beside index) {
	switch {
	case f.Kind == groupKind && f.Many:
		if list := w.rows(f, v, place); list != nil {
			into[f.Path] = list
		}
	case f.Kind == groupKind:
		object, ok := v.(map[string]any)
		if !ok && v != nil && f.Main == "" {
			w.wrong(place)
		}
		if got := w.object(f.inside, object, place); len(got) > 0 {
			into[f.Path] = got
		}
	case f.Kind == wordsKind && f.Many:
		var list []any
		for i, one := range manyOf(v) {
			if text := w.words(one, fmt.Sprintf("%s[%d]", place, i+1)); len(text) > 0 {
				list = append(list, text)
			}
		}
		if list != nil {
			into[f.Path] = list
		}
	case f.Kind == wordsKind:
		if object, ok := v.(map[string]any); ok {
			for l, text := range w.words(object, place) {
				w.put(into, f.Path+"."+l, text)
			}
			return
		}
		w.scalar(f, v, into, f.Path+"."+lang, place, beside)
	case f.Kind == codesKind || f.Kind == stringsKind:
		w.several(f, v, into, place)
	default:
		w.scalar(f, v, into, f.Path, place, beside)
	}
}

// manyOf is a list, also of one.
func manyOf(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

func (w walk) rows(f *Field, v any, place string) []any {
	var list []any
	for i, one := range manyOf(v) {
		at := fmt.Sprintf("%s[%d]", place, i+1)
		object, ok := one.(map[string]any)
		if !ok {
			if f.Main == "" {
				w.wrong(at)
				continue
			}
			object = map[string]any{f.Main: one}
		}
		if got := w.object(f.inside, object, at); len(got) > 0 {
			list = append(list, got)
		}
	}
	return list
}

// content is the name of a text among its translations, in a list of texts.
const content = "NOIDUNG"

// words reads a text: bare, by language, or as NOIDUNG with its translations.
func (w walk) words(v any, place string) map[string]any {
	text := map[string]any{}
	put := func(lang string, v any) {
		c, ok := w.cellOf(v, place)
		if !ok {
			w.wrong(place)
			return
		}
		if s, ok := cook(&Field{Kind: wordsKind}, c, &w.record.Faults).value.(string); ok {
			text[lang] = s
		}
	}
	object, ok := v.(map[string]any)
	if !ok {
		put("vi", v)
		return text
	}
	for _, l := range languages {
		for _, name := range []string{l.lang, content + l.ending} {
			if v, there := object[name]; there {
				put(l.lang, v)
			}
		}
	}
	return text
}

func (w walk) several(f *Field, v any, into map[string]any, place string) {
	var parts []string
	for _, one := range manyOf(v) {
		c, ok := w.cellOf(one, place)
		if !ok {
			w.wrong(place)
			continue
		}
		if _, list := v.([]any); list {
			parts = append(parts, strings.TrimSpace(clean(c.text)))
		} else {
			parts = append(parts, parted(clean(c.text))...)
		}
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	c := cell{line: w.record.Line, name: place}
	var got any
	if f.Kind == codesKind {
		got = cookCodes(f, parts, c, &w.record.Faults).value
	} else if len(parts) > 0 {
		var list []any
		for _, p := range parts {
			list = append(list, p)
		}
		got = list
	}
	if got != nil {
		into[f.Path] = got
	}
}

func (w walk) scalar(f *Field, v any, into map[string]any, path, place string, beside index) {
	c, ok := w.cellOf(v, place)
	if !ok {
		w.wrong(place)
		return
	}
	got := cook(f, c, &w.record.Faults)
	if got.value != nil {
		w.put(into, path, got.value)
	}
	if unit := beside[fold(f.Unit)]; got.unit != "" && unit != nil && into[unit.Path] == nil {
		c.text = got.unit
		if u := cook(unit, c, &w.record.Faults).value; u != nil {
			into[unit.Path] = u
		}
	}
}

func (w walk) put(into map[string]any, path string, value any) {
	for {
		head, rest, deeper := strings.Cut(path, ".")
		if !deeper {
			into[path] = value
			return
		}
		into, path = within(into, head), rest
	}
}
