package web

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"
	"unicode"

	"golang.org/x/net/html"

	"motcua/locales"
)

// asked is a text that a template asks for, with the names of its arguments.
type asked struct {
	page, key string
	args      []string
}

// trees parses every template and what it defines.
func trees(t *testing.T) map[string]*parse.Tree {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*parse.Tree{}
	for _, s := range all {
		tree := parse.New(s.name)
		tree.Mode = parse.SkipFuncCheck
		set := map[string]*parse.Tree{}
		if _, err := tree.Parse(s.text, "", "", set); err != nil {
			t.Fatal(err)
		}
		maps.Copy(out, set)
	}
	return out
}

// texts finds {{t "key" …}} and (say "key" …) anywhere under a node.
func texts(page string, n parse.Node, found *[]asked) {
	visit := func(children ...parse.Node) {
		for _, c := range children {
			texts(page, c, found)
		}
	}
	branch := func(b *parse.BranchNode) {
		visit(b.Pipe, b.List)
		if b.ElseList != nil {
			visit(b.ElseList)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			visit(n.Nodes...)
		}
	case *parse.ActionNode:
		visit(n.Pipe)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			visit(n.Pipe)
		}
	case *parse.PipeNode:
		if n == nil {
			return
		}
		for _, c := range n.Cmds {
			visit(c)
		}
	case *parse.CommandNode:
		visit(n.Args...)
		if name, ok := n.Args[0].(*parse.IdentifierNode); ok && (name.Ident == "t" || name.Ident == "say") && len(n.Args) > 1 {
			if key, ok := n.Args[1].(*parse.StringNode); ok {
				a := asked{page: page, key: key.Text}
				for i := 2; i < len(n.Args); i += 2 {
					if arg, ok := n.Args[i].(*parse.StringNode); ok {
						a.args = append(a.args, arg.Text)
					}
				}
				*found = append(*found, a)
			}
		}
	}
}

var place = regexp.MustCompile(`\{(\w+)[|}]`)

// places are the arguments that a text has places for.
func places(text string) []string {
	var names []string
	for _, m := range place.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	slices.Sort(names)
	return names
}

func TestEveryTextIsThereWithItsArguments(t *testing.T) {
	t.Parallel()
	var found []asked
	for name, tree := range trees(t) {
		texts(name, tree.Root, &found)
	}
	if len(found) < 100 {
		t.Fatalf("only %d texts were found: the test looks past them", len(found))
	}
	for _, a := range found {
		slices.Sort(a.args)
		for _, lang := range []locales.Lang{locales.VI, locales.EN} {
			text, ok := locales.Keys(lang)[a.key]
			if !ok {
				t.Errorf("%s: no %s text %q", a.page, lang, a.key)
				continue
			}
			if strings.HasPrefix(a.key, "web.js.") { // filled in by the script
				continue
			}
			for _, name := range places(text) {
				if !slices.Contains(a.args, name) {
					t.Errorf("%s: %s text %q has a place for %q, which is not given", a.page, lang, a.key, name)
				}
			}
		}
	}
}

func TestLanguagesHaveTheSameTexts(t *testing.T) {
	t.Parallel()
	vi, en := locales.Keys(locales.VI), locales.Keys(locales.EN)
	for key, text := range vi {
		other, ok := en[key]
		if !ok {
			t.Errorf("%q is not in English", key)
			continue
		}
		if a, b := places(text), places(other); !slices.Equal(a, b) {
			t.Errorf("%q has the places %v in Vietnamese and %v in English", key, a, b)
		}
	}
	for key := range en {
		if _, ok := vi[key]; !ok {
			t.Errorf("%q is only in English", key)
		}
	}
}

// An error of escaping shows only when a template is first drawn; better here than there.
func TestEveryTemplateCanBeEscaped(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	for lang, set := range w.templates {
		for _, tmpl := range set.Templates() {
			if tmpl.Tree == nil {
				continue
			}
			err := drawNothing(set, tmpl.Name())
			var escape *template.Error
			if errors.As(err, &escape) {
				t.Errorf("%s in %s: %v", tmpl.Name(), lang, err)
			}
		}
	}
}

// drawNothing draws a template without data; faults of the data do not count.
func drawNothing(all *template.Template, name string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return all.ExecuteTemplate(io.Discard, name, nil)
}

// spoken are the attributes that people read or hear.
var spoken = []string{"title", "aria-label", "alt", "placeholder", "data-label"}

func TestNoWordsInTemplates(t *testing.T) {
	t.Parallel()
	for name, tree := range trees(t) {
		var b strings.Builder
		literal(tree.Root, &b)
		z := html.NewTokenizer(strings.NewReader(b.String()))
		for z.Next() != html.ErrorToken {
			tok := z.Token()
			if tok.Type == html.TextToken && strings.ContainsFunc(tok.Data, unicode.IsLetter) {
				t.Errorf("%s has the words %q, which no language can change", name, strings.TrimSpace(tok.Data))
			}
			for _, a := range tok.Attr {
				if slices.Contains(spoken, a.Key) && strings.ContainsFunc(a.Val, unicode.IsLetter) {
					t.Errorf("%s: %s=%q, which no language can change", name, a.Key, a.Val)
				}
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "placeholder" {
					t.Errorf("%s has the attribute %s", name, a.Key)
				}
			}
		}
	}
}

// literal is what a template writes by itself, with 0 where it puts something in.
func literal(n parse.Node, b *strings.Builder) {
	branch := func(br *parse.BranchNode) {
		literal(br.List, b)
		if br.ElseList != nil {
			literal(br.ElseList, b)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, c := range n.Nodes {
			literal(c, b)
		}
	case *parse.TextNode:
		b.Write(n.Text)
	case *parse.ActionNode:
		if len(n.Pipe.Decl) == 0 {
			b.WriteByte('0')
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	}
}

func TestNewRefusesWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWeb(t)
	for name, text := range map[string]string{
		"a text":  `{{t "web.nothing_of_that_name"}}`,
		"words":   `{{template "tag" (dict "Kind" "now" "Text" (say "web.nothing_of_that_name"))}}`,
		"an icon": `{{icon "nothing"}}`,
		"a file":  `{{asset "nothing.css"}}`,
		"a part":  `{{define "x"}}{{end}}{{define "x"}}{{end}}`,
	} {
		if err := checkSources([]source{{"page", text}}, w.static); err == nil {
			t.Errorf("%s that is missing or twice is not noticed", name)
		}
	}
	for name, o := range map[string]Options{
		"no secret":    {PublicURL: "https://a.vn"},
		"short secret": {PublicURL: "https://a.vn", Secret: []byte("short")},
		"no address":   {Secret: w.Secret},
		"not http":     {PublicURL: "ftp://a.vn", Secret: w.Secret},
		"bad proxy":    {PublicURL: "https://a.vn", Secret: w.Secret, TrustedProxies: []string{"next door"}},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: the server starts", name)
		}
	}
}
