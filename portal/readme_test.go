package portal

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Each module that the program or its tests import has a line that says what for.
func TestReadmeHasEveryDependency(t *testing.T) {
	out, err := exec.Command("go", "list", "-e", "-f", `{{range .Imports}}{{.}} {{end}}{{range .TestImports}}{{.}} {{end}}{{range .XTestImports}}{{.}} {{end}}`, "motcua/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var told []string
	for line := range strings.Lines(table(t, "## Dependencies")) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "| `"), "`")
		told = append(told, name)
	}
	used := map[string]bool{}
	for _, pkg := range strings.Fields(string(out)) {
		if first, _, _ := strings.Cut(pkg, "/"); !strings.Contains(first, ".") {
			continue // ours, or Go's
		}
		i := slices.IndexFunc(told, func(module string) bool { return pkg == module || strings.HasPrefix(pkg, module+"/") })
		if i < 0 {
			t.Errorf("README, \"Dependencies\", does not say what %s is for", pkg)
			continue
		}
		used[told[i]] = true
	}
	for _, module := range told {
		if !used[module] {
			t.Errorf("README, \"Dependencies\", names %s, which nothing imports", module)
		}
	}
}

func TestReadmeNamesCommandsAndPicturesThatAreThere(t *testing.T) {
	b, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(string(b), -1) {
		info, err := os.Stat(filepath.Join("..", m[1]))
		if err != nil {
			t.Error(err)
		} else if info.Size() > 200<<10 {
			t.Errorf("%s has %d KB", m[1], info.Size()>>10)
		}
	}
	commands := ""
	for _, name := range []string{"main.go", "demo.go"} {
		code, err := os.ReadFile(filepath.Join("../cmd/portal", name))
		if err != nil {
			t.Fatal(err)
		}
		commands += string(code)
	}
	for _, m := range regexp.MustCompile("`portal ([a-z]+)[ `]").FindAllStringSubmatch(string(b), -1) {
		if !strings.Contains(commands, `{"`+m[1]+`", "`) {
			t.Errorf("README names portal %s, which is no command", m[1])
		}
	}
}

// The top level stays what README's table says.
func TestTopLevel(t *testing.T) {
	all, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if !strings.HasPrefix(e.Name(), ".") && !ignored(t, e.Name()) && !slices.Contains(strings.Fields("cmd portal eforms payments locales assets migrations go.mod go.sum README.md"), e.Name()) {
			t.Errorf("%s does not belong to the top level", e.Name())
		}
	}
}

// ignored says whether .gitignore names a file of the top level.
func ignored(t *testing.T, name string) bool {
	t.Helper()
	b, err := os.ReadFile("../.gitignore")
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range strings.Fields(string(b)) {
		if is, _ := filepath.Match(strings.Trim(pattern, "/"), name); is {
			return true
		}
	}
	return false
}
