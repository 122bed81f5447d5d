package edit

import (
	"slices"

	"motcua/locales"
)

// Tidy puts the members of all parts into the schema's order: a definition that comes from
// the database has lost the one it was written in.
func (d *Doc) Tidy() {
	d.tidy("")
	for _, options := range d.Root.Get("lists").members() {
		tidyOptions(options)
	}
}

func (d *Doc) tidy(pointer string) {
	at := d.At(pointer)
	order := []string{"$schema", "format"}
	for _, s := range d.Settings(pointer) {
		order = append(order, s.Name)
		member := at.Get(s.Name)
		switch s.Type {
		case Words:
			tidyWords(member)
		case Options:
			tidyOptions(member)
		case Children:
			for _, p := range places(member, step(pointer, s.Name)) {
				d.tidy(p)
			}
		}
	}
	at.arrange(order)
}

func tidyOptions(options *Node) {
	for _, o := range options.Items() {
		o.arrange([]string{"value", "label", "hint"})
		tidyWords(o.Get("label"))
		tidyWords(o.Get("hint"))
	}
}

func tidyWords(n *Node) {
	n.arrange([]string{string(locales.VI), string(locales.EN), string(locales.KM)})
}

// arrange brings members into an order; those it does not name stay behind them.
func (n *Node) arrange(order []string) {
	if !n.IsObject() {
		return
	}
	names, nodes := n.names, n.nodes
	n.names, n.nodes = nil, nil
	take := func(i int) { n.names, n.nodes = append(n.names, names[i]), append(n.nodes, nodes[i]) }
	for _, name := range order {
		if i := slices.Index(names, name); i >= 0 {
			take(i)
		}
	}
	for i, name := range names {
		if !slices.Contains(order, name) {
			take(i)
		}
	}
}

// members are the values of an object.
func (n *Node) members() []*Node {
	if !n.IsObject() {
		return nil
	}
	return n.nodes
}
