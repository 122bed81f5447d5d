package edit

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"motcua/locales"
)

// TextOf is words in up to three languages as they stand in a definition.
func TextOf(n *Node) locales.Text { return text(n) }

// Strings are the strings of a list, or the one string that stands for a list.
func (n *Node) Strings() []string {
	if n.IsText() {
		return []string{n.Str()}
	}
	return words(n)
}

// item is an element of a list, or nil.
func (n *Node) item(i int) *Node {
	if all := n.Items(); i < len(all) {
		return all[i]
	}
	return nil
}

// Pretty is the value on lines of its own, for an expert's field; "" for none.
func (n *Node) Pretty() string {
	if n == nil {
		return ""
	}
	var b bytes.Buffer
	n.write(&b, 0)
	return b.String()
}

// LogicAt is the setting that holds the logic at a place, of a part or of an option; false
// where there can be none.
func (d *Doc) LogicAt(place string) (Setting, bool) {
	parent, name := Split(place)
	all := d.Settings(parent)
	if list, last := Split(parent); index(last) >= 0 && d.At(parent).IsObject() {
		if holder, _ := Split(list); d.optionList(holder, list) {
			schema := definition().At("/$defs/option")
			all = settings(schema, "")
		}
	}
	i := slices.IndexFunc(all, func(s Setting) bool { return s.Name == name && (s.Type == Logic || s.Type == Value) })
	if i < 0 {
		return Setting{}, false
	}
	return all[i], true
}

// optionList says whether a list holds the options of a question, or those that questions
// share.
func (d *Doc) optionList(holder, list string) bool {
	if holder == "/lists" {
		return true
	}
	_, name := Split(list)
	return slices.ContainsFunc(d.Settings(holder), func(s Setting) bool { return s.Name == name && s.Type == Options })
}

// KindOf is the kind of the question that a variable is of, "" for a part of its answer.
func (d *Doc) KindOf(variable string) string {
	return d.question(strings.TrimPrefix(variable, "row.")).Get("kind").Str()
}

// Says reports whether two sentences say the same.
func (s Sentence) Says(other Sentence) bool {
	if len(s.Clauses) == 0 || len(other.Clauses) == 0 {
		return len(s.Clauses) == len(other.Clauses)
	}
	return same(s.Logic(), other.Logic())
}

// Candidates are what a setting that names another part can name.
func (d *Doc) Candidates(pointer, setting string) []Option {
	sort := d.Sort(pointer)
	switch {
	case setting == "list":
		return d.lists()
	case setting == "task":
		return options(d.Root.Get("tasks"))
	case sort == "end" && setting == "after":
		return options(d.Root.Get("pages"))
	}
	kinds := map[string][]string{"birth": {"date", "date_or_year", "near_date"}, "within": {"select", "radios", "search_select"}}[setting]
	var all []Option
	for _, p := range d.Root.Get("pages").Items() {
		all = append(all, questionsOf(p, kinds)...)
	}
	if group := d.groupAround(pointer); group != nil && setting == "field" {
		return questionsOf(group, nil)
	}
	return all
}

func options(parts *Node) []Option {
	var all []Option
	for _, p := range parts.Items() {
		all = append(all, Option{p.Get("id").Str(), title(p)})
	}
	return all
}

// questionsOf are the questions of a page or group, of the given kinds only when there are any.
func questionsOf(holder *Node, kinds []string) []Option {
	var all []Option
	for _, q := range holder.Get("questions").Items() {
		if kinds == nil || slices.Contains(kinds, q.Get("kind").Str()) {
			all = append(all, Option{q.Get("id").Str(), title(q)})
		}
		all = append(all, questionsOf(q, kinds)...)
	}
	return all
}

// lists are the lists of options that a question can take: the form's and the portal's.
func (d *Doc) lists() []Option {
	var all []Option
	for _, name := range []string{"agencies", "provinces", "communes"} {
		words, _ := locales.Say(locales.VI, locales.M("builder.list."+name))
		english, _ := locales.Say(locales.EN, locales.M("builder.list."+name))
		all = append(all, Option{name, locales.Text{VI: words, EN: english}})
	}
	for _, name := range d.Root.Get("lists").Names() {
		all = append(all, Option{name, locales.V(name + " (" + strconv.Itoa(len(d.Root.Get("lists").Get(name).Items())) + ")")})
	}
	return all
}

// HasPresets says whether a list of questions refers to presets, which are put in before the
// definition is edited.
func (d *Doc) HasPresets() bool {
	var refers func(holder *Node) bool
	refers = func(holder *Node) bool {
		return slices.ContainsFunc(holder.Get("questions").Items(), func(q *Node) bool { return q.Get("preset") != nil || refers(q) })
	}
	return slices.ContainsFunc(d.Root.Get("pages").Items(), refers)
}
