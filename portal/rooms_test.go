package portal

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// rooms is README's table "Where things are", with the other half of it: what each package may import of ours, tests
// aside. A package that is not here may not exist; a new room comes with its row.
var rooms = map[string]string{
	"locales":    "",
	"assets":     "",
	"migrations": "",

	"portal/problem":     "locales",
	"portal/pg":          "",
	"portal/pg/embedded": "",
	"portal/pg/pgtest":   "portal/pg portal/pg/embedded migrations",
	"portal/queue":       "portal/pg",
	"portal/audit":       "portal/pg",
	"portal/once":        "portal/pg portal/problem locales",
	"portal/blob":        "portal/problem locales",
	"portal/calendar":    "",
	"portal/standin":     "",
	"portal/worldtest":   "FLOOR assets portal/agency portal/catalogue portal/pg/pgtest",
	"portal/paper":       "assets locales",
	"portal/photo":       "",
	"portal/signature":   "locales",

	"eforms":         "locales",
	"eforms/convert": "eforms locales",
	"eforms/edit":    "eforms locales",
	"payments":       "FLOOR",
	"payments/vnpay": "FLOOR payments",

	"portal/signin":       "FLOOR",
	"portal/agency":       "FLOOR portal/signin portal/calendar",
	"portal/registry":     "FLOOR eforms portal/signin",
	"portal/applicant":    "FLOOR portal/signin portal/registry portal/notification",
	"portal/notification": "FLOOR",
	"portal/postal":       "FLOOR",
	"portal/appointment":  "FLOOR portal/signin portal/agency portal/calendar portal/notification",
	"portal/workflow":     "portal/calendar locales",
	"portal/review":       "FLOOR portal/agency",
	"portal/catalogue":    "FLOOR eforms eforms/edit payments portal/agency portal/review portal/workflow portal/calendar portal/registry",
	"portal/editorial":    "FLOOR eforms eforms/edit payments portal/agency portal/calendar portal/catalogue portal/notification portal/review portal/workflow",
	"portal/national":     "FIELD portal/editorial",
	"portal/content":      "FLOOR portal/agency portal/review portal/catalogue",
	"portal/draft":        "FLOOR eforms payments portal/agency portal/calendar portal/workflow portal/catalogue portal/applicant portal/registry portal/signin portal/notification portal/photo portal/paper portal/signature",
	"portal/dossier":      "FIELD portal/draft",
	"portal/vault":        "FIELD portal/draft portal/dossier",
	"portal/bulk":         "FIELD portal/draft portal/dossier",
	"portal/desk":         "FIELD portal/draft portal/dossier portal/vault",
	"portal/succession":   "FIELD portal/draft portal/dossier portal/privacy portal/appointment",
	"portal/report":       "FIELD portal/draft portal/dossier portal/vault portal/desk",
	"portal/privacy":      "FIELD portal/draft portal/dossier",

	"portal/web":         "portal/signin locales assets portal/problem portal/pg portal/once eforms",
	"portal/web/citizen": "PAGES",
	"portal/web/staff":   "PAGES",

	"portal":      "ALL",
	"portal/demo": "ALL SANDBOXES",
	"cmd/portal":  "portal portal/demo",
	"cmd/sandbox": "portal portal/demo",
	"cmd/bench":   "ALL SANDBOXES",
}

const (
	floor = "portal/problem portal/pg portal/queue portal/audit portal/once portal/blob locales"
	field = floor + " eforms eforms/edit eforms/convert payments portal/signin portal/agency portal/registry portal/applicant portal/notification portal/postal" +
		" portal/workflow portal/calendar portal/paper portal/signature portal/catalogue portal/review portal/content"
)

// may is what a row stands for, its short names spelled out.
func may(row string) []string {
	var all []string
	for _, w := range strings.Fields(row) {
		switch w {
		case "FLOOR":
			all = append(all, strings.Fields(floor)...)
		case "FIELD":
			all = append(all, strings.Fields(field)...)
		case "PAGES": // all above but pg, blob and one another
			for _, f := range strings.Fields(field + " payments/vnpay portal/succession portal/appointment portal/editorial portal/national portal/draft portal/dossier portal/bulk portal/vault portal/desk portal/report portal/privacy portal/web") {
				if f != "portal/pg" && f != "portal/blob" {
					all = append(all, f)
				}
			}
		default:
			all = append(all, w)
		}
	}
	return all
}

type listed struct {
	ImportPath string
	Imports    []string
}

// packages are all there are, with what they import of ours outside of tests.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "motcua/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string][]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, "motcua/")] = p.Imports
	}
	return all
}

func TestRooms(t *testing.T) {
	all := packages(t)
	for room, imports := range all {
		checkRoom(t, room, imports)
	}
	for room := range rooms {
		if _, ok := all[room]; !ok {
			t.Errorf("%s is in the table and nowhere else", room)
		}
	}
}

func TestReadmeHasEveryRoom(t *testing.T) {
	var told []string
	for line := range strings.Lines(table(t, "## Where things are")) {
		if room, ok := strings.CutPrefix(line, "| `"); ok {
			room, _, _ = strings.Cut(room, "`")
			told = append(told, room)
		}
	}
	if slices.Sort(told); len(slices.Compact(slices.Clone(told))) != len(told) {
		t.Error("README names a room twice")
	}
	for room := range rooms {
		if !slices.Contains(told, room) {
			t.Errorf("README, \"Where things are\", does not name %s", room)
		}
	}
	for _, room := range told {
		if _, ok := rooms[room]; !ok {
			t.Errorf("README, \"Where things are\", names %s, which is no room", room)
		}
	}
}

// The table names only rooms that are there, and no two that may know each other.
func TestTableOfRooms(t *testing.T) {
	for room, row := range rooms {
		for _, other := range may(row) {
			if _, ok := rooms[other]; !ok && other != "ALL" && other != "SANDBOXES" {
				t.Errorf("%s may import %s, which is no room", room, other)
			}
			if slices.Contains(may(rooms[other]), room) {
				t.Errorf("%s and %s may import each other", room, other)
			}
		}
	}
}

func checkRoom(t *testing.T, room string, imports []string) {
	t.Helper()
	sandbox := strings.Contains(room, "/sandbox") && !strings.HasPrefix(room, "cmd/")
	row, known := rooms[room]
	switch {
	case sandbox: // a stand-in knows only what all stand-ins share, and parts of itself
		row = "portal/standin"
	case !known:
		t.Errorf("%s is not in the table of rooms", room)
		return
	}
	allowed := may(row)
	for _, imp := range imports {
		ours, isOurs := strings.CutPrefix(imp, "motcua/")
		if !isOurs || slices.Contains(allowed, ours) {
			continue
		}
		if sandbox && strings.HasPrefix(ours, path.Dir(room)) && strings.Contains(ours, "/sandbox") {
			continue
		}
		if slices.Contains(allowed, "ALL") && !isSandbox(ours) || slices.Contains(allowed, "SANDBOXES") && isSandbox(ours) {
			continue
		}
		t.Errorf("%s may not import %s", room, ours)
	}
}

// isSandbox says whether a room is there for stand-ins only.
func isSandbox(room string) bool {
	return strings.Contains(room, "/sandbox") || room == "portal/standin" || room == "portal/pg/embedded"
}
