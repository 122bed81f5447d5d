package editorial

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"motcua/locales"
)

// Doc is the parts of an edit as trees, so that what no page knows stays as it is. A place
// in it begins with the part: sheet/channels/0/time.
type Doc struct{ roots map[string]any }

// NewDoc reads parts.
func NewDoc(parts Parts) (*Doc, error) {
	d := &Doc{map[string]any{}}
	for name, raw := range parts {
		dec := json.NewDecoder(bytes.NewReader(raw))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			return nil, fmt.Errorf("part %s: %w", name, err)
		}
		d.roots[name] = v
	}
	return d, nil
}

// Parts are parts of the document by name; one that is gone is null.
func (d *Doc) Parts(names ...string) (Parts, error) {
	all := Parts{}
	for _, name := range names {
		b, err := json.Marshal(d.roots[name])
		if err != nil {
			return nil, fmt.Errorf("part %s: %w", name, err)
		}
		all[name] = b
	}
	return all, nil
}

// At is what stands at a place, nil for nothing.
func (d *Doc) At(place string) any {
	name, pointer, _ := strings.Cut(place, "/")
	v := d.roots[name]
	for _, step := range steps(pointer) {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// Set puts a value at a place; nil takes away what stands there.
func (d *Doc) Set(place string, v any) {
	name, pointer, _ := strings.Cut(place, "/")
	d.roots[name] = put(d.roots[name], steps(pointer), v)
}

func steps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	return strings.Split(pointer, "/")
}

func put(at any, way []string, v any) any {
	if len(way) == 0 {
		return v
	}
	if list, ok := at.([]any); ok {
		if i, err := strconv.Atoi(way[0]); err == nil && i >= 0 && i < len(list) {
			list[i] = put(list[i], way[1:], v)
		}
		return list
	}
	members, ok := at.(map[string]any)
	if !ok {
		if v == nil {
			return at
		}
		members = map[string]any{}
	}
	if inner := put(members[way[0]], way[1:], v); inner == nil {
		delete(members, way[0])
	} else {
		members[way[0]] = inner
	}
	return members
}

// Len is how many rows stand at a place.
func (d *Doc) Len(place string) int {
	list, _ := d.At(place).([]any)
	return len(list)
}

// Text is a text at a place, as it is in any of the forms that texts are written in.
func (d *Doc) Text(place string) locales.Text { return textOf(d.At(place)) }

func textOf(v any) locales.Text {
	var t locales.Text
	if b, err := json.Marshal(v); err == nil && v != nil {
		_ = json.Unmarshal(b, &t)
	}
	return t
}

// Value is a plain value at a place as people write it: strings, numbers, lists a line each.
func (d *Doc) Value(place string) string {
	switch v := d.At(place).(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		return strings.Join(d.Values(place), "\n")
	}
	return ""
}

// Values are the strings of a list at a place.
func (d *Doc) Values(place string) []string {
	list, _ := d.At(place).([]any)
	var all []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// Add puts an empty row at the end of a list, or a copy of one of its rows behind it, and
// gives the place of the new one.
func (d *Doc) Add(list string, copied int) string {
	rows, _ := d.At(list).([]any)
	if copied < 0 || copied >= len(rows) {
		d.Set(list, append(slices.Clip(rows), any(map[string]any{})))
		return list + "/" + strconv.Itoa(len(rows))
	}
	again := clone(rows[copied])
	d.Set(list, slices.Insert(slices.Clone(rows), copied+1, again))
	return list + "/" + strconv.Itoa(copied+1)
}

// Remove takes a row out of its list.
func (d *Doc) Remove(row string) {
	list, i, ok := d.row(row)
	if !ok {
		return
	}
	rows, _ := d.At(list).([]any)
	d.Set(list, slices.Delete(slices.Clone(rows), i, i+1))
}

// Move puts a row one place up (-1) or down (1) and gives its new place.
func (d *Doc) Move(row string, by int) string {
	list, i, ok := d.row(row)
	rows, _ := d.At(list).([]any)
	if j := i + by; ok && j >= 0 && j < len(rows) {
		rows[i], rows[j] = rows[j], rows[i]
		return list + "/" + strconv.Itoa(j)
	}
	return row
}

// row parts the place of a row; false where there is none.
func (d *Doc) row(place string) (list string, i int, ok bool) {
	at := strings.LastIndexByte(place, '/')
	if at < 0 {
		return "", 0, false
	}
	i, err := strconv.Atoi(place[at+1:])
	return place[:at], i, err == nil && i >= 0 && i < d.Len(place[:at])
}

func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for name, inner := range v {
			c[name] = clone(inner)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, inner := range v {
			c[i] = clone(inner)
		}
		return c
	}
	return v
}
