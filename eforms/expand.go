package eforms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"motcua/locales"
)

// preset is a set of questions that several forms share: a person, a house. Its questions
// name one another by bare id; what they are called in a form begins with a prefix.
type preset struct {
	Schema    string           `json:"$schema"`
	ID        string           `json:"id"`
	Title     locales.Text     `json:"title"`
	Questions []map[string]any `json:"questions"`
	Lists     map[string]any   `json:"lists"` // that its questions use; a form's own of the same name stands before them
}

// CheckPreset says what is wrong with a preset, as Mistakes whose places are those of a
// form of one page that holds nothing else.
func CheckPreset(id string, data []byte) error {
	form, err := json.Marshal(map[string]any{
		"format": 1, "id": id, "title": id,
		"pages": []any{map[string]any{"id": "page", "title": id, "questions": []any{map[string]any{"preset": id, "prefix": "x"}}}},
	})
	if err != nil {
		return err
	}
	expanded, err := Expand(form, map[string][]byte{id: data})
	if err != nil {
		return err
	}
	_, err = Load(expanded)
	return err
}

// Expand puts the questions of presets where a definition refers to them. A reference is
//
//	{"preset": "person", "prefix": "mother", "of": {"vi": "của mẹ"}, "only": ["name"], "with": {"name": {"optional": true}}}
//
// and stands for the preset's questions, or for those in only, under ids that begin with
// the prefix. In a preset's texts {of} is what stands in of. What with says of a question
// is put over it, a null takes a property away; it is written as the form sees it, with the
// ids that the form has. A definition without a reference comes back as it is.
func Expand(definition []byte, presets map[string][]byte) ([]byte, error) {
	if m := wellFormed(definition); m != nil {
		return nil, Mistakes{*m}
	}
	doc, err := generic(definition)
	if err != nil {
		return nil, err
	}
	form, _ := doc.(map[string]any)
	x := &expander{raw: presets, read: map[string]*preset{}, lists: map[string]any{}}
	pages, _ := form["pages"].([]any)
	for i, p := range pages {
		if page, ok := p.(map[string]any); ok {
			x.inside(page, "/pages/"+strconv.Itoa(i), 0)
		}
	}
	switch {
	case len(x.mistakes) > 0:
		return nil, x.mistakes
	case len(x.read) == 0:
		return definition, nil
	}
	x.addLists(form)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(form); err != nil {
		return nil, fmt.Errorf("expanded definition: %w", err)
	}
	return out.Bytes(), nil
}

// generic reads JSON with its numbers as they are written.
func generic(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// maxGroups is how deep groups may stand in one another.
const maxGroups = 2

type expander struct {
	raw      map[string][]byte
	read     map[string]*preset
	lists    map[string]any
	mistakes Mistakes
}

func (x *expander) report(place, key string, args ...locales.Arg) {
	x.mistakes = append(x.mistakes, Mistake{place, locales.M(key, args...)})
}

// inside expands the questions of a page, or of a group; depth counts the groups around.
func (x *expander) inside(holder map[string]any, place string, depth int) {
	list, ok := holder["questions"].([]any)
	if !ok || depth > maxGroups {
		return
	}
	var out []any
	for i, one := range list {
		at := fmt.Sprintf("%s/questions/%d", place, i)
		q, _ := one.(map[string]any)
		if _, refers := q["preset"]; refers {
			out = append(out, x.reference(q, at, depth)...)
			continue
		}
		x.inside(q, at, depth+1)
		out = append(out, one)
	}
	holder["questions"] = out
}

// reference is what a definition says where it uses a preset.
type reference struct {
	Preset string                    `json:"preset"`
	Prefix string                    `json:"prefix"`
	Of     locales.Text              `json:"of"`
	Only   []string                  `json:"only"`
	With   map[string]map[string]any `json:"with"`
}

func (x *expander) reference(raw map[string]any, place string, depth int) []any {
	var r reference
	b, err := json.Marshal(raw)
	if err == nil {
		err = strictly(b, &r)
	}
	if err != nil || r.Prefix == "" {
		x.report(place, "eforms.load.preset_reference")
		return nil
	}
	p, err := x.preset(r.Preset)
	if err != nil {
		x.report(place+"/preset", "eforms.load.unknown_preset", locales.S("id", r.Preset), locales.S("detail", err.Error()))
		return nil
	}
	questions, err := p.copied()
	if err != nil {
		x.report(place+"/preset", "eforms.load.unknown_preset", locales.S("id", r.Preset), locales.S("detail", err.Error()))
		return nil
	}
	n := &renamer{ids: map[string]bool{}, prefix: r.Prefix, of: r.Of, depth: depth}
	n.collect(questions)
	for _, id := range append(slices.Sorted(maps.Keys(r.With)), r.Only...) {
		if !n.ids[id] {
			x.report(place, "eforms.load.preset_question", locales.S("preset", r.Preset), locales.S("id", id))
		}
	}
	var out []any
	for _, q := range questions {
		if id, _ := q["id"].(string); len(r.Only) > 0 && !slices.Contains(r.Only, id) {
			continue
		}
		n.question(q, r.With, 0)
		x.wantLists(q, p)
		q["from"] = map[string]any{"preset": r.Preset, "prefix": r.Prefix}
		out = append(out, q)
	}
	return out
}

func (x *expander) preset(id string) (*preset, error) {
	if p := x.read[id]; p != nil {
		return p, nil
	}
	data, ok := x.raw[id]
	if !ok {
		return nil, errors.New("no such file")
	}
	if m := wellFormed(data); m != nil {
		return nil, Mistakes{*m}
	}
	p := &preset{}
	if err := strictly(data, p); err != nil {
		return nil, err
	}
	if p.ID != id {
		return nil, fmt.Errorf("it says that it is %q", p.ID)
	}
	x.read[id] = p
	return p, nil
}

func strictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// copied are the questions, to be changed at will.
func (p *preset) copied() (out []map[string]any, err error) {
	b, err := json.Marshal(p.Questions)
	if err == nil {
		err = strictly(b, &out)
	}
	return out, err
}

// wantLists keeps the preset's lists that a question uses.
func (x *expander) wantLists(q map[string]any, p *preset) {
	if name, ok := q["list"].(string); ok && p.Lists[name] != nil {
		x.lists[name] = p.Lists[name]
	}
	children, _ := q["questions"].([]any)
	for _, c := range children {
		if child, ok := c.(map[string]any); ok {
			x.wantLists(child, p)
		}
	}
}

func (x *expander) addLists(form map[string]any) {
	lists, ok := form["lists"].(map[string]any)
	if !ok {
		lists = map[string]any{}
	}
	for name, list := range x.lists {
		if lists[name] == nil {
			lists[name] = list
		}
	}
	if len(lists) > 0 {
		form["lists"] = lists
	}
}

// Presets are the presets that the form was made with, each once.
func (f *Form) Presets() []string {
	var out []string
	for _, q := range f.all {
		if q.From != nil && !slices.Contains(out, q.From.Preset) {
			out = append(out, q.From.Preset)
		}
	}
	return out
}

// put writes what stands in of into a preset's words.
func put(s, of string) string {
	s = strings.ReplaceAll(s, "{of}", of)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}
