package edit

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"motcua/locales"
)

// Fault is what was wrong with something an editor typed: at a field of the page, in words.
type Fault struct {
	Field   string
	Message locales.Message
}

func (f *Fault) Error() string { return f.Field + ": " + f.Message.Key }

func refuse(field, key string, args ...locales.Arg) *Fault {
	return &Fault{field, locales.M("builder.fault."+key, args...)}
}

// Add puts a new part at the end of a list of parts and says where it is. Kind is a
// question's. It begins with all that its kind must have.
func (d *Doc) Add(list, kind, label string) (string, error) {
	schema, _ := d.schemaAt(list)
	parent, name := Split(list)
	holder := d.At(parent)
	if schema.Get("items") == nil || !holder.IsObject() {
		return "", refuse("", "gone")
	}
	if strings.TrimSpace(label) == "" {
		return "", refuse("nhan", "no_label")
	}
	item, _ := resolve(schema.Get("items"))
	if all := kindsOf(item); len(all) > 0 && !slices.Contains(all, kind) {
		return "", refuse("loai", "no_kind")
	}
	if holder.Get(name) == nil {
		holder.Set(name, &Node{sort: '['})
	}
	at := holder.Get(name)
	at.nodes = append(at.nodes, d.fresh(item, kind, label, map[string]bool{}))
	return step(list, strconv.Itoa(len(at.nodes)-1)), nil
}

// fresh is a new part with what it must have; used are ids that are given already.
func (d *Doc) fresh(schema *Node, kind, label string, used map[string]bool) *Node {
	n := object()
	for _, s := range settings(schema, kind) {
		switch {
		case s.Type == ID:
			n.Set(s.Name, scalar(d.freeID(idOf(label), used)))
		case s.Type == Kind && kind != "":
			n.Set(s.Name, scalar(kind))
		case s.Name == "questions" && kind == "": // a page is filled by the editor
			n.Set(s.Name, listOf())
		case s.Required || s.Name == "label" && kind != "note":
			n.Set(s.Name, d.first(s, label, used))
		case kind == "radios" && s.Type == Options, kind == "checkboxes" && s.Type == Options, kind == "select" && s.Type == Options:
			n.Set(s.Name, d.first(s, label, used))
		}
	}
	return n
}

// first is what a setting that must be there begins with.
func (d *Doc) first(s Setting, label string, used map[string]bool) *Node {
	switch s.Type {
	case Words:
		return object("vi", label)
	case Choice:
		return scalar(s.Choices[0])
	case Many:
		return listOf(scalar(s.Choices[0]))
	case Whole, Number:
		return scalar(start(s.Name))
	case Flag:
		return scalar(true)
	case Value:
		return scalar(unsaidValue)
	case Logic:
		return object("==", listOf(0, 0))
	case Options:
		return listOf(object("value", "1", "label", newOption(1)), object("value", "2", "label", newOption(2)))
	case Children:
		item, _ := resolve(s.schema.Get("items"))
		kind := ""
		if all := kindsOf(item); len(all) > 0 {
			kind = all[0]
		}
		return listOf(d.fresh(item, kind, label, used))
	}
	return scalar("")
}

// unsaidValue and {"==":[0,0]} stand where a computation or a rule must be and the editor
// has not said it yet.
const unsaidValue = 0

// Unsaid says whether the logic is only what a new part begins with.
func (n *Node) Unsaid() bool {
	said := n.Pretty()
	return said == scalar(unsaidValue).Pretty() || said == object("==", listOf(0, 0)).Pretty()
}

// start is a number to begin with.
func start(name string) int {
	switch name {
	case "max_rows":
		return 10
	case "max_files":
		return 5
	}
	return 1
}

func newOption(no int) *Node {
	t := object()
	for _, l := range []locales.Lang{locales.VI, locales.EN} {
		words, _ := locales.Say(l, locales.M("builder.new_option", locales.N("n", int64(no))))
		t.Set(string(l), scalar(words))
	}
	return t
}

// Duplicate puts a copy behind a part and says where it is. Ids within the copy are new,
// and what the copy says of its own parts names the new ones.
func (d *Doc) Duplicate(pointer string) (string, error) {
	parent, last := Split(pointer)
	at, i := d.At(parent), index(last)
	if !at.IsList() || i < 0 || i >= len(at.nodes) {
		return "", refuse("", "gone")
	}
	c := at.nodes[i].clone()
	at.nodes = slices.Insert(at.nodes, i+1, c)
	names := map[string]string{}
	d.renew(c, names, map[string]bool{})
	rename(c, "question", names)
	return step(parent, strconv.Itoa(i+1)), nil
}

// renew gives a copy and the parts in it ids of their own.
func (d *Doc) renew(n *Node, names map[string]string, used map[string]bool) {
	if id := n.Get("id"); id.IsText() && n.Get("value") == nil {
		now := d.freeID(id.Str(), used)
		names[id.Str()] = now
		n.Set("id", scalar(now))
	}
	for _, child := range n.nodes {
		d.renew(child, names, used)
	}
}

// Rename gives a part another id, and everything that names it follows.
func (d *Doc) Rename(pointer, id string) error {
	at := d.At(pointer)
	before := at.Get("id").Str()
	if before == id || !at.IsObject() {
		return nil
	}
	if d.taken(id) {
		return refuse("id", "id_taken", locales.S("id", id))
	}
	at.Set("id", scalar(id))
	list, _ := Split(pointer)
	if table, of := Split(list); of == "columns" || of == "lines" {
		renameCells(d.Root, cells{d.At(table).Get("id").Str(), of == "columns", before, id})
		if of == "columns" {
			renameIn(d.At(table).Get("totals"), before, id)
		}
		return nil
	}
	rename(d.Root, d.Sort(pointer), map[string]string{before: id})
	return nil
}

// naming are the settings that hold an id of a part, or a list of them, by the part's sort.
var naming = map[string][]string{
	"question": {"field", "within", "birth", "after", "before", "not_before", "not_after", "totals", "rows", "group"},
	"page":     {"after"},
	"task":     {"task"},
	"case":     {"cases"},
}

// rename follows changed ids of parts of a sort through variables and settings that name them.
func rename(n *Node, sort string, names map[string]string) {
	isEnd := n.Get("when") != nil && n.Get("after") != nil // whose "after" is a page
	for i, child := range n.nodes {
		name := ""
		if n.sort == '{' {
			name = n.names[i]
		}
		here := slices.Contains(naming[sort], name) && (name != "after" || isEnd == (sort == "page"))
		switch {
		case sort == "question" && (name == "var" || name == "missing"):
			renameVariable(child, names)
		case here && child.IsText():
			n.nodes[i] = renamed(child, names)
		case here && child.IsList():
			for j, one := range child.nodes {
				if one.IsText() {
					child.nodes[j] = renamed(one, names)
				}
			}
		case sort == "question" && name == "blocks": // of the printed form
			renamePlaces(child, names)
		}
		rename(child, sort, names)
	}
}

// renamePlaces changes ids in the places {id} and {id.part} of texts.
func renamePlaces(n *Node, names map[string]string) {
	for _, child := range n.nodes {
		renamePlaces(child, names)
	}
	if !n.IsText() {
		return
	}
	s := n.Str()
	for before, now := range names {
		s = strings.NewReplacer("{"+before+"}", "{"+now+"}", "{"+before+".", "{"+now+".").Replace(s)
	}
	n.raw = scalar(s).raw
}

func renamed(n *Node, names map[string]string) *Node {
	if now, ok := names[n.Str()]; ok {
		return scalar(now)
	}
	return n
}

// renameVariable changes ids anywhere in the name of a variable: id.part, row.id, group.0.id.
func renameVariable(n *Node, names map[string]string) {
	switch {
	case n.IsList():
		for i, one := range n.nodes {
			if one.IsText() && i == 0 || one.IsText() && strings.HasPrefix(one.Str(), "row.") {
				renameVariable(one, names)
			}
		}
	case n.IsText() && !strings.HasPrefix(n.Str(), "fact."):
		parts := strings.Split(n.Str(), ".")
		for i, p := range parts {
			if now, ok := names[p]; ok && (i == 0 || parts[0] == "row" || parts[0] == "current" || i >= 2 && i%2 == 0) {
				parts[i] = now
			}
		}
		n.raw = scalar(strings.Join(parts, ".")).raw
	}
}

// Move takes a part one place up (-1) or down (1) in its list.
func (d *Doc) Move(pointer string, by int) (string, error) {
	parent, last := Split(pointer)
	at, i := d.At(parent), index(last)
	if !at.IsList() || i < 0 || i >= len(at.nodes) {
		return "", refuse("", "gone")
	}
	j := i + by
	if j < 0 || j >= len(at.nodes) {
		return pointer, nil
	}
	at.nodes[i], at.nodes[j] = at.nodes[j], at.nodes[i]
	return step(parent, strconv.Itoa(j)), nil
}

// MoveTo takes a part to the end of another list of the same sort.
func (d *Doc) MoveTo(pointer, target string) (string, error) {
	parent, last := Split(pointer)
	from, i, to := d.At(parent), index(last), d.At(target)
	if !from.IsList() || i < 0 || i >= len(from.nodes) || !to.IsList() || strings.HasPrefix(target+"/", pointer+"/") {
		return "", refuse("", "gone")
	}
	part := from.nodes[i]
	from.nodes = slices.Delete(from.nodes, i, i+1)
	to.nodes = append(to.nodes, part)
	for p := range d.all() {
		if d.At(p) == part {
			return p, nil
		}
	}
	return target, nil
}

// Homes are the lists that a question may be moved to: pages and groups but its own.
func (d *Doc) Homes(pointer string) []Part {
	parent, _ := Split(pointer)
	if _, name := Split(parent); name != "questions" {
		return nil
	}
	var all []Part
	for p, sort := range d.all() {
		at := d.At(p)
		holds := sort == "page" || sort == "question" && at.Get("kind").Str() == "group" && d.At(pointer).Get("kind").Str() != "group"
		if holds && step(p, "questions") != parent && !strings.HasPrefix(p+"/", pointer+"/") {
			part, _ := d.Part(p)
			all = append(all, part)
		}
	}
	slices.SortFunc(all, func(a, b Part) int { return compare(a.Pointer, b.Pointer) })
	return all
}

// compare orders pointers as the parts stand in the document.
func compare(a, b string) int {
	x, y := steps(a), steps(b)
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		if m, n := index(x[i]), index(y[i]); m >= 0 && n >= 0 {
			return m - n
		}
		return strings.Compare(x[i], y[i])
	}
	return len(x) - len(y)
}

// Delete takes a part out.
func (d *Doc) Delete(pointer string) error {
	parent, last := Split(pointer)
	at, i := d.At(parent), index(last)
	if !at.IsList() || i < 0 || i >= len(at.nodes) {
		return refuse("", "gone")
	}
	at.nodes = slices.Delete(at.nodes, i, i+1)
	if holder, name := Split(parent); len(at.nodes) == 0 && name != "pages" && name != "questions" {
		d.At(holder).Set(name, nil) // an empty list of cases or rules is none
	}
	return nil
}

func index(s string) int {
	i, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return i
}

// all are the pointers of all parts with their sorts.
func (d *Doc) all() map[string]string {
	found := map[string]string{}
	var walk func(p Part)
	walk = func(p Part) {
		found[p.Pointer] = p.Sort
		for _, l := range p.Lists {
			for _, child := range l.Parts {
				walk(child)
			}
		}
	}
	walk(d.part("", 0, 1))
	return found
}

// taken says whether a part of the form has the id.
func (d *Doc) taken(id string) bool {
	var has func(n *Node) bool
	has = func(n *Node) bool {
		return n.Get("id").Str() == id || slices.ContainsFunc(n.nodes, has)
	}
	return id == "" || has(d.Root)
}

// freeID is the id, or the id with the first number that makes it new.
func (d *Doc) freeID(id string, used map[string]bool) string {
	for base, no := trimNumber(id), 2; d.taken(id) || used[id]; no++ {
		id = base + "_" + strconv.Itoa(no)
	}
	used[id] = true
	return id
}

func trimNumber(id string) string {
	base, last := id, ""
	if i := strings.LastIndexByte(id, '_'); i > 0 {
		base, last = id[:i], id[i+1:]
	}
	if index(last) < 0 {
		return id
	}
	return base
}

// idOf makes an id of the first words of a label: "Họ và tên mẹ" is ho_va_ten_me.
func idOf(label string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(label)) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	id := strings.Join(words[:min(len(words), 5)], "_")
	if id == "" || id[0] >= '0' && id[0] <= '9' {
		id = "muc_" + id
	}
	return strings.TrimRight(id[:min(len(id), 40)], "_")
}
