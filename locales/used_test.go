package locales_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"motcua/locales"
)

// use is one place in code or template that says a text.
type use struct {
	at    string
	key   string   // whole, or what is known of it before the part that varies
	end   string   // what is known after that part
	part  bool     // key is only the beginning
	args  []string // names given
	known bool     // args are all of them
}

// uses are all places of the program, and every other string in it that may be a key.
func uses(t *testing.T) (all []use, mentioned map[string]bool) {
	t.Helper()
	mentioned = map[string]bool{}
	for _, root := range []string{"cmd", "portal", "eforms", "payments", "assets", "locales"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil || d.IsDir():
				return err
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
				found, err := inCode(path, mentioned)
				all = append(all, found...)
				return err
			case strings.HasSuffix(path, ".html"):
				found, err := inTemplate(path)
				all = append(all, found...)
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all, mentioned
}

// beginning is the first half of a key: "public.tier.".
var beginning = regexp.MustCompile(`^([a-z_]+\.){2,}$`)

// keyAt says which argument of a function is a key.
var keyAt = map[string]int{"locales.M": 0, "problem.New": 1, "problem.Because": 2}

func inCode(path string, mentioned map[string]bool) (all []use, err error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if i, ok := keyAt[callee(n)]; ok && len(n.Args) > i {
				if u, ok := useOf(n.Args[i]); ok {
					u.at = set.Position(n.Pos()).String()
					u.args, u.known = namesOf(n.Args[i+1:])
					all = append(all, u)
				}
			}
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				mentioned[s] = true
				if beginning.MatchString(s) { // given to a helper that says the whole
					all = append(all, use{at: set.Position(n.Pos()).String(), key: s, part: true})
				}
			}
		}
		return true
	})
	return all, nil
}

// callee is package.function, or "" for other calls.
func callee(c *ast.CallExpr) string {
	if sel, ok := c.Fun.(*ast.SelectorExpr); ok {
		if pkg, ok := sel.X.(*ast.Ident); ok {
			return pkg.Name + "." + sel.Sel.Name
		}
	}
	return ""
}

// useOf reads "key", "begin."+x and "begin."+x+".end".
func useOf(e ast.Expr) (use, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		key, err := strconv.Unquote(e.Value)
		return use{key: key}, err == nil
	case *ast.BinaryExpr:
		u, ok := useOf(e.X)
		last, isText := useOf(e.Y)
		if u.part = true; isText {
			u.end = last.key
		}
		return u, ok
	}
	return use{}, false
}

// namesOf are the names in locales.S("name", …) and its like; false when one is made
// elsewhere.
func namesOf(args []ast.Expr) (names []string, all bool) {
	for _, a := range args {
		c, ok := a.(*ast.CallExpr)
		if !ok || !strings.HasPrefix(callee(c), "locales.") || len(c.Args) == 0 {
			return names, false
		}
		u, ok := useOf(c.Args[0])
		if !ok || u.part {
			return names, false
		}
		names = append(names, u.key)
	}
	return names, true
}

func inTemplate(path string) (all []use, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	tree := parse.New(path)
	tree.Mode = parse.SkipFuncCheck
	set := map[string]*parse.Tree{}
	if _, err := tree.Parse(string(b), "", "", set); err != nil {
		return nil, err
	}
	for _, t := range set {
		walk(t.Root, func(c *parse.CommandNode) {
			if u, ok := said(c); ok {
				u.at = path + ": " + c.String()
				all = append(all, u)
			}
		})
	}
	return all, nil
}

// said reads {{t "key" "name" value}}, {{say …}} and {{t (printf "begin.%s" …)}}.
func said(c *parse.CommandNode) (use, bool) {
	if word, ok := c.Args[0].(*parse.IdentifierNode); !ok || len(c.Args) < 2 || word.Ident != "t" && word.Ident != "say" {
		return use{}, false
	}
	u := use{known: true}
	switch key := c.Args[1].(type) {
	case *parse.StringNode:
		u.key = key.Text
	case *parse.PipeNode:
		made := key.Cmds[0].Args
		format, ok := made[len(made)-1].(*parse.StringNode)
		if len(made) > 1 {
			format, ok = made[1].(*parse.StringNode)
		}
		if !ok {
			return use{}, false
		}
		u.key, u.end, _ = strings.Cut(format.Text, "%s")
		u.part = true
	default:
		return use{}, false
	}
	for i := 2; i < len(c.Args); i += 2 {
		name, ok := c.Args[i].(*parse.StringNode)
		if !ok {
			u.known = false
			break
		}
		u.args = append(u.args, name.Text)
	}
	return u, true
}

// walk calls see for every command below a node.
func walk(n parse.Node, see func(*parse.CommandNode)) {
	branch := func(b parse.BranchNode) {
		walk(b.Pipe, see)
		walk(b.List, see)
		if b.ElseList != nil {
			walk(b.ElseList, see)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				walk(child, see)
			}
		}
	case *parse.ActionNode:
		walk(n.Pipe, see)
	case *parse.TemplateNode:
		walk(n.Pipe, see)
	case *parse.IfNode:
		branch(n.BranchNode)
	case *parse.RangeNode:
		branch(n.BranchNode)
	case *parse.WithNode:
		branch(n.BranchNode)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				see(c)
				for _, arg := range c.Args {
					walk(arg, see)
				}
			}
		}
	}
}

func TestEveryTextThatIsSaidIsThere(t *testing.T) {
	vi := locales.Keys(locales.VI)
	all, _ := uses(t)
	if len(all) < 300 {
		t.Fatalf("only %d places found: the test does not see the program any more", len(all))
	}
	for _, u := range all {
		if u.part {
			if u.key != "" && !begun(vi, u) {
				t.Errorf("%s: no key begins with %q and ends with %q", u.at, u.key, u.end)
			}
			continue
		}
		text, ok := vi[u.key]
		if !ok {
			t.Errorf("%s: no key %q", u.at, u.key)
			continue
		}
		for _, name := range arguments(text) {
			if u.known && !strings.HasPrefix(u.key, "web.js.") && // the script fills its own places
				!slices.Contains(u.args, name) {
				t.Errorf("%s: %q has a place for {%s}, and nothing is given", u.at, u.key, name)
			}
		}
	}
}

func begun(keys map[string]string, u use) bool {
	for key := range keys {
		if strings.HasPrefix(key, u.key) && strings.HasSuffix(key, u.end) {
			return true
		}
	}
	return false
}

func TestEveryTextIsSaidSomewhere(t *testing.T) {
	all, mentioned := uses(t)
	for key := range locales.Keys(locales.VI) {
		if mentioned[key] {
			continue
		}
		spoken := false
		for _, u := range all {
			spoken = spoken || u.key == key ||
				u.part && u.key != "" && strings.HasPrefix(key, u.key) && strings.HasSuffix(key, u.end)
		}
		if !spoken {
			t.Errorf("nothing says %s", key)
		}
	}
}
