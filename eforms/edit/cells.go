package edit

import (
	"slices"
	"strings"
)

// cells are those of a table whose line or column has another id now.
type cells struct {
	table       string
	column      bool // else a line
	before, now string
}

// in follows the change through a name: table.line.column, table.total.column, behind row. too.
func (c cells) in(name string) string {
	parts := strings.Split(name, ".")
	at := slices.Index(parts, c.table) + 1
	if c.column {
		at++
	}
	if !slices.Contains(parts, c.table) || at >= len(parts) || parts[at] != c.before {
		return name
	}
	parts[at] = c.now
	return strings.Join(parts, ".")
}

// renameCells follows a change through variables and the places of a printed form.
func renameCells(n *Node, c cells) {
	for i, child := range n.nodes {
		name := ""
		if n.sort == '{' {
			name = n.names[i]
		}
		switch {
		case (name == "var" || name == "missing") && child.IsText():
			n.nodes[i] = scalar(c.in(child.Str()))
		case (name == "var" || name == "missing") && child.IsList():
			for j, one := range child.nodes {
				if one.IsText() && (j == 0 || name == "missing") {
					child.nodes[j] = scalar(c.in(one.Str()))
				}
			}
		case name == "blocks":
			renameCellPlaces(child, c)
		}
		renameCells(n.nodes[i], c)
	}
}

// renameCellPlaces follows it through {table.line.column} in texts.
func renameCellPlaces(n *Node, c cells) {
	for _, child := range n.nodes {
		renameCellPlaces(child, c)
	}
	if !n.IsText() {
		return
	}
	parts := strings.Split(n.Str(), "{")
	for i, part := range parts[1:] {
		if place, rest, closed := strings.Cut(part, "}"); closed {
			parts[i+1] = c.in(place) + "}" + rest
		}
	}
	n.raw = scalar(strings.Join(parts, "{")).raw
}

// renameIn changes an id in a list of them.
func renameIn(list *Node, before, now string) {
	if !list.IsList() {
		return
	}
	for i, one := range list.nodes {
		if one.IsText() && one.Str() == before {
			list.nodes[i] = scalar(now)
		}
	}
}
