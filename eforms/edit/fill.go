package edit

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// idForm is what the schema asks of ids.
var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)

// Fill takes over what an editor typed on the page of a part. A setting keeps its place and
// what is not on the page stays as it is. All faults come back at once; nothing is to be
// kept then.
func (d *Doc) Fill(pointer string, body url.Values) []Fault {
	at := d.At(pointer)
	var faults []Fault
	for _, s := range d.Settings(pointer) {
		if f := d.fillOne(pointer, at, s, body); f != nil {
			faults = append(faults, *f)
		}
	}
	return faults
}

func (d *Doc) fillOne(pointer string, at *Node, s Setting, body url.Values) *Fault {
	typed := strings.TrimSpace(norm.NFC.String(body.Get(s.Name)))
	if s.Type != Flag && s.Type != Many && s.Type != Cases && !sent(body, s.Name) { // a box that is not ticked is not sent either
		return nil
	}
	switch s.Type {
	case Words:
		at.Set(s.Name, wordsOf(at.Get(s.Name), s.Name, body))
	case ID:
		return d.fillID(pointer, typed)
	case Flag:
		var v *Node
		if typed != "" {
			v = scalar(true)
		} else if at.Get(s.Name) != nil && !at.Get(s.Name).Flag() {
			v = at.Get(s.Name) // a written "false" stays
		}
		at.Set(s.Name, v)
	case Whole, Number:
		return fillNumber(at, s, typed)
	case Line, Choice, Ref, Limit:
		set(at, s.Name, typed)
	case Fact:
		fillFact(at, s.Name, typed)
	case Many, Cases:
		fillMany(at, s.Name, body[s.Name])
	case Options:
		return fillOptions(at, s.Name, body)
	case Raw:
		return fillRaw(at, s.Name, typed)
	}
	return nil
}

// sent says whether a setting's field, or one of its fields, was on the page.
func sent(body url.Values, name string) bool {
	return body.Has(name) || body.Has(name+".vi") || body.Has(name+".en") || body.Has(name+".km") || body.Has(name+".0.label.vi")
}

// set puts a string in, or takes an empty one out.
func set(at *Node, name, typed string) {
	if typed == "" {
		at.Set(name, nil)
	} else if at.Get(name).Str() != typed {
		at.Set(name, scalar(typed))
	}
}

// wordsOf is a text as it was typed, in the manner it stood there.
func wordsOf(before *Node, name string, body url.Values) *Node {
	n := object()
	for _, l := range locales.Langs {
		field := name + "." + string(l)
		if words := strings.TrimSpace(strings.ReplaceAll(norm.NFC.String(body.Get(field)), "\r\n", "\n")); words != "" {
			n.Set(string(l), scalar(words))
		}
	}
	switch {
	case len(n.nodes) == 0:
		return nil
	case text(before) == text(n): // nothing new
		return before
	case before.IsText() && len(n.nodes) == 1 && n.Get("vi") != nil:
		return n.Get("vi")
	}
	return n
}

func (d *Doc) fillID(pointer, typed string) *Fault {
	if typed == "" {
		return nil
	}
	if d.At(pointer).Get("id").Str() == typed || pointer == "" {
		return nil
	}
	if !idForm.MatchString(typed) {
		return refuse("id", "id_form")
	}
	if err := d.Rename(pointer, typed); err != nil {
		return err.(*Fault)
	}
	return nil
}

func fillNumber(at *Node, s Setting, typed string) *Fault {
	typed = strings.ReplaceAll(strings.ReplaceAll(typed, " ", ""), ",", ".")
	if typed == "" {
		at.Set(s.Name, nil)
		return nil
	}
	if _, err := strconv.ParseInt(typed, 10, 64); s.Type == Whole && err != nil {
		return refuse(s.Name, "whole")
	}
	if !isNumber(typed) {
		return refuse(s.Name, "number")
	}
	if at.Get(s.Name).Raw() != typed {
		at.Set(s.Name, &Node{raw: typed})
	}
	return nil
}

// fillFact takes one name, or several with commas between.
func fillFact(at *Node, name, typed string) {
	all := strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	switch len(all) {
	case 0:
		at.Set(name, nil)
	case 1:
		if at.Get(name).IsList() {
			at.Set(name, listOf(all[0]))
			return
		}
		set(at, name, all[0])
	default:
		fillMany(at, name, all)
	}
}

func fillMany(at *Node, name string, typed []string) {
	n := &Node{sort: '['}
	for _, v := range typed {
		if v != "" {
			n.nodes = append(n.nodes, scalar(v))
		}
	}
	switch {
	case len(n.nodes) == 0:
		at.Set(name, nil)
	case !same(n, at.Get(name)):
		at.Set(name, n)
	}
}

// Spare is how many empty rows stand below the options of a question.
const Spare = 3

// fillOptions takes the rows of a list of options over. A row without words goes; what a
// row has beside value and label (a hint, a condition) stays with it.
func fillOptions(at *Node, name string, body url.Values) *Fault {
	before := at.Get(name)
	after := &Node{sort: '['}
	for i := range len(before.Items()) + Spare {
		field := name + "." + strconv.Itoa(i)
		o := object()
		if i < len(before.Items()) {
			o = before.Items()[i].clone()
		}
		label := wordsOf(o.Get("label"), field+".label", body)
		if label == nil {
			continue
		}
		value := strings.TrimSpace(body.Get(field + ".value"))
		if value == "" {
			value = idOf(text(label).VI)
		}
		if slices.ContainsFunc(after.nodes, func(n *Node) bool { return n.Get("value").Str() == value }) {
			return refuse(field+".value", "value_twice", locales.S("value", value))
		}
		set(o, "value", value)
		o.Set("label", label)
		o.Set("hint", wordsOf(o.Get("hint"), field+".hint", body))
		after.nodes = append(after.nodes, o)
	}
	if len(after.nodes) == 0 {
		after = nil
	}
	at.Set(name, after)
	return nil
}

// fillRaw takes JSON as it was typed.
func fillRaw(at *Node, name, typed string) *Fault {
	if typed == "" {
		at.Set(name, nil)
		return nil
	}
	d, err := Parse([]byte(typed))
	if err != nil {
		return refuse(name, "json", locales.S("why", err.Error()))
	}
	if !same(d.Root, at.Get(name)) {
		at.Set(name, d.Root)
	}
	return nil
}

// Recast gives a question another kind. What the new kind does not know goes, what it needs
// comes.
func (d *Doc) Recast(pointer, kind string) error {
	at := d.At(pointer)
	schema, _ := d.schemaAt(pointer)
	if !slices.Contains(kindsOf(schema), kind) || at.Get("kind") == nil {
		return refuse("loai", "no_kind")
	}
	all := settings(schema, kind)
	for _, name := range slices.Clone(at.Names()) {
		if !slices.ContainsFunc(all, func(s Setting) bool { return s.Name == name }) {
			at.Set(name, nil)
		}
	}
	for _, s := range all {
		if member := at.Get(s.Name); len(s.Choices) > 0 && s.Type != Kind && member != nil {
			fillMany(at, s.Name, slices.DeleteFunc(member.Strings(), func(v string) bool { return !slices.Contains(s.Choices, v) }))
			if s.Type == Choice {
				at.Set(s.Name, at.Get(s.Name).item(0))
			}
		}
	}
	at.Set("kind", scalar(kind))
	begun := d.fresh(schema, kind, title(at).VI, map[string]bool{})
	for _, s := range all {
		if at.Get(s.Name) == nil && begun.Get(s.Name) != nil && (s.Type != Options || at.Get("list") == nil) {
			at.Set(s.Name, begun.Get(s.Name))
		}
	}
	return nil
}

// SetLogic puts a condition in, or takes it out with nil. One that says the same stays as it
// is written.
func (d *Doc) SetLogic(pointer string, n *Node) error {
	parent, name := Split(pointer)
	at := d.At(parent)
	if !at.IsObject() {
		return refuse("", "gone")
	}
	if !same(at.Get(name), n) {
		at.Set(name, n)
	}
	return nil
}

// ReadJSON reads logic that an expert typed.
func ReadJSON(typed string) (*Node, error) {
	d, err := Parse([]byte(typed))
	if err != nil {
		return nil, refuse("json", "json", locales.S("why", err.Error()))
	}
	return d.Root, nil
}
