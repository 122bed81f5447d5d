// Package edit changes the definition of a form as an editor does: an ordered document, the
// deeds on it, its logic as sentences, and what is better looked at before it is published.
package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Limits of what is taken for a definition, the same as the engine's.
const (
	maxBytes   = 2 << 20
	maxNesting = 48
)

// Doc is a definition that is being edited. It keeps the order of its members and all that
// this program does not know, so that nothing is lost between import and export. It need
// not be a form that can be published.
type Doc struct{ Root *Node }

// Node is a value of JSON: an object, a list, or a scalar as it is written.
type Node struct {
	sort  byte     // '{', '[' or 0 for a scalar
	names []string // of an object's members
	nodes []*Node  // members or elements
	raw   string   // of a scalar
}

// Parse reads JSON. What is no JSON, too deep or too large, or names a member twice is refused.
func Parse(text []byte) (*Doc, error) {
	if len(text) > maxBytes {
		return nil, fmt.Errorf("more than %d bytes", maxBytes)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	n, err := parse(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return &Doc{n}, nil
}

func parse(d *json.Decoder, depth int) (*Node, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("deeper than %d", maxNesting)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	open, nested := t.(json.Delim)
	if !nested {
		return scalar(t), nil
	}
	n := &Node{sort: byte(open)}
	for d.More() {
		if n.sort == '{' {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			if n.Get(name.(string)) != nil {
				return nil, fmt.Errorf("%q is there twice", name)
			}
			n.names = append(n.names, name.(string))
		}
		child, err := parse(d, depth+1)
		if err != nil {
			return nil, err
		}
		n.nodes = append(n.nodes, child)
	}
	_, err = d.Token()
	return n, err
}

// scalar is a string, json.Number, int, bool or nil as a node.
func scalar(v any) *Node {
	if n, ok := v.(json.Number); ok {
		return &Node{raw: n.String()}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // callers give strings, numbers, booleans
	}
	return &Node{raw: strings.TrimSuffix(b.String(), "\n")}
}

// object makes an object of names and values in turn.
func object(pairs ...any) *Node {
	n := &Node{sort: '{'}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.Set(pairs[i].(string), node(pairs[i+1]))
	}
	return n
}

// listOf makes a list.
func listOf(all ...any) *Node {
	n := &Node{sort: '['}
	for _, v := range all {
		n.nodes = append(n.nodes, node(v))
	}
	return n
}

func node(v any) *Node {
	if n, ok := v.(*Node); ok {
		return n
	}
	return scalar(v)
}

// IsObject, IsList and IsText say what sort of value it is.
func (n *Node) IsObject() bool { return n != nil && n.sort == '{' }
func (n *Node) IsList() bool   { return n != nil && n.sort == '[' }
func (n *Node) IsText() bool   { return n != nil && n.sort == 0 && strings.HasPrefix(n.raw, `"`) }

// Get is a member of an object, or nil.
func (n *Node) Get(name string) *Node {
	if !n.IsObject() {
		return nil
	}
	if i := slices.Index(n.names, name); i >= 0 && i < len(n.nodes) {
		return n.nodes[i]
	}
	return nil
}

// Set puts a member in place, a new one at the end. Nil takes it out.
func (n *Node) Set(name string, v *Node) {
	i := slices.Index(n.names, name)
	switch {
	case v == nil && i >= 0:
		n.names, n.nodes = slices.Delete(n.names, i, i+1), slices.Delete(n.nodes, i, i+1)
	case v == nil:
	case i >= 0:
		n.nodes[i] = v
	default:
		n.names, n.nodes = append(n.names, name), append(n.nodes, v)
	}
}

// Items are the elements of a list.
func (n *Node) Items() []*Node {
	if !n.IsList() {
		return nil
	}
	return n.nodes
}

// Names are the members of an object, in order.
func (n *Node) Names() []string {
	if !n.IsObject() {
		return nil
	}
	return n.names
}

// Str is a string, "" for anything else.
func (n *Node) Str() string {
	var s string
	if n.IsText() {
		_ = json.Unmarshal([]byte(n.raw), &s) // it was read or made as a string
	}
	return s
}

// Flag says whether it is true.
func (n *Node) Flag() bool { return n != nil && n.sort == 0 && n.raw == "true" }

// Raw is a scalar as it is written.
func (n *Node) Raw() string {
	if n == nil || n.sort != 0 {
		return ""
	}
	return n.raw
}

// clone is a deep copy.
func (n *Node) clone() *Node {
	if n == nil {
		return nil
	}
	c := &Node{sort: n.sort, names: slices.Clone(n.names), raw: n.raw}
	for _, child := range n.nodes {
		c.nodes = append(c.nodes, child.clone())
	}
	return c
}

// same says whether two values are equal but for the order of members.
func same(a, b *Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.sort != b.sort || a.raw != b.raw || len(a.nodes) != len(b.nodes) {
		return false
	}
	for i, child := range a.nodes {
		other := b.nodes[i]
		if a.sort == '{' {
			other = b.Get(a.names[i])
		}
		if !same(child, other) {
			return false
		}
	}
	return true
}

// At is the value at a JSON pointer, or nil.
func (d *Doc) At(pointer string) *Node {
	n := d.Root
	for _, step := range steps(pointer) {
		if n.IsList() {
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.nodes) {
				return nil
			}
			n = n.nodes[i]
			continue
		}
		if n = n.Get(step); n == nil {
			return nil
		}
	}
	return n
}

func steps(pointer string) []string {
	if pointer == "" {
		return nil
	}
	all := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, s := range all {
		all[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}
	return all
}

// step adds one to a pointer.
func step(pointer, name string) string {
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// places are the pointers of a list's elements.
func places(list *Node, pointer string) []string {
	all := make([]string, len(list.Items()))
	for i := range all {
		all[i] = step(pointer, strconv.Itoa(i))
	}
	return all
}

// Split is a pointer's parent and its last step.
func Split(pointer string) (parent, last string) {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "", pointer
	}
	return pointer[:i], pointer[i+1:]
}

// within is how long a line may be before it is broken.
const lineLength = 120

// Bytes writes the document out: short values on one line, long ones indented.
func (d *Doc) Bytes() []byte {
	var b bytes.Buffer
	d.Root.write(&b, 0)
	b.WriteByte('\n')
	return b.Bytes()
}

// Compact is the value on one line.
func (n *Node) Compact() string {
	if n == nil {
		return ""
	}
	var b bytes.Buffer
	n.compact(&b)
	return b.String()
}

func (n *Node) compact(b *bytes.Buffer) {
	if n.sort == 0 {
		b.WriteString(n.raw)
		return
	}
	b.WriteByte(n.sort)
	for i, child := range n.nodes {
		if i > 0 {
			b.WriteString(", ")
		}
		if n.sort == '{' {
			b.WriteString(scalar(n.names[i]).raw + ": ")
		}
		child.compact(b)
	}
	b.WriteByte(closing(n.sort))
}

func closing(open byte) byte {
	if open == '{' {
		return '}'
	}
	return ']'
}

func (n *Node) write(b *bytes.Buffer, depth int) {
	if line := n.Compact(); n.sort == 0 || len(line)+2*depth <= lineLength && !n.holdsParts() {
		b.WriteString(line)
		return
	}
	b.WriteByte(n.sort)
	for i, child := range n.nodes {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n" + strings.Repeat("  ", depth+1))
		if n.sort == '{' {
			b.WriteString(scalar(n.names[i]).raw + ": ")
		}
		child.write(b, depth+1)
	}
	b.WriteString("\n" + strings.Repeat("  ", depth))
	b.WriteByte(closing(n.sort))
}

// holdsParts says whether a list or object is better read on lines of its own.
func (n *Node) holdsParts() bool {
	if n.sort == '{' {
		return n.Get("questions") != nil || n.Get("pages") != nil
	}
	return slices.ContainsFunc(n.nodes, func(c *Node) bool { return c.Get("id") != nil || c.Get("value") != nil })
}
