package edit

import (
	"strconv"
	"strings"

	"motcua/eforms"
)

// AddPreset puts the questions of a preset at the end of a list of questions and says where
// the first is. Of is what the preset's words say whose they are: "của mẹ".
func (d *Doc) AddPreset(list, id, of string, presets map[string][]byte) (string, error) {
	parent, _ := Split(list)
	if d.ItemSort(list) != "question" || presets[id] == nil {
		return "", refuse("loai", "no_kind")
	}
	if of == "" {
		return "", refuse("nhan", "no_label")
	}
	prefix := strings.TrimPrefix(idOf(of), "cua_")
	for no := 2; d.begins(prefix + "_"); no++ {
		prefix = strings.TrimPrefix(idOf(of), "cua_") + strconv.Itoa(no)
	}
	words := object("vi", of)
	page := object("id", "page", "title", "page", "questions", listOf(object("preset", id, "prefix", prefix, "of", words)))
	form := object("format", 1, "id", "x", "title", "x", "pages", listOf(page))
	expanded, err := eforms.Expand([]byte(form.Compact()), presets)
	if err != nil {
		return "", refuse("loai", "preset")
	}
	e, err := Parse(expanded)
	if err != nil {
		return "", refuse("loai", "preset")
	}
	e.Tidy()
	holder := d.At(parent)
	if holder.Get("questions") == nil {
		holder.Set("questions", listOf())
	}
	to := holder.Get("questions")
	first := step(list, strconv.Itoa(len(to.nodes)))
	to.nodes = append(to.nodes, e.At("/pages/0/questions").Items()...)
	d.shareLists(e.Root.Get("lists"))
	return first, nil
}

// begins says whether an id of the form begins so.
func (d *Doc) begins(prefix string) bool {
	var has func(n *Node) bool
	has = func(n *Node) bool {
		if strings.HasPrefix(n.Get("id").Str(), prefix) {
			return true
		}
		for _, child := range n.nodes {
			if has(child) {
				return true
			}
		}
		return false
	}
	return has(d.Root)
}

// shareLists takes lists of options over that the form does not have.
func (d *Doc) shareLists(from *Node) {
	if len(from.Names()) == 0 {
		return
	}
	if d.Root.Get("lists") == nil {
		d.Root.Set("lists", object())
	}
	for i, name := range from.Names() {
		if d.Root.Get("lists").Get(name) == nil {
			d.Root.Get("lists").Set(name, from.nodes[i])
		}
	}
}
