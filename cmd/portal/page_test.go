package main

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// page is what somebody has before them: an address and a document.
type page struct {
	URL    *url.URL
	Status int // 0 in a browser, which does not tell
	Body   []byte
	root   *html.Node
}

func readPage(address *url.URL, status int, body []byte) (page, error) {
	root, err := html.Parse(bytes.NewReader(body))
	return page{URL: address, Status: status, Body: body, root: root}, err
}

// at says whether the page's path ends so.
func (p page) at(suffix string) bool { return strings.HasSuffix(p.URL.Path, suffix) }

// id is the dossier of the page's address: /ho-so/{id}/….
func (p page) id() string {
	parts := strings.Split(p.URL.Path, "/")
	if i := slices.Index(parts, "ho-so"); i >= 0 && i+1 < len(parts) {
		return parts[i+1]
	}
	return ""
}

func all(n *html.Node, want func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && want(d) {
			found = append(found, d)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func class(n *html.Node, name string) bool {
	return slices.Contains(strings.Fields(attr(n, "class")), name)
}

// text is what a reader reads in a node, in one line.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func raw(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// says is the text of the main part of the page.
func (p page) says() string {
	for _, m := range all(p.root, func(n *html.Node) bool { return n.Data == "main" }) {
		return text(m)
	}
	return text(p.root)
}

// links are the addresses of the main part whose path contains a word.
func (p page) links(word string) []string {
	var found []string
	for _, a := range all(p.root, func(n *html.Node) bool { return n.Data == "a" && strings.Contains(attr(n, "href"), word) }) {
		found = append(found, attr(a, "href"))
	}
	return found
}

// faults are the sentences beside the fields and in the summary of faults.
func (p page) faults() []string {
	var found []string
	for _, n := range all(p.root, func(n *html.Node) bool { return class(n, "fault") }) {
		found = append(found, text(n))
	}
	return found
}

// form is a form as its page shows it.
type form struct {
	Action string
	Multi  bool // multipart/form-data
	node   *html.Node
}

// form is the first one that leads to an address that ends so.
func (p page) form(suffix string) (form, error) { return p.formFor(suffix, entry{}) }

// formFor is the first form to an address in which what is to be entered can be entered.
func (p page) formFor(suffix string, e entry) (form, error) {
	var there []string
	for _, n := range all(p.root, func(n *html.Node) bool { return n.Data == "form" }) {
		f := form{Action: attr(n, "action"), Multi: attr(n, "enctype") == "multipart/form-data", node: n}
		if f.Action == "" {
			f.Action = p.URL.String()
		}
		u, err := p.URL.Parse(f.Action)
		if err != nil || !strings.HasSuffix(u.Path, suffix) {
			continue
		}
		if f.takes(e) {
			return f, nil
		}
		there = append(there, fmt.Sprintf("%q %q", f.names(), f.buttons()))
	}
	return form{}, fmt.Errorf("%s has no form to …%s for %v, it has %v: %s", p.URL, suffix, e, there, p.says())
}

func (f form) takes(e entry) bool {
	names := f.names()
	for name := range e.Set {
		if !slices.Contains(names, name) && name != "_key" {
			return false
		}
	}
	for name := range e.Files {
		if !f.Multi || !slices.Contains(names, name) {
			return false
		}
	}
	return e.Button == "" || slices.Contains(f.buttons(), e.Button)
}

// names are the fields that a person can fill.
func (f form) names() []string {
	var names []string
	for _, n := range f.controls() {
		if name := attr(n, "name"); attr(n, "type") != "hidden" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (f form) controls() []*html.Node {
	return all(f.node, func(n *html.Node) bool {
		return attr(n, "name") != "" && (n.Data == "input" || n.Data == "select" || n.Data == "textarea")
	})
}

// values are what a browser would send if nothing were touched.
func (f form) values() url.Values {
	v := url.Values{}
	for _, n := range f.controls() {
		name := attr(n, "name")
		switch {
		case n.Data == "select":
			v.Add(name, chosen(n))
		case n.Data == "textarea":
			v.Add(name, strings.TrimPrefix(raw(n), "\n"))
		case attr(n, "type") == "file":
		case attr(n, "type") == "radio" || attr(n, "type") == "checkbox":
			if has(n, "checked") {
				v.Add(name, attr(n, "value"))
			}
		default:
			v.Add(name, attr(n, "value"))
		}
	}
	return v
}

func chosen(list *html.Node) string {
	options := all(list, func(n *html.Node) bool { return n.Data == "option" })
	for _, o := range options {
		if has(o, "selected") {
			return attr(o, "value")
		}
	}
	if len(options) > 0 {
		return attr(options[0], "value")
	}
	return ""
}

// options are the values that a field offers.
func (f form) options(name string) []string {
	var values []string
	for _, n := range f.controls() {
		switch {
		case attr(n, "name") != name:
		case n.Data == "select":
			for _, o := range all(n, func(n *html.Node) bool { return n.Data == "option" && attr(n, "value") != "" }) {
				values = append(values, attr(o, "value"))
			}
		case attr(n, "type") == "radio" || attr(n, "type") == "checkbox":
			values = append(values, attr(n, "value"))
		}
	}
	return values
}

// buttons are the name=value of the form's buttons; "" is one without a name.
func (f form) buttons() []string {
	var list []string
	for _, b := range all(f.node, func(n *html.Node) bool { return n.Data == "button" }) {
		if attr(b, "name") == "" {
			list = append(list, "")
		} else {
			list = append(list, attr(b, "name")+"="+attr(b, "value"))
		}
	}
	return list
}

// entry is what a person puts into a form before pressing a button.
type entry struct {
	Set    url.Values
	Files  map[string][]string // paths by field
	Button string              // name=value; "" is the first one
}

// indexOf is the form's place among the page's forms.
func (p page) indexOf(f form) int {
	return slices.Index(all(p.root, func(n *html.Node) bool { return n.Data == "form" }), f.node)
}

// textOf is what the link to an address says.
func (p page) textOf(address string) string {
	for _, a := range all(p.root, func(n *html.Node) bool { return n.Data == "a" && attr(n, "href") == address }) {
		return text(a)
	}
	return ""
}
