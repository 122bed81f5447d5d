package national

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"motcua/portal/catalogue"
)

// tree is a sheet as its JSON, with texts as they are kept here.
func tree(s catalogue.Sheet) (map[string]any, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("sheet of %s: %w", s.Code, err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var t map[string]any
	if err := d.Decode(&t); err != nil {
		return nil, fmt.Errorf("sheet of %s: %w", s.Code, err)
	}
	return t, nil
}

func sheetOf(t map[string]any) (catalogue.Sheet, error) {
	var s catalogue.Sheet
	b, err := json.Marshal(t)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("sheet: %w", err)
	}
	return s, nil
}

// Merge is the sheet with what a record says. What it does not say stays: fields that the
// national record does not know, cells that are empty, and translations of words that are
// still the same.
func Merge(base catalogue.Sheet, said map[string]any) (catalogue.Sheet, error) {
	before, err := tree(base)
	if err != nil {
		return base, err
	}
	s, err := sheetOf(merged(Fields, before, said))
	if err != nil {
		return base, err
	}
	if base.Code != "" {
		s.Code = base.Code
	}
	return s, nil
}

func merged(fields []*Field, before, said map[string]any) map[string]any {
	after := map[string]any{}
	for k, v := range before {
		after[k] = v
	}
	for _, f := range fields {
		put(after, f.Path, func(was any) any { return f.merge(was, get(said, f.Path)) })
	}
	return after
}

func (f *Field) merge(was, said any) any {
	switch {
	case said == nil:
		return was
	case f.Kind == groupKind && f.Many:
		return f.mergeRows(listOf(was), listOf(said))
	case f.Kind == groupKind:
		return merged(f.Inner, objectOf(was), objectOf(said))
	case f.Kind == wordsKind && f.Many:
		known := map[any]any{}
		for _, t := range listOf(was) {
			known[objectOf(t)["vi"]] = t
		}
		var all []any
		for _, t := range listOf(said) {
			all = append(all, mergeWords(known[objectOf(t)["vi"]], t))
		}
		return all
	case f.Kind == wordsKind:
		return mergeWords(was, said)
	}
	return said
}

// mergeWords keeps translations while the words that they translate are the same.
func mergeWords(was, said any) any {
	before, now := objectOf(was), objectOf(said)
	vi, says := now["vi"]
	all := map[string]any{}
	if !says || sameText(before["vi"], vi) {
		for k, v := range before {
			all[k] = v
		}
	}
	for k, v := range now {
		all[k] = v
	}
	return all
}

func sameText(a, b any) bool {
	x, ok := a.(string)
	y, also := b.(string)
	return ok && also && clean(x) == clean(y)
}

// mergeRows finds each row among those before, so that it keeps what the file does not say:
// by its keys, in their order, else by its place among as many.
func (f *Field) mergeRows(was, said []any) []any {
	used := make([]bool, len(was))
	found := make([]int, len(said))
	for i := range said {
		found[i] = -1
	}
	for _, key := range f.Keys {
		for i, s := range said {
			if found[i] >= 0 {
				continue
			}
			for j, w := range was {
				if !used[j] && f.same(key, objectOf(w), objectOf(s)) {
					used[j], found[i] = true, j
					break
				}
			}
		}
	}
	var all []any
	for i, s := range said {
		if found[i] < 0 && len(was) == len(said) && !used[i] {
			used[i], found[i] = true, i
		}
		before := map[string]any{}
		if found[i] >= 0 {
			before = objectOf(was[found[i]])
		}
		all = append(all, merged(f.Inner, before, objectOf(s)))
	}
	return all
}

// same says whether two rows have the same key, and, where they say it, the same role.
func (f *Field) same(key string, a, b map[string]any) bool {
	if a["role"] != nil && b["role"] != nil && a["role"] != b["role"] {
		return false
	}
	x, y := a[key], b[key]
	if o := objectOf(y); o != nil {
		return sameText(objectOf(x)["vi"], o["vi"])
	}
	if x == nil && y == nil && key == "case" { // the one case that has no name
		return true
	}
	return y != nil && reflect.DeepEqual(x, y)
}

// get is what is at a path of names.
func get(in map[string]any, path string) any {
	for {
		head, rest, deeper := strings.Cut(path, ".")
		if !deeper {
			return in[head]
		}
		in, path = objectOf(in[head]), rest
	}
}

// put changes what is at a path of names; nothing leaves it out. What is around it is
// copied: it belongs to somebody else.
func put(in map[string]any, path string, change func(any) any) {
	head, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		if v := change(in[head]); v != nil {
			in[head] = v
		}
		return
	}
	inner := map[string]any{}
	for k, v := range objectOf(in[head]) {
		inner[k] = v
	}
	put(inner, rest, change)
	if len(inner) > 0 {
		in[head] = inner
	}
}
