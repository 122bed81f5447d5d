package edit

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"motcua/eforms"
)

// Type is how a setting is given.
type Type string

// The types of settings.
const (
	Words    Type = "words"    // up to three languages
	Line     Type = "line"     // a string
	ID       Type = "id"       // the part's own name
	Flag     Type = "flag"     // yes or nothing
	Whole    Type = "whole"    // a whole number
	Number   Type = "number"   // any number
	Choice   Type = "choice"   // one of a few words
	Many     Type = "many"     // several of a few words
	Logic    Type = "logic"    // a condition
	Value    Type = "value"    // what is computed or proposed
	Options  Type = "options"  // the choices of a question
	Cases    Type = "cases"    // some of the form's cases
	Ref      Type = "ref"      // the id of another part
	Limit    Type = "limit"    // a day, or a question that asks one
	Fact     Type = "fact"     // what a register may say
	Children Type = "children" // parts of their own
	Raw      Type = "raw"      // JSON, for whoever knows it
	Kind     Type = "kind"     // a question's kind
)

// Setting is what can be set of a part of a form. It comes from the published schema, so
// that a kind that is added there can be edited at once.
type Setting struct {
	Name     string
	Type     Type
	Required bool
	Choices  []string // of Choice and Many

	schema *Node
}

// definition is the schema as an ordered document.
var definition = sync.OnceValue(func() *Doc {
	d, err := Parse(eforms.Schema)
	if err != nil {
		panic(err) // our own file, which the engine has read too
	}
	return d
})

// Kinds are the kinds of questions in the schema's order.
var Kinds = sync.OnceValue(func() []string {
	var all []string
	for _, k := range definition().At("/$defs/question/properties/kind/enum").Items() {
		all = append(all, k.Str())
	}
	return all
})

// resolve follows a reference within the schema and names what it leads to. Where a part
// may be written in two ways it is the usual one, which has no name for itself.
func resolve(n *Node) (*Node, string) {
	name := ""
	for {
		switch {
		case n.Get("$ref") != nil:
			ref := strings.TrimPrefix(n.Get("$ref").Str(), "#")
			_, name = Split(ref)
			n = definition().At(ref)
		case n.Get("else") != nil && n.Get("properties") == nil:
			n = n.Get("else")
		default:
			return n, name
		}
	}
}

// known are the settings that were asked for before, by schema and kind.
var known sync.Map

// settings are those of a part of the given schema; kind is a question's. They are not to
// be changed.
func settings(schema *Node, kind string) []Setting {
	type asked struct {
		schema *Node
		kind   string
	}
	if all, ok := known.Load(asked{schema, kind}); ok {
		return all.([]Setting)
	}
	all := readSettings(schema, kind)
	if !slices.Contains(Kinds(), kind) {
		kind = ""
		all = readSettings(schema, kind) // what somebody typed is not kept
	}
	known.Store(asked{schema, kind}, all)
	return all
}

func readSettings(schema *Node, kind string) []Setting {
	var all []Setting
	need := map[string]bool{}
	var walk func(n *Node)
	walk = func(n *Node) {
		n, _ = resolve(n)
		for _, name := range n.Get("required").Items() {
			need[name.Str()] = true
		}
		props := n.Get("properties")
		for i, name := range props.Names() {
			at := slices.IndexFunc(all, func(s Setting) bool { return s.Name == name })
			if at < 0 && !strings.HasPrefix(name, "$") && name != "format" {
				all = append(all, setting(name, props.nodes[i]))
			}
		}
		for _, part := range n.Get("allOf").Items() {
			switch {
			case part.Get("if") == nil:
				walk(part)
			case applies(part.Get("if"), kind):
				walk(part.Get("then"))
			case part.Get("else") != nil:
				walk(part.Get("else"))
			}
		}
	}
	walk(schema)
	for i := range all {
		all[i].Required = need[all[i].Name]
	}
	return all
}

// applies says whether a condition of the schema on the kind holds.
func applies(condition *Node, kind string) bool {
	k := condition.Get("properties").Get("kind")
	if k == nil {
		return false
	}
	if c := k.Get("const"); c != nil {
		return c.Str() == kind
	}
	return slices.ContainsFunc(k.Get("enum").Items(), func(n *Node) bool { return n.Str() == kind })
}

// byDefinition are the types of what the schema has a name for.
var byDefinition = map[string]Type{"text": Words, "logic": Logic, "value": Value, "options": Options, "cases": Cases, "limit": Limit, "fact": Fact, "whole": Whole, "number": Number}

func setting(name string, schema *Node) Setting {
	s := Setting{Name: name, Type: Raw, schema: schema}
	def, named := resolve(schema)
	plain := def.Get("type").Str()
	t, known := byDefinition[named]
	switch {
	case name == "kind":
		s.Type, s.Choices = Kind, words(def.Get("enum"))
	case known:
		s.Type = t
	case named == "id" && name == "id" || name == "value" && plain == "string":
		s.Type = ID
	case named == "id":
		s.Type = Ref
	case name == "fact":
		s.Type = Fact
	case def.Get("enum") != nil:
		s.Type, s.Choices = Choice, words(def.Get("enum"))
	case plain == "boolean":
		s.Type = Flag
	case plain == "integer":
		s.Type = Whole
	case plain == "number":
		s.Type = Number
	case plain == "string":
		s.Type = Line
	case plain == "array":
		s.Type, s.Choices = ofList(def)
	}
	return s
}

func ofList(def *Node) (Type, []string) {
	item, _ := resolve(def.Get("items"))
	switch {
	case item.Get("enum") != nil:
		return Many, words(item.Get("enum"))
	case item.Get("properties").Get("id") != nil:
		return Children, nil
	}
	return Raw, nil
}

func words(n *Node) []string {
	var all []string
	for _, w := range n.Items() {
		all = append(all, w.Str())
	}
	return all
}

// schemaAt is the schema of what stands at a pointer, with the name of its sort: page,
// question, case … It is nil where the schema knows nothing.
func (d *Doc) schemaAt(pointer string) (*Node, string) {
	schema, sort := definition().Root, "form"
	at := d.Root
	for _, name := range steps(pointer) {
		switch {
		case at.IsList():
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at.nodes) {
				return nil, ""
			}
			at = at.nodes[i]
			_, sort = resolve(schema.Get("items"))
			schema, _ = resolve(schema.Get("items"))
		default:
			all := settings(schema, at.Get("kind").Str())
			i := slices.IndexFunc(all, func(s Setting) bool { return s.Name == name })
			at = at.Get(name)
			if more := schema.Get("additionalProperties"); i < 0 && more.IsObject() {
				schema, sort = resolve(more)
				continue
			}
			if i < 0 {
				return nil, ""
			}
			schema, sort = resolve(all[i].schema)
			if sort == "" {
				sort = name
			}
		}
	}
	return schema, sort
}

// Sort is what stands at a pointer: form, page, question, case, task, rule, end …; "" when
// the schema knows no part there.
func (d *Doc) Sort(pointer string) string {
	_, sort := d.schemaAt(pointer)
	return sort
}

// Settings are what can be set of the part at a pointer, in the schema's order.
func (d *Doc) Settings(pointer string) []Setting {
	schema, _ := d.schemaAt(pointer)
	at := d.At(pointer)
	if schema == nil || !at.IsObject() {
		return nil
	}
	return settings(schema, at.Get("kind").Str())
}

// ItemSort is the sort of the parts in a list, "" where no part can be put.
func (d *Doc) ItemSort(list string) string {
	parent, name := Split(list)
	schema, _ := d.schemaAt(list)
	if schema.Get("items") == nil || !d.At(parent).IsObject() {
		return ""
	}
	item, sort := resolve(schema.Get("items"))
	if sort == "" && item.Get("properties") != nil {
		return name
	}
	return sort
}

// KindsFor are the kinds that a part in that list may have, none for parts without kinds. A
// group within a group holds no third one.
func (d *Doc) KindsFor(list string) []string {
	schema, _ := d.schemaAt(list)
	item, _ := resolve(schema.Get("items"))
	depth := strings.Count(list, "/questions")
	return slices.DeleteFunc(slices.Clone(kindsOf(item)), func(k string) bool { return k == "group" && depth > 2 })
}

// kindsOf are the kinds that a part of the given schema may have.
func kindsOf(schema *Node) []string {
	for _, s := range settings(schema, "") {
		if s.Type == Kind {
			return s.Choices
		}
	}
	return nil
}
