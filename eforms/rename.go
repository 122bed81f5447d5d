package eforms

import (
	"strings"

	"motcua/locales"
)

// renamer gives the questions of a preset the names that they have in a form.
type renamer struct {
	ids    map[string]bool
	prefix string
	of     locales.Text
	depth  int // groups of the form around the place
}

// collect takes the ids of all questions of the preset, those in its groups too.
func (n *renamer) collect(questions []map[string]any) {
	for _, q := range questions {
		if id, ok := q["id"].(string); ok {
			n.ids[id] = true
		}
		n.collect(children(q))
	}
}

func children(q map[string]any) []map[string]any {
	list, _ := q["questions"].([]any)
	var out []map[string]any
	for _, c := range list {
		if child, ok := c.(map[string]any); ok {
			out = append(out, child)
		}
	}
	return out
}

// question renames one question and what it names; level is 1 in a group of the preset.
func (n *renamer) question(q map[string]any, with map[string]map[string]any, level int) {
	bareID, _ := q["id"].(string)
	for _, name := range []string{"label", "short", "hint", "text", "item", "sample", "none", "other"} {
		n.words(q, name)
	}
	for _, name := range []string{"id", "within", "birth", "after", "before", "not_before", "not_after"} {
		if s, ok := q[name].(string); ok && n.ids[s] {
			q[name] = n.prefix + "_" + s
		}
	}
	for _, name := range []string{"show_if", "require_if", "compute", "default"} {
		if v, ok := q[name]; ok {
			q[name] = n.logic(v, level, false)
		}
	}
	factIf, _ := q["fact_if"].(map[string]any)
	for source, v := range factIf {
		factIf[source] = n.logic(v, level, false)
	}
	options, _ := q["options"].([]any)
	for _, o := range options {
		if option, ok := o.(map[string]any); ok && option["show_if"] != nil {
			option["show_if"] = n.logic(option["show_if"], level, false)
		}
	}
	rules, _ := q["rules"].([]any)
	for _, r := range rules {
		if rule, ok := r.(map[string]any); ok {
			n.words(rule, "message")
			rule["check"] = n.logic(rule["check"], level+1, false)
			if s, ok := rule["field"].(string); ok && n.ids[s] {
				rule["field"] = n.prefix + "_" + s
			}
		}
	}
	for _, child := range children(q) {
		n.question(child, with, level+1)
	}
	for name, v := range with[bareID] {
		if q[name] = v; v == nil {
			delete(q, name)
		}
	}
}

// words puts what stands in of into a text.
func (n *renamer) words(q map[string]any, name string) {
	switch text := q[name].(type) {
	case string:
		q[name] = put(text, n.of.VI)
	case map[string]any:
		for lang, of := range map[string]string{"vi": n.of.VI, "en": n.of.EN, "km": n.of.KM} {
			if s, ok := text[lang].(string); ok {
				text[lang] = put(s, of)
			}
		}
	}
}

// logic renames the variables of an expression; inItem is within map, filter, reduce …
func (n *renamer) logic(v any, level int, inItem bool) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = n.logic(v[i], level, inItem)
		}
	case map[string]any:
		for op, operands := range v {
			v[op] = n.operands(op, operands, level, inItem)
		}
	}
	return v
}

func (n *renamer) operands(op string, operands any, level int, inItem bool) any {
	list, many := operands.([]any)
	name, isName := operands.(string)
	switch {
	case (op == "var" || op == "missing") && isName:
		return n.variable(name, level, inItem)
	case op == "missing_some" && len(list) == 2:
		list[1] = n.operands("missing", list[1], level, inItem)
		return list
	case op == "var" || op == "missing":
		for i := range list {
			if s, ok := list[i].(string); ok && (op == "missing" || i == 0) {
				list[i] = n.variable(s, level, inItem)
			} else {
				list[i] = n.logic(list[i], level, inItem)
			}
		}
		return operands
	case itemwise[op] && many:
		for i := range list {
			list[i] = n.logic(list[i], level, inItem || i == 1)
		}
		return list
	}
	return n.logic(operands, level, inItem)
}

// variable is a name as the form sees it. A question beside this one is in the same row
// when the preset is used in a group, and in the row around when this one is in a group of
// the preset.
func (n *renamer) variable(name string, level int, inItem bool) string {
	head, rest, dotted := strings.Cut(name, ".")
	if dotted {
		rest = "." + rest
	}
	switch {
	case dotted && (head == "current" || head == "row" || head == "outer"):
		id, more, dotted := strings.Cut(rest[1:], ".")
		if dotted {
			more = "." + more
		}
		if n.ids[id] {
			return head + "." + n.prefix + "_" + id + more
		}
		return name
	case !n.ids[head]:
		return name
	case inItem || n.depth == 0:
		return n.prefix + "_" + head + rest
	case level == 0:
		return "row." + n.prefix + "_" + head + rest
	}
	return "outer." + n.prefix + "_" + head + rest
}
