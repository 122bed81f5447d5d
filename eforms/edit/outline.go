package edit

import (
	"strconv"

	"motcua/locales"
)

// Part is a part of the form in its outline: a page, a question, a case …
type Part struct {
	Pointer string
	Sort    string // page, question …
	Kind    string // of a question
	ID      string
	Label   locales.Text
	No      int  // its place in its list, from 1
	First   bool // nothing stands before it
	Last    bool
	Missing int    // texts that have no English
	Logic   []Said // its conditions as sentences
	Lists   []List
}

// List is a list of parts: the questions of a page, the rules of a form.
type List struct {
	Pointer string
	Name    string // questions, rules …
	Parts   []Part
}

// Said is a piece of logic in words.
type Said struct {
	Pointer string
	Setting string
	Words   locales.Message
}

// Outline is the whole form as a tree: first its pages, then its other lists.
func (d *Doc) Outline() List {
	form := d.part("", 0, 1)
	pages := List{Pointer: "/pages", Name: "pages"}
	for _, l := range form.Lists {
		if l.Name == "pages" {
			pages = l
		}
	}
	return pages
}

// Others are the form's lists beside its pages, also those that are still empty.
func (d *Doc) Others() []List {
	var all []List
	for _, l := range d.part("", 0, 1).Lists {
		if l.Name != "pages" {
			all = append(all, l)
		}
	}
	return all
}

// Part is one part with all below it; false when none is there.
func (d *Doc) Part(pointer string) (Part, bool) {
	at := d.At(pointer)
	if !at.IsObject() || d.Sort(pointer) == "" {
		return Part{}, false
	}
	parent, last := Split(pointer)
	i, _ := strconv.Atoi(last)
	return d.part(pointer, i, len(d.At(parent).Items())), true
}

func (d *Doc) part(pointer string, i, of int) Part {
	at := d.At(pointer)
	p := Part{Pointer: pointer, Sort: d.Sort(pointer), Kind: at.Get("kind").Str(), ID: at.Get("id").Str(),
		No: i + 1, First: i == 0, Last: i == of-1, Label: title(at)}
	for _, s := range d.Settings(pointer) {
		member, place := at.Get(s.Name), step(pointer, s.Name)
		switch s.Type {
		case Words:
			p.Missing += untranslated(member)
		case Options:
			for _, o := range member.Items() {
				p.Missing += untranslated(o.Get("label")) + untranslated(o.Get("hint"))
			}
		case Logic, Value:
			if member != nil {
				p.Logic = append(p.Logic, Said{place, s.Name, d.Say(place)})
			}
		case Children:
			l := List{Pointer: place, Name: s.Name}
			for i := range member.Items() {
				l.Parts = append(l.Parts, d.part(step(place, strconv.Itoa(i)), i, len(member.Items())))
			}
			p.Lists = append(p.Lists, l)
		}
	}
	return p
}

// title is by what people know a part.
func title(n *Node) locales.Text {
	for _, name := range []string{"label", "title", "name", "message", "text"} {
		if t := text(n.Get(name)); !t.Empty() {
			return t
		}
	}
	return locales.V(n.Get("id").Str())
}

// text is words in up to three languages as they stand in a definition.
func text(n *Node) locales.Text {
	if n.IsText() {
		return locales.V(n.Str())
	}
	return locales.Text{VI: n.Get("vi").Str(), EN: n.Get("en").Str(), KM: n.Get("km").Str()}
}

// untranslated counts a text without English.
func untranslated(n *Node) int {
	if t := text(n); !t.Empty() && t.EN == "" {
		return 1
	}
	return 0
}

// Missing is how many texts of the whole form have no words in a language.
func (d *Doc) Missing(l locales.Lang) int {
	count := 0
	d.eachText("", func(_ string, t locales.Text) {
		if l == locales.EN && t.EN == "" || l == locales.KM && t.KM == "" {
			count++
		}
	})
	return count
}

// eachText visits every text of the form that has words.
func (d *Doc) eachText(pointer string, visit func(pointer string, t locales.Text)) {
	at := d.At(pointer)
	see := func(place string, n *Node) {
		if t := text(n); !t.Empty() {
			visit(place, t)
		}
	}
	for _, s := range d.Settings(pointer) {
		place, member := step(pointer, s.Name), at.Get(s.Name)
		switch s.Type {
		case Words:
			see(place, member)
		case Options:
			eachOption(place, member, see)
		case Children:
			for i := range member.Items() {
				d.eachText(step(place, strconv.Itoa(i)), visit)
			}
		}
	}
	if pointer == "" {
		for _, name := range at.Get("lists").Names() {
			eachOption("/lists/"+name, at.Get("lists").Get(name), see)
		}
	}
}

func eachOption(place string, options *Node, see func(string, *Node)) {
	for i, o := range options.Items() {
		at := step(place, strconv.Itoa(i))
		see(at+"/label", o.Get("label"))
		see(at+"/hint", o.Get("hint"))
	}
}
